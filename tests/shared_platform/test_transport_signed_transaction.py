"""A signed write on a real database: nonce, idempotency record and effect share one commit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import httpx
import pytest
from fastapi import Depends, FastAPI, Response
from sqlalchemy import Column, Integer, MetaData, Table, Text, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.engine import Database
from shared_platform.database.tables import named_metadata
from shared_platform.database.transaction import Transaction
from shared_platform.transport.idempotency import (
    IdempotencyClaim,
    KeptAnswer,
    answer_once,
    idempotency_record,
    include_idempotency,
)
from shared_platform.transport.nonces import include_nonces, request_nonce
from shared_platform.transport.outbound import Outbound
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_platform.transport.signed_answers import kept_json, signed_answer
from shared_platform.transport.signed_client import Content, SignedClient
from shared_platform.transport.signed_requests import (
    EnrolledKey,
    KeyClaim,
    SignedRequest,
    signed_node,
)
from shared_schema.identities import RandomIds, SeededIds
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SigningKey

BASE = "https://hub.test"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NODE_KEY = SigningKey.from_seed(b"n" * 32)
HUB_KEY = SigningKey.from_seed(b"h" * 32)
acceptances = Table(
    "acceptance",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("node", Text, nullable=False),
)


class Refused(DomainError):
    problem = ProblemType.STATE_CONFLICT


@dataclass
class StillClock:
    def now(self) -> Instant:
        return NOW


@dataclass
class Settings:
    base_url: str = BASE


@dataclass
class Place:
    """A hub over a real database, and its client."""

    database: Database
    app: FastAPI
    client: SignedClient = field(init=False)

    def __post_init__(self) -> None:
        guard = RequestGuard(self.app, GuardPolicy(BASE), clock=StillClock(), ids=SeededIds(2))
        outbound = Outbound(transport=httpx.ASGITransport(guard))
        self.client = SignedClient(
            BASE, NODE_KEY, lambda _: HUB_KEY.public, outbound, StillClock(), RandomIds()
        )

    async def count(self, table: Table) -> int:
        async with self.database.sessions() as session:
            return await session.scalar(select(func.count()).select_from(table)) or 0


async def find_key(session: AsyncSession, claim: KeyClaim, *, now: Instant) -> EnrolledKey:
    assert session.is_active
    assert now == NOW
    assert claim.key_id == NODE_KEY.key_id
    return EnrolledKey("node-a", NODE_KEY.public)


NodeRequest = Annotated[SignedRequest, Depends(signed_node(find_key))]


@pytest.fixture
async def place(empty_database: Database) -> AsyncIterator[Place]:
    metadata = named_metadata()
    include_nonces(metadata)
    include_idempotency(metadata)
    acceptances.to_metadata(metadata)
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    app = FastAPI()
    app.state.sessions = empty_database.sessions
    app.state.clock = StillClock()
    app.state.ids = SeededIds(1)
    app.state.settings = Settings()
    install_problems(app, clock=StillClock())

    @app.post("/acceptances")
    async def accept(node: NodeRequest, session: Transaction) -> Response:
        async def act() -> KeptAnswer:
            filed = insert(acceptances).values(node=node.node_id).returning(acceptances.c.id)
            return kept_json({"id": await session.scalar(filed)}, status=201)

        claim = IdempotencyClaim.of(
            node.node_id,
            node.header("idempotency-key"),
            request=("POST", "/acceptances", node.sent),
        )
        answer = await answer_once(session, claim, act, now=NOW)
        if node.json() == {"refuse": True}:
            raise Refused
        return signed_answer(answer, node, key=HUB_KEY, now=NOW)

    yield Place(empty_database, app)
    await empty_database.engine.dispose()


def content(body: bytes = b"{}") -> Content:
    return Content(body, idempotency_key="acceptance-0001")


async def test_a_repeated_write_has_one_effect_and_the_same_body(place: Place) -> None:
    first = await place.client.post("/acceptances", content())
    again = await place.client.post("/acceptances", content())

    assert (first.replayed, again.replayed) == (False, True)
    assert (first.status, first.body) == (again.status, again.body)
    assert await place.count(acceptances) == 1
    assert await place.count(request_nonce) == 2


async def test_a_refused_write_leaves_neither_nonce_nor_key_nor_effect(place: Place) -> None:
    with pytest.raises(PeerRefusal) as refused:
        await place.client.post("/acceptances", content(b'{"refuse":true}'))

    assert refused.value.code == "state_conflict"
    assert not refused.value.retryable
    for table in (acceptances, request_nonce, idempotency_record):
        assert await place.count(table) == 0


async def test_the_key_with_another_body_is_a_mismatch(place: Place) -> None:
    await place.client.post("/acceptances", content())

    with pytest.raises(PeerRefusal) as refused:
        await place.client.post("/acceptances", content(b"[]"))

    assert refused.value.code == "idempotency_mismatch"


async def test_a_write_without_a_key_is_malformed(place: Place) -> None:
    with pytest.raises(PeerRefusal) as refused:
        await place.client.post("/acceptances", Content(b"{}"))

    assert refused.value.errors[0].pointer == "header:idempotency-key"
