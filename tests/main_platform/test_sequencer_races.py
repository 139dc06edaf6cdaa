"""Writers, sequencers and a failing database at once, on real commits: nothing lost or repeated."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.open_log import open_log
from main_platform.catalogue.publish import PUBLISH_CHANNEL, Queued, queue_entries
from main_platform.catalogue.run import Sequencer
from main_platform.catalogue.sequencer import Sequenced, sequence_batch
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals, listening
from shared_schema.log_entry import ListingWithdrawn, read_entry, write_entry
from tests.main_platform.hub_log import Hub, a_hub
from tests.shared_platform.hub_log_peer import BEGAN

WRITERS = 16


@pytest.fixture
async def hub(hub_committed: Database) -> Hub:
    return await a_hub(hub_committed.sessions)


@asynccontextmanager
async def running(*sequencers: Sequencer) -> AsyncIterator[None]:
    """The sequencers' loops, cancelled at the end."""
    tasks = [asyncio.create_task(one.run()) for one in sequencers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def size_reaches(hub: Hub, size: int) -> None:
    """Wait until so many entries are signed."""
    async with asyncio.timeout(30):
        while (await hub.head()).checkpoint_size < size:
            async with hub.signals.awaiting("kaixu_log") as signed:
                await signed.wait(0.05)


async def becomes_paused(hub: Hub, sequencer: Sequencer) -> None:
    async with asyncio.timeout(5):
        while sequencer.paused is None:
            async with hub.signals.awaiting("nothing") as nothing:
                await nothing.wait(0.01)


async def write(hub: Hub, queued: Sequence[Queued], *, seed: int) -> list[Queued]:
    """One writer: transactions of one to four entries, a third of them rolled back."""
    chance, left, committed = random.Random(seed), list(queued), []
    while left:
        taken = [left.pop(0) for _ in range(min(chance.randint(1, 4), len(left)))]
        async with hub.sessions() as session:
            await queue_entries(session, taken)
            if chance.random() < 1 / 3:
                await session.execute(text("SELECT pg_sleep(:s)"), {"s": chance.random() / 200})
            if chance.random() < 1 / 3:
                await session.rollback()
                continue
            await session.commit()
            committed += taken
        hub.signals.wake(PUBLISH_CHANNEL)
    return committed


async def test_sixteen_writers_and_two_sequencers_lose_and_repeat_nothing(hub: Hub) -> None:
    hub.offers("gz-centre", WRITERS * 20)
    offers = hub.decided()
    shares = [offers[place::WRITERS] for place in range(WRITERS)]

    async with running(hub.sequencer(batch=7), hub.sequencer(batch=32)):
        written = await asyncio.gather(
            *(write(hub, share, seed=place) for place, share in enumerate(shares))
        )
        committed = [write_entry(one.entry) for share in written for one in share]
        await size_reaches(hub, 2 + len(committed))

    leaves = await hub.leaves()
    assert 0 < len(committed) < len(offers)
    assert sorted(leaves[2:]) == sorted(committed)
    assert [one.serial for one in hub.told] == list(range(len(leaves)))
    assert await hub.waiting() == 0
    assert await hub.violations() == []


async def test_entries_of_one_writer_keep_their_order(hub: Hub) -> None:
    listings = hub.offers("gz-centre", 4)
    for _ in range(3):
        for offered in listings:
            hub.federation.offer_again(offered)
    decided = hub.decided()
    chains = [decided[place::4] for place in range(4)]

    async def write_chain(chain: Sequence[Queued]) -> None:
        for one in chain:
            async with hub.sessions.begin() as session:
                await queue_entries(session, [one])

    async with running(hub.sequencer(batch=3), hub.sequencer(batch=2)):
        await asyncio.gather(*map(write_chain, chains))
        await size_reaches(hub, 2 + len(decided))

    assert await hub.violations() == []


async def test_withdrawals_pass_a_backlog_of_offers(hub: Hub) -> None:
    published = hub.offers("gz-centre", 3)
    await hub.publish()
    hub.offers("gz-centre", 60, first=100)
    await hub.queue()
    for offered in published:
        hub.federation.change(offered, "withdraw")
    await hub.queue()

    async with hub.sessions.begin() as session:
        await sequence_batch(session, limit=10, now=BEGAN, on_sequenced=_nothing)

    kinds = [type(read_entry(leaf)) for leaf in (await hub.leaves())[5:]]
    assert kinds.index(ListingWithdrawn) == 0
    assert kinds.count(ListingWithdrawn) == 3
    assert len(kinds) == 10


async def test_a_second_sequencer_stands_by_while_the_first_is_at_work(hub: Hub) -> None:
    hub.offers("gz-centre", 3)
    await hub.queue()

    async with hub.sessions() as first, hub.sessions() as second:
        working = await sequence_batch(first, limit=2, now=BEGAN, on_sequenced=_nothing)
        standing = await sequence_batch(second, limit=2, now=BEGAN, on_sequenced=_nothing)
        await second.commit()
        await first.commit()

    assert (len(working.entries), working.standing_by) == (2, False)
    assert (standing.is_empty, standing.standing_by) == (True, True)
    assert await hub.waiting() == 1


async def test_an_uncommitted_row_is_not_seen_and_not_passed_by_for_ever(hub: Hub) -> None:
    hub.offers("gz-centre", 2)
    slow, quick = hub.decided()
    async with hub.sessions() as session:
        await queue_entries(session, [slow])
        async with hub.sessions.begin() as other:
            await queue_entries(other, [quick])
        await hub.sequencer().drain()
        seen_before = await hub.leaves()
        await session.commit()
    await hub.sequencer().drain()

    assert seen_before[2:] == [write_entry(quick.entry)]
    assert (await hub.leaves())[2:] == [write_entry(quick.entry), write_entry(slow.entry)]
    assert await hub.violations() == []


async def test_a_process_that_dies_before_signing_is_taken_over(hub: Hub) -> None:
    hub.offers("gz-centre", 2)
    await hub.queue()
    async with hub.sessions.begin() as session:
        await sequence_batch(session, limit=10, now=BEGAN, on_sequenced=_nothing)

    async with running(hub.sequencer()):
        await size_reaches(hub, 4)

    assert await hub.violations() == []


async def test_a_sequencer_learns_of_keys_that_another_one_logged(hub: Hub) -> None:
    first, second = hub.sequencer(), hub.sequencer()
    await first.drain()
    await second.drain()
    hub.federation.enrol("sz-centre")
    await hub.queue()
    await first.drain()
    hub.offers("sz-centre", 1)
    await hub.queue()

    written = await second.drain()

    assert written == 1
    assert await hub.violations() == []


async def test_lost_connections_are_waited_out(hub: Hub, hub_committed: Database) -> None:
    hub.offers("gz-centre", 40)
    decided = hub.decided()
    async with running(hub.sequencer(batch=2)):
        for place, one in enumerate(decided):
            while not await _queued(hub, one):
                pass
            if place % 10 == 0:
                await _break_connections(hub_committed)
        await size_reaches(hub, 42)

    assert (await hub.leaves())[2:] == hub.federation.hub.leaves[2:]
    assert await hub.violations() == []


async def test_a_paused_sequencer_goes_on_when_the_log_is_whole(hub: Hub) -> None:
    hub.offers("gz-centre", 1)
    hub.cosigned = 9
    sequencer = hub.sequencer()
    async with running(sequencer):
        await hub.queue()
        await becomes_paused(hub, sequencer)
        signed = (await hub.head()).checkpoint_size
        hub.cosigned = 0
        await size_reaches(hub, 3)

    assert signed == 2
    assert sequencer.paused is None


async def test_a_signal_wakes_an_idle_sequencer_in_another_process(
    hub: Hub, hub_committed: Database
) -> None:
    async with listening(hub_committed.url, [PUBLISH_CHANNEL]) as signals:
        hub.signals = signals
        async with running(hub.sequencer(idle_seconds=9)), asyncio.timeout(5):
            hub.signals = Signals()
            hub.offers("gz-centre", 1)
            await hub.queue()
            await size_reaches(hub, 3)

    assert await hub.waiting() == 0


async def test_two_processes_open_one_log(hub_committed: Database) -> None:
    hub = Hub(hub_committed.sessions)

    async def start() -> bool:
        async with hub.sessions.begin() as session:
            return await open_log(session, hub.federation.hub.anchor, now=BEGAN)

    opened = await asyncio.gather(*(start() for _ in range(5)))
    await hub.sequencer().drain()

    assert opened.count(True) == 1
    assert len(await hub.leaves()) == 1


async def _nothing(_: AsyncSession, entries: Sequence[Sequenced]) -> None:
    """Nothing follows from these serials."""


async def _queued(hub: Hub, entry: Queued) -> bool:
    """Whether it was queued; not, where the lent connection is one of those just ended."""
    try:
        async with hub.sessions.begin() as session:
            await queue_entries(session, [entry])
    except DBAPIError:
        return False
    return True


async def _break_connections(database: Database) -> None:
    """End every other connection to the database, as a restart does."""
    async with database.engine.connect() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
