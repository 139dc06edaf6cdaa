"""Every call this node makes to its hub, in the terms of protocol §5."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_source import HttpLogSource
from shared_platform.transport.breaker import Breaker, BreakerPolicy
from shared_platform.transport.outbound import (
    Outbound,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
)
from shared_platform.transport.signed_client import Content, SignedClient, Written
from shared_schema.anchor import FederationAnchor
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.enrolment import EnrolmentRequest
from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant
from shared_schema.key_change import SignedKeyChange
from shared_schema.log_keys import NO_LOG_KEYS
from shared_schema.refusal import DomainError
from shared_schema.signing_key import PublicKey, SigningKey
from shared_schema.statement import SignedStatement
from shared_schema.status_report import StatusReport
from subplatform.hub_client.hub_version import HubVersions, read_versions

BASE = "/federation/v1"
NDJSON = "application/x-ndjson"
_OK = 200
_ANSWER = JsonLimits(max_bytes=16 * 1024 * 1024, max_nodes=2_000_000)


@dataclass(frozen=True, slots=True)
class LineResult:
    """The hub's answer to one statement of a batch: a receipt, or a problem document."""

    oseq: int
    status: int
    receipt: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None


class Hub:  # noqa: PLR0904  one method for each call of protocol §5
    """The hub as this node sees it. Calls raise what `SignedClient` raises."""

    def __init__(  # noqa: PLR0913  one argument for each collaborator
        self,
        anchor: FederationAnchor,
        *,
        node: str,
        key: Callable[[], SigningKey],
        outbound: Outbound,
        clock: Clock,
        ids: IdSource,
        probe_seconds: float = 60.0,
    ) -> None:
        self.anchor = anchor
        self.node = node
        self._log_keys = NO_LOG_KEYS
        policy = BreakerPolicy(probe_interval=timedelta(seconds=probe_seconds))
        self.breaker = Breaker(clock, policy)
        self._key = key
        self._kept = SignedClient(
            anchor.hub_url, key(), self._receipt_key, outbound, clock, ids, self.breaker
        )
        self._outbound = outbound

    @property
    def client(self) -> SignedClient:
        """The client, signing with the key the node has at this moment."""
        self._kept.key = self._key()
        return self._kept

    async def learn_log_keys(self, session: AsyncSession, _now: Instant) -> None:
        """Believe receipts by the log keys that this node's own copy of the log has proven."""
        self._log_keys = await read_log_keys(session)

    def _receipt_key(self, key_id: str) -> PublicKey | None:
        """The key of that id, unless the log has retired it."""
        found = self._log_keys.find(key_id)
        if found is not None:
            return None if found.retired_at is not None else found.public
        own = self.anchor.log_key().public
        return own if key_id == own.key_id else None

    async def change_keys(
        self, change: SignedKeyChange, *, by: SigningKey | None = None
    ) -> Written:
        """Send a key change, signed by `by` or by the present statement key; safe to repeat."""
        client = self.client if by is None else replace(self.client, key=by)
        return await client.post(f"{BASE}/origins/{self.node}/keys", Content(change.raw))

    def log(self) -> HttpLogSource:
        """The hub's public log, behind the same breaker; long polls are signed to have a place."""
        return HttpLogSource(
            self._outbound,
            self.anchor.hub_url + BASE,
            breaker=self.breaker,
            sign=lambda request: self.client.signed(request),  # noqa: PLW0108 - with today's key
        )

    async def enrol(self, request: EnrolmentRequest) -> Mapping[str, Any]:
        """Ask to join, or ask again: the answer tells how the enrolment stands."""
        content = Content(orjson.dumps(request.model_dump(mode="json")))
        return _object((await self.client.post(f"{BASE}/enrolments", content)).body)

    async def enrolment(self, enrolment: UUID) -> Mapping[str, Any]:
        """How the enrolment stands."""
        return await self._read(f"{BASE}/enrolments/{enrolment}")

    async def put_statement(self, statement: SignedStatement) -> Written:
        """Deliver one statement; idempotent by its address."""
        oseq = statement.statement.oseq
        path = f"{BASE}/origins/{self.node}/statements/{oseq}"
        return await self.client.put(path, Content(statement.raw))

    async def post_intake(
        self, envelopes: Sequence[bytes], *, key: str
    ) -> tuple[Written, list[LineResult]]:
        """Deliver up to 500 statements; one result for each, in order.

        Raises:
            PeerAnsweredBadly: the results do not fit what was sent.
        """
        content = Content(b"\n".join(envelopes) + b"\n", NDJSON, idempotency_key=key)
        written = await self.client.post(f"{BASE}/intake", content)
        results = [_result(line) for line in written.body.splitlines() if line]
        if len(results) != len(envelopes):
            raise PeerAnsweredBadly(f"{len(results)} results for {len(envelopes)} statements")
        return written, results

    async def reconcile(self, *, after: int = 0) -> Mapping[str, Any]:
        """What the hub has of this node: `contiguous_through`, `gaps`, states after `after`."""
        return await self._read(f"{BASE}/origins/{self.node}/intake", after=after)

    async def inbox(
        self, *, after: int, wait_seconds: int, last: str | None = None
    ) -> Mapping[str, Any]:
        """Messages after sequence number `after`; held by the hub until there is one.

        `last` is the identity of the message `after` as it was read here.
        """
        params: dict[str, int | str] = {"after": after, "wait": wait_seconds}
        if last is not None:
            params["last"] = last
        return await self._read(f"{BASE}/inbox", wait_seconds=wait_seconds, **params)

    async def versions(self) -> HubVersions:
        """What the hub speaks, by its public description."""
        return read_versions(await self._read("/.well-known/kaixu"))

    async def ask_erasure(self, listing: UUID, *, reason: str) -> Mapping[str, Any]:
        """Ask for the erasure of an own listing, or how it stands; the answer is signed."""
        content = Content(orjson.dumps({"listing": str(listing), "reason": reason}))
        return _object((await self.client.post(f"{BASE}/erasures", content)).body)

    async def report_status(self, report: StatusReport) -> Mapping[str, Any]:
        """Tell the hub how this node does; the answer is how the hub sees it."""
        content = Content(orjson.dumps(report.model_dump(mode="json")))
        return _object((await self.client.post(f"{BASE}/reports/status", content)).body)

    async def cosign(self, note: bytes) -> Mapping[str, Any]:
        """Vouch for a checkpoint; the answer tells which entries the hub lacks."""
        content = Content(note, "text/plain; charset=utf-8")
        return _object((await self.client.post(f"{BASE}/log/cosignatures", content)).body)

    async def show(self, note: bytes) -> None:
        """Show the hub a checkpoint of its own log without a signature: it may not know this node.

        Raises:
            PeerAnsweredBadly: the hub refused it.
            DomainError: no usable answer.
        """
        headers = {"content-type": "text/plain; charset=utf-8"}
        url = f"{self.anchor.hub_url}{BASE}/log/shown"
        request = OutboundRequest("POST", url, headers, note)
        answer = await self._outbound.send(request, limits=OutboundLimits())
        if answer.status != _OK:
            raise PeerAnsweredBadly(f"/log/shown: {answer.status}")

    async def recover(self, body: bytes) -> Mapping[str, Any]:
        """Give a page of lost entries back; the answer tells what is still wanted."""
        return _object((await self.client.post(f"{BASE}/log/recovery", Content(body))).body)

    async def inclusion_proof(self, serial: int, *, size: int) -> bytes:
        """The proof that entry `serial` is in the log of that size (text form)."""
        answer = await self.client.get(f"{BASE}/proofs/entries/{serial}", params={"size": size})
        return answer.body

    async def _read(
        self, path: str, *, wait_seconds: float = 0, **params: int | str
    ) -> Mapping[str, Any]:
        answer = await self.client.get(path, params=params, wait_seconds=wait_seconds)
        return _object(answer.body)


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = parse_json(body, _ANSWER)
    except DomainError as malformed:
        raise PeerAnsweredBadly("the answer is not JSON") from malformed
    if not isinstance(parsed, dict):
        raise PeerAnsweredBadly("the answer is not an object")
    return parsed


def _result(line: bytes) -> LineResult:
    parsed = _object(line)
    oseq, status = parsed.get("oseq"), parsed.get("status")
    receipt, problem = parsed.get("receipt"), parsed.get("problem")
    if not isinstance(status, int) or not isinstance(oseq, int | None):
        raise PeerAnsweredBadly("a result line without oseq and status")
    if not isinstance(receipt, dict | None) or not isinstance(problem, dict | None):
        raise PeerAnsweredBadly("a result line in another form")
    return LineResult(oseq or 0, status, receipt, problem)
