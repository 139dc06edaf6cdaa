"""The limits of bulk writing: the same bytes by COPY, and by INSERT of many rows at once."""

import time
from collections.abc import Sequence

from deploy.bench.machine import connect
from shared_platform.database.engine import Database

Row = tuple[object, ...]


async def copy_seconds(database: Database, rows: Sequence[Row], *, shape: str) -> float:
    """The seconds that COPY takes for these rows into a new table without any index."""
    connection = await connect(database.url)
    try:
        await connection.execute(
            f"DROP TABLE IF EXISTS bench_copy; CREATE TABLE bench_copy {shape}"
        )
        began = time.perf_counter()
        await connection.copy_records_to_table("bench_copy", records=rows)
        taken = time.perf_counter() - began
        await connection.execute("DROP TABLE bench_copy")
    finally:
        await connection.close()
    return taken


async def insert_seconds(database: Database, raws: Sequence[bytes], *, batch: int) -> float:
    """The seconds for INSERTs of `batch` rows, each its own transaction, with a primary key."""
    connection = await connect(database.url)
    try:
        await connection.execute(
            "DROP TABLE IF EXISTS bench_insert;"
            " CREATE TABLE bench_insert (oseq bigint PRIMARY KEY, envelope bytea NOT NULL)"
        )
        insert = "INSERT INTO bench_insert SELECT * FROM unnest($1::bigint[], $2::bytea[])"
        began = time.perf_counter()
        for first in range(0, len(raws), batch):
            part = raws[first : first + batch]
            await connection.execute(insert, list(range(first, first + len(part))), part)
        taken = time.perf_counter() - began
        await connection.execute("DROP TABLE bench_insert")
    finally:
        await connection.close()
    return taken
