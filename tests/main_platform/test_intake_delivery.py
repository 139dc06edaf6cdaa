"""Delivering statements: receipts, repeats, what is refused and why."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.hub_builders import ReviewingHub, SendingNode, a_number, a_reviewing_hub
from tests.main_platform.hub_places import answer_of


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


async def test_an_offer_is_received_with_a_signed_receipt_and_waits(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = node.offer(a_number(1))

    written = await node.put(listing.last)

    assert written.status == 201
    assert answer_of(written) == {
        "origin": "gz-centre",
        "oseq": 1,
        "listing": str(listing.id),
        "version": 1,
        "statement_hash": listing.last.payload_hash,
        "object_hash": listing.last.object_hash,
        "received_at": "2026-11-22T08:00:00Z",
        "state": "received",
    }
    assert await hub.state_of(listing) == "waiting"


async def test_approved_published(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    assert await hub.state_of(listing) == "sequenced"
    assert (await hub.published(listing))["state"] == "published"
    assert (await node.inbox())[-1]["body"]["verdict"] == "approved"
    await asyncio.sleep(0)
