"""B14: the memory of every process of a federation under load, and whether it stays flat."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from statistics import median
from typing import Final

from deploy.bench.bootstrap import follow
from deploy.bench.child_processes import Serving, at_work, last_lines, run_module, serving
from deploy.bench.figures import Figure, Goal, Measured
from deploy.bench.http_load import load
from deploy.bench.hub_here import write_hub_tables
from deploy.bench.intake import hub_environment
from deploy.bench.machine import plain_url, shared_out_kib
from deploy.bench.world import HOST, World, free_port
from shared_platform.catalogue.log_position import read_position
from shared_platform.database.engine import Database

GOAL_MIB: Final = 300.0
GOAL_GROWTH: Final = 1.05
ROUNDS: Final = 12
_HUB, _WORKER = "the hub's serve", "the hub's worker"
_NODE, _SERVER = "a node's serve", "PostgreSQL, all its processes"
_COPIED_SECONDS: Final = 900.0
_LOOK_SECONDS: Final = 0.2
_NODE_PATHS: Final = ("/api/v1/catalogue/listings?limit=20", "/")
_PATHS: Final = (
    "/api/v1/catalogue/listings?limit=20",
    "/federation/v1/log/entries?from=0&limit=100&bodies=1",
    "/federation/v1/log/checkpoint",
    "/",
)


async def measure_memory(world: World) -> Measured:
    """Pages, log pages, checkpoints and web pages in turn; memory is looked at after each round.

    The hub's sequencer and chores run apart from its pages, as `worker`; a node that follows the
    hub answers the same catalogue pages beside it.
    """
    size, requests = world.sizes.bootstrap, world.sizes.requests // 4
    world.log.grow(size)
    world.log.prepare_pages()
    async with (
        world.database("main_platform", "memory") as database,
        world.database("subplatform", "memory_node") as copy,
    ):
        await follow(world, database)
        await write_hub_tables(world, database)
        series = await _rounds(world, database, copy, requests=requests)
    return _judged(size, requests, series)


async def _rounds(
    world: World, database: Database, copy: Database, *, requests: int
) -> dict[str, list[float]]:
    """Load hub and node in turns; the memory (MiB) of each process after each round."""
    series: dict[str, list[float]] = {name: [] for name in (_HUB, _WORKER, _NODE, _SERVER)}
    apart = hub_environment(world, database) | {"KAIXU_HUB_WORKER_IN_PROCESS": "false"}
    log, worker_log = world.folder / "hub.log", world.folder / "worker.log"
    async with (
        serving(["main_platform", "serve"], apart, port=world.port, log=log) as hub,
        at_work(["main_platform", "worker"], apart, log=worker_log) as worker,
        _node(world, copy) as (node_port, node),
    ):
        watched = {_HUB: hub.pid, _WORKER: worker.pid, _NODE: node.pid}
        for _ in range(ROUNDS):
            await load(world.port, [*_PATHS] * (requests // len(_PATHS)))
            await load(node_port, [*_NODE_PATHS] * (requests // len(_PATHS)))
            watched[_SERVER] = world.server.postmaster() or 0
            for name, pid in watched.items():
                series[name].append(await asyncio.to_thread(shared_out_kib, pid) / 1024)
        assert worker.poll() is None, last_lines(worker_log)
    return series


def _judged(size: int, requests: int, series: Mapping[str, Sequence[float]]) -> Measured:
    growths = {name: _late(series[name]) / _early(series[name]) for name in (_HUB, _WORKER, _NODE)}
    return Measured(
        f"{size:,} listings, {ROUNDS} rounds of {requests:,} requests at the hub, half at a node",
        (
            *(Figure(name, "MiB", tuple(found)) for name, found in series.items()),
            *(
                Figure(f"{name}, last rounds to first", "", (grown,))
                for name, grown in growths.items()
            ),
        ),
        (
            *(Goal(name, max(series[name]), "≤", GOAL_MIB, "MiB") for name in growths),
            *(
                Goal(f"{name}, last rounds to first", grown, "≤", GOAL_GROWTH)
                for name, grown in growths.items()
            ),
        ),
        ("shared pages are divided among the processes that use them (PSS)",),
    )


@asynccontextmanager
async def _node(world: World, database: Database) -> AsyncIterator[tuple[int, Serving]]:
    """A node's program that has copied the hub's log; it has keys, and no enrolment."""
    folder, port = world.folder / "memory-node", free_port()
    settings = {
        "KAIXU_NODE_DATA_DIR": str(folder),
        "KAIXU_NODE_DATABASE_URL": plain_url(database.url),
        "KAIXU_NODE_NODE": "bench-reader",
        "KAIXU_NODE_HUB_HOSTS_ALLOWED": json.dumps([HOST]),
        "KAIXU_NODE_LISTEN_PORT": str(port),
        "KAIXU_NODE_READ_LIMIT": "0",
        "KAIXU_NODE_SEARCH_LIMIT": "0",
        "KAIXU_NODE_LOG_LEVEL": "error",
    }
    await run_module(["subplatform", "init", "--json"], settings)
    (folder / "anchor.json").write_bytes(world.log.anchor.write())
    log = world.folder / "memory-node.log"
    async with serving(["subplatform", "serve"], settings, port=port, log=log) as node:
        async with asyncio.timeout(_COPIED_SECONDS):
            while await _copied(database) < world.log.size:  # noqa: ASYNC110  another process
                await asyncio.sleep(_LOOK_SECONDS)
        yield port, node


async def _copied(database: Database) -> int:
    async with database.sessions() as session:
        return (await read_position(session)).size


def _early(found: Sequence[float]) -> float:
    """The middle of the first third after the first round, which warms up."""
    return median(found[1 : 1 + len(found) // 3])


def _late(found: Sequence[float]) -> float:
    return median(found[-(len(found) // 3) :])
