"""B6: what a node that has everything costs the hub when it asks again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from deploy.bench.bootstrap import follow
from deploy.bench.figures import Figure, Goal, Measured
from deploy.bench.http_load import Connection, Wire, connected
from deploy.bench.hub_here import hub_here, write_hub_tables
from deploy.bench.statement_count import counted
from deploy.bench.world import HOST, World
from shared_platform.transport.http_protocol import server_config

GOAL_BYTES: Final = 300.0
POLLS: Final = 100
_CHECKPOINT: Final = "/federation/v1/log/checkpoint"
_NOT_MODIFIED: Final = 304


async def measure_idle_poll(world: World) -> Measured:
    """A conditional request for the checkpoint, and a page request at the end of the log."""
    world.log.grow(100)
    async with world.database("main_platform", "idle") as database:
        await follow(world, database)
        await write_hub_tables(world, database)
        with counted(database.engine) as count:
            async with hub_here(world, database) as hub, _served(hub.app, world.port):
                connection = await connected(world.port)
                held = {"if-none-match": _etag(await connection.get(_CHECKPOINT))}
                empty = f"/federation/v1/log/entries?from={world.log.size}&bodies=1"
                await connection.get(empty)
                count.reset()
                unchanged = await _polls(connection, _CHECKPOINT, held)
                statements = count.reset()
                page = await _polls(connection, empty, {})
                of_pages = count.reset()
                connection.close()
    assert unchanged.status == _NOT_MODIFIED
    return Measured(
        f"{POLLS} polls",
        (
            Figure("answer to a conditional checkpoint poll", "B", (unchanged.bytes,)),
            Figure("SQL statements of 100 of them", "", (statements,)),
            Figure("answer to a page poll at the end", "B", (page.bytes,)),
            Figure("SQL statements of 100 page polls", "", (of_pages,)),
        ),
        (
            Goal("bytes of an idle poll", unchanged.bytes, "≤", GOAL_BYTES, "B"),
            Goal("SQL statements of an idle poll", statements // POLLS, "≤", 0),
        ),
        ("the newest checkpoint is read again after 1 s at the latest: one statement a second",),
    )


async def _polls(connection: Connection, path: str, headers: dict[str, str]) -> Wire:
    for _ in range(POLLS - 1):
        await connection.get(path, headers)
    return await connection.get(path, headers)


def _etag(wire: Wire) -> str:
    lines = wire.head.decode("latin-1").split("\r\n")
    return next(one[6:] for one in lines if one.lower().startswith("etag: "))


@asynccontextmanager
async def _served(app: ASGIApp, port: int) -> AsyncIterator[None]:
    """The application behind the services' own HTTP protocol, in this process."""
    server = uvicorn.Server(server_config(app, host=HOST, port=port))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task
