"""A node's inbox: dense under concurrency, kept, and awake as soon as there is something."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.pool import AsyncAdaptedQueuePool

from main_platform.nodes.inbox import Message, send
from shared_platform.database.engine import Database
from shared_platform.transport.outbound import OutboundAnswer
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.message_identity import message_identity
from tests.main_platform.hub_places import NOW, ANode, OpenHub, an_open_hub, until

INBOX = "/federation/v1/inbox"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await opened.hire("wang.wei", "node_registrar")
        await opened.hire("zhao.min", "node_registrar")
        for name in ("gz-centre", "sz-centre"):
            await ANode(opened, name).join("wang.wei", "zhao.min")
        yield opened


async def tell(hub: OpenHub, *nodes: str, body: dict[str, Any] | None = None) -> None:
    async with hub.database.sessions.begin() as session:
        await send(session, [Message(node, "notice", body or {}) for node in nodes], now=NOW)


def read(answer: OutboundAnswer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.body)
    return found


def numbers(answer: OutboundAnswer) -> list[int]:
    return [one["seq"] for one in read(answer)["messages"]]


async def test_an_empty_inbox_says_where_to_go_on(hub: OpenHub) -> None:
    answer = await ANode(hub).client().get(INBOX, params={"after": 0})

    assert read(answer)["messages"] == []


async def test_numbers_are_dense_for_each_node_under_concurrency(hub: OpenHub) -> None:
    orders = [("gz-centre", "sz-centre"), ("sz-centre", "gz-centre", "gz-centre")]
    await asyncio.gather(*(tell(hub, *orders[turn % 2]) for turn in range(20)))

    first = await ANode(hub, "gz-centre").client().get(INBOX)
    second = await ANode(hub, "sz-centre").client().get(INBOX)

    assert numbers(first) == list(range(1, 31))
    assert numbers(second) == list(range(1, 21))


async def test_what_is_rolled_back_leaves_no_gap(hub: OpenHub) -> None:
    await tell(hub, "gz-centre")
    async with hub.database.sessions() as session:
        await send(session, [Message("gz-centre", "notice", {})], now=NOW)
        await session.rollback()
    await tell(hub, "gz-centre")

    assert numbers(await ANode(hub).client().get(INBOX)) == [1, 2]


async def test_a_message_says_what_and_when_and_stays(hub: OpenHub) -> None:
    await tell(hub, "gz-centre", body={"reason": "缺少许可期限"})
    client = ANode(hub).client()

    first, again = await client.get(INBOX), await client.get(INBOX)

    message = {"seq": 1, "kind": "notice", "at": "2026-11-22T08:00:00Z"}
    assert read(first)["messages"] == [message | {"body": {"reason": "缺少许可期限"}}]
    assert read(again) == read(first)


async def test_a_page_ends_and_the_next_begins_behind_it(hub: OpenHub) -> None:
    await tell(hub, *["gz-centre"] * 201)
    client = ANode(hub).client()

    first = await client.get(INBOX)
    second = await client.get(INBOX, params={"after": read(first)["next"]})

    assert (numbers(first), numbers(second)) == (list(range(1, 201)), [201])


async def test_a_node_reads_only_its_own(hub: OpenHub) -> None:
    await tell(hub, "sz-centre")

    assert numbers(await ANode(hub, "gz-centre").client().get(INBOX)) == []


async def test_a_waiting_node_is_woken_by_a_message(hub: OpenHub) -> None:
    client = ANode(hub).client()
    poll = asyncio.create_task(client.get(INBOX, params={"wait": "25"}, wait_seconds=25))
    await until(lambda: hub.context.service.signals.is_awaited("kaixu_inbox", "gz-centre"))

    await tell(hub, "gz-centre")

    answer = await asyncio.wait_for(poll, timeout=5)
    assert numbers(answer) == [1]


async def test_a_message_for_another_node_does_not_end_the_wait(hub: OpenHub) -> None:
    client = ANode(hub).client()
    await tell(hub, "sz-centre")

    answer = await client.get(INBOX, params={"wait": "0.2"}, wait_seconds=1)

    assert read(answer)["messages"] == []


async def test_waiting_holds_no_transaction_and_no_connection(hub: OpenHub) -> None:
    pool = hub.database.engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    before = pool.checkedout()
    poll = asyncio.create_task(
        ANode(hub).client().get(INBOX, params={"wait": "25"}, wait_seconds=25)
    )
    await until(lambda: hub.context.service.signals.is_awaited("kaixu_inbox", "gz-centre"))
    await until(lambda: pool.checkedout() == before)

    await tell(hub, "gz-centre")
    await poll


async def test_a_stopping_hub_lets_waiting_nodes_go(hub: OpenHub) -> None:
    poll = asyncio.create_task(
        ANode(hub).client().get(INBOX, params={"wait": "25"}, wait_seconds=25)
    )
    await until(lambda: hub.context.service.signals.is_awaited("kaixu_inbox", "gz-centre"))

    hub.context.service.signals.close()

    answer = await asyncio.wait_for(poll, timeout=5)
    assert read(answer)["messages"] == []


@pytest.mark.parametrize(
    ("name", "value"), [("after", "-1"), ("after", "x"), ("wait", "26"), ("wait", "nan")]
)
async def test_a_query_outside_its_bounds_is_refused(hub: OpenHub, name: str, value: str) -> None:
    with pytest.raises(PeerRefusal, match="schema_invalid"):
        await ANode(hub).client().get(INBOX, params={name: value})


async def test_a_node_is_told_when_a_number_was_given_twice(hub: OpenHub) -> None:
    for listing in range(3):
        await tell(hub, "gz-centre", body={"listing": str(listing), "text": "说明"})
    client = ANode(hub).client()
    second = read(await client.get(INBOX))["messages"][1]
    body = {**second["body"], "text": None}
    own = message_identity(2, second["kind"], second["at"], body=body)
    other = message_identity(2, second["kind"], second["at"], body={"listing": "9"})

    same = read(await client.get(INBOX, params={"after": 2, "last": own}))
    differs = read(await client.get(INBOX, params={"after": 2, "last": other}))
    beyond = read(await client.get(INBOX, params={"after": 7, "last": own, "wait": 20}))

    assert (same["agrees"], [one["seq"] for one in same["messages"]]) == (True, [3])
    assert (differs["agrees"], differs["messages"], differs["next"]) == (False, [], 2)
    assert beyond["agrees"] is False, "told at once, not after the wait"
