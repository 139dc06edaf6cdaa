"""B3: the sequencer numbers, writes, hashes and signs, against COPY of the same rows."""

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
from deploy.bench.hub_here import hub_here
from deploy.bench.world import World
from main_platform.catalogue.publish import Queued, queue_entries
from shared_platform.database.engine import Database
from shared_schema.log_entry import UnknownEntry, read_entry
from shared_schema.log_page import PageEntry

GOAL_RATE: Final = 1_000.0
_SHAPE: Final = "(serial bigint, leaf bytea, envelope bytea)"
_AT_ONCE: Final = 500


async def measure_sequencer(world: World) -> Measured:
    """Everything is queued before; measured is until the last checkpoint is signed."""
    size = world.sizes.entries
    world.log.grow(size + 1)
    wanted = world.log.entries[1 : size + 1]
    rows = [(one.serial, one.leaf, one.object_bytes) for one in wanted]
    ours: list[Cost] = []
    copies: list[float] = []
    for _ in range(world.sizes.repeats):
        async with (
            world.database("main_platform", "sequencing") as database,
            hub_here(world, database) as hub,
        ):
            sequencer = hub.context.sequencer
            await sequencer.drain()  # the log's first entry
            await _queue(database, wanted)
            ours.append(await cost_of(sequencer.drain))
            assert (await sequencer.sign()).checkpoint_size == size + 1
            copies.append(await copy_seconds(database, rows, shape=_SHAPE))
    sequenced = rate_at("entries sequenced and signed", size, ours)
    copied = rate("COPY of the same rows", size, copies)
    return Measured(
        f"{size:,} entries, batches of 256",
        (
            sequenced,
            processor(size, ours),
            copied,
            Figure("of COPY", "%", (percent(sequenced, copied),)),
        ),
        (Goal("entries a second", sequenced.median, "≥", GOAL_RATE, "/s"),),
    )


async def _queue(database: Database, entries: list[PageEntry]) -> None:
    for first in range(0, len(entries), _AT_ONCE):
        async with database.sessions.begin() as session:
            await queue_entries(
                session, [_queued(one) for one in entries[first : first + _AT_ONCE]]
            )


def _queued(entry: PageEntry) -> Queued:
    read = read_entry(entry.leaf)
    assert not isinstance(read, UnknownEntry)
    return Queued(read, entry.object_bytes)
