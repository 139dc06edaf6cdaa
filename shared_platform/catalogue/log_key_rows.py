"""The keys of the log as the stored entries prove them: what its signatures are believed by."""

from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.tables import LOG_KEY_ENTRIES, log_entry
from shared_schema.log_entry import EntryInvalid, read_entry
from shared_schema.log_keys import NO_LOG_KEYS, LogKeyRefused, LogKeys

_ENTRIES: Final = (
    select(log_entry.c.serial, log_entry.c.leaf)
    .where(text(LOG_KEY_ENTRIES))
    .order_by(log_entry.c.serial)
)


async def read_log_keys(session: AsyncSession) -> LogKeys:
    """All keys the log has had up to this copy's position; what was set aside counts for nothing.

    One indexed read of as many rows as the log has had keys.
    """
    keys = NO_LOG_KEYS
    for serial, leaf in await session.execute(_ENTRIES):
        try:
            keys = keys.applied(serial, read_entry(leaf))
        except (EntryInvalid, LogKeyRefused):
            continue  # it stands in the quarantine
    return keys
