"""Asking again for statements that were missing or wrong when their entries came."""

from hashlib import sha256
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.log_position import lock_position
from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.rebuild import rebuild_listing
from shared_platform.catalogue.tables import log_entry, quarantined_entry
from shared_schema.entry_check import HARMLESS
from shared_schema.log_page import read_page

_MOST: Final = 100
_WANTED: Final = (
    select(log_entry.c.serial, log_entry.c.object_hash, log_entry.c.listing)
    .join(quarantined_entry, quarantined_entry.c.serial == log_entry.c.serial)
    .where(quarantined_entry.c.code.in_([code.value for code in sorted(HARMLESS)]))
    .order_by(log_entry.c.serial)
    .limit(_MOST)
)


async def refetch_missing(sessions: async_sessionmaker[AsyncSession], source: LogSource) -> int:
    """Fetch what is missing, at most a hundred statements, and complete their listings.

    Each is one transaction. Returns how many were found; bytes that are still not the named ones
    are dropped.

    Raises:
        LogRefused: the source's page is malformed.
        DomainError: the source did not answer.
    """
    async with sessions() as session:
        wanted = (await session.execute(_WANTED)).all()
    found = 0
    for serial, object_hash, listing in wanted:
        page = read_page(await source.entries(serial, limit=1), first=serial, limit=1)
        object_bytes = page.entries[0].object_bytes if page.entries else None
        if object_bytes is None or sha256(object_bytes).digest() != object_hash:
            continue
        async with sessions.begin() as session:
            await lock_position(session)
            await session.execute(
                update(quarantined_entry)
                .where(quarantined_entry.c.serial == serial)
                .values(object=object_bytes)
            )
            await rebuild_listing(session, listing)
        found += 1
    return found
