"""Withdrawals, suspensions, the hub's own withdrawals, and where a listing is."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


async def withdraw(
    hub: ReviewingHub, listing: Listing, *, by: str = "sun.lei", **body: Any
) -> tuple[int, str]:
    path = f"/api/v1/listings/{listing.id}/withdrawal"
    answer = await hub.ask("POST", path, {"reason": "lapse"} | body, by=by)
    return answer.status_code, answer.json().get("code", answer.json().get("state"))


async def test_a_withdrawal_needs_nobodys_approval(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)

    await node.send(node.change(listing, "withdraw", "patent_transferred"))
    await hub.sequence()

    public = await hub.published(listing)
    assert (public["state"], public["reason"]) == ("withdrawn", "patent_transferred")
    message = (await node.inbox())[-1]
    assert (message["kind"], message["body"]) == (
        "sequenced",
        {
            "listing": str(listing.id),
            "version": 2,
            "op": "withdraw",
            "by": "origin",
            "reason": "patent_transferred",
            "statement_hash": listing.last.payload_hash,
            "serial": public["serial"],
        },
    )


async def test_withdrawals_go_before_everything_else(hub: ReviewingHub, node: SendingNode) -> None:
    public = await node.recommend(a_number(1))
    await hub.publish(public)
    waiting = await node.recommend(a_number(2))
    await hub.approve(waiting)
    await node.send(node.change(public, "withdraw"))

    await hub.sequence()

    assert (await hub.log_kinds())[1:] == [
        ("listing_withdrawn", str(public.id)),
        ("listing_offered", str(waiting.id)),
    ]


async def test_a_withdrawal_ends_the_open_review(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)

    await node.send(node.change(listing, "withdraw"))
    decided = await hub.decide(listing, "approve", version=1)

    assert await hub.state_of(listing, 1) == "superseded"
    assert decided.json()["code"] == "stale_review"


async def test_what_was_never_public_is_only_recorded(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await node.send(node.change(listing, "withdraw"))
    await hub.sequence()

    (message,) = await node.inbox()
    assert (message["kind"], message["body"]["op"]) == ("recorded", "withdraw")
    assert await hub.log_kinds() == []
    assert (await hub.timeline(listing))["state"] == "withdrawn"


async def test_a_withdrawal_of_an_offer_still_queued_leaves_it_withdrawn(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.approve(listing)

    await node.send(node.change(listing, "withdraw"))
    await hub.sequence()

    assert [kind for kind, _ in await hub.log_kinds()] == ["listing_offered", "listing_withdrawn"]
    assert (await hub.published(listing))["state"] == "withdrawn"
    assert await hub.scalar("SELECT count(*) FROM held_entry") == 0


async def test_an_approval_and_a_withdrawal_at_once_never_leave_a_public_offer(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listings = [await node.recommend(a_number(number)) for number in range(1, 7)]
    for listing in listings:
        await hub.claim(listing)
    changes = [node.change(listing, "withdraw") for listing in listings]

    await asyncio.gather(
        *(hub.decide(listing, "approve", version=1) for listing in listings),
        *(node.put(change) for change in changes),
    )
    await hub.sequence()

    for listing in listings:
        public = await hub.published(listing)
        assert public.get("state", public.get("code")) in {"withdrawn", "not_found"}
    assert await hub.scalar("SELECT count(*) FROM held_entry") == 0


async def test_a_listing_is_suspended_and_resumed(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)

    await node.send(node.change(listing, "suspend", "ownership_dispute"))
    await hub.sequence()
    suspended = await hub.published(listing)
    await node.send(node.change(listing, "resume", "dispute_settled"))
    await hub.sequence()

    assert (suspended["state"], suspended["reason"]) == ("suspended", "ownership_dispute")
    assert (await hub.published(listing))["state"] == "published"


async def test_a_suspension_ends_the_review_of_an_update(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await node.send(node.next_offer(listing, **costing(9_000)))

    await node.send(node.change(listing, "suspend"))

    assert await hub.state_of(listing, 2) == "superseded"


async def test_the_hub_withdraws_and_tells_the_origin_why(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await node.send(node.next_offer(listing, **costing(9_000)))

    done = await withdraw(hub, listing, reason="lapse", text="登记簿 2026-11-02")
    await hub.sequence()

    assert done == (200, "withdrawn")
    public = await hub.published(listing)
    assert (public["state"], public["reason"]) == ("withdrawn", "lapse")
    assert await hub.state_of(listing, 2) == "superseded"
    told = (await node.inbox())[1:]
    assert [one["kind"] for one in told] == ["withdrawn", "sequenced"]
    assert told[0]["body"]["reason"]["text"] == "登记簿 2026-11-02"
    assert told[1]["body"]["by"] == "hub"
    leaf = await hub.scalar("SELECT leaf FROM log_entry WHERE kind = 'listing_withdrawn'")
    assert "登记簿".encode() not in leaf
    assert b"sun.lei" not in leaf


async def test_after_the_hubs_withdrawal_the_node_cannot_continue_the_listing(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await withdraw(hub, listing)

    (result,) = await node.send(node.next_offer(listing))

    assert result["problem"]["code"] == "tombstoned"


async def test_only_what_is_public_can_be_withdrawn_once_and_with_a_reason(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    never_public = await withdraw(hub, listing)
    await hub.publish(listing)
    wrong_reason = await withdraw(hub, listing, reason="unit_suspected")
    without_text = await withdraw(hub, listing, reason="other")
    first, second = await asyncio.gather(withdraw(hub, listing), withdraw(hub, listing))

    assert never_public == (409, "state_conflict")
    assert wrong_reason == without_text == (422, "schema_invalid")
    assert sorted([first, second]) == [(200, "withdrawn"), (409, "state_conflict")]
    assert await hub.scalar("SELECT count(*) FROM listing_change") == 1


async def test_the_timeline_tells_where_a_listing_is_at_every_step(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **costing(25_000_000))
    states = [(await hub.timeline(listing))["state"]]
    await hub.approve(listing)
    states.append((await hub.timeline(listing))["state"])
    await hub.decide(listing, "approve", by="chen.jing")
    states.append((await hub.timeline(listing))["state"])
    await hub.sequence()
    states.append((await hub.timeline(listing))["state"])
    await node.send(node.next_offer(listing, **costing(9_000)))
    states.append((await hub.timeline(listing))["state"])
    await hub.claim(listing)
    await hub.decide(listing, "return", "period_too_short")
    states.append((await hub.timeline(listing))["state"])
    await withdraw(hub, listing)
    await hub.sequence()

    told = await hub.timeline(listing)

    assert states == [
        "waiting",
        "second_review",
        "approved",
        "published",
        "waiting",
        "published",
    ]
    assert (told["state"], told["last_version"], told["public"]["state"]) == (
        "withdrawn",
        2,
        "withdrawn",
    )
    first, second = told["versions"]
    assert [one["examiner"] for one in first["decisions"]] == ["li.hua", "chen.jing"]
    assert (first["review"]["state"], first["serial"]) == (
        "sequenced",
        told["public"]["first_serial"],
    )
    assert (second["review"]["state"], second["serial"]) == ("returned", None)
    assert second["decisions"][0]["reasons"][0]["code"] == "period_too_short"
    (change,) = told["hub_changes"]
    assert (change["kind"], change["actor"], change["serial"]) == (
        "withdraw",
        "sun.lei",
        told["public"]["serial"],
    )


async def test_the_timeline_of_a_withdrawn_listing_shows_the_nodes_own_change(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await node.send(node.change(listing, "withdraw"))
    queued = (await hub.timeline(listing))["versions"][1]
    await hub.sequence()
    logged = (await hub.timeline(listing))["versions"][1]

    assert (queued["op"], queued["serial"], queued["change"]["is_public"]) == (
        "withdraw",
        None,
        True,
    )
    assert logged["serial"] == (await hub.published(listing))["serial"]


async def test_a_corrected_offer_is_published_though_its_first_version_was_returned(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    await hub.decide(listing, "return", "unit_suspected")
    await node.send(node.next_offer(listing, **costing(20_000)))

    await hub.publish(listing)

    assert await hub.state_of(listing, 2) == "sequenced"
    assert (await hub.published(listing))["version"] == 2
