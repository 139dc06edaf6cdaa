"""B5: what 100 new entries cost a reader and the hub, at two sizes of the log."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx

from deploy.bench.bootstrap import follow
from deploy.bench.figures import Figure, Goal, Measured, seconds_of
from deploy.bench.hub_here import hub_here, write_hub_tables
from deploy.bench.machine import connect
from deploy.bench.world import World
from shared_platform.database.engine import Database

CHANGES: Final = 100
SPREAD: Final = 0.2
RAW_TIMES: Final = 3.0
_ASKED: Final = 20
_RAW: Final = (
    "SELECT entry.serial, entry.leaf, object.envelope FROM log_entry AS entry"
    " LEFT JOIN statement_object AS object USING (object_hash)"
    " WHERE serial >= $1 AND serial < $2 ORDER BY serial"
)


@dataclass(slots=True)
class _AtSize:
    """Milliseconds of each run at one size, and the bytes of the hub's answer."""

    size: int
    pull: list[float]
    answer: list[float]
    raw: list[float]
    bytes: int = 0


async def measure_delta(world: World) -> Measured:
    """One copy grows from the small to the large size; both get the same 100 offers."""
    found = []
    async with world.database("main_platform", "delta") as database:
        for size in world.sizes.delta:
            world.tell(f"B5: a verified copy of {size:,} entries")
            world.log.grow(size)
            await follow(world, database)
            await _analyse(database)
            found.append(await _at_size(world, database, size))
    small, large = found
    return Measured(
        f"{CHANGES} changes on {small.size:,} and on {large.size:,}",
        tuple(figure for one in found for figure in _figures(one)),
        (
            *_flat("verified pull", small.pull, large.pull),
            *_flat("hub's answer", small.answer, large.answer),
            Goal("bytes, large to small", large.bytes / small.bytes, "≤", 1 + SPREAD),
            Goal("hub's answer to raw SQL", _ratio(large.answer, large.raw), "≤", RAW_TIMES),
        ),
    )


async def _at_size(world: World, database: Database, size: int) -> _AtSize:
    found = _AtSize(size, [], [], [])
    before = size
    for _ in range(max(world.sizes.repeats, 3) + 1):
        before = world.log.size
        world.log.grow(before + CHANGES)
        world.log.prepare_pages(before)
        found.pull.append((await follow(world, database)).seconds * 1000)
    del found.pull[0]  # prepares statements and plans
    await write_hub_tables(world, database)
    async with _client(world, database) as client:
        path = f"/federation/v1/log/entries?from={before}&limit={CHANGES}&bodies=1"
        found.answer, found.bytes = await _answers(client, path)
    found.raw = await _raw(database, before)
    return found


async def _answers(client: httpx.AsyncClient, path: str) -> tuple[list[float], int]:
    times = [await seconds_of(lambda: client.get(path)) * 1000 for _ in range(_ASKED)]
    answer = await client.get(path)
    assert answer.json()["next"]
    return times[3:], len(answer.content)


async def _raw(database: Database, first: int) -> list[float]:
    connection = await connect(database.url)
    try:
        fetch = partial(connection.fetch, _RAW, first, first + CHANGES)
        times = [await seconds_of(fetch) * 1000 for _ in range(_ASKED)]
        return times[3:]
    finally:
        await connection.close()


@asynccontextmanager
async def _client(world: World, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    async with hub_here(world, database) as hub:
        transport = httpx.ASGITransport(hub.app)
        async with httpx.AsyncClient(transport=transport, base_url=world.hub_url) as client:
            client.headers["accept-encoding"] = "identity"
            yield client


async def _analyse(database: Database) -> None:
    connection = await connect(database.url)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _figures(found: _AtSize) -> tuple[Figure, ...]:
    at = f"on {found.size:,}"
    return (
        Figure(f"verified pull {at}", "ms", tuple(found.pull)),
        Figure(f"hub's answer {at}", "ms", tuple(found.answer)),
        Figure(f"raw SQL of the same rows {at}", "ms", tuple(found.raw)),
        Figure(f"bytes {at}", "B", (found.bytes,)),
    )


def _flat(name: str, small: list[float], large: list[float]) -> tuple[Goal, ...]:
    return (Goal(f"{name}, large to small", _ratio(large, small), "≤", 1 + SPREAD),)


def _ratio(one: list[float], other: list[float]) -> float:
    return Figure("", "", tuple(one)).median / Figure("", "", tuple(other)).median
