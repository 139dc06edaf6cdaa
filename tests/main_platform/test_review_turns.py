"""Nodes take turns in the examiners' queue, however much one of them has sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


async def send(node: SendingNode, *serials: int) -> list[Listing]:
    listings = [node.offer(a_number(serial)) for serial in serials]
    results = await node.send(*(one.last for one in listings))
    assert {one["status"] for one in results} == {201}
    return listings


async def queue(hub: ReviewingHub, asked: str = "", *, limit: int = 50) -> list[str]:
    """The origins in the order of the queue, read a page at a time."""
    found: list[str] = []
    after = ""
    while True:
        path = f"/api/v1/reviews?state=waiting&limit={limit}{asked}{after}"
        page = (await hub.ask("GET", path, by="li.hua")).json()
        found += [one["origin"] for one in page["items"]]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


async def test_one_offer_waits_for_one_of_the_node_that_sent_many(hub: ReviewingHub) -> None:
    many, few = await hub.admit("gz-centre"), await hub.admit("sz-centre")
    await send(many, *range(1, 8))
    await send(few, 20)
    await send(many, 8)

    fair = await queue(hub, limit=3)
    oldest = await queue(hub, "&order=oldest", limit=3)

    assert fair == ["gz-centre", "sz-centre", *["gz-centre"] * 7]
    assert oldest == [*["gz-centre"] * 7, "sz-centre", "gz-centre"]


async def test_a_node_that_comes_later_does_not_go_before_all_that_waited(
    hub: ReviewingHub,
) -> None:
    first, second = await hub.admit("gz-centre"), await hub.admit("sz-centre")
    listings = await send(first, *range(1, 6))
    for listing in listings[:3]:
        await hub.approve(listing)

    await send(second, 20, 21, 22)

    assert await queue(hub) == [
        *("gz-centre", "sz-centre"),
        *("gz-centre", "sz-centre"),
        "sz-centre",
    ]


async def test_what_is_decided_is_listed_by_age(hub: ReviewingHub) -> None:
    first, second = await hub.admit("gz-centre"), await hub.admit("sz-centre")
    listings = [*await send(first, 1, 2), *await send(second, 20)]
    await hub.approve(*listings)

    page = (await hub.ask("GET", "/api/v1/reviews?state=approved", by="li.hua")).json()

    assert [one["origin"] for one in page["items"]] == ["gz-centre", "gz-centre", "sz-centre"]
