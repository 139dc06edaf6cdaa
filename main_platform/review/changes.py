"""Changes of listings that need no review: rows for the timeline, entries for the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.intake.ports import Received
from main_platform.review.placement import Candidate
from main_platform.review.tables import ListingChangeRow
from shared_platform.audit.trail import Subject
from shared_schema.instants import Instant, whole_second
from shared_schema.log_entry import (
    ConflictDecided,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    LogEntry,
)

LISTING_CHANGE: Final = "listing_change"
_ENTRIES: Final[dict[str, type[ListingWithdrawn | ListingSuspended | ListingResumed]]] = {
    "withdraw": ListingWithdrawn,
    "suspend": ListingSuspended,
    "resume": ListingResumed,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change and its entry; `entry` None: nothing public is changed."""

    row: dict[str, Any]
    entry: LogEntry | None
    envelope: bytes | None = None


@dataclass(frozen=True, slots=True)
class HubChange:
    """What the hub itself does to a listing: which version of what, why, and by whom (private)."""

    kind: Literal["withdraw", "suspend", "resume"]
    origin: str
    listing: UUID
    number: str
    version: int
    reason: str
    text: str | None
    by: str


@dataclass(frozen=True, slots=True)
class PrimaryDecision:
    """Which listing of a patent becomes the primary one, beside which, and by which rule."""

    number: str
    primary: Candidate
    others: tuple[Candidate, ...]
    rule: str
    decision: str
    by: str


async def store_changes(session: AsyncSession, changes: Sequence[Change]) -> None:
    """Store the changes and queue their entries, in their order. The listings are locked."""
    if not changes:
        return
    stored = insert(ListingChangeRow).returning(ListingChangeRow.id, sort_by_parameter_order=True)
    ids = await session.scalars(stored, [change.row for change in changes])
    queued = [
        Queued(change.entry, change.envelope, Subject(LISTING_CHANGE, str(id_)))
        for id_, change in zip(ids, changes, strict=True)
        if change.entry is not None
    ]
    await queue_entries(session, queued)


def change_by_origin(received: Received, *, is_public: bool) -> Change:
    """What a node said of its own listing; the log tells it only of a listing that it knows."""
    said, signed = received.statement, received.signed
    assert said.reason is not None  # every statement but an offer gives its reason
    row: dict[str, Any] = {
        "submission": received.id,
        "listing": said.listing,
        "origin": said.origin,
        "application_number": said.subject.application_number,
        "kind": said.op,
        "by": "origin",
        "version": said.version,
        "statement_hash": signed.payload_hash,
        "reason_code": said.reason.code,
        "text": said.reason.text,
        "others": [],
        "actor": said.origin,
        "at": received.at,
        "needs_entry": is_public,
    }
    if not is_public:
        return Change(row, None)
    entry = _ENTRIES[said.op](
        at=received.at,
        origin=said.origin,
        listing=said.listing,
        version=said.version,
        application_number=said.subject.application_number,
        by="origin",
        reason=said.reason.code,
        statement_hash=signed.payload_hash,
        object_hash=signed.object_hash,
        prev_statement_hash=said.prev,
        key_id=signed.key_id,
    )
    return Change(row, entry, signed.raw)


def change_by_hub(change: HubChange, *, now: Instant) -> Change:
    """The hub's own change of a listing."""
    entry = _ENTRIES[change.kind](
        at=whole_second(now),
        origin=change.origin,
        listing=change.listing,
        version=change.version,
        application_number=change.number,
        by="hub",
        reason=change.reason,
    )
    row: dict[str, Any] = {
        "submission": None,
        "listing": change.listing,
        "origin": change.origin,
        "application_number": change.number,
        "kind": change.kind,
        "by": "hub",
        "version": change.version,
        "statement_hash": None,
        "reason_code": change.reason,
        "text": change.text,
        "others": [],
        "actor": change.by,
        "at": now,
        "needs_entry": True,
    }
    return Change(row, entry)


def change_of_primary(decided: PrimaryDecision, *, now: Instant) -> Change:
    """The entry that makes one listing of a patent the primary one."""
    references = tuple(other.reference for other in decided.others)
    others = [{"origin": one.origin, "listing": str(one.listing)} for one in references]
    entry = ConflictDecided(
        at=whole_second(now),
        application_number=decided.number,
        primary=decided.primary.reference,
        others=references,
        rule=decided.rule,
        decision=decided.decision,
    )
    row: dict[str, Any] = {
        "submission": None,
        "listing": decided.primary.listing,
        "origin": decided.primary.origin,
        "application_number": decided.number,
        "kind": "conflict_decided",
        "by": "hub",
        "version": 0,
        "statement_hash": None,
        "reason_code": decided.decision,
        "text": None,
        "others": others,
        "actor": decided.by,
        "at": now,
        "needs_entry": True,
    }
    return Change(row, entry)
