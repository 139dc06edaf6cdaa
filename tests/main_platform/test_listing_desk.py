"""One page says where any listing is, in each of its states, and who must act next."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from main_platform.application import build_hub_app
from main_platform.console.listing_words import EVENTS, LISTING_STATES, NEXT
from main_platform.review.states import ReviewState
from shared_platform.database.engine import Database
from tests.main_platform.desk_browsers import DeskBrowser, a_browser
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)
from tests.main_platform.hub_places import OpenHub
from tests.shared_platform.page_places import Page


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


@pytest.fixture
async def reader(hub: ReviewingHub) -> DeskBrowser:
    whole = OpenHub(hub.context, hub.clock, build_hub_app(hub.context), hub.ids)
    return await a_browser(whole, "audit")


async def page_of(reader: DeskBrowser, listing: Listing) -> Page:
    return await reader.get(f"/console/listings/{listing.id}?lang=en")


async def state_of(reader: DeskBrowser, listing: Listing) -> str:
    (badge, *_) = (await page_of(reader, listing)).all("//main//span[contains(@class,'badge')]")
    return str(badge.get("class")).removeprefix("badge ")


async def test_each_state_is_named_with_what_happens_next(
    hub: ReviewingHub, node: SendingNode, reader: DeskBrowser
) -> None:
    listings = [await node.recommend(a_number(place)) for place in range(1, 6)]
    waiting, claimed, returned, published, withdrawn = listings
    second = await node.recommend(a_number(6), **costing(25_000_000))
    await hub.claim(claimed)
    await hub.claim(returned)
    await hub.decide(returned, "return", "text_unclear")
    await hub.publish(published, withdrawn)
    await hub.approve(second)
    await node.send(node.change(withdrawn, "withdraw"))
    await hub.sequence()

    states = [await state_of(reader, one) for one in (*listings, second)]
    first = await page_of(reader, waiting)
    sent_back = await page_of(reader, returned)
    public = await page_of(reader, published)

    assert states == [
        "waiting",
        "claimed",
        "returned",
        "published",
        "withdrawn",
        "second_review",
    ]
    assert "place 1 in turn" in first.text
    assert "Returned for correction" in sent_back.text
    assert "li.hua" in sent_back.text
    assert public.texts("//tbody/tr/th")[-1].startswith("In the log at position")
    assert [*first.untranslated(), *sent_back.untranslated(), *public.untranslated()] == []


async def test_it_is_found_by_any_number_that_somebody_has(
    hub: ReviewingHub, node: SendingNode, reader: DeskBrowser
) -> None:
    number = a_number(1)
    listing = await node.recommend(number)
    await node.recommend(a_number(2))
    holder = (await hub.review_of(listing))["holder_names"][0]
    spaced = f"ZL {number[:4]} {number[4:12]}.{number[12:]}"

    led = [
        (await reader.client.get("/console/listings", params={"q": text})).headers.get("location")
        for text in (str(listing.id), number, spaced, f"gz-centre/{listing.last.statement.oseq}")
    ]
    by_holder = await reader.get(f"/console/listings?q={holder}")
    unknown = await reader.get("/console/listings?q=nothing&lang=en")
    never = await reader.get("/console/listings?q=gz-centre/99&lang=en")

    assert led == [f"/console/listings/{listing.id}"] * 4
    assert len(by_holder.all("//tbody/tr")) == 2
    assert "never received" in unknown.text
    assert "Statement 99 of node gz-centre never arrived: highest so far 2" in never.text


def test_every_state_of_a_review_has_words_and_somebody_who_acts() -> None:
    for state in ReviewState:
        assert state in LISTING_STATES
        assert state in NEXT
    for verdict in ("approve", "return", "reject", "keep_existing", "replace"):
        assert verdict in EVENTS
