"""What the hub has of a node: for the node's hourly comparison with its outbox (protocol §9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.counter import read_counter
from main_platform.intake.ports import IntakePorts
from main_platform.intake.tables import SubmissionRow

PAGE: Final = 1_000
MAX_GAPS: Final = 1_000
RECEIVED: Final = "received"


@dataclass(frozen=True, slots=True)
class OseqState:
    """One statement that is here: its hash, for comparison, and where it stands."""

    oseq: int
    statement_hash: str
    state: str


@dataclass(frozen=True, slots=True)
class IntakeState:
    """Sequence numbers received without a gap, the first gaps after them, and a page of states.

    `next` continues the states as `after`; None when the page is the last. A gap names its first
    and last missing number.
    """

    contiguous_through: int
    gaps: Sequence[tuple[int, int]]
    states: Sequence[OseqState]
    next: int | None


async def read_intake_state(
    session: AsyncSession, origin: str, *, after: int, limit: int, ports: IntakePorts
) -> IntakeState:
    """Gaps over everything received, and where the statements after `after` stand.

    Costs a page where nothing is missing, as the counter tells; else an index scan of the node's
    numbers.
    """
    gaps, last = await _gaps(session, origin)
    found = await session.execute(
        select(SubmissionRow.oseq, SubmissionRow.statement_hash, SubmissionRow.id)
        .where(SubmissionRow.origin == origin, SubmissionRow.oseq > after)
        .order_by(SubmissionRow.oseq)
        .limit(limit + 1)
    )
    rows: list[tuple[int, str, UUID]] = [(oseq, said, id_) for oseq, said, id_ in found]
    page = rows[:limit]
    states = await ports.read_states(session, [id_ for *_, id_ in page])
    return IntakeState(
        contiguous_through=gaps[0][0] - 1 if gaps else last,
        gaps=gaps[:MAX_GAPS],
        states=[OseqState(oseq, said, states.get(id_, RECEIVED)) for oseq, said, id_ in page],
        next=page[-1][0] if len(rows) > limit else None,
    )


async def _gaps(session: AsyncSession, origin: str) -> tuple[list[tuple[int, int]], int]:
    """The first missing ranges below the largest number, and that number; index only."""
    counter = await read_counter(session, origin)
    if counter.missing == 0:
        return [], counter.highest
    row = SubmissionRow
    before = func.lag(row.oseq, 1, 0).over(order_by=row.oseq).label("before")
    numbers = select(row.oseq, before).where(row.origin == origin).subquery()
    found = await session.execute(
        select(numbers.c.before + 1, numbers.c.oseq - 1)
        .where(numbers.c.oseq > numbers.c.before + 1)
        .order_by(numbers.c.oseq)
        .limit(MAX_GAPS)
    )
    return [(first, until) for first, until in found], counter.highest
