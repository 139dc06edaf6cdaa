"""Two people: which approvals ask for a second one, who that may be, and that it is another."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from main_platform.review.second_look import BY_RISK, SecondLook
from shared_platform.database.engine import Database
from shared_schema.identities import SeededIds
from tests.main_platform.hub_builders import (
    Listing,
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)

DEAR = costing(25_000_000)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path, second_look="all") as opened:
        await opened.hire("wu.jie", "second_examiner")
        await opened.hire("he.min", "examiner")
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


async def confirm(
    hub: ReviewingHub, listing: Listing, *, by: str, verdict: str = "approve"
) -> httpx.Response:
    review = await hub.review_of(listing)
    reasons = [] if verdict == "approve" else [{"code": "text_unclear"}]
    seen = {"statement_hash": review["statement_hash"], "reasons": reasons}
    path = f"/api/v1/reviews/{review['review']}/confirmation"
    return await hub.ask("PUT", path, {"verdict": verdict} | seen, by=by)


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


def test_by_default_only_high_risk_asks_for_a_second_person() -> None:
    review = SeededIds(1).new_id()

    assert BY_RISK.asks(review, high_risk=True)
    assert not BY_RISK.asks(review, high_risk=False)


def test_a_sample_takes_about_its_share_and_always_the_same() -> None:
    ids = SeededIds(2)
    reviews = [ids.new_id() for _ in range(4_000)]
    policy = SecondLook("sample", 10)

    drawn = [one for one in reviews if policy.asks(one, high_risk=False)]

    assert 300 < len(drawn) < 500
    assert all(policy.asks(one, high_risk=False) for one in drawn)
    assert policy.asks(reviews[0], high_risk=True)


def test_a_sample_of_everything_is_everything() -> None:
    assert SecondLook("sample", 100).asks(UUID(int=9), high_risk=False)
    assert not SecondLook("sample", 0).asks(UUID(int=9), high_risk=False)


async def test_where_the_office_wants_it_every_approval_is_confirmed_by_another_person(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    first = await hub.approve(listing, by="he.min")
    confirmed = await confirm(hub, listing, by="wu.jie")
    await hub.sequence()

    assert (first, confirmed.json()["state"]) == (["second_review"], "approved")
    review = await hub.review_of(listing)
    assert (review["first_approver"], review["second_approver"]) == ("he.min", "wu.jie")
    assert (await hub.published(listing))["state"] == "published"


async def test_the_second_examiner_returns_what_the_first_one_approved(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.approve(listing, by="he.min")

    returned = await confirm(hub, listing, by="wu.jie", verdict="return")

    assert returned.json()["state"] == "returned"


async def test_neither_does_the_others_work(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))

    claimed = await hub.claim(listing, by="wu.jie")
    await hub.approve(listing, by="he.min")
    examiner_confirms = await confirm(hub, listing, by="he.min")
    decided = await hub.decide(listing, "return", "text_unclear", by="he.min")

    assert (claimed.status_code, code_of(claimed)) == (403, "permission_denied")
    assert (examiner_confirms.status_code, code_of(examiner_confirms)) == (403, "permission_denied")
    assert code_of(decided) == "second_person_required"


async def test_who_may_do_both_still_does_one(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    await hub.approve(listing, by="li.hua")

    for verdict in ("approve", "return"):
        refused = await confirm(hub, listing, by="li.hua", verdict=verdict)
        assert code_of(refused) == "second_person_required"
    assert await hub.state_of(listing) == "second_review"


async def test_what_waits_for_nobody_cannot_be_confirmed(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    refused = await confirm(hub, listing, by="wu.jie")

    assert (refused.status_code, code_of(refused)) == (409, "review_state_conflict")


@pytest.mark.parametrize(
    "change",
    ["second_approver = first_approver", "second_approver = NULL", "first_approver = NULL"],
)
async def test_the_database_too_wants_two_people(
    hub: ReviewingHub, node: SendingNode, change: str
) -> None:
    listing = await node.recommend(a_number(1), **DEAR)
    await hub.approve(listing, by="he.min")
    await confirm(hub, listing, by="wu.jie")

    with pytest.raises(IntegrityError, match=r"two_people|confirmed_when_approved"):
        async with hub.database.sessions.begin() as session:
            await session.execute(text(f"UPDATE review SET {change}"))
