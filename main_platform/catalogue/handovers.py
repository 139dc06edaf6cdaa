"""The handovers of the log's key: kept when the log is signed, given to readers that walk them."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import LogHead
from main_platform.catalogue.tables import LogHandoverRow
from shared_schema.instants import Instant
from shared_schema.log_handover import MAX_HANDOVERS, Handover
from shared_schema.log_keys import LogKeys


async def keep_handovers(
    session: AsyncSession, before: LogHead, keys: LogKeys, *, note: bytes, now: Instant
) -> None:
    """Keep the note for each key that it is the first to cover, where the key before signed too.

    `before` is the head that the note signs, with the checkpoint it had. A key that ended at once,
    as after a theft, hands nothing over: its readers need a new anchor.
    """
    for old, new in zip(keys.records, keys.records[1:], strict=False):
        is_first = before.checkpoint_size <= new.since < before.size
        if is_first and old.counts_at(before.size):
            row = {"serial": new.since, "size": before.size, "note": note, "signed_at": now}
            await session.execute(insert(LogHandoverRow).values(row).on_conflict_do_nothing())


async def read_handovers_from(session: AsyncSession, first: int) -> list[Handover]:
    """The handovers about entries from serial `first` on, oldest first, as many as one answer."""
    row = LogHandoverRow
    found = await session.execute(
        select(row.serial, row.note)
        .where(row.serial >= first)
        .order_by(row.serial)
        .limit(MAX_HANDOVERS)
    )
    return [Handover(serial, note) for serial, note in found]
