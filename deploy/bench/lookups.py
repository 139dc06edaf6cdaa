"""B10: one listing by id, one by number, over HTTP, against FastAPI's hello world."""

from collections.abc import Sequence
from typing import Final

from deploy.bench.bootstrap import follow
from deploy.bench.child_processes import serving
from deploy.bench.figures import Figure, Goal, Measured, percent
from deploy.bench.http_load import Load, load
from deploy.bench.hub_here import write_hub_tables
from deploy.bench.intake import hub_process
from deploy.bench.machine import connect, peak_kib, resident_kib
from deploy.bench.world import World, free_port
from shared_platform.database.engine import Database

GOAL_PERCENT: Final = 60.0
GOAL_MEMORY: Final = 300.0
_SHOWN: Final = "/api/v1/catalogue/listings"
_SAMPLE: Final = "SELECT listing::text, application_number FROM catalogue_listing ORDER BY random()"


async def measure_lookups(world: World) -> Measured:
    """Hub and hello world run in processes of their own, one at a time; eight connections."""
    size, requests = world.sizes.bootstrap, world.sizes.requests
    world.log.grow(size)
    world.log.prepare_pages()
    kinds: dict[str, list[Load]] = {"hello": [], "id": [], "number": [], "page": []}
    memory: list[int] = []
    async with world.database("main_platform", "lookups") as database:
        await follow(world, database)
        await write_hub_tables(world, database)
        known = await _known(database)
        for _ in range(world.sizes.repeats):
            kinds["hello"].append(await _hello(world, requests))
            async with hub_process(world, database) as hub:
                await load(world.port, _repeated([f"{_SHOWN}/{one}" for one, _ in known], 500))
                wanted = _paths(known, requests)
                found = {name: await load(world.port, paths) for name, paths in wanted.items()}
                memory += [resident_kib(hub.pid) or 0, peak_kib(hub.pid) or 0]
            for name, one in found.items():
                kinds[name].append(one)
    return _judged(kinds, memory, size=size)


def _judged(kinds: dict[str, list[Load]], memory: Sequence[int], *, size: int) -> Measured:
    names = {
        "id": "listing by id",
        "number": "listing by number",
        "page": "page of 20",
        "hello": "FastAPI hello world",
    }
    rates = {
        kind: Figure(f"{name}, requests", "/s", tuple(one.rate for one in kinds[kind]))
        for kind, name in names.items()
    }
    tails = tuple(
        Figure(f"{names[kind]}, {label}", "ms", tuple(one.quantile(part) for one in kinds[kind]))
        for kind in ("id", "number")
        for label, part in (("p50", 0.5), ("p99", 0.99))
    )
    resident = Figure("hub's memory after the load (B14)", "MiB", _mib(memory[::2]))
    peak = Figure("hub's largest memory (B14)", "MiB", _mib(memory[1::2]))
    return Measured(
        f"{size:,} listings",
        (*rates.values(), *tails, resident, peak),
        (
            Goal("by id, of hello world", percent(rates["id"], rates["hello"]), "≥", 60, "%"),
            Goal(
                "by number, of hello world", percent(rates["number"], rates["hello"]), "≥", 60, "%"
            ),
            Goal("hub's memory", peak.high, "≤", GOAL_MEMORY, "MiB"),
        ),
    )


async def _hello(world: World, requests: int) -> Load:
    port = free_port()
    arguments = ["deploy.bench.hello", str(port)]
    async with serving(arguments, {}, port=port, log=world.folder / "hello.log"):
        await load(port, ["/"] * 200)
        return await load(port, ["/"] * requests)


def _paths(known: Sequence[tuple[str, str]], requests: int) -> dict[str, list[str]]:
    return {
        "id": _repeated([f"{_SHOWN}/{listing}" for listing, _ in known], requests),
        "number": _repeated([f"{_SHOWN}?number={number}" for _, number in known], requests),
        "page": [f"{_SHOWN}?limit=20"] * (requests // 4),
    }


def _repeated(paths: list[str], wanted: int) -> list[str]:
    return (paths * (wanted // len(paths) + 1))[:wanted]


async def _known(database: Database) -> list[tuple[str, str]]:
    connection = await connect(database.url)
    try:
        await connection.execute("VACUUM ANALYZE")
        return [(listing, number) for listing, number in await connection.fetch(_SAMPLE)]
    finally:
        await connection.close()


def _mib(kib: Sequence[int]) -> tuple[float, ...]:
    return tuple(one / 1024 for one in kib)
