"""When a node may say that it said something: never before what it numbered before."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from shared_schema.instants import Instant
from shared_schema.statement import Reason
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    an_offer_of,
)
from tests.main_platform.hub_places import NOW

DAY = timedelta(days=1)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


def offer(node: SendingNode, serial: int, issued_at: Instant) -> Listing:
    listing = Listing(node.ids.new_id(), a_number(serial))
    node.say(listing, "offer", an_offer_of(listing.number), issued_at=issued_at)
    return listing


async def codes(node: SendingNode, *listings: Listing) -> list[str | None]:
    """What each last statement meets: None where it was accepted."""
    results = await node.send(*(one.last for one in listings))
    return [one["problem"]["errors"][0]["code"] if "problem" in one else None for one in results]


async def test_what_was_signed_offline_for_months_keeps_its_date(
    hub: ReviewingHub, node: SendingNode
) -> None:
    dates = [NOW - 90 * DAY, NOW - 90 * DAY, NOW - 2 * DAY, NOW]

    found = await codes(node, *(offer(node, at, date) for at, date in enumerate(dates, 1)))

    assert found == [None] * 4
    declared: datetime = await hub.scalar("SELECT min(declared_at) FROM intake_listing")
    assert declared == NOW - 90 * DAY


async def test_an_offer_dated_before_its_predecessor_is_refused_in_one_batch_or_two(
    node: SendingNode,
) -> None:
    first, second, third = (
        offer(node, at, date) for at, date in enumerate([NOW - DAY, NOW - 2 * DAY, NOW - DAY], 1)
    )

    together = await codes(node, first, second, third)
    later = await codes(node, offer(node, 4, NOW - DAY - timedelta(seconds=1)))

    assert together == [None, "statement.issued_back", None]
    assert later == ["statement.issued_back"]


async def test_numbers_that_come_late_are_held_against_their_own_predecessor(
    node: SendingNode,
) -> None:
    early, between, late = (
        offer(node, at, date) for at, date in enumerate([NOW - 9 * DAY, NOW - 5 * DAY, NOW], 1)
    )

    found = await codes(node, early, late, between)

    assert found == [None, None, None]


async def test_another_nodes_dates_do_not_matter(hub: ReviewingHub, node: SendingNode) -> None:
    await codes(node, offer(node, 1, NOW))
    other = await hub.admit("sz-centre")

    assert await codes(other, offer(other, 2, NOW - 30 * DAY)) == [None]


async def test_a_withdrawal_stands_whatever_its_date(node: SendingNode) -> None:
    listing = offer(node, 1, NOW)
    await codes(node, listing)
    node.say(listing, "withdraw", reason=Reason(code="holder_request"), issued_at=NOW - 9 * DAY)

    assert await codes(node, listing) == [None]
    assert await codes(node, offer(node, 2, NOW - DAY)) == ["statement.issued_back"]
