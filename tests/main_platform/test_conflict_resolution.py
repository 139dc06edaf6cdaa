"""One patent, several nodes: equal offers stand side by side, others are decided by people."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from main_platform.intake.ports import Desk
from main_platform.intake.receive import receive
from main_platform.invariants.check_hub import check_hub
from main_platform.nodes.quota import Quota
from main_platform.review.intake_ports import INTAKE_PORTS
from shared_platform.database.engine import Database
from shared_schema.rules import PROFILES
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)
from tests.main_platform.hub_places import NOW

NUMBER = a_number(7)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    """Whatever was decided, every invariant holds afterwards."""
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened
        await opened.sequence()
        async with opened.database.sessions() as session:
            found = await check_hub(session, opened.context.log_key.anchor)
        assert [one.breaches for one in found if not one.holds] == []


@pytest.fixture
async def gz(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


@pytest.fixture
async def sz(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("sz-centre")


async def standing(hub: ReviewingHub, listing: Listing) -> tuple[str, str, str | None]:
    public = await hub.published(listing)
    return (public["state"], public["standing"], public["primary"])


async def last_conflict_entry(hub: ReviewingHub) -> dict[str, Any]:
    leaf = await hub.scalar(
        "SELECT leaf FROM log_entry WHERE kind = 'conflict_decided' ORDER BY serial DESC LIMIT 1"
    )
    found: dict[str, Any] = json.loads(leaf)
    return found


async def nothing_was_set_aside(hub: ReviewingHub) -> bool:
    held = await hub.scalar("SELECT count(*) FROM held_entry")
    quarantined = await hub.scalar("SELECT count(*) FROM quarantined_entry")
    return (held, quarantined) == (0, 0)


async def test_equal_offers_of_two_nodes_stand_side_by_side(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER)
    await hub.publish(first)
    hub.clock.instant += timedelta(days=1)

    second = await sz.recommend(NUMBER)
    review = await hub.review_of(second)
    await hub.publish(second)

    assert (review["state"], review["high_risk"], review["finding_codes"]) == (
        "waiting",
        True,
        ["DEC-18"],
    )
    assert await standing(hub, first) == ("published", "primary", None)
    assert await standing(hub, second) == ("published", "also_offered", str(first.id))
    assert await nothing_was_set_aside(hub)


async def test_the_same_price_in_another_wording_is_equal(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    payment = costing(30_000)["fee"]["payment"]
    await hub.publish(await gz.recommend(NUMBER, fee={"payment": payment}))

    second = await sz.recommend(NUMBER, fee={"payment": payment, "note": "叁万元整"})

    assert await hub.state_of(second) == "waiting"


async def test_arrival_decides_nothing_the_earlier_declaration_becomes_primary(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    declared_first = sz.offer(NUMBER)
    hub.clock.instant += timedelta(days=2)
    arrived_first = await gz.recommend(NUMBER)
    await hub.publish(arrived_first)

    await sz.send(declared_first.last)
    await hub.publish(declared_first)

    assert await standing(hub, declared_first) == ("published", "primary", None)
    assert await standing(hub, arrived_first) == (
        "published",
        "also_offered",
        str(declared_first.id),
    )
    entry = await last_conflict_entry(hub)
    assert (entry["rule"], entry["decision"]) == ("protocol-10.automatic", "ranked_first")
    kinds = [one["kind"] for one in await gz.inbox()]
    assert kinds[-1] == "conflict_decided"
    assert await nothing_was_set_aside(hub)


async def test_the_node_that_verifies_more_becomes_primary(
    hub: ReviewingHub, gz: SendingNode
) -> None:
    thorough = await hub.admit("sz-centre", level=2)
    first = await gz.recommend(NUMBER)
    await hub.publish(first)
    hub.clock.instant += timedelta(days=1)

    second = await thorough.recommend(NUMBER)
    await hub.publish(second)

    assert await standing(hub, second) == ("published", "primary", None)
    assert await standing(hub, first) == ("published", "also_offered", str(second.id))


async def test_two_equal_offers_approved_at_once_make_one_primary(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    pairs = [
        (await gz.recommend(number), await sz.recommend(number))
        for number in map(a_number, range(20, 26))
    ]
    for pair in pairs:
        for listing in pair:
            await hub.approve(listing)  # none is public yet, or a second pair is asked for

    await asyncio.gather(
        *(hub.decide(one, "approve", by="chen.jing") for pair in pairs for one in pair)
    )
    await hub.sequence()

    for pair in pairs:
        found = sorted([(await standing(hub, one))[1] for one in pair])
        assert found == ["also_offered", "primary"]
    assert await nothing_was_set_aside(hub)


async def test_different_terms_hold_both_sides_whoever_came_first(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER, **costing(30_000))
    await hub.claim(first)

    second = await sz.recommend(NUMBER, **costing(90_000))

    assert await hub.state_of(first) == await hub.state_of(second) == "conflict_hold"
    held = (await hub.ask("GET", "/api/v1/conflicts", by="audit")).json()
    assert [one["review"]["listing"] for one in held] == [str(first.id), str(second.id)]
    assert [one["sides"][0]["listing"] for one in held] == [str(second.id), str(first.id)]
    side = held[0]["sides"][0]
    assert (side["terms_equal"], side["holders_equal"]) == (False, True)
    assert side["declaration"]["fee"]["payment"]["amount_fen"] == 9_000_000
    decided = await hub.decide(first, "approve")
    assert decided.json()["code"] == "review_state_conflict"


async def test_another_holder_is_a_conflict_though_terms_are_equal(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    await hub.publish(await gz.recommend(NUMBER))

    second = await sz.recommend(NUMBER, holders=[{"name": "深圳大学", "kind": "university"}])

    assert await hub.state_of(second) == "conflict_hold"


async def test_offers_that_came_at_the_same_moment_meet_at_approval(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    offers = [gz.offer(NUMBER, **costing(30_000)), sz.offer(NUMBER, **costing(90_000))]
    desk = Desk(PROFILES["pilot-gd-2022"], Quota(100, 100), INTAKE_PORTS)
    async with AsyncExitStack() as stack:  # neither sees the other before both commit
        for listing in offers:
            session = await stack.enter_async_context(hub.database.sessions.begin())
            origin = listing.last.statement.origin
            raws = [listing.last.raw]
            await receive(session, raws, origin=origin, desk=desk, ids=hub.ids, now=NOW)
    first, second = offers
    before = [await hub.state_of(one) for one in offers]

    await hub.publish(first)
    (held,) = await hub.approve(second)

    assert before == ["waiting", "waiting"]
    assert held == "conflict_hold"
    assert (await hub.review_of(second))["finding_codes"] == ["DEC-18"]
    await hub.sequence()
    assert (await hub.published(second))["code"] == "not_found"


async def test_a_new_version_on_other_terms_than_its_equals_is_held(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first, second = await gz.recommend(NUMBER), await sz.recommend(NUMBER)
    await hub.publish(first)
    await hub.publish(second)

    await gz.send(gz.next_offer(first, **costing(50_000)))

    assert await hub.state_of(first, 2) == "conflict_hold"
    assert await standing(hub, first) == ("published", "primary", None)


async def test_keeping_the_existing_offer_rejects_the_other_and_says_so(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER, **costing(30_000))
    await hub.publish(first)
    second = await sz.recommend(NUMBER, **costing(90_000))

    resolved = await hub.resolve(second, "keep_existing", text="以登记簿为准")
    await hub.sequence()

    assert resolved.json()["state"] == "rejected"
    assert await standing(hub, first) == ("published", "primary", None)
    entry = await last_conflict_entry(hub)
    assert entry["primary"] == {"origin": "gz-centre", "listing": str(first.id)}
    assert (entry["rule"], entry["decision"]) == ("protocol-10.staff", "keep_existing")
    assert str(second.id) not in json.dumps(entry)  # what was turned down stays private
    (message,) = await sz.inbox()
    assert message["body"]["reasons"][0]["code"] == "conflict_existing_kept"
    assert message["body"]["reasons"][0]["text"] == "以登记簿为准"


async def test_replacing_takes_two_people_and_withdraws_the_other(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER, **costing(30_000))
    await hub.publish(first)
    second = await sz.recommend(NUMBER, **costing(90_000))

    one = await hub.resolve(second, "replace")
    same = await hub.resolve(second, "replace")
    examiner = await hub.decide(second, "approve", by="chen.jing")
    two = await hub.resolve(second, "replace", by="ma.lin")
    await hub.sequence()

    assert one.json()["state"] == "second_review"
    assert (same.status_code, same.json()["code"]) == (403, "second_person_required")
    assert examiner.status_code == 409
    assert two.json()["state"] == "approved"
    assert (await standing(hub, first))[0] == "withdrawn"
    assert await standing(hub, second) == ("published", "primary", None)
    assert (await last_conflict_entry(hub))["decision"] == "replace"
    told = [one["kind"] for one in await gz.inbox()]
    assert told == ["decision", "withdrawn", "sequenced"]
    assert [kind for kind, _ in await hub.log_kinds()] == [
        "listing_offered",
        "listing_withdrawn",
        "listing_offered",
        "conflict_decided",
    ]
    assert await nothing_was_set_aside(hub)


async def test_a_replacement_may_be_given_up_by_the_second_person(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER, **costing(30_000))
    await hub.publish(first)
    second = await sz.recommend(NUMBER, **costing(90_000))
    await hub.resolve(second, "replace")

    given_up = await hub.resolve(second, "keep_existing", by="ma.lin")
    await hub.sequence()

    assert given_up.json()["state"] == "rejected"
    assert await standing(hub, first) == ("published", "primary", None)


async def test_a_hold_ends_when_the_other_offer_is_withdrawn(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER, **costing(30_000))
    await hub.publish(first)
    second = await sz.recommend(NUMBER, **costing(90_000))

    await gz.send(gz.change(first, "withdraw"))

    assert await hub.state_of(second) == "waiting"
    await hub.publish(second)
    assert await standing(hub, second) == ("published", "primary", None)


async def test_a_hold_ends_when_a_new_version_agrees(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first = await gz.recommend(NUMBER, **costing(30_000))
    second = await sz.recommend(NUMBER, **costing(90_000))

    await sz.send(sz.next_offer(second, **costing(30_000)))

    assert await hub.state_of(first) == "waiting"
    assert await hub.state_of(second) == "waiting"


async def test_when_the_primary_is_withdrawn_the_next_one_takes_its_place(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    third_node = await hub.admit("zh-centre")
    listings = []
    for node in (gz, sz, third_node):
        listings.append(await node.recommend(NUMBER))
        await hub.publish(listings[-1])
        hub.clock.instant += timedelta(days=1)
    first, second, third = listings

    await gz.send(gz.change(first, "withdraw"))
    await hub.sequence()

    assert (await standing(hub, first))[0] == "withdrawn"
    assert await standing(hub, second) == ("published", "primary", None)
    assert await standing(hub, third) == ("published", "also_offered", str(second.id))
    assert (await last_conflict_entry(hub))["decision"] == "primary_withdrawn"
    assert await nothing_was_set_aside(hub)


async def test_equal_offers_decided_in_one_call_see_each_other(
    hub: ReviewingHub, gz: SendingNode, sz: SendingNode
) -> None:
    first, second = await gz.recommend(NUMBER), await sz.recommend(NUMBER)
    wanted = {"opened_until": "2026-11-22T09:00:00Z"}
    body = {"verdict": "approve", "filter": wanted}
    again = {"verdict": "approve", "filter": wanted | {"states": ["second_review"]}}

    await hub.ask("POST", "/api/v1/reviews/decisions", body, by="li.hua")
    await hub.ask("POST", "/api/v1/reviews/confirmations", again, by="chen.jing")
    await hub.sequence()

    found = sorted([(await standing(hub, one))[1] for one in (first, second)])
    assert found == ["also_offered", "primary"]


async def test_what_is_not_held_cannot_be_resolved(hub: ReviewingHub, gz: SendingNode) -> None:
    listing = await gz.recommend(NUMBER)

    refused = await hub.resolve(listing, "keep_existing")

    assert refused.json()["code"] == "review_state_conflict"
