"""What the hub has of a node: for the node's hourly comparison with its outbox (protocol §9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.ports import IntakePorts
from main_platform.intake.tables import SubmissionRow

PAGE: Final = 1_000
MAX_GAPS: Final = 1_000
RECEIVED: Final = "received"


@dataclass(frozen=True, slots=True)
class IntakeState:
    """Sequence numbers received without a gap, the first gaps after them, and a page of states.

    `next` continues the states as `after`; None when the page is the last. A gap names its first
    and last missing number.
    """

    contiguous_through: int
    gaps: Sequence[tuple[int, int]]
    states: Sequence[tuple[int, str]]
    next: int | None


async def read_intake_state(
    session: AsyncSession, origin: str, *, after: int, limit: int, ports: IntakePorts
) -> IntakeState:
    """Gaps over everything received, and where the statements after `after` stand."""
    gaps, last = await _gaps(session, origin)
    found = await session.execute(
        select(SubmissionRow.oseq, SubmissionRow.id)
        .where(SubmissionRow.origin == origin, SubmissionRow.oseq > after)
        .order_by(SubmissionRow.oseq)
        .limit(limit + 1)
    )
    rows: list[tuple[int, UUID]] = [(oseq, id_) for oseq, id_ in found]
    page = rows[:limit]
    states = await ports.read_states(session, [id_ for _, id_ in page])
    return IntakeState(
        contiguous_through=gaps[0][0] - 1 if gaps else last,
        gaps=gaps[:MAX_GAPS],
        states=[(oseq, states.get(id_, RECEIVED)) for oseq, id_ in page],
        next=page[-1][0] if len(rows) > limit else None,
    )


async def _gaps(session: AsyncSession, origin: str) -> tuple[list[tuple[int, int]], int]:
    """The first missing ranges below the largest number, and that number; index only."""
    row = SubmissionRow
    before = func.lag(row.oseq, 1, 0).over(order_by=row.oseq).label("before")
    numbers = select(row.oseq, before).where(row.origin == origin).subquery()
    found = await session.execute(
        select(numbers.c.before + 1, numbers.c.oseq - 1)
        .where(numbers.c.oseq > numbers.c.before + 1)
        .order_by(numbers.c.oseq)
        .limit(MAX_GAPS)
    )
    last = await session.scalar(select(func.max(row.oseq)).where(row.origin == origin))
    return [(first, until) for first, until in found], last or 0
