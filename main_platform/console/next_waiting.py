"""Which review comes next at a desk: after the one that was just looked at, else from the first."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.review.queue import QueueOrder, ReviewFilter, list_reviews

_LOOKED_AT = 2


async def next_waiting(
    session: AsyncSession, wanted: ReviewFilter, *, past: UUID | None, order: QueueOrder
) -> UUID | None:
    """The next review of the filter after `past`; beginning again at the end; None: no other."""
    for after in [past, None] if past else [None]:
        page = await list_reviews(session, wanted, after=after, limit=_LOOKED_AT, order=order)
        others = [row.id for row in page.rows if row.id != past]
        if others:
            return others[0]
    return None
