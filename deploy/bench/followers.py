"""Many nodes' copies in this process: the nodes' own pull loop over HTTP, each on its database."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from deploy.bench.world import HOST, World
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.log_source import HttpLogSource
from shared_platform.catalogue.tables import catalogue_listing
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.outbound import Outbound
from shared_schema.catalogue_state import ListingState
from shared_schema.instants import Instant, SystemClock
from subplatform.catalogue_mirror.pull import Mirroring
from subplatform.catalogue_mirror.run import run_mirror

LONGEST_SECONDS: Final = 600.0


@dataclass(slots=True)
class Follower:
    """One node's copy: since when (`time.perf_counter`) it has had which size and withdrawals."""

    database: Database
    sizes: list[tuple[float, int]] = field(default_factory=list)
    withdrawn: dict[object, float] = field(default_factory=dict)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, session: AsyncSession, _: Instant) -> None:
        """Told by the pull once a page has been committed."""
        size = (await read_position(session)).size
        listing = catalogue_listing.c
        gone = await session.scalars(
            select(listing.listing).where(listing.state == ListingState.WITHDRAWN)
        )
        seen = time.perf_counter()
        self.sizes.append((seen, size))
        for one in gone:
            self.withdrawn.setdefault(one, seen)
        self._moved.set()

    async def until(self, reached: Callable[["Follower"], bool]) -> None:
        """Wait until it is so."""
        while not reached(self):
            self._moved.clear()
            await self._moved.wait()

    def reached_at(self, size: int) -> float:
        """When it first had so many entries."""
        return next(seen for seen, had in self.sizes if had >= size)


@asynccontextmanager
async def followers(world: World, wanted: int) -> AsyncIterator[list[Follower]]:
    """So many copies that follow the hub at `world.hub_url` until the block ends."""
    async with AsyncExitStack() as stack:
        found = []
        for place in range(wanted):
            database = await stack.enter_async_context(
                world.database("subplatform", f"follower{place}")
            )
            found.append(Follower(database))
        tasks = [asyncio.create_task(_follow(world, one)) for one in found]
        stack.push_async_callback(_cancelled, tasks)
        yield found


async def all_of(found: list[Follower], reached: Callable[[Follower], bool]) -> None:
    """Wait until every copy has got there.

    Raises:
        TimeoutError: not within ten minutes.
    """
    waiting: list[Awaitable[None]] = [one.until(reached) for one in found]
    async with asyncio.timeout(LONGEST_SECONDS):
        await asyncio.gather(*waiting)


async def _follow(world: World, follower: Follower) -> None:
    outbound = Outbound(AddressRules.of((HOST,)))
    source = HttpLogSource(outbound, f"{world.hub_url}/federation/v1")
    mirroring = Mirroring(source, world.log.anchor, SystemClock(), (follower.note,))
    try:
        await run_mirror(follower.database.sessions, mirroring, Signals())
    finally:
        await outbound.aclose()


async def _cancelled(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
