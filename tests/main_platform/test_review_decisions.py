"""Decisions: approve, return, reject, two pairs of eyes, many at once, and who is told what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from shared_platform.database.engine import Database
from tests.main_platform.hub_builders import (
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


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def together(hub: ReviewingHub, by: str = "li.hua", **body: Any) -> dict[str, Any]:
    answer = await hub.ask("POST", "/api/v1/reviews/decisions", body, by=by)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_approved_offer_is_in_the_log_and_its_node_gets_the_serial(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    assert await hub.approve(listing) == ["approved"]
    await hub.sequence()

    assert await hub.state_of(listing) == "sequenced"
    public = await hub.published(listing)
    assert (public["state"], public["standing"]) == ("published", "primary")
    (message,) = await node.inbox()
    assert (message["kind"], message["body"]) == (
        "decision",
        {
            "verdict": "approved",
            "listing": str(listing.id),
            "version": 1,
            "statement_hash": listing.last.payload_hash,
            "serial": public["serial"],
        },
    )


async def test_the_next_version_replaces_the_public_one(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.publish(listing)
    await node.send(node.next_offer(listing, **costing(9_000)))

    await hub.publish(listing)

    public = await hub.published(listing)
    assert (public["version"], public["standing"]) == (2, "primary")
    assert await hub.scalar("SELECT count(*) FROM held_entry") == 0


async def test_a_returned_offer_goes_back_with_coded_reasons(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    reasons = [{"code": "unit_suspected", "text": "是 30000 元吗？"}]

    decided = await hub.decide(listing, "return", reasons=reasons)

    assert decided.json()["state"] == "returned"
    (message,) = await node.inbox()
    assert message["body"]["verdict"] == "returned"
    assert message["body"]["statement_hash"] == listing.last.payload_hash
    assert message["body"]["reasons"] == [
        {
            "code": "unit_suspected",
            "zh": "金额单位疑有误（元或万元）",
            "en": "The unit of the amount seems wrong (yuan or ten thousand yuan)",
            "rule": "DEC-07",
            "text": "是 30000 元吗？",
        }
    ]
    await hub.sequence()
    assert (await hub.published(listing))["code"] == "not_found"


async def test_a_returned_listing_can_be_corrected_and_sent_again(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    await hub.decide(listing, "return", "unit_suspected")

    (result,) = await node.send(node.next_offer(listing, **costing(20_000)))

    assert result["status"] == 201
    assert await hub.state_of(listing, 1) == "returned"
    assert await hub.state_of(listing, 2) == "waiting"


async def test_a_rejected_offer_is_not_published(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)

    decided = await hub.decide(listing, "reject", "not_eligible")

    assert decided.json()["state"] == "rejected"
    (message,) = await node.inbox()
    assert message["body"]["verdict"] == "rejected"


async def test_what_is_public_stays_when_its_next_version_is_turned_down(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), period={"end": "2027-12-31"})
    await hub.publish(listing)
    await node.send(node.next_offer(listing, period={"end": "2029-12-31"}))
    await hub.claim(listing)

    await hub.decide(listing, "return", "period_too_short")

    assert (await hub.published(listing))["version"] == 1
    row = "SELECT live || ' ' || period_end FROM intake_listing"
    assert await hub.scalar(row) == "true 2027-12-31"


async def test_a_decision_needs_a_claim_by_its_examiner(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    unclaimed = await hub.decide(listing, "approve")
    await hub.claim(listing, by="chen.jing")
    anothers = await hub.decide(listing, "approve", by="li.hua")

    assert (unclaimed.status_code, code_of(unclaimed)) == (409, "review_state_conflict")
    assert (anothers.status_code, code_of(anothers)) == (409, "review_state_conflict")
    assert await hub.state_of(listing) == "claimed"


async def test_a_decision_is_bound_to_the_statement_that_was_seen(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)

    other = await hub.decide(listing, "approve", statement_hash="ab" * 32)

    assert (other.status_code, code_of(other)) == (409, "stale_review")


async def test_a_newer_version_makes_a_claimed_review_stale(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    await node.send(node.next_offer(listing))

    decided = await hub.decide(listing, "approve", version=1)
    path = f"/api/v1/reviews/{(await hub.review_of(listing, 1))['review']}/claim"
    claimed = await hub.ask("POST", path, by="li.hua")

    assert code_of(decided) == code_of(claimed) == "stale_review"
    assert await hub.state_of(listing, 2) == "waiting"


async def test_high_risk_needs_a_second_different_examiner(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **costing(25_000_000))

    assert await hub.approve(listing) == ["second_review"]
    await hub.claim(listing)
    same = await hub.decide(listing, "approve", statement_hash=listing.last.payload_hash)
    await hub.sequence()
    assert (await hub.published(listing))["code"] == "not_found"
    second = await hub.decide(listing, "approve", by="chen.jing")

    # The first examiner's own click again is answered as before, and changes nothing.
    assert same.json()["state"] == "second_review"
    assert second.json()["state"] == "approved"
    decisions = "SELECT string_agg(examiner, ' ' ORDER BY id) FROM decision"
    assert await hub.scalar(decisions) == "li.hua chen.jing"
    await hub.sequence()
    leaf = await hub.scalar("SELECT leaf FROM log_entry WHERE kind = 'listing_offered'")
    assert b'"second_pair":true' in leaf
    assert b"li.hua" not in leaf


async def test_the_first_approver_is_refused_as_the_second_one(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **costing(25_000_000))
    await hub.approve(listing)
    review = await hub.review_of(listing)
    target = {"review": review["review"], "statement_hash": review["statement_hash"]}

    done = await together(hub, verdict="approve", reviews=[target])

    assert (done["decided"], done["refused"]) == (0, 1)
    assert done["results"][0]["problem"]["code"] == "second_person_required"


async def test_the_second_examiner_may_also_return(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1), **costing(25_000_000))
    await hub.approve(listing)

    decided = await hub.decide(listing, "return", "fee_above_ceiling", by="chen.jing")

    assert decided.json()["state"] == "returned"


async def test_a_double_click_gets_the_same_answer_once(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)

    first = await hub.decide(listing, "return", "unit_suspected")
    again = await hub.decide(listing, "return", "unit_suspected")
    other = await hub.decide(listing, "reject", "not_eligible")

    assert first.json() == again.json()
    assert other.status_code == 409
    assert await hub.scalar("SELECT count(*) FROM decision") == 1
    assert len(await node.inbox()) == 1


async def test_an_offer_that_ran_out_while_waiting_cannot_be_approved(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), period={"end": "2027-01-10"})
    await hub.claim(listing)
    hub.clock.instant += timedelta(days=52)

    approved = await hub.decide(listing, "approve")
    returned = await hub.decide(listing, "return", "period_beyond_right")

    assert approved.status_code == 409
    assert returned.json()["state"] == "returned"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE node SET state = 'suspended'",
        "UPDATE node_key SET state = 'revoked' WHERE use = 'statement'",
    ],
)
async def test_what_no_reader_would_accept_any_more_cannot_be_approved(
    hub: ReviewingHub, node: SendingNode, change: str
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    async with hub.database.sessions.begin() as session:
        await session.execute(text(change))

    approved = await hub.decide(listing, "approve")

    assert (approved.status_code, code_of(approved)) == (409, "review_state_conflict")
    assert (await hub.decide(listing, "return", "text_unclear")).status_code == 200


@pytest.mark.parametrize(
    ("verdict", "codes"),
    [("return", []), ("reject", ["unit_suspected"]), ("approve", ["other"]), ("return", ["x"])],
)
async def test_reasons_must_fit_the_verdict(
    hub: ReviewingHub, node: SendingNode, verdict: str, codes: list[str]
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)

    refused = await hub.decide(listing, verdict, *codes)

    assert (refused.status_code, code_of(refused)) == (422, "schema_invalid")
    assert refused.json()["errors"][0]["pointer"].startswith("/reasons")
    assert await hub.state_of(listing) == "claimed"


async def test_two_examiners_deciding_at_once_decide_once(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **costing(25_000_000))
    await hub.approve(listing)

    answers = await asyncio.gather(
        hub.decide(listing, "approve", by="chen.jing"),
        hub.decide(listing, "reject", "fee_above_ceiling", by="sun.lei"),
        hub.decide(listing, "return", "fee_above_ceiling", by="ma.lin"),
    )

    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    assert await hub.scalar("SELECT count(*) FROM decision") == 2


async def test_a_decision_and_a_newer_version_at_once_leave_one_truth(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listings = [await node.recommend(a_number(number)) for number in range(1, 7)]
    for listing in listings:
        await hub.claim(listing)
    seconds = [node.next_offer(listing) for listing in listings]

    decided = await asyncio.gather(
        *(hub.decide(listing, "approve", version=1) for listing in listings),
        *(node.put(signed) for signed in seconds),
    )

    for listing, answer in zip(listings, decided[:6], strict=True):
        assert isinstance(answer, httpx.Response)
        first, second = await hub.state_of(listing, 1), await hub.state_of(listing, 2)
        approved = answer.status_code == 200
        assert (first, second) == ("approved" if approved else "superseded", "waiting")
