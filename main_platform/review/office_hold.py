"""Which listings the office itself suspended, and has not let stand again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from main_platform.intake.locks import among
from main_platform.review.states import ReviewState
from main_platform.review.tables import ListingChangeRow, ReviewRow


async def suspended_by_office(session: AsyncSession, listings: Sequence[UUID]) -> set[UUID]:
    """Those whose last suspension by the hub neither its resumption nor a new approval ended."""
    return await _suspended(session, listings, by="hub")


async def suspended_by_node(session: AsyncSession, listings: Sequence[UUID]) -> set[UUID]:
    """The same for suspensions by the listing's own node."""
    return await _suspended(session, listings, by="origin")


async def _suspended(session: AsyncSession, listings: Sequence[UUID], *, by: str) -> set[UUID]:
    row, later = ListingChangeRow, aliased(ListingChangeRow)
    resumed = exists().where(
        later.listing == row.listing,
        later.by == row.by,
        later.kind == "resume",
        later.id > row.id,
    )
    approved = exists().where(
        ReviewRow.listing == row.listing,
        ReviewRow.state.in_([ReviewState.APPROVED, ReviewState.SEQUENCED]),
        ReviewRow.decided_at > row.at,
    )
    found = await session.scalars(
        select(row.listing).where(
            among(row.listing, listings),
            row.kind == "suspend",
            row.by == by,
            ~resumed,
            ~approved,
        )
    )
    return set(found)
