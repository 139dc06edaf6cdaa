"""B14: the memory of every process of a federation under load, and whether it stays flat."""

import asyncio
from collections.abc import Sequence
from statistics import median
from typing import Final

from deploy.bench.bootstrap import follow
from deploy.bench.figures import Figure, Goal, Measured
from deploy.bench.http_load import load
from deploy.bench.hub_here import write_hub_tables
from deploy.bench.intake import hub_process
from deploy.bench.machine import shared_out_kib
from deploy.bench.world import World

GOAL_MIB: Final = 300.0
GOAL_GROWTH: Final = 1.05
ROUNDS: Final = 12
_PATHS: Final = (
    "/api/v1/catalogue/listings?limit=20",
    "/federation/v1/log/entries?from=0&limit=100&bodies=1",
    "/federation/v1/log/checkpoint",
    "/",
)


async def measure_memory(world: World) -> Measured:
    """Pages, log pages, checkpoints and web pages in turn; memory is looked at after each round."""
    size, requests = world.sizes.bootstrap, world.sizes.requests // 4
    world.log.grow(size)
    world.log.prepare_pages()
    hubs: list[float] = []
    servers: list[float] = []
    async with world.database("main_platform", "memory") as database:
        await follow(world, database)
        await write_hub_tables(world, database)
        async with hub_process(world, database) as hub:
            for _ in range(ROUNDS):
                await load(world.port, [*_PATHS] * (requests // len(_PATHS)))
                hubs.append(await asyncio.to_thread(shared_out_kib, hub.pid) / 1024)
                server = world.server.postmaster() or 0
                servers.append(await asyncio.to_thread(shared_out_kib, server) / 1024)
    growth = _late(hubs) / _early(hubs)
    return Measured(
        f"{size:,} listings, {ROUNDS} rounds of {requests:,} requests",
        (
            Figure("the hub's process", "MiB", tuple(hubs)),
            Figure("PostgreSQL, all its processes", "MiB", tuple(servers)),
            Figure("the hub, last rounds to first", "", (growth,)),
        ),
        (
            Goal("the hub's memory", max(hubs), "≤", GOAL_MIB, "MiB"),
            Goal("the hub's memory, last rounds to first", growth, "≤", GOAL_GROWTH),
        ),
        ("shared pages are divided among the processes that use them (PSS)",),
    )


def _early(found: Sequence[float]) -> float:
    """The middle of the first third after the first round, which warms up."""
    return median(found[1 : 1 + len(found) // 3])


def _late(found: Sequence[float]) -> float:
    return median(found[-(len(found) // 3) :])
