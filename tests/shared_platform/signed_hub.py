"""A hub's signed transport with an echo behind it, and requests as an attacker would make them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.nonces import NonceReplayed
from shared_platform.transport.outbound import (
    Outbound,
)
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.problem_documents import document_problems, problems
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_platform.transport.signed_answers import json_answer, kept_json, signed_answer
from shared_platform.transport.signed_client import SignedClient
from shared_platform.transport.signed_requests import (
    SIGNATURE_REFUSALS,
    EnrolledKey,
    KeyClaim,
    KeyStanding,
    SignedRequest,
    signed_node,
)
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from shared_schema.message_signature import SignedMessage
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.request_signature import sign_request
from shared_schema.signing_key import PublicKey, SigningKey

BASE = "https://hub.test"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NODE_KEY = SigningKey.from_seed(b"n" * 32)
OTHER_KEY = SigningKey.from_seed(b"o" * 32)
HUB_KEY = SigningKey.from_seed(b"h" * 32)


def peer_answering(answer: Response) -> Outbound:
    """A peer that answers everything alike: every Starlette response is an application."""
    return Outbound(transport=httpx.ASGITransport(answer))


class Busy(DomainError):
    problem = ProblemType.MAINTENANCE


@dataclass
class SetClock:
    """A clock that tests set."""

    instant: Instant = NOW

    def now(self) -> Instant:
        return self.instant


@dataclass
class Settings:
    base_url: str = BASE


@dataclass
class Hub:
    """A hub's transport with an echo behind it; its directory and nonces are in memory."""

    clock: SetClock = field(default_factory=SetClock)
    standing: KeyStanding = KeyStanding.ACTIVE
    seen: set[tuple[str, str]] = field(default_factory=set)
    received: list[SignedRequest] = field(default_factory=list)
    asgi: RequestGuard = field(init=False)

    def __post_init__(self) -> None:
        app = FastAPI()
        app.state.settings = Settings()
        app.state.clock = self.clock
        app.state.ids = SeededIds(7)
        # The routes below never query, so no connection is ever made.
        app.state.sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://none"))
        install_problems(app, clock=self.clock)
        document_problems(app)
        add_routes(app, self)
        self.asgi = RequestGuard(app, GuardPolicy(BASE), clock=self.clock, ids=SeededIds(8))

    async def find(
        self, session: AsyncSession, claim: KeyClaim, *, now: Instant
    ) -> EnrolledKey | None:
        assert session is not None
        assert now == self.clock.instant
        if claim.key_id != NODE_KEY.key_id:
            return None
        return EnrolledKey("node-a", NODE_KEY.public, self.standing)

    async def spend(self, session: AsyncSession, key_id: str, *, nonce: str, now: Instant) -> None:
        assert session is not None
        assert now == self.clock.instant
        if (key_id, nonce) in self.seen:
            raise NonceReplayed
        self.seen.add((key_id, nonce))


def add_routes(app: FastAPI, hub: Hub) -> None:
    caller = Depends(signed_node(hub.find, spend=hub.spend))

    @app.put("/statements/{oseq}", responses=problems(*SIGNATURE_REFUSALS))
    async def put(oseq: int, node: Annotated[SignedRequest, caller]) -> Response:
        hub.received.append(node)
        answer = kept_json({"oseq": oseq, "read": node.json()}, status=201)
        return signed_answer(answer, node, key=HUB_KEY, now=hub.clock.now())

    @app.get("/inbox")
    async def inbox(node: Annotated[SignedRequest, caller], after: int = 0) -> Response:
        return json_answer({"node": node.node_id, "after": after})

    @app.post("/unsigned")
    async def unsigned(node: Annotated[SignedRequest, caller]) -> Response:
        hub.received.append(node)
        return json_answer({})

    @app.post("/replayed")
    async def replayed(node: Annotated[SignedRequest, caller]) -> Response:
        kept = KeptAnswer(200, b"{}", replayed=True)
        return signed_answer(kept, node, key=OTHER_KEY, now=hub.clock.now())

    @app.post("/busy")
    async def busy(node: Annotated[SignedRequest, caller]) -> Response:
        raise Busy(node.node_id, retry_after_s=7)


def hub_key_of(key_id: str) -> PublicKey | None:
    return HUB_KEY.public if key_id == HUB_KEY.key_id else None


def client_of(
    hub: Hub, *, key: SigningKey = NODE_KEY, clock: SetClock | None = None
) -> SignedClient:
    return SignedClient(
        BASE,
        key,
        hub_key_of,
        Outbound(transport=httpx.ASGITransport(hub.asgi)),
        clock or hub.clock,
        SeededIds(3),
    )


@contextmanager
def refused_with(code: str) -> Iterator[None]:
    with pytest.raises(PeerRefusal) as refusal:
        yield
    assert refusal.value.code == code
    assert refusal.value.status < 500


@dataclass
class Forged:
    """A correctly signed PUT, to be changed afterwards."""

    body: bytes = b"{}"
    method: str = "PUT"
    path: str = "/statements/1"
    host: str = "hub.test"
    created: Instant = NOW
    nonce: str = "bm9uY2Utbm9uY2Utbm9uY2U"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    def signed(self) -> dict[str, str]:
        message = SignedMessage.of(self.method, BASE + self.path, self.headers)
        return self.headers | sign_request(
            message, body=self.body, key=NODE_KEY, now=self.created, nonce=self.nonce
        )

    async def send(
        self, hub: Hub, headers: dict[str, str] | None = None, *, body: bytes | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(hub.asgi)
        async with httpx.AsyncClient(transport=transport) as peer:
            return await peer.request(
                self.method,
                f"https://{self.host}{self.path}",
                headers=self.signed() if headers is None else headers,
                content=self.body if body is None else body,
            )


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def first_error(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["code"])
