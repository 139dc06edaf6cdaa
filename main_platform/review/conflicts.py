"""The list of conflicts that staff must settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.tables import SubmissionRow
from main_platform.review.detail import Body, Side, read_sides, statement_body
from main_platform.review.states import OPEN, ReviewState
from main_platform.review.tables import ReviewRow


@dataclass(frozen=True, slots=True)
class HeldOffer:
    """A held review with its own terms and the other sides'."""

    row: ReviewRow
    body: Body | None
    sides: Sequence[Side]


async def list_conflicts(
    session: AsyncSession, *, after: UUID | None, limit: int, region: str | None = None
) -> list[HeldOffer]:
    """Held reviews and those half replaced, oldest first; two statements."""
    query = (
        select(ReviewRow, SubmissionRow.envelope)
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.id)
        .where(
            ReviewRow.state.in_(OPEN),
            or_(ReviewRow.state == ReviewState.CONFLICT_HOLD, ReviewRow.resolution.is_not(None)),
        )
        .order_by(ReviewRow.id)
        .limit(limit)
    )
    if region is not None:
        query = query.where(ReviewRow.regions.contains([region]))
    if after is not None:
        query = query.where(ReviewRow.id > after)
    found = (await session.execute(query)).all()
    sides = await read_sides(session, [row for row, _ in found], region=region)
    return [HeldOffer(row, statement_body(envelope), sides[row.id]) for row, envelope in found]
