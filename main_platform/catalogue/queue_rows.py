"""The queue from the sequencer's side: take what comes next, set aside what cannot be published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Row, bindparam, delete, func, insert, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from main_platform.audit.acts import Act
from main_platform.catalogue.errors import HeldEntryNotFound
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.catalogue.tables import HeldEntryRow, PublishQueueRow
from main_platform.catalogue.tell_origin import (
    ENTRY_DISCARDED,
    ENTRY_HELD,
    NotLogged,
    tell_origins,
)
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.signals import signal
from shared_schema.instants import Instant

_QUEUE: Final = PublishQueueRow
_COLUMNS: Final = (
    _QUEUE.id,
    _QUEUE.priority,
    _QUEUE.listing,
    _QUEUE.leaf,
    _QUEUE.envelope,
    _QUEUE.subject_kind,
    _QUEUE.subject,
    _QUEUE.queued_at,
)
_first: Final = (
    select(_QUEUE.id, _QUEUE.listing)
    .order_by(_QUEUE.priority, _QUEUE.id)
    .limit(bindparam("limit"))
    .cte("first")
)
# An earlier entry of the same listing is pulled forward with its withdrawal: the other way round
# the withdrawal would mean nothing and the offer would stand.
_earlier: Final = aliased(_QUEUE)
_taken: Final = union(
    select(_first.c.id),
    select(_earlier.id).where(_earlier.listing == _first.c.listing, _earlier.id < _first.c.id),
).cte("taken")
_ids: Final = func.array(select(_taken.c.id).scalar_subquery())
_TAKE: Final = (
    delete(_QUEUE)
    .where(_QUEUE.id == func.any(_ids))  # by the key, whatever the planner believes of the queue
    .returning(*_COLUMNS)
    .execution_options(synchronize_session=False)
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A row taken from the queue."""

    id: int
    priority: int
    listing: UUID | None
    leaf: bytes
    envelope: bytes | None
    subject_kind: str | None
    subject_id: str | None
    queued_at: Instant

    @property
    def subject(self) -> Subject | None:
        """What is told when the entry has its serial."""
        if self.subject_kind is None or self.subject_id is None:
            return None
        return Subject(self.subject_kind, self.subject_id)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why readers would set an entry aside: their code and its facts."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """How much waits for a serial, since when the longest, and how much is held for staff."""

    waiting: int
    oldest: Instant | None
    held: int


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry that was set aside, as staff see it."""

    id: int
    leaf: bytes
    refusal: Refusal
    held_at: Instant


async def take(session: AsyncSession, *, limit: int) -> list[QueuedRow]:
    """Delete the next committed rows from the queue and give them in the order of their serials.

    The caller holds the head's lock; without it two takers could each get part of a listing.
    """
    found = await session.execute(_TAKE, {"limit": limit})
    return in_order(_row(row) for row in found)


def _row(columns: Row[*tuple[Any, ...]]) -> QueuedRow:
    return QueuedRow(*columns)


def in_order(rows: Iterable[QueuedRow]) -> list[QueuedRow]:
    """By priority, then as queued; an entry is as urgent as any later one of its listing."""
    most_urgent: dict[UUID, int] = {}
    ranked: list[tuple[int, int, QueuedRow]] = []
    for row in sorted(rows, key=lambda row: row.id, reverse=True):
        priority = row.priority
        if row.listing is not None:
            priority = min(priority, most_urgent.get(row.listing, priority))
            most_urgent[row.listing] = priority
        ranked.append((priority, row.id, row))
    return [row for *_, row in sorted(ranked, key=lambda ranked: ranked[:2])]


