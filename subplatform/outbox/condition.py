"""What concerns the whole outbox: whether it is paused, and why.

A pause is never a decision about a statement. One probe is made when it is over, and the first
answer ends it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.signals import signal
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from subplatform.outbox.enqueue import OUTBOX_CHANNEL
from subplatform.outbox.retry import Jitter, next_attempt
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import OutboxConditionRow, OutboxMessageRow
from subplatform.outbox.verdict import Refused

THE_ROW: Final = 1
_AWAY: Final = tuple(
    row.code
    for row in (ProblemType.HUB_UNREACHABLE, ProblemType.MAINTENANCE, ProblemType.STORAGE_FULL)
)
LONGEST_SILENCE: Final = timedelta(seconds=60)  # between probes of a hub that is not reached


@dataclass(frozen=True, slots=True)
class Condition:
    """The outbox as a whole. `paused` is the hub's problem, or ours about reaching it."""

    paused: dict[str, Any] | None = None
    paused_since: Instant | None = None
    probe_at: Instant | None = None
    reconciled_at: Instant | None = None
    contiguous_through: int | None = None
    gap_count: int | None = None
    foreign_statements: tuple[int, ...] = ()
    conflicting_statements: tuple[int, ...] = ()
    reconcile_wanted: bool = False

    def holds(self, now: Instant) -> bool:
        """Whether nothing may be sent at `now`."""
        return self.probe_at is not None and now < self.probe_at


async def read_condition(session: AsyncSession) -> Condition:
    """The stored condition; an untroubled one when there is none."""
    row = await session.get(OutboxConditionRow, THE_ROW, populate_existing=True)
    if row is None:
        return Condition()
    return Condition(
        row.paused,
        row.paused_since,
        row.probe_at,
        row.reconciled_at,
        row.contiguous_through,
        row.gap_count,
        tuple(row.foreign_statements or ()),
        tuple(row.conflicting_statements or ()),
        row.reconcile_wanted,
    )


async def lock_condition(session: AsyncSession) -> OutboxConditionRow:
    """The condition's row, made if missing, locked until the transaction ends."""
    fresh = insert(OutboxConditionRow).values(id=THE_ROW, pause_failures=0)
    await session.execute(fresh.on_conflict_do_nothing())
    return await session.get_one(
        OutboxConditionRow, THE_ROW, with_for_update=True, populate_existing=True
    )


async def want_reconciliation(session: AsyncSession) -> None:
    """Compare with the hub soon: it has less than it had, so it was restored from a backup."""
    row = await lock_condition(session)
    row.reconcile_wanted = True
    await signal(session, OUTBOX_CHANNEL)


async def pause(session: AsyncSession, refused: Refused, *, now: Instant, jitter: Jitter) -> None:
    """Send nothing until the next probe; each failed probe moves it on by the retry table."""
    row = await lock_condition(session)
    row.pause_failures += 1
    probe_at = next_attempt(
        row.pause_failures, now=now, jitter=jitter, retry_after_s=refused.retry_after_s
    )
    if refused.is_silence:
        asked = timedelta(seconds=refused.retry_after_s or 0)
        probe_at = min(probe_at, now + max(LONGEST_SILENCE, asked))
    row.probe_at = probe_at
    row.paused = dict(refused.problem)
    row.paused_since = row.paused_since or now


async def resume(session: AsyncSession, *, now: Instant, only: str | None = None) -> bool:
    """End a pause, and send at once what only waits because the hub could not be reached.

    For a delivery that got an answer, for a poll that did (`only` a pause with that code), and for
    an operator who has rotated keys. Returns whether there was such a pause.
    """
    paused = (await read_condition(session)).paused
    if paused is None or only not in {None, paused["code"]}:
        return False
    row = await lock_condition(session)
    row.paused = row.paused_since = row.probe_at = None
    row.pause_failures = 0
    await session.execute(
        update(OutboxMessageRow)
        .where(
            OutboxMessageRow.state == DeliveryState.WAITING,
            OutboxMessageRow.next_attempt_at > now,
            OutboxMessageRow.last_problem["code"].astext.in_(_AWAY),
        )
        .values(next_attempt_at=now)
    )
    await signal(session, OUTBOX_CHANNEL)
    return True
