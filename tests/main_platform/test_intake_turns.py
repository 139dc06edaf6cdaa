"""A node that sends as fast as it can waits for itself; the others go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from main_platform.intake.turns import IntakeTurns, TooManyAtOnce
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from tests.main_platform.hub_builders import ReviewingHub, a_number, a_reviewing_hub
from tests.main_platform.hub_places import until


class Work:
    """Requests that begin when it is their turn and end when the test lets them."""

    def __init__(self, turns: IntakeTurns) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self, *names: str) -> None:
        """Requests named `node:number`; each comes to its place before the next one starts."""
        for name in names:
            self.gates[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._one(name))
            await asyncio.sleep(0)

    async def finish(self, name: str) -> None:
        self.gates[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)

    async def _one(self, name: str) -> None:
        async with self.turns.turn(name.partition(":")[0]):
            self.begun.append(name)
            await self.gates[name].wait()


async def test_a_quiet_node_begins_at_once_whatever_a_noisy_one_has_waiting() -> None:
    work = Work(IntakeTurns(at_once=2, waiting=8))

    await work.start("noisy:1", "noisy:2", "noisy:3", "noisy:4", "quiet:1")

    assert work.begun == ["noisy:1", "quiet:1"]


async def test_nodes_take_turns_when_all_places_are_taken() -> None:
    work = Work(IntakeTurns(at_once=1, waiting=8))
    await work.start("a:1", "a:2", "a:3", "b:1", "b:2", "c:1")

    for name in ("a:1", "a:2", "b:1", "c:1", "a:3", "b:2"):
        await work.finish(name)

    assert work.begun == ["a:1", "a:2", "b:1", "c:1", "a:3", "b:2"]


async def test_of_one_node_one_request_is_at_work_though_places_are_free() -> None:
    work = Work(IntakeTurns(at_once=4, waiting=8))
    await work.start("a:1", "a:2")
    before = list(work.begun)

    await work.finish("a:1")

    assert (before, work.begun) == (["a:1"], ["a:1", "a:2"])


async def test_more_than_may_wait_are_told_to_come_later() -> None:
    work = Work(IntakeTurns(at_once=1, waiting=2))
    await work.start("a:1", "a:2", "a:3", "b:1")

    with pytest.raises(TooManyAtOnce) as refusal:
        async with work.turns.turn("a"):
            pytest.fail("there was no turn to have")

    assert refusal.value.retry_after_s
    assert work.begun == ["a:1"]


async def test_who_gives_up_waiting_takes_nobodys_turn() -> None:
    work = Work(IntakeTurns(at_once=1, waiting=8))
    await work.start("a:1", "b:1", "c:1")
    work.tasks["b:1"].cancel()
    with suppress(asyncio.CancelledError):
        await work.tasks["b:1"]

    await work.finish("a:1")
    await work.finish("c:1")
    await work.start("b:2")

    assert work.begun == ["a:1", "c:1", "b:2"]


async def test_a_turn_given_to_one_who_has_just_gone_goes_on_to_the_next() -> None:
    work = Work(IntakeTurns(at_once=1, waiting=8))
    await work.start("a:1", "b:1", "c:1")
    work.gates["a:1"].set()
    await work.tasks["a:1"]  # b:1 has its turn, and has not begun
    work.tasks["b:1"].cancel()
    with suppress(asyncio.CancelledError):
        await work.tasks["b:1"]

    await until(lambda: "c:1" in work.begun)

    assert work.begun[0] == "a:1"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(
        hub_committed, tmp_path, intake_at_once=1, intake_waiting=1
    ) as opened:
        yield opened


async def test_a_node_that_floods_is_refused_by_name_and_the_other_is_served(
    hub: ReviewingHub,
) -> None:
    noisy, quiet = await hub.admit("noisy"), await hub.admit("quiet")
    listings = [noisy.offer(a_number(number)).last for number in range(1, 6)]

    async def status(place: int) -> int | str:
        try:
            return (await noisy.put(listings[place])).status
        except PeerRefusal as refusal:
            return f"{refusal.code} in {refusal.retry_after_s} s"

    flood = [asyncio.create_task(status(place)) for place in range(5)]
    served = await quiet.recommend(a_number(9))
    answers = await asyncio.gather(*flood)

    assert len(served.versions) == 1
    assert set(answers) <= {201, "rate_limited in 5 s"}
    assert answers.count(201) >= 1


async def test_a_forged_request_takes_no_turn(hub: ReviewingHub) -> None:
    node = await hub.admit("gz-centre")
    stranger = await hub.admit("sz-centre")
    stranger.seed = "thief"  # another key than the one that was enrolled

    with pytest.raises(PeerRefusal) as refusal:
        await stranger.put(node.offer(a_number(1)).last)

    assert refusal.value.code == "node_unknown"
    assert (await node.put(node.offer(a_number(2)).last)).status == 201
