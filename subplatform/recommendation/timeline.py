"""Where a listing stands and how it can be proven: its statements with their three receipts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.tables import log_entry
from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_state import ListingChange
from shared_schema.instants import Instant
from shared_schema.log_entry import read_entry
from shared_schema.log_keys import LogKeys
from shared_schema.log_refusal import LogRefused
from shared_schema.refusal import DomainError
from subplatform.declarations.drafts import find_declaration
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.deliveries import DeliveryFilter, list_deliveries
from subplatform.outbox.tables import IntakeReceiptRow, OutboxMessageRow
from subplatform.recommendation.errors import ProofNotFound
from subplatform.recommendation.proofs import check_proof
from subplatform.recommendation.receipts import statements_received
from subplatform.recommendation.tables import HubMessageRow, InclusionProofRow

MISSING: Final = "missing"
VERIFIED: Final = "verified"
INVALID: Final = "invalid"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One statement: `intake` and `inclusion` are `verified`, `missing` or `invalid`.

    The decision comes with the hub's message, which only the transport protects; what an approval
    came to is proven by the inclusion.
    """

    oseq: int
    version: int
    op: str
    statement_hash: str
    made_at: Instant
    delivery: str
    received_at: Instant | None
    problem: Mapping[str, Any] | None
    intake: str
    decision: Mapping[str, Any] | None
    serial: int | None
    inclusion: str


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of the log about the listing, by whomever."""

    serial: int
    kind: str
    at: Instant | None
    by: str
    version: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything this node knows and can prove of one listing."""

    declaration: DeclarationRow
    statements: Sequence[StatementLine]
    messages: Sequence[HubMessageRow]
    entries: Sequence[EntryLine]


@dataclass(frozen=True, slots=True)
class _Logged:
    entry: ListingChange
    leaf: bytes
    proof: bytes | None


@dataclass(frozen=True, slots=True)
class _Trust:
    """What evidence is judged by: the anchor, and the log keys that this copy has proven."""

    anchor: FederationAnchor
    keys: LogKeys


async def read_timeline(
    session: AsyncSession, listing: UUID, *, anchor: FederationAnchor | None
) -> Timeline:
    """The listing's statements, messages and entries; its receipts are verified here and now.

    Without an anchor, as before enrolment, there is nothing to verify by and all are missing.

    Raises:
        DeclarationNotFound: there is none of that id.
    """
    declaration = await find_declaration(session, listing)
    deliveries = await list_deliveries(session, DeliveryFilter(listing=listing, limit=200))
    messages = await _messages(session, listing)
    logged = await _logged(session, listing)
    receipts = await _receipts(session, deliveries)
    trust = None if anchor is None else _Trust(anchor, await read_log_keys(session))
    lines = [
        _line(row, receipts.get(row.receipt_id), messages, logged=logged, trust=trust)
        for row in deliveries
    ]
    entries = [_entry_line(serial, one) for serial, one in logged.items()]
    return Timeline(declaration, lines, messages, entries)


async def proof_file(session: AsyncSession, listing: UUID) -> bytes:
    """The `.tlog-proof` of the listing's newest entry, for anybody who holds the anchor.

    Raises:
        ProofNotFound: nothing of it is in the log, or the proof was not collected yet.
    """
    newest = (
        select(InclusionProofRow.proof)
        .where(InclusionProofRow.listing == listing)
        .order_by(InclusionProofRow.serial.desc())
        .limit(1)
    )
    proof = await session.scalar(newest)
    if proof is None:
        raise ProofNotFound(detail=f"声明 {listing} 尚无存在证明 / no proof of inclusion yet")
    return proof


async def _messages(session: AsyncSession, listing: UUID) -> Sequence[HubMessageRow]:
    about = select(HubMessageRow).where(HubMessageRow.listing == listing)
    return (await session.execute(about.order_by(HubMessageRow.seq))).scalars().all()


async def _logged(session: AsyncSession, listing: UUID) -> dict[int, _Logged]:
    """The log's readable entries about the listing, with the proofs that were collected."""
    found = await session.execute(
        select(log_entry.c.serial, log_entry.c.leaf, InclusionProofRow.proof)
        .outerjoin(InclusionProofRow, InclusionProofRow.serial == log_entry.c.serial)
        .where(log_entry.c.listing == listing)
        .order_by(log_entry.c.serial)
    )
    logged: dict[int, _Logged] = {}
    for serial, leaf, proof in found:
        entry = read_entry(leaf)
        if isinstance(entry, ListingChange):
            logged[serial] = _Logged(entry, leaf, proof)
    return logged


async def _receipts(
    session: AsyncSession, deliveries: Sequence[OutboxMessageRow]
) -> dict[UUID | None, bytes]:
    ids = {row.receipt_id for row in deliveries if row.receipt_id is not None}
    found = await session.execute(
        select(IntakeReceiptRow.id, IntakeReceiptRow.stored).where(IntakeReceiptRow.id.in_(ids))
    )
    return {receipt_id: stored for receipt_id, stored in found}  # noqa: C416  a Row is no pair


def _line(
    row: OutboxMessageRow,
    stored: bytes | None,
    messages: Sequence[HubMessageRow],
    *,
    logged: Mapping[int, _Logged],
    trust: _Trust | None,
) -> StatementLine:
    serial = next(
        (at for at, one in logged.items() if one.entry.statement_hash == row.statement_hash), None
    )
    decisions = [
        message.body
        for message in messages
        if message.kind == "decision" and message.body.get("statement_hash") == row.statement_hash
    ]
    proof = logged[serial].proof if serial is not None else None
    index = serial or 0  # of an entry about a listing; 0 is the log's opening
    return StatementLine(
        oseq=row.oseq,
        version=row.version,
        op=row.op,
        statement_hash=row.statement_hash,
        made_at=row.created_at,
        delivery=row.state,
        received_at=row.sent_at,
        problem=row.last_problem,
        intake=_judged(stored, trust, lambda raw, by: _check_receipt(raw, row, by)),
        decision=decisions[-1] if decisions else None,
        serial=serial,
        inclusion=_judged(
            proof,
            trust,
            lambda raw, by: (
                check_proof(raw, logged[index].leaf, by.anchor, keys=by.keys)[0] == index
            ),
        ),
    )


def _judged(
    evidence: bytes | None,
    trust: _Trust | None,
    check: Callable[[bytes, _Trust], bool],
) -> str:
    if evidence is None or trust is None:
        return MISSING
    try:
        return VERIFIED if check(evidence, trust) else INVALID
    except (DomainError, LogRefused):
        return INVALID


def _check_receipt(stored: bytes, row: OutboxMessageRow, by: _Trust) -> bool:
    """The hub signed this answer, and it names this statement."""
    return (row.oseq, row.statement_hash) in statements_received(stored, by.anchor, by.keys)


def _entry_line(serial: int, logged: _Logged) -> EntryLine:
    entry = logged.entry
    by = getattr(entry, "by", "origin")
    reason = getattr(entry, "reason", None)
    return EntryLine(serial, entry.kind, entry.at, by, entry.version, reason)
