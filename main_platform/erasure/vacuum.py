"""Clear the dead rows that finished erasures left behind."""

from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from main_platform.erasure.states import ErasureState
from main_platform.erasure.tables import ErasureRow
from shared_platform.database.vacuum import vacuum
from shared_schema.instants import Instant

_EMPTIED: Final = (
    "statement_object",
    "catalogue_listing",
    "quarantined_entry",
    "publish_queue",
    "held_entry",
    "submission",
    "equivocation",
    "review",
    "decision",
    "listing_change",
    "inbox_message",
    "idempotency_record",
)
"""Every table from which an erasure takes something."""


async def vacuum_erased(
    engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession], *, now: Instant
) -> int:
    """Vacuum the tables if an erasure was done since the last time; how many were.

    Two processes at once do it twice, which does no harm.
    """
    waiting = (ErasureRow.state == ErasureState.DONE) & ErasureRow.vacuumed_at.is_(None)
    async with sessions() as session:
        newest = await session.scalar(select(func.max(ErasureRow.decided_at)).where(waiting))
    if newest is None:
        return 0
    await vacuum(engine, _EMPTIED)
    async with sessions.begin() as session:
        cleared = await session.scalars(
            update(ErasureRow)
            .where(waiting, ErasureRow.decided_at <= newest)
            .values(vacuumed_at=now)
            .returning(ErasureRow.id)
        )
        return len(cleared.all())
