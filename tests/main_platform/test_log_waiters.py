"""Waiting for the log to grow is bounded for the public, and never at the cost of a node."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from main_platform.catalogue.log_waiters import LogWaiters
from shared_platform.database.engine import Database
from shared_platform.transport.outbound import Outbound
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from shared_schema.identities import SeededIds
from shared_schema.problem import ProblemType
from subplatform.hub_client.hub import Hub
from tests.main_platform.cosigning_nodes import grow
from tests.main_platform.hub_places import ANode, OpenHub, an_open_hub, until

ENTRIES = "/federation/v1/log/entries"


def test_places_are_counted_apart_and_given_back() -> None:
    waiters = LogWaiters(public=1, of_each_node=1)
    with waiters.place() as first, waiters.place() as second, waiters.place("gz") as node:
        taken = (first, second, node, waiters.waiting)
        with waiters.place("gz") as twin, waiters.place("sz") as other:
            beside = (twin, other)
    with waiters.place() as again:
        assert again

    assert taken == (True, False, True, 2)
    assert beside == (False, True)
    assert waiters.waiting == 0


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        for name in ("wang.wei", "zhao.min"):
            await opened.hire(name, "node_registrar")
        await ANode(opened).join("wang.wei", "zhao.min")
        await opened.context.sequencer.drain()
        yield opened


@pytest.fixture
def waiters(hub: OpenHub) -> LogWaiters:
    """One place for the public and one for each node."""
    app: Any = hub.app
    while not isinstance(app, FastAPI):
        app = vars(app).get("app") or vars(app)["_app"]
    places = app.state.log_waiters = LogWaiters(public=1, of_each_node=1)
    return places


async def test_beyond_the_bound_the_public_is_answered_at_once_and_a_node_waits(
    hub: OpenHub, waiters: LogWaiters
) -> None:
    size = hub.context.sequencer.signed_size
    poll = f"{ENTRIES}?from={size}&wait=25"
    node = ANode(hub).client()
    async with asyncio.timeout(20):  # less than a poll waits
        anonymous = asyncio.create_task(hub.ask("GET", poll))
        await until(lambda: waiters.waiting == 1, seconds=20)
        beyond = await hub.ask("GET", poll)
        forged = {"signature-input": "kaixu=()", "signature": "kaixu=:AA==:"}
        async with hub.client() as client:
            unproven = await client.get(poll, headers=forged)
        signed = asyncio.create_task(node.get(ENTRIES, params={"from": size, "wait": 25}))
        await until(lambda: waiters.waiting == 2, seconds=20)
        assert not anonymous.done()
        assert not signed.done()
        grown = await grow(hub)
        told, heard = await anonymous, await signed

    assert beyond.json() == {"from": size, "next": size, "tree_size": size, "entries": []}
    assert beyond.headers["cache-control"] == "no-store"
    assert unproven.json() == beyond.json()
    assert told.json()["tree_size"] == grown
    assert heard.body == told.content
    assert waiters.waiting == 0


async def test_the_nodes_own_source_signs_its_long_polls_alone(hub: OpenHub) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    node = ANode(hub)
    outbound = Outbound(transport=httpx.MockTransport(answer))
    client = Hub(
        hub.context.log_key.anchor,
        node=node.id,
        key=node.key,
        outbound=outbound,
        clock=hub.clock,
        ids=SeededIds(3),
    )
    source = client.log()

    await source.entries(0, limit=1)
    await source.checkpoint()
    await source.entries(0, limit=1, wait_seconds=25)

    assert ["signature" in request.headers for request in asked] == [False, False, True]


@pytest.mark.parametrize("path", ["acceptances", "enquiries"])
async def test_what_later_features_bring_is_not_there_rather_than_swallowed(
    hub: OpenHub, path: str
) -> None:
    with pytest.raises(PeerRefusal) as refused:
        await ANode(hub).client().post(f"/federation/v1/{path}", Content(b"{}"))

    assert refused.value.row is ProblemType.NOT_FOUND
