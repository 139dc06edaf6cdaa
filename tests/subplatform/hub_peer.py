"""A hub in the same process: real signatures both ways, the intake's contract, and bad days.

`HubPeer.app` answers as the contract says; `BadLine` between node and hub loses what a test asks it
to lose. Nothing of the node is replaced.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI, Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.nonces import NonceReplayed
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_platform.transport.signed_answers import json_answer, signed_answer
from shared_platform.transport.signed_requests import (
    EnrolledKey,
    KeyClaim,
    KeyStanding,
    SignedRequest,
    signed_node,
)
from shared_schema.anchor import FederationAnchor
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant, format_instant
from shared_schema.message_identity import message_identity
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError, problem_body
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey
from shared_schema.statement import (
    SignedStatement,
    read_statement,
    verify_statement,
)

BASE = "https://hub.test"
NODE = "node-a"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NODE_KEY = SigningKey.from_seed(b"n" * 32)
LOG_KEY = SigningKey.from_seed(b"h" * 32)
ORIGIN = "hub.test/gd"
ANCHOR = FederationAnchor(
    federation="example.gd",
    hub_url=BASE,
    log_origin=ORIGIN,
    log_vkey=format_vkey(VerifierKey(ORIGIN, LOG_KEY.public)),
)
Fault = str | DomainError
"""`unsent`, `lost` (handled, the reply lost), `html`, `malformed`, or a refusal of the hub."""


@dataclass
class SetClock:
    """A clock that tests set."""

    instant: Instant = NOW

    def now(self) -> Instant:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


class OseqConflict(DomainError):
    problem = ProblemType.OSEQ_CONFLICT


class VersionGap(DomainError):
    problem = ProblemType.VERSION_GAP


class RuleViolated(DomainError):
    problem = ProblemType.RULE_VIOLATED


class Busy(DomainError):
    problem = ProblemType.MAINTENANCE


class TooMany(DomainError):
    problem = ProblemType.RATE_LIMITED


class KeyExpired(DomainError):
    problem = ProblemType.KEY_EXPIRED


class ClockWrong(DomainError):
    problem = ProblemType.CLOCK_SKEW


class TooLarge(DomainError):
    problem = ProblemType.PAYLOAD_TOO_LARGE


class Mismatch(DomainError):
    problem = ProblemType.IDEMPOTENCY_MISMATCH


def rule_violation() -> RuleViolated:
    return RuleViolated("违反规则", [FieldError("/period/end", "DEC-08", "期限过长 / too long")])


@dataclass
class Settings:
    base_url: str = BASE


@dataclass
class HubPeer:
    """The hub: what it has received, in the order of first arrival.

    Attributes:
        arrivals: each accepted statement once.
        gaps: statements that came before their turn.
        refusing: listings whose statements are refused, and how.
        requests: (path, idempotency key, body) of every request that arrived.
        arrived: set when a statement was accepted; `compared` when the node asked what is here.
    """

    clock: SetClock
    standing: KeyStanding = KeyStanding.ACTIVE
    arrivals: list[SignedStatement] = field(default_factory=list)
    receipts: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    heads: dict[UUID, SignedStatement] = field(default_factory=dict)
    refusing: dict[UUID, Callable[[], DomainError]] = field(default_factory=dict)
    kept: dict[str, tuple[bytes, KeptAnswer]] = field(default_factory=dict)
    requests: list[tuple[str, str | None, bytes]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    polls: int = 0
    gaps: list[int] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    compared: asyncio.Event = field(default_factory=asyncio.Event)
    forge: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    asgi: RequestGuard = field(init=False)

    def __post_init__(self) -> None:
        app = FastAPI()
        app.state.settings = Settings()
        app.state.clock = self.clock
        app.state.ids = SeededIds(7)
        # Nothing here queries, so no connection is ever made.
        app.state.sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://none"))
        install_problems(app, clock=self.clock)
        _add_routes(app, self)
        self.asgi = RequestGuard(app, GuardPolicy(BASE), clock=self.clock, ids=SeededIds(8))

    async def find(
        self, session: AsyncSession, claim: KeyClaim, *, now: Instant
    ) -> EnrolledKey | None:
        assert session is not None
        assert now == self.clock.instant
        if claim.key_id != NODE_KEY.key_id:
            return None
        return EnrolledKey(NODE, NODE_KEY.public, self.standing)

    async def spend(self, session: AsyncSession, key_id: str, *, nonce: str, now: Instant) -> None:
        assert session is not None
        assert key_id
        assert now == self.clock.instant
        if nonce in self.nonces:
            raise NonceReplayed
        self.nonces.add(nonce)

    def receive(self, raw: bytes) -> tuple[int, bytes]:
        """Take one statement as protocol §5 says; status and receipt.

        Raises:
            OseqConflict: the number holds another statement.
            VersionGap: another version comes next.
        """
        signed = read_statement(raw)
        said = verify_statement(signed, NODE_KEY.public)
        if said.oseq in self.receipts:
            before, receipt = self.receipts[said.oseq]
            if before != signed.payload_hash:
                raise OseqConflict
            return 200, receipt
        if (refuse := self.refusing.get(said.listing)) is not None:
            raise refuse()
        head = self.heads.get(said.listing)
        if (said.version, said.prev) != (
            (head.statement.version + 1, head.payload_hash) if head else (1, None)
        ):
            self.gaps.append(said.oseq)
            raise VersionGap
        receipt = self._receipt(signed)
        self.heads[said.listing] = signed
        self.receipts[said.oseq] = (signed.payload_hash, receipt)
        self.arrivals.append(signed)
        self.arrived.set()
        return 201, receipt

    def forget(self, *oseqs: int) -> None:
        """Lose statements, as a hub that was restored from a backup."""
        for oseq in oseqs:
            del self.receipts[oseq]
        self.arrivals = [one for one in self.arrivals if one.statement.oseq in self.receipts]
        self.heads = {one.statement.listing: one for one in self.arrivals}

    def page(self, after: int, last: str | None) -> dict[str, Any]:
        """Two messages at most, unless the node has read another one under its last number."""
        self.polls += 1
        if after and last is not None and last != self.identity(after):
            return {"messages": [], "next": after, "agrees": False}
        page = [one for one in self.messages if one["seq"] > after][:2]
        return {"messages": page, "next": page[-1]["seq"] if page else after}

    def identity(self, seq: int) -> str | None:
        """The identity of the message under this number."""
        if seq > len(self.messages):
            return None
        said = self.messages[seq - 1]
        return message_identity(seq, said["kind"], said["at"], body=said["body"])

    def say(self, kind: str, **body: Any) -> dict[str, Any]:
        """Put a message into the node's inbox."""
        seq = len(self.messages) + 1
        message = {"seq": seq, "kind": kind, "at": format_instant(self.clock.now()), "body": body}
        self.messages.append(message)
        return message

    def _receipt(self, signed: SignedStatement) -> bytes:
        said = signed.statement
        receipt = {
            "origin": said.origin,
            "oseq": said.oseq,
            "listing": str(said.listing),
            "version": said.version,
            "statement_hash": signed.payload_hash,
            "object_hash": signed.object_hash,
            "received_at": format_instant(self.clock.now()),
            "state": "received",
        }
        return orjson.dumps(self.forge(receipt) if self.forge else receipt)


