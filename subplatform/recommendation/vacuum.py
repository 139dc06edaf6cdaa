"""Clear the dead rows that erasures left in this node's tables."""

from typing import Final

from sqlalchemy import func, literal, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from shared_platform.catalogue.tables import DECISIONS, log_entry
from shared_platform.database.vacuum import vacuum
from subplatform.outbox.tables import NodeCounterRow, OutboxMessageRow

_EMPTIED: Final = (
    "statement_object",
    "catalogue_listing",
    "quarantined_entry",
    "outbox_message",
    "declaration",
    "hub_message",
    "register_snapshot",
)
"""Every table from which an erasure takes something."""

_COUNTER: Final = NodeCounterRow
_ENTRIES: Final = "erasures_vacuumed"
_STATEMENTS: Final = "erased_statements_vacuumed"
_DONE: Final = select(
    select(func.coalesce(func.max(log_entry.c.serial) + 1, 0))
    .where(text(DECISIONS), log_entry.c.kind == literal("object_erased"))
    .scalar_subquery(),
    select(func.count()).where(OutboxMessageRow.erased_at.is_not(None)).scalar_subquery(),
)


async def vacuum_erased(engine: AsyncEngine, sessions: async_sessionmaker[AsyncSession]) -> bool:
    """Vacuum the tables if anything was erased since the last time; whether that was so."""
    async with sessions() as session:
        entries, statements = (await session.execute(_DONE)).one()
        cleared = await session.execute(
            select(_COUNTER.name, _COUNTER.value).where(_COUNTER.name.in_([_ENTRIES, _STATEMENTS]))
        )
        before = {one.name: one.value for one in cleared}
    if (entries, statements) == (before.get(_ENTRIES, 0), before.get(_STATEMENTS, 0)):
        return False
    await vacuum(engine, _EMPTIED)
    moved = insert(_COUNTER)
    async with sessions.begin() as session:
        await session.execute(
            moved.on_conflict_do_update(
                index_elements=[_COUNTER.name], set_={"value": moved.excluded.value}
            ),
            [
                {"name": _ENTRIES, "value": entries},
                {"name": _STATEMENTS, "value": statements},
            ],
        )
    return True
