"""Send dead letters once more, when an operator has repaired what the hub refused them for."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.signals import signal
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.audit.acts import Act
from subplatform.outbox.condition import resume
from subplatform.outbox.enqueue import OUTBOX_CHANNEL
from subplatform.outbox.states import (
    DeliveryAction,
    DeliveryState,
    DeliveryStateConflict,
    next_state,
)
from subplatform.outbox.tables import OutboxMessageRow


class DeliveryNotFound(DomainError):
    """No statement has that number."""

    problem = ProblemType.NOT_FOUND


class ReplayUnclear(DomainError):
    """It was not said which dead letters are meant."""

    problem = ProblemType.SCHEMA_INVALID


async def replay(session: AsyncSession, oseq: int, *, by: str, now: Instant) -> None:
    """Send one dead letter again, the same bytes, from the beginning of the retry table.

    Locks the statement. An operator who replays has repaired something, so a pause ends as well.

    Raises:
        DeliveryNotFound: there is no such statement.
        DeliveryStateConflict: it is no dead letter.
    """
    row = await session.get(OutboxMessageRow, oseq, with_for_update=True)
    if row is None:
        raise DeliveryNotFound(detail=f"没有序号 {oseq} 的声明 / no statement has oseq {oseq}")
    await _revive(session, [row], by=by, now=now)


async def replay_all(
    session: AsyncSession, *, problem: str | None = None, by: str, now: Instant
) -> list[int]:
    """Send every dead letter again, or all with one problem; their numbers, lowest first.

    Asked twice, the second time finds none left.
    """
    dead = (
        select(OutboxMessageRow)
        .where(OutboxMessageRow.state == DeliveryState.DEAD)
        .order_by(OutboxMessageRow.oseq)
        .with_for_update()
    )
    if problem is not None:
        dead = dead.where(OutboxMessageRow.last_problem["code"].astext == problem)
    rows = (await session.execute(dead)).scalars().all()
    await _revive(session, rows, by=by, now=now)
    return [row.oseq for row in rows]


async def replay_some(
    session: AsyncSession, oseqs: Sequence[int], *, by: str, now: Instant
) -> list[int]:
    """Send those of the statements again that are dead letters; their numbers, lowest first."""
    chosen = (
        select(OutboxMessageRow)
        .where(OutboxMessageRow.oseq.in_(oseqs), OutboxMessageRow.state == DeliveryState.DEAD)
        .order_by(OutboxMessageRow.oseq)
        .with_for_update()
    )
    rows = (await session.execute(chosen)).scalars().all()
    await _revive(session, rows, by=by, now=now)
    return [row.oseq for row in rows]


async def hasten(session: AsyncSession, oseq: int, *, by: str, now: Instant) -> None:
    """Try a statement that waits for its next try at once; a pause ends as well.

    Locks the statement. What is on its way, was sent or is a dead letter does not wait.

    Raises:
        DeliveryNotFound: there is no such statement.
        DeliveryStateConflict: it does not wait.
    """
    row = await session.get(OutboxMessageRow, oseq, with_for_update=True)
    if row is None:
        raise DeliveryNotFound(detail=f"没有序号 {oseq} 的声明 / no statement has oseq {oseq}")
    if row.state != DeliveryState.WAITING:
        raise DeliveryStateConflict(
            detail=f"状态为 {row.state}，不在等待 / it does not wait, it is {row.state}"
        )
    row.next_attempt_at = now
    subject = Subject("listing", str(row.listing))
    await record(session, Record(Act.DELIVERY_HASTENED, subject, by, {"oseq": oseq}), now=now)
    await resume(session, now=now)
    await signal(session, OUTBOX_CHANNEL)


async def _revive(
    session: AsyncSession, rows: Sequence[OutboxMessageRow], *, by: str, now: Instant
) -> None:
    for row in rows:
        row.state = next_state(row.state, DeliveryAction.REPLAY)
        row.failures = 0
        row.next_attempt_at = now
    acts = [
        Record(Act.DELIVERY_REPLAYED, Subject("listing", str(row.listing)), by, {"oseq": row.oseq})
        for row in rows
    ]
    await record(session, *acts, now=now)
    await resume(session, now=now)
    await signal(session, OUTBOX_CHANNEL)
