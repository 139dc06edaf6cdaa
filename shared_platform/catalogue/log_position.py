"""How far this copy has applied the log, and the checkpoint that vouches for it: one row."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.tables import catalogue_applied, catalogue_cursor
from shared_platform.database.signals import signal
from shared_schema.log_following import LogPosition, Vouched
from shared_schema.merkle import CompactRange

CATALOGUE_CHANNEL: Final = "kaixu_catalogue"
_THE_ROW: Final = 1


async def read_position(session: AsyncSession) -> LogPosition:
    """The stored position; the beginning of the log for a copy that has applied nothing."""
    row = (await session.execute(select(catalogue_cursor))).one_or_none()
    if row is None:
        return LogPosition()
    vouched = Vouched(row.checkpoint, row.checkpoint_size, row.checkpoint_root, row.checkpoint_at)
    return LogPosition(CompactRange.from_bytes(row.compact_range), vouched, row.unsettled_size)


async def lock_position(session: AsyncSession) -> LogPosition:
    """The stored position, locked until the transaction ends: who holds it alone moves the log.

    Makes the row when there is none, so that even the first writers meet.
    """
    first = _columns(LogPosition())
    await session.execute(insert(catalogue_cursor).values(first).on_conflict_do_nothing())
    await session.execute(select(catalogue_cursor.c.id).with_for_update())
    return await read_position(session)


async def store_position(session: AsyncSession, position: LogPosition) -> None:
    """Replace the stored position and wake who follows the catalogue, as its index does.

    `lock_position` must have been called in this transaction.
    """
    columns = _columns(position)
    await session.execute(catalogue_cursor.update().values(columns))
    shown = insert(catalogue_applied).values(size=position.size).on_conflict_do_nothing()
    await session.execute(shown)
    await signal(session, CATALOGUE_CHANNEL)


def _columns(position: LogPosition) -> dict[str, object]:
    return {
        "id": _THE_ROW,
        "size": position.size,
        "compact_range": position.range.to_bytes(),
        "root": position.range.root(),
        "checkpoint": position.vouched.note,
        "checkpoint_size": position.vouched.size,
        "checkpoint_root": position.vouched.root,
        "checkpoint_at": position.vouched.seen_at,
        "unsettled_size": position.unsettled,
    }
