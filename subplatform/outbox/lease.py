"""Take what is due for sending: one short transaction, so that senders never wait for each other.

Order: a batch whose answer was lost is repeated first, with the same key and bytes; else urgent
statements, then by number. A version waits while an earlier one of its listing is not sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.signing_key import SigningKey
from shared_schema.statement import MAX_BATCH_BYTES, MAX_BATCH_STATEMENTS
from subplatform.outbox.resign import resign
from subplatform.outbox.states import TRANSITIONS, DeliveryAction, DeliveryState
from subplatform.outbox.tables import OutboxMessageRow

LEASE: Final = timedelta(seconds=60)
_LINE_END: Final = 1
_UNSETTLED: Final = (DeliveryState.WAITING, DeliveryState.LEASED, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class Leased:
    """One statement to send now."""

    oseq: int
    listing: UUID
    version: int
    op: str
    statement_hash: str
    envelope: bytes
    attempts: int
    failures: int
    is_unanswered: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """Statements that only the holder of `id` may settle. `key` is None for a single one."""

    id: UUID
    key: str | None
    statements: tuple[Leased, ...]


async def lease_due(
    session: AsyncSession,
    *,
    ids: IdSource,
    now: Instant,
    limit: int = MAX_BATCH_STATEMENTS,
    lasting: timedelta = LEASE,
    signed_by: SigningKey | None = None,
) -> Lease | None:
    """Lease the next batch or statement; None when nothing is due.

    With `signed_by`, what another key signed is signed anew before it goes; a batch with such a
    statement has other bytes then, and goes under another key of idempotency.
    """
    until = now + lasting
    rows = await _open_batch(session, now)
    if rows and (signed_by is None or not resign(rows, signed_by)):
        return await _take(session, rows, key=rows[0].batch_key, ids=ids, until=until)
    rows = rows or await _fresh(session, now, limit)
    if not rows:
        return None
    if signed_by is not None:
        resign(rows, signed_by)
    key = f"intake-{ids.new_id()}" if len(rows) > 1 else None
    return await _take(session, rows, key=key, ids=ids, until=until)


async def renew_lease(session: AsyncSession, lease: Lease, *, until: Instant) -> None:
    """Prolong a lease that is still held (heartbeat)."""
    await session.execute(
        update(OutboxMessageRow)
        .where(OutboxMessageRow.lease_id == lease.id)
        .values(lease_until=until)
    )


async def next_due(session: AsyncSession) -> Instant | None:
    """When the next statement is due that does not wait for another one; None when all is sent."""
    row = OutboxMessageRow
    due = (
        select(row.next_attempt_at)
        .where(row.state == DeliveryState.WAITING, ~_has_unsettled_predecessor())
        .order_by(row.next_attempt_at)
        .limit(1)
    )
    lapsing = (
        select(row.lease_until)
        .where(row.state == DeliveryState.LEASED)
        .order_by(row.lease_until)
        .limit(1)
    )
    found = [await session.scalar(due), await session.scalar(lapsing)]
    return min((instant for instant in found if instant is not None), default=None)


async def _open_batch(session: AsyncSession, now: Instant) -> Sequence[OutboxMessageRow]:
    """All rows of one batch that must be repeated; its first row stands for it in the race."""
    row = OutboxMessageRow
    first = (
        select(row.batch_key)
        .where(row.batch_position == 0, row.batch_key.is_not(None), _is_due(now))
        .order_by(row.next_attempt_at, row.oseq)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    key = await session.scalar(first)
    if key is None:
        return []
    whole = select(row).where(row.batch_key == key).order_by(row.batch_position)
    return (await session.execute(whole.with_for_update())).scalars().all()


async def _fresh(session: AsyncSession, now: Instant, limit: int) -> Sequence[OutboxMessageRow]:
    """The next statements without a batch: one that must go alone, or several that fit."""
    row = OutboxMessageRow
    wanted = (
        select(row)
        .where(row.batch_key.is_(None), _is_due(now), ~_has_unsettled_predecessor())
        .order_by(row.priority, row.oseq)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (await session.execute(wanted)).scalars().all()
    if rows and rows[0].is_alone:
        return rows[:1]
    return _fitting([found for found in rows if not found.is_alone])


def _fitting(rows: list[OutboxMessageRow]) -> list[OutboxMessageRow]:
    """The first rows that fit into one request, at least one."""
    weight = 0
    for count, row in enumerate(rows):
        weight += len(row.envelope) + _LINE_END
        if weight > MAX_BATCH_BYTES and count:
            return rows[:count]
    return rows


async def _take(
    session: AsyncSession,
    rows: Sequence[OutboxMessageRow],
    *,
    key: str | None,
    ids: IdSource,
    until: Instant,
) -> Lease:
    lease_id = ids.new_id()
    for position, row in enumerate(rows):
        # Nobody knows what came of a lease that ran out.
        row.is_unanswered = row.is_unanswered or row.state == DeliveryState.LEASED
        row.state = TRANSITIONS[DeliveryState(row.state), DeliveryAction.LEASE]
        row.attempts += 1
        row.lease_id, row.lease_until = lease_id, until
        row.batch_key, row.batch_position = key, None if key is None else position
    await session.flush()
    return Lease(lease_id, key, tuple(_leased(row) for row in rows))


def _leased(row: OutboxMessageRow) -> Leased:
    return Leased(
        oseq=row.oseq,
        listing=row.listing,
        version=row.version,
        op=row.op,
        statement_hash=row.statement_hash,
        envelope=row.envelope,
        attempts=row.attempts,
        failures=row.failures,
        is_unanswered=row.is_unanswered,
    )


def _is_due(now: Instant) -> ColumnElement[bool]:
    row = OutboxMessageRow
    return or_(
        and_(row.state == DeliveryState.WAITING, row.next_attempt_at <= now),
        and_(row.state == DeliveryState.LEASED, row.lease_until <= now),
    )


def _has_unsettled_predecessor() -> ColumnElement[bool]:
    row, earlier = OutboxMessageRow, aliased(OutboxMessageRow)
    return exists().where(
        earlier.listing == row.listing,
        earlier.version < row.version,
        earlier.state.in_(_UNSETTLED),
    )
