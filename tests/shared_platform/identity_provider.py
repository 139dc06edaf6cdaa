"""An OpenID Connect provider over HTTP on this machine: discovery, keys, codes, ID tokens."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, Header, Request, Response
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.responses import JSONResponse, RedirectResponse

from shared_schema.instants import Clock

CLIENT = "kaixu at home"
SECRET = "s3cret/with+signs"
SUBJECT = "248289761001"


@dataclass
class IdentityProvider:
    """Says of everybody who comes that they are `claims`; `lies` are put over the truth."""

    url: str
    clock: Clock
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "first"}))
    signing_key: ECKey | None = None
    claims: dict[str, Any] = field(
        default_factory=lambda: {"email": "Li.Na@gd.example", "email_verified": True}
    )
    lies: dict[str, Any] = field(default_factory=dict)
    is_away: bool = False
    issued: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/.well-known/openid-configuration", self.discovery)
        app.add_api_route("/keys", self.keys)
        app.add_api_route("/authorize", self.authorize)
        app.add_api_route("/token", self.token, methods=["POST"], response_model=None)
        return app

    async def discovery(self) -> Response:
        if self.is_away:
            return JSONResponse({"error": "maintenance"}, 503)
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def keys(self) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        """The person is known here already and agrees at once."""
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.issued)}"
        self.issued[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

    async def token(
        self,
        code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()],
        code_verifier: Annotated[str, Form()],
        grant_type: Annotated[str, Form()],
        authorization: Annotated[str, Header()],
    ) -> Response:
        asked = self.issued.pop(code, None)
        pair = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        is_right = (
            asked is not None
            and grant_type == "authorization_code"
            and pair == "kaixu%20at%20home:s3cret%2Fwith%2Bsigns"
            and redirect_uri == asked["redirect_uri"]
            and create_s256_code_challenge(code_verifier) == asked["code_challenge"]
        )
        if asked is None or not is_right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.url,
            "sub": SUBJECT,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.lies,
        }
        key = self.signing_key or self.key
        header = {"alg": "ES256", "kid": key.as_dict()["kid"]}
        token = jwt.encode(header, claims, key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


@asynccontextmanager
async def an_identity_provider(clock: Clock) -> AsyncIterator[IdentityProvider]:
    with socket.create_server(("127.0.0.1", 0)) as at:
        provider = IdentityProvider(f"http://127.0.0.1:{at.getsockname()[1]}", clock)
        config = uvicorn.Config(provider.app(), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        task = asyncio.create_task(server.serve(sockets=[at]))
        try:
            yield provider
        finally:
            server.should_exit = True
            await task
