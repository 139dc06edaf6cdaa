"""B4: a fresh node copies the log, verifying all of it, against COPY of the same bytes."""

import gc
from typing import Final

from deploy.bench.copies import copy_seconds
from deploy.bench.figures import (
    Cost,
    Figure,
    Goal,
    Measured,
    cost_of,
    percent,
    processor,
    rate,
    rate_at,
)
from deploy.bench.made_log import MadeSource
from deploy.bench.sizes import GOAL_BOOTSTRAP
from deploy.bench.world import World
from shared_platform.catalogue.sync import sync_once
from shared_platform.database.engine import Database
from shared_platform.service import spare_collections
from shared_schema.instants import SystemClock

GOAL_SECONDS: Final = 45.0
SHAPE: Final = "(serial bigint, leaf bytea, envelope bytea)"


async def follow(world: World, database: Database) -> Cost:
    """Bring the database's copy level with the made log; what it took."""
    source, anchor = MadeSource(world.log), world.log.anchor

    async def work() -> None:
        report = await sync_once(database.sessions, source, anchor, now=SystemClock().now())
        assert not report.quarantined
        assert report.size == world.log.size

    return await cost_of(work)


async def measure_bootstrap(world: World) -> Measured:
    """Pages are served from memory: what is measured is the reader, and nothing of the hub."""
    size = world.sizes.bootstrap
    world.log.grow(size)
    world.log.prepare_pages()
    rows = [(one.serial, one.leaf, one.object_bytes) for one in world.log.entries[:size]]
    stock: list[Cost] = []
    ours: list[Cost] = []
    copies: list[float] = []
    for _ in range(world.sizes.repeats):
        _collector(spare=False)
        async with world.database("subplatform", "bootstrap") as database:
            stock.append(await follow(world, database))
        _collector(spare=True)
        async with world.database("subplatform", "bootstrap") as database:
            ours.append(await follow(world, database))
            copies.append(await copy_seconds(database, rows, shape=SHAPE))
    entries = rate_at("verified entries", size, ours)
    copied = rate("COPY of the same bytes", size, copies)
    stretched = tuple(one.seconds / size * GOAL_BOOTSTRAP for one in ours)
    at_goal = Figure("100,000 entries at this rate", "s", stretched)
    return Measured(
        f"{size:,} entries",
        (
            entries,
            rate_at("the same, stock garbage collector", size, stock),
            copied,
            at_goal,
            Figure("of COPY", "%", (percent(entries, copied),)),
            processor(size, ours),
        ),
        (Goal("100,000 entries verified and applied", at_goal.median, "≤", GOAL_SECONDS, "s"),),
    )


def _collector(*, spare: bool) -> None:
    """The services' garbage collection, or Python's own."""
    if spare:
        spare_collections()
    else:
        gc.unfreeze()
        gc.set_threshold(700, 10, 10)