async def hold(
    session: AsyncSession, refused: Sequence[tuple[QueuedRow, Refusal]], *, now: Instant
) -> None:
    """Keep rows that were taken but cannot be published, each with its reason; tell their nodes."""
    await session.execute(
        insert(HeldEntryRow),
        [
            {
                "id": row.id,
                "priority": row.priority,
                "listing": row.listing,
                "leaf": row.leaf,
                "envelope": row.envelope,
                "subject_kind": row.subject_kind,
                "subject": row.subject_id,
                "queued_at": row.queued_at,
                "code": why.code,
                "detail": why.detail,
                "held_at": now,
            }
            for row, why in refused
        ],
    )
    told = [NotLogged(row.leaf, why.code) for row, why in refused]
    await tell_origins(session, ENTRY_HELD, told, now=now)
    for row, why in refused:
        _log.error("entry_held", id=row.id, code=why.code, listing=row.listing and str(row.listing))


async def read_held(session: AsyncSession, *, limit: int = 100) -> list[HeldEntry]:
    """The held entries, oldest first."""
    held = HeldEntryRow
    found = await session.execute(
        select(held.id, held.leaf, held.code, held.detail, held.held_at)
        .where(held.discarded_at.is_(None))
        .order_by(held.id)
        .limit(limit)
    )
    return [
        HeldEntry(id_, leaf, Refusal(code, detail), held_at)
        for id_, leaf, code, detail, held_at in found
    ]


async def find_held(session: AsyncSession, held: int) -> HeldEntry | None:
    """One held entry; None: there is none of that id, or it was discarded."""
    row = await session.get(HeldEntryRow, held)
    if row is None or row.discarded_at is not None:
        return None
    return HeldEntry(row.id, row.leaf, Refusal(row.code, row.detail), row.held_at)


async def release_held(
    session: AsyncSession, held: int, *, reason: str, by: str, now: Instant
) -> None:
    """Queue a held entry again under its old id, once what was wrong about it has changed.

    Raises:
        HeldEntryNotFound: there is none of that id, or it was discarded.
    """
    row = await _lock_held(session, held)
    columns = {column.key: getattr(row, column.key) for column in _COLUMNS}
    await session.execute(insert(PublishQueueRow), [columns])
    await session.delete(row)
    await _note_held(session, Act.HELD_ENTRY_RELEASED, row, reason=reason, by_now=(by, now))
    await signal(session, PUBLISH_CHANNEL)


async def discard_held(
    session: AsyncSession, held: int, *, reason: str, by: str, now: Instant
) -> Subject | None:
    """Decide that a held entry will never be published; its bytes are kept, the trail says why.

    Its node is told. Returns what was to be told when it had its serial.

    Raises:
        HeldEntryNotFound: there is none of that id, or it was discarded before.
    """
    row = await _lock_held(session, held)
    row.discarded_at = now
    await _note_held(session, Act.HELD_ENTRY_DISCARDED, row, reason=reason, by_now=(by, now))
    told = NotLogged(row.leaf, row.code, reason)
    await tell_origins(session, ENTRY_DISCARDED, [told], now=now)
    if row.subject_kind is None or row.subject is None:
        return None
    return Subject(row.subject_kind, row.subject)


async def _lock_held(session: AsyncSession, held: int) -> HeldEntryRow:
    row = await session.get(HeldEntryRow, held, with_for_update=True)
    if row is None or row.discarded_at is not None:
        raise HeldEntryNotFound(detail=f"没有搁置条目 {held} / no held entry has that id")
    return row


async def _note_held(
    session: AsyncSession, act: Act, row: HeldEntryRow, *, reason: str, by_now: tuple[str, Instant]
) -> None:
    listing = None if row.listing is None else str(row.listing)
    facts = {"code": row.code, "reason": reason, "listing": listing}
    by, now = by_now
    await record(session, Record(act, Subject("held_entry", str(row.id)), by, facts), now=now)


async def queue_depth(session: AsyncSession) -> QueueDepth:
    """What waits now."""
    found = await session.execute(select(func.count(), func.min(_QUEUE.queued_at)))
    waiting, oldest = found.one()
    held = await session.scalar(
        select(func.count()).select_from(HeldEntryRow).where(HeldEntryRow.discarded_at.is_(None))
    )
    return QueueDepth(waiting, oldest, held or 0)
