"""A reader's copy of the catalogue for tests: empty tables, following, comparing."""

from sqlalchemy import select, text

from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.rebuild import catalogue_digest
from shared_platform.catalogue.sync import SyncBounds, SyncReport, sync_once
from shared_platform.catalogue.tables import CATALOGUE, quarantined_entry
from shared_platform.database.engine import Database
from tests.shared_platform.hub_log_peer import HubLog

DELETED = " ".join(f"DELETE FROM {table.name};" for table in reversed(CATALOGUE.sorted_tables))


async def make_tables(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(CATALOGUE.create_all)


async def empty(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text(f"DO $$ BEGIN {DELETED} END $$"))


async def follow(
    database: Database, hub: HubLog, *, source: LogSource | None = None, page: int = 1_000
) -> SyncReport:
    return await sync_once(
        database.sessions,
        source or hub,
        hub.anchor,
        now=hub.now,
        bounds=SyncBounds(page_entries=page),
    )


async def digest(database: Database) -> str:
    async with database.sessions() as session:
        return await catalogue_digest(session)


async def quarantined(database: Database) -> dict[int, str]:
    async with database.sessions() as session:
        found = await session.execute(select(quarantined_entry.c.serial, quarantined_entry.c.code))
        return {row.serial: row.code for row in found}
