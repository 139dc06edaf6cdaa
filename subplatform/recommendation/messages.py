"""What the hub told this node, as its people read it: decisions and notices, newest first."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from subplatform.recommendation.tables import HubMessageRow

DECISION: Final = "decision"
MAX_PAGE: Final = 200


async def list_messages(
    session: AsyncSession, *, before: int | None = None, limit: int = 50
) -> Sequence[HubMessageRow]:
    """Messages, the newest first, from the one before id `before`."""
    wanted = select(HubMessageRow).order_by(HubMessageRow.id.desc()).limit(min(limit, MAX_PAGE))
    if before is not None:
        wanted = wanted.where(HubMessageRow.id < before)
    return (await session.scalars(wanted)).all()


async def count_decisions(session: AsyncSession, *, since: Instant) -> int:
    """How many decisions arrived since then, by the newest messages alone.

    At most `MAX_PAGE` are looked at: a day with more shows that number.
    """
    newest = (
        select(HubMessageRow.kind, HubMessageRow.received_at)
        .order_by(HubMessageRow.id.desc())
        .limit(MAX_PAGE)
        .subquery()
    )
    counted = select(func.count()).where(newest.c.kind == DECISION, newest.c.received_at >= since)
    return await session.scalar(counted) or 0
