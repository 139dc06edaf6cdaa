"""Sign in by a provider that knows the person already (OpenID Connect Core 1.0, code flow).

PKCE (RFC 7636), a nonce, and a state that is bound to the browser by a cookie. The provider says
who somebody is; which account that is, and what it may do, is decided here alone.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared_platform.settings import PlatformSettings
from shared_platform.transport.address_rules import AddressForbidden
from shared_platform.transport.outbound import (
    Outbound,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerTooLarge,
    PeerUnreachable,
)
from shared_schema.bounded_json import parse_json
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

_ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA")  # asymmetric ones: nobody but it signs
_DISCOVERY: Final = "/.well-known/openid-configuration"
_FRESH_FOR: Final = timedelta(hours=1)
_LEEWAY_SECONDS: Final = 60
_LIMITS: Final = OutboundLimits(total_seconds=10.0, max_bytes=512 * 1024)
_OK: Final = 200


class ProviderAway(DomainError):
    """The provider does not answer, or not as OpenID Connect says."""

    problem = ProblemType.MAINTENANCE


class ProviderProofRefused(DomainError):
    """What the provider sent proves nothing: code, signature, issuer, audience, nonce or time."""

    problem = ProblemType.NOT_SIGNED_IN


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider of the settings, and who this service is to it."""

    issuer: str
    client_id: str
    client_secret: str
    return_to: str

    @classmethod
    def of(cls, settings: PlatformSettings) -> "Provider | None":
        """The provider; None where none is set."""
        if settings.oidc_issuer is None or settings.oidc_client_id is None:
            return None
        secret = settings.oidc_client_secret
        return cls(
            settings.oidc_issuer,
            settings.oidc_client_id,
            secret.get_secret_value() if secret else "",
            f"{settings.base_url}/sign-in/provider/return",
        )


@dataclass(frozen=True, slots=True)
class Journey:
    """The random values of one visit to the provider."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class ProvenPerson:
    """Whom the provider has proven; an address only if it says that it verified it."""

    issuer: str
    subject: str
    email: str | None


class ProviderClient:
    """Talks to one provider; keeps its metadata and keys for an hour."""

    def __init__(self, provider: Provider, outbound: Outbound) -> None:
        self.provider = provider
        self._outbound = outbound
        self._metadata: Mapping[str, Any] | None = None
        self._keys: KeySet | None = None
        self._read_at: Instant | None = None

    async def authorization_address(self, journey: Journey, *, now: Instant) -> str:
        """Where to send the browser (OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).

        Raises:
            ProviderAway: its metadata cannot be read.
        """
        metadata, _ = await self._known(now=now)
        return str(
            prepare_grant_uri(
                metadata["authorization_endpoint"],
                self.provider.client_id,
                "code",
                redirect_uri=self.provider.return_to,
                scope="openid email",
                state=journey.state,
                nonce=journey.nonce,
                code_challenge=create_s256_code_challenge(journey.verifier),
                code_challenge_method="S256",
            )
        )

    async def prove(self, code: str, journey: Journey, *, now: Instant) -> ProvenPerson:
        """Exchange the code for an ID token, and check it (OpenID Connect Core §3.1.3.7).

        Raises:
            ProviderAway: the provider does not answer.
            ProviderProofRefused: it refuses the code, or the token proves nothing.
        """
        metadata, keys = await self._known(now=now)
        answer = await self._exchange(metadata["token_endpoint"], code, journey)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderProofRefused("没有身份令牌 / the answer holds no ID token")
        try:
            claims = _decoded(token, keys)
        except ProviderProofRefused:
            _, keys = await self._read(now=now)  # it may have changed its keys
            claims = _decoded(token, keys)
        return self._person(claims, journey, now=now)

    def _person(self, claims: Mapping[str, Any], journey: Journey, *, now: Instant) -> ProvenPerson:
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": self.provider.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": journey.nonce},
        )
        try:
            registry.validate(dict(claims))
        except JoseError as refused:
            raise ProviderProofRefused(
                f"身份令牌无效 / the ID token is not valid: {refused}"
            ) from refused
        audience = claims["aud"]
        if (
            isinstance(audience, list)
            and len(audience) > 1
            and claims.get("azp") != self.provider.client_id
        ):
            raise ProviderProofRefused("身份令牌发给别人 / the ID token is for somebody else")
        is_verified = claims.get("email_verified") is True
        email = claims.get("email") if is_verified else None
        return ProvenPerson(self.provider.issuer, str(claims["sub"]), email and str(email))

    async def _exchange(self, address: str, code: str, journey: Journey) -> Mapping[str, Any]:
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=self.provider.return_to,
            code_verifier=journey.verifier,
        )
        headers = {
            "authorization": _basic(self.provider),
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        }
        request = OutboundRequest("POST", address, headers, str(body).encode())
        status, answer = await self._send(request)
        if status != _OK:
            raise ProviderProofRefused("认证服务拒绝了授权码 / the provider refuses the code")
        return answer

    async def _known(self, *, now: Instant) -> tuple[Mapping[str, Any], KeySet]:
        is_fresh = self._read_at is not None and now - self._read_at < _FRESH_FOR
        if is_fresh and self._metadata is not None and self._keys is not None:
            return self._metadata, self._keys
        return await self._read(now=now)

    async def _read(self, *, now: Instant) -> tuple[Mapping[str, Any], KeySet]:
        metadata = await self._get(self.provider.issuer.rstrip("/") + _DISCOVERY)
        if metadata.get("issuer") != self.provider.issuer:
            raise ProviderAway("发现文件属于别的发行方 / the metadata is of another issuer")
        try:
            keys = KeySet.import_key_set(dict(await self._get(metadata["jwks_uri"])))  # type: ignore[arg-type]
            _ = metadata["authorization_endpoint"], metadata["token_endpoint"]
        except (JoseError, KeyError, TypeError, ValueError) as wrong:
            raise ProviderAway("发现文件不完整 / the metadata is not complete") from wrong
        self._metadata, self._keys, self._read_at = metadata, keys, now
        return metadata, keys

    async def _get(self, address: str) -> Mapping[str, Any]:
        status, answer = await self._send(
            OutboundRequest("GET", address, {"accept": "application/json"})
        )
        if status != _OK:
            raise ProviderAway("认证服务暂时不可用 / the provider does not answer")
        return answer

    async def _send(self, request: OutboundRequest) -> tuple[int, Mapping[str, Any]]:
        try:
            answer = await self._outbound.send(request, limits=_LIMITS)
            body = parse_json(answer.body)
        except (PeerUnreachable, PeerAnsweredBadly, PeerTooLarge, AddressForbidden) as away:
            raise ProviderAway("认证服务暂时不可用 / the provider does not answer") from away
        except DomainError as broken:
            raise ProviderAway("认证服务的回答不是 JSON / the provider sends no JSON") from broken
        if not isinstance(body, dict):
            raise ProviderAway("认证服务的回答不对 / the provider's answer is no object")
        return answer.status, body


def _decoded(token: str, keys: KeySet) -> Mapping[str, Any]:
    try:
        return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError) as refused:
        raise ProviderProofRefused(
            "身份令牌的签名无效 / the ID token is not signed by it"
        ) from refused


def _basic(provider: Provider) -> str:
    """Client authentication (RFC 6749 §2.3.1: both parts are form-encoded first)."""
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