def _add_routes(app: FastAPI, hub: HubPeer) -> None:
    caller = Depends(signed_node(hub.find, spend=hub.spend))
    Signed = Annotated[SignedRequest, caller]  # noqa: N806

    @app.put("/federation/v1/origins/{node}/statements/{oseq}")
    async def put(node: str, oseq: int, request: Signed) -> Response:
        assert node == request.node_id
        hub.requests.append((f"put {oseq}", None, request.body))
        status, receipt = hub.receive(request.body)
        answer = KeptAnswer(status, receipt)
        return signed_answer(answer, request, key=LOG_KEY, now=hub.clock.now())

    @app.post("/federation/v1/intake")
    async def post(request: Signed) -> Response:
        key = request.header("idempotency-key")
        assert key is not None
        hub.requests.append(("intake", key, request.body))
        digest = sha256(request.sent).digest()
        before, kept = hub.kept.get(key, (digest, None))
        if before != digest:
            raise Mismatch
        answer = kept or KeptAnswer(200, _results(hub, request.body), "application/x-ndjson")
        hub.kept[key] = (digest, answer)
        return signed_answer(answer, request, key=LOG_KEY, now=hub.clock.now())

    @app.get("/federation/v1/origins/{node}/intake")
    async def intake(node: str, request: Signed, after: int = 0) -> Response:
        assert node == request.node_id
        hub.compared.set()
        numbers = sorted(hub.receipts)
        highest = numbers[-1] if numbers else 0
        gaps = [[n, n] for n in range(1, highest) if n not in hub.receipts]
        page = [n for n in numbers if n > after][:3]
        more = bool(page) and page[-1] < highest
        return json_answer(
            {
                "contiguous_through": gaps[0][0] - 1 if gaps else highest,
                "gaps": gaps,
                "states": [
                    {"oseq": n, "statement_hash": hub.receipts[n][0], "state": "received"}
                    for n in page
                ],
                "next": page[-1] if more else None,
            }
        )

    @app.get("/federation/v1/inbox")
    async def inbox(
        request: Signed, after: int = 0, wait: float = 0, last: str | None = None
    ) -> Response:
        assert request.node_id == NODE
        assert wait >= 0
        return json_answer(hub.page(after, last))


def _results(hub: HubPeer, body: bytes) -> bytes:
    lines = []
    for number, raw in enumerate(body.splitlines(), start=1):
        oseq = read_statement(raw).statement.oseq
        try:
            status, receipt = hub.receive(raw)
            line = {"status": status, "receipt": orjson.loads(receipt)}
        except DomainError as refusal:
            problem = problem_body(refusal, instance=f"urn:{number}", now=hub.clock.now())
            line = {"status": refusal.problem.value.status, "problem": problem}
        lines.append(orjson.dumps({"line": number, "oseq": oseq} | line))
    return b"\n".join(lines) + b"\n"
