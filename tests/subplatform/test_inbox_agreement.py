"""A hub restored from a backup gives inbox numbers again: the node notices and reads again."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from subplatform.recommendation.inbox import read_cursor
from subplatform.recommendation.run import Following, read_inbox
from subplatform.recommendation.tables import HubMessageRow
from tests.subplatform.hub_peer import NODE
from tests.subplatform.recommending import Recommending

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def node(node_sessions: Sessions) -> Recommending:
    return Recommending(node_sessions)


async def poll(node: Recommending) -> None:
    await read_inbox(node.sessions, Following(node.hub, NODE, node.clock))


async def read_all(node: Recommending) -> int:
    """Poll until nothing new comes; the cursor."""
    while True:
        async with node.sessions() as session:
            before = await read_cursor(session)
        await poll(node)
        async with node.sessions() as session:
            after = await read_cursor(session)
        if after == before == len(node.peer.messages):
            return after


async def kept(node: Recommending, *, replaced: bool) -> list[tuple[int, object]]:
    row = HubMessageRow
    async with node.sessions() as session:
        found = await session.scalars(
            select(row).where(row.replaced_at.is_not(None) == replaced).order_by(row.seq)
        )
        return [(one.seq, one.body["serial"]) for one in found]


def say(node: Recommending, first: int, count: int) -> None:
    for serial in range(first, first + count):
        node.peer.say("sequenced", serial=serial)


@pytest.mark.parametrize(
    ("read", "left", "fresh"),
    [(9, 6, 0), (9, 6, 2), (9, 6, 3), (9, 6, 8), (5, 0, 2), (1, 0, 1), (8, 7, 1)],
    ids=str,
)
async def test_reading_goes_on_from_the_last_common_message(
    node: Recommending, read: int, left: int, fresh: int
) -> None:
    say(node, 0, read)
    await read_all(node)

    del node.peer.messages[left:]
    say(node, 100, fresh)
    assert await read_all(node) == left + fresh

    told = [(seq, seq - 1) for seq in range(1, left + 1)]
    again = [(left + place, 99 + place) for place in range(1, fresh + 1)]
    assert await kept(node, replaced=False) == told + again
    assert await kept(node, replaced=True) == [(seq, seq - 1) for seq in range(left + 1, read + 1)]


async def test_the_common_message_is_found_in_few_polls(node: Recommending) -> None:
    say(node, 0, 64)
    await read_all(node)
    del node.peer.messages[40:]
    node.peer.polls = 0

    await poll(node)

    assert node.peer.polls <= 8
    async with node.sessions() as session:
        assert await read_cursor(session) == 40


async def test_a_hub_that_agrees_is_asked_once(node: Recommending) -> None:
    say(node, 0, 2)
    await read_all(node)
    node.peer.polls = 0

    await poll(node)

    assert node.peer.polls == 1
    assert await kept(node, replaced=True) == []
