"""How much waits at the desks, since when, and what is late: counted over a bounded part."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.review.outlived import KEY_SUSPECT
from main_platform.review.queue import ReviewFilter, conditions
from main_platform.review.states import OPEN, ReviewState
from main_platform.review.tables import ListingChangeRow, ReviewRow
from shared_schema.instants import Instant

MOST_COUNTED: Final = 10_000
_WARNS_AT: Final = 0.8  # of the time that is promised

_QUEUES: Final[dict[str, ReviewState]] = {
    "waiting": ReviewState.WAITING,
    "claimed": ReviewState.CLAIMED,
    "second_review": ReviewState.SECOND_REVIEW,
    "conflict_hold": ReviewState.CONFLICT_HOLD,
}


@dataclass(frozen=True, slots=True)
class Promise:
    """By when an offer should be decided."""

    days: int

    def late_before(self, now: Instant) -> Instant:
        """What was opened before is late."""
        return now - timedelta(days=self.days)

    def due_before(self, now: Instant) -> Instant:
        """What was opened before is late, or soon will be: a fifth of the time is left."""
        return now - timedelta(days=self.days) * _WARNS_AT


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits in one state: counted up to `MOST_COUNTED`, of which `due` includes `late`."""

    count: int = 0
    oldest: Instant | None = None
    due: int = 0
    late: int = 0

    @property
    def is_more(self) -> bool:
        """Whether there is more than was counted."""
        return self.count > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Backlog:
    """All that waits for people.

    `mine`: claimed by who asks; `to_confirm`: approved by others; `suspect`: signed by a key that
    was revoked since.
    """

    waiting: Queue
    claimed: Queue
    second_review: Queue
    conflict_hold: Queue
    mine: Queue
    to_confirm: Queue
    suspect: Queue


async def read_backlog(
    session: AsyncSession, *, by: str, region: str | None, promise: Promise, now: Instant
) -> Backlog:
    """Count what waits; seven statements by index, each over `MOST_COUNTED` rows at most."""
    found = {}
    for name, state in _QUEUES.items():
        wanted = ReviewFilter(states=frozenset({state}), region=region)
        found[name] = await _count(session, wanted, promise, now=now)
    claimed = frozenset({ReviewState.CLAIMED})
    mine = ReviewFilter(states=claimed, claimed_by=by, region=region)
    second = frozenset({ReviewState.SECOND_REVIEW})
    others = ReviewFilter(states=second, approved_by_others_than=by, region=region)
    suspect = ReviewFilter(states=frozenset(OPEN), finding=KEY_SUSPECT, region=region)
    return Backlog(
        **found,
        mine=await _count(session, mine, promise, now=now),
        to_confirm=await _count(session, others, promise, now=now),
        suspect=await _count(session, suspect, promise, now=now),
    )


async def count_unlogged_changes(session: AsyncSession) -> tuple[int, Instant | None]:
    """Withdrawals, suspensions and resumptions on their way into the log, and the oldest's time."""
    row = ListingChangeRow
    found = await session.execute(
        select(func.count(), func.min(row.at)).where(row.serial.is_(None), row.needs_entry)
    )
    count, oldest = found.one()
    return count, oldest


async def _count(
    session: AsyncSession, wanted: ReviewFilter, promise: Promise, *, now: Instant
) -> Queue:
    first = (
        select(ReviewRow.opened_at)
        .where(*conditions(wanted))
        .order_by(ReviewRow.id)
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    opened = first.c.opened_at
    counted = select(
        func.count(),
        func.min(opened),
        func.count().filter(opened < promise.due_before(now)),
        func.count().filter(opened < promise.late_before(now)),
    )
    count, oldest, due, late = (await session.execute(counted)).one()
    return Queue(count, oldest, due, late)
