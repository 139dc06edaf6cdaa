"""A node that was away for 30 days catches up over HTTP; what it took in time and bytes.

The pace is an assumption: a province with 10^5 offers in force that renews them within a year makes
some 400 changes each day, so 12,000 in 30 days.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from deploy.bench.bootstrap import follow
from deploy.bench.figures import Cost, Figure, Goal, Measured, cost_of, processor, rate_at
from deploy.bench.hub_here import write_hub_tables
from deploy.bench.intake import hub_process, sockets
from deploy.bench.world import World
from shared_platform.catalogue.log_source import HttpLogSource
from shared_platform.catalogue.sync import SyncReport, sync_once
from shared_platform.database.engine import Database
from shared_schema.instants import SystemClock

GOAL_SECONDS: Final = 60.0


async def measure_month(world: World) -> Measured:
    """The hub is a process of its own; the node has what it had 30 days ago."""
    changes = world.sizes.month
    world.log.grow(world.sizes.delta[0])
    costs: list[Cost] = []
    weights: list[float] = []
    for _ in range(world.sizes.repeats):
        async with world.database("subplatform", "away") as node:
            await follow(world, node)
            world.log.grow(world.log.size + changes)
            async with log_over_http(world) as source:
                cost, report = await catch_up(world, node, source)
        assert report.applied == changes
        costs.append(cost)
        weights.append(report.bytes / 1_000_000)
    seconds = Figure("caught up", "s", tuple(one.seconds for one in costs))
    return Measured(
        f"{changes:,} changes",
        (
            seconds,
            rate_at("verified entries over HTTP", changes, costs),
            processor(changes, costs),
            Figure("pages, decompressed", "MB", tuple(weights)),
        ),
        (Goal("30 days caught up", seconds.median, "≤", GOAL_SECONDS, "s"),),
    )


@asynccontextmanager
async def log_over_http(world: World) -> AsyncIterator[HttpLogSource]:
    """The made log, served by a hub in its own process."""
    async with world.database("main_platform", "month") as hub:
        await follow(world, hub)
        await write_hub_tables(world, hub)
        async with hub_process(world, hub), sockets() as outbound:
            yield HttpLogSource(outbound, f"{world.hub_url}/federation/v1")


async def catch_up(world: World, node: Database, source: HttpLogSource) -> tuple[Cost, SyncReport]:
    """Bring a node's copy level with the hub's log; what it took."""
    reports = []

    async def work() -> None:
        now = SystemClock().now()
        reports.append(await sync_once(node.sessions, source, world.log.anchor, now=now))

    cost = await cost_of(work)
    return cost, reports[0]
