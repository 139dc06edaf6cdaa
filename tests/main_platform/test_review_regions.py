"""A city's officer sees what is filed in the city, by lists and by ids, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest
from stdnum.cn import uscc

from main_platform.review.places import places_of
from shared_platform.database.engine import Database
from shared_schema.declaration import Holder
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)

GUANGZHOU, SHENZHEN = "440106", "440305"


def a_holder(region: str, name: str = "某大学") -> dict[str, Any]:
    start = f"12{region}455350004"
    return {"name": name, "kind": "university", "credit_code": start + uscc.calc_check_digit(start)}


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        await opened.hire("city", "city_officer")  # of Guangzhou
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


def test_an_offer_belongs_to_its_holders_places_and_all_they_lie_in() -> None:
    holders = [Holder.model_validate(a_holder(one)) for one in (GUANGZHOU, SHENZHEN)]

    found = places_of(holders, ["11"])

    assert found == ["44", "440100", "440106", "440300", "440305", "CN"]


def test_without_a_known_place_the_nodes_region_counts() -> None:
    national = Holder.model_validate(a_holder("100000"))

    assert places_of([national, Holder(name="张三")], ["440100"]) == ["44", "440100", "CN"]


async def both(node: SendingNode) -> tuple[Listing, Listing]:
    here = await node.recommend(a_number(1), holders=[a_holder(GUANGZHOU)])
    away = await node.recommend(a_number(2), holders=[a_holder(SHENZHEN)])
    return here, away


async def test_the_citys_officer_lists_and_counts_the_citys_reviews(
    hub: ReviewingHub, node: SendingNode
) -> None:
    here, _ = await both(node)

    listed = (await hub.ask("GET", "/api/v1/reviews", by="city")).json()["items"]
    (counted,) = (await hub.ask("GET", "/api/v1/reviews/counts", by="city")).json()

    assert [one["listing"] for one in listed] == [str(here.id)]
    assert counted["count"] == 1
    assert len(await hub.reviews()) == 2


async def test_by_its_id_another_citys_review_is_not_there(
    hub: ReviewingHub, node: SendingNode
) -> None:
    here, away = await both(node)
    unknown = uuid5(away.id, "unknown")
    statuses = {}
    for name, listing in (("here", here), ("away", away)):
        review = await hub.review_of(listing)
        for path in (
            f"/api/v1/reviews/{review['review']}",
            f"/api/v1/listings/{listing.id}/timeline",
        ):
            statuses[name, path.split("/")[3]] = (await hub.ask("GET", path, by="city")).status_code
    missing = await hub.ask("GET", f"/api/v1/reviews/{unknown}", by="city")

    assert statuses == {
        ("here", "reviews"): 200,
        ("here", "listings"): 200,
        ("away", "reviews"): 404,
        ("away", "listings"): 404,
    }
    assert missing.status_code == 404


async def test_the_officer_decides_nothing(hub: ReviewingHub, node: SendingNode) -> None:
    here, _ = await both(node)

    claimed = await hub.claim(here, by="city")
    decided = await hub.decide(here, "approve", by="city")

    assert {claimed.status_code, decided.status_code} == {403}


async def test_in_a_conflict_the_other_citys_contact_is_not_shown(
    hub: ReviewingHub, node: SendingNode
) -> None:
    other = await hub.admit("sz-centre")
    await node.recommend(a_number(1), holders=[a_holder(GUANGZHOU)])
    await other.recommend(a_number(1), holders=[a_holder(SHENZHEN)], **costing(9_000))

    (shown,) = (await hub.ask("GET", "/api/v1/conflicts", by="city")).json()
    everything = (await hub.ask("GET", "/api/v1/conflicts", by="audit")).json()

    assert "contact" in shown["declaration"]
    assert "contact" not in shown["sides"][0]["declaration"]
    assert [("contact" in one["sides"][0]["declaration"]) for one in everything] == [True, True]


async def test_an_officer_who_is_an_examiner_as_well_sees_everything(
    hub: ReviewingHub, node: SendingNode
) -> None:
    await both(node)
    await hub.hire("both", "city_officer", "examiner")

    listed = (await hub.ask("GET", "/api/v1/reviews", by="both")).json()["items"]

    assert len(listed) == 2
