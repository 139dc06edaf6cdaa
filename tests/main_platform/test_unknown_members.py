"""Members this version does not know: kept and forwarded byte for byte, never shown."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.catalogue.rebuild import catalogue_digest, rebuild_projection
from shared_platform.database.engine import Database
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    an_offer_of,
)

UNKNOWN = "月相"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def listing(hub: ReviewingHub) -> Listing:
    """A public listing of a newer node: members nobody here knows, in statement and body."""
    node: SendingNode = await hub.admit("gz-centre")
    listing = Listing(node.ids.new_id(), a_number(1))
    body = an_offer_of(listing.number).model_dump(mode="json", by_alias=True)
    signed = node.say(
        listing,
        "offer",
        body=body | {"moon": {"phase": UNKNOWN}},
        moon_seen_from=UNKNOWN,
    )
    await node.send(signed)
    await hub.publish(listing)
    return listing


async def test_every_reader_gets_the_bytes_that_were_signed(
    hub: ReviewingHub, listing: Listing
) -> None:
    named = await hub.ask("GET", f"/federation/v1/objects/sha256/{listing.last.object_hash}")
    page = await hub.ask("GET", "/federation/v1/log/entries?bodies=1")

    objects = [one["object"] for one in page.json()["entries"] if one["object"]]
    assert named.content == listing.last.raw
    assert [base64.b64decode(one) for one in objects] == [listing.last.raw]
    assert UNKNOWN.encode() in listing.last.payload


async def test_nobody_is_shown_what_this_version_does_not_understand(
    hub: ReviewingHub, listing: Listing
) -> None:
    shown = await hub.ask("GET", f"/api/v1/catalogue/listings/{listing.id}")
    page = await hub.ask("GET", f"/listings/{listing.id}")

    assert (shown.json()["state"], shown.json()["needs_newer_reader"]) == ("published", False)
    assert page.status_code == 200
    assert UNKNOWN not in shown.text + page.text
    assert "moon" not in shown.text + page.text


async def test_a_rebuilt_catalogue_is_the_same(hub: ReviewingHub, listing: Listing) -> None:
    async with hub.database.sessions.begin() as session:
        before = await catalogue_digest(session)
        await rebuild_projection(session)

        assert await catalogue_digest(session) == before
    assert (await hub.published(listing))["state"] == "published"
