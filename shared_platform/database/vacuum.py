"""Clearing dead rows: what an erasure emptied must not lie on in the tables' old row versions.

`VACUUM` makes the place of dead rows free and it is written over in time; pages that nobody writes
to, the write-ahead log and backups keep old bytes longer (docs/operations.md says how long).
"""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine


async def vacuum(engine: AsyncEngine, tables: Iterable[str]) -> None:
    """Vacuum these tables, one after the other, each outside any transaction.

    Readers and writers go on meanwhile.
    """
    async with engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        quote = outside.dialect.identifier_preparer.quote
        for table in tables:
            await outside.execute(text(f"VACUUM {quote(table)}"))
