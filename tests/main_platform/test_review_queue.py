"""The examiners' queue: filters, pages, claims, permissions, reasons."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from main_platform.review.errors import ReasonRefused
from main_platform.review.reason_codes import Reason, check_reasons, reason_codes
from shared_platform.database.engine import Database
from shared_schema.rules import RULE_TABLE
from tests.main_platform.hub_builders import (
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
    costing,
)

VERDICTS = {"return", "reject", "withdraw", "suspend", "resume", "resolve", "erase", "keep"}


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def node(hub: ReviewingHub) -> SendingNode:
    return await hub.admit("gz-centre")


async def test_the_queue_is_filtered_by_all_that_examiners_ask_for(
    hub: ReviewingHub, node: SendingNode
) -> None:
    other = await hub.admit("sz-centre")
    plain = await node.recommend(a_number(1))
    dear = await node.recommend(a_number(2), **costing(25_000_000))
    theirs = await other.recommend(a_number(3))
    await hub.claim(plain)

    async def found(**params: Any) -> set[str]:
        return {one["listing"] for one in await hub.reviews(**params)}

    every = {str(one.id) for one in (plain, dear, theirs)}
    assert await found() == every
    assert await found(state="claimed") == {str(plain.id)}
    assert await found(state=["claimed", "waiting"]) == every
    assert await found(origin="sz-centre") == {str(theirs.id)}
    assert await found(number=a_number(2)) == {str(dear.id)}
    assert await found(finding="DEC-07") == {str(dear.id)}
    assert await found(high_risk=True) == {str(dear.id)}
    assert await found(claimed_by="li.hua") == {str(plain.id)}
    assert await found(opened_until="2026-11-22T07:59:59Z") == set()


async def test_pages_are_oldest_first_and_end(hub: ReviewingHub, node: SendingNode) -> None:
    await node.send(*(node.offer(a_number(number)).last for number in range(1, 6)))

    first = (await hub.ask("GET", "/api/v1/reviews?limit=3", by="audit")).json()
    path = f"/api/v1/reviews?limit=3&after={first['next']}"
    second = (await hub.ask("GET", path, by="audit")).json()

    numbers = [one["application_number"] for one in first["items"] + second["items"]]
    assert numbers == [a_number(number) for number in range(1, 6)]
    assert second["next"] is None


async def test_counts_show_what_waits_and_since_when(hub: ReviewingHub, node: SendingNode) -> None:
    first = await node.recommend(a_number(1))
    hub.clock.instant += timedelta(minutes=2)
    await node.recommend(a_number(2))
    await hub.claim(first)

    counts = (await hub.ask("GET", "/api/v1/reviews/counts", by="audit")).json()

    assert counts == [
        {"state": "claimed", "count": 1, "oldest": "2026-11-22T08:00:00Z"},
        {"state": "waiting", "count": 1, "oldest": "2026-11-22T08:02:00Z"},
    ]


async def test_a_review_shows_terms_findings_and_what_is_public(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **costing(30_000))
    await hub.publish(listing)
    await node.send(node.next_offer(listing, **costing(26_000_000)))
    review = await hub.review_of(listing)

    shown = (await hub.ask("GET", f"/api/v1/reviews/{review['review']}", by="audit")).json()

    assert shown["declaration"]["fee"]["payment"]["amount_fen"] == 2_600_000_000
    assert shown["public_declaration"]["fee"]["payment"]["amount_fen"] == 3_000_000
    assert shown["declaration"]["contact"]["name"] == "张三"
    assert [one["code"] for one in shown["findings"]] == ["DEC-07"]


async def test_of_several_examiners_claiming_at_once_exactly_one_gets_it(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    answers = await asyncio.gather(
        *(hub.claim(listing, by=name) for name in ("li.hua", "chen.jing", "sun.lei"))
    )

    assert sorted(one.status_code for one in answers) == [200, 409, 409]
    refusal = next(one for one in answers if one.status_code == 409)
    assert refusal.json()["code"] == "review_state_conflict"


async def test_claiming_ones_own_again_changes_nothing(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))

    first = await hub.claim(listing)
    again = await hub.claim(listing)

    assert first.json() == again.json()


async def test_a_claim_is_released_by_its_holder_or_when_it_is_old(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    path = f"/api/v1/reviews/{(await hub.review_of(listing))['review']}/claim"

    too_early = await hub.ask("DELETE", path, by="chen.jing")
    hub.clock.instant += timedelta(hours=9)
    later = await hub.ask("DELETE", path, by="chen.jing")

    assert too_early.status_code == 409
    assert later.json()["state"] == "waiting"
    assert (await hub.claim(listing, by="chen.jing")).status_code == 200


@pytest.mark.parametrize(
    ("name", "method", "path", "status"),
    [
        (None, "GET", "/api/v1/reviews", 401),
        ("reg.one", "GET", "/api/v1/reviews", 403),
        ("audit", "GET", "/api/v1/reviews", 200),
        ("audit", "POST", "/api/v1/reviews/{id}/claim", 403),
        ("audit", "DELETE", "/api/v1/reviews/{id}/claim", 403),
        ("audit", "PUT", "/api/v1/reviews/{id}/decision", 403),
        ("audit", "POST", "/api/v1/reviews/decisions", 403),
        ("li.hua", "POST", "/api/v1/conflicts/{id}/resolution", 403),
        ("li.hua", "POST", "/api/v1/listings/{id}/withdrawal", 403),
        ("reg.one", "GET", "/api/v1/listings/{id}/timeline", 403),
        ("reg.one", "GET", "/api/v1/conflicts", 403),
    ],
)
async def test_only_those_with_the_permission_may(
    hub: ReviewingHub, *, name: str | None, method: str, path: str, status: int
) -> None:
    some_id = "019a8c00-0000-7000-8000-000000000042"
    hash_ = "ab" * 32
    bodies: dict[str, Any] = {
        "decision": {"verdict": "approve", "statement_hash": hash_},
        "decisions": {"verdict": "approve", "reviews": []},
        "resolution": {"choice": "replace", "statement_hash": hash_},
        "withdrawal": {"reason": "lapse"},
    }
    body = bodies.get(path.rpartition("/")[2])

    answer = await hub.ask(method, path.replace("{id}", some_id), body, by=name)

    assert answer.status_code == status, answer.text


async def test_what_does_not_exist_is_not_found(hub: ReviewingHub) -> None:
    some_id = "019a8c00-0000-7000-8000-000000000042"
    decision = {"verdict": "approve", "statement_hash": "ab" * 32}
    choice = {"choice": "replace", "statement_hash": "ab" * 32}
    asked = [
        await hub.ask("GET", f"/api/v1/reviews/{some_id}", by="audit"),
        await hub.ask("POST", f"/api/v1/reviews/{some_id}/claim", by="li.hua"),
        await hub.ask("PUT", f"/api/v1/reviews/{some_id}/decision", decision, by="li.hua"),
        await hub.ask("POST", f"/api/v1/conflicts/{some_id}/resolution", choice, by="sun.lei"),
        await hub.ask("GET", f"/api/v1/listings/{some_id}/timeline", by="audit"),
        await hub.ask(
            "POST", f"/api/v1/listings/{some_id}/withdrawal", {"reason": "lapse"}, by="sun.lei"
        ),
    ]

    assert {(one.status_code, one.json()["code"]) for one in asked} == {(404, "not_found")}


async def test_reason_codes_are_listed_for_forms(hub: ReviewingHub) -> None:
    listed = (await hub.ask("GET", "/api/v1/reviews/reason-codes", by="audit")).json()

    assert {"code", "verdicts", "rule", "zh", "en"} == set(listed[0])
    assert len(listed) == len(reason_codes())


def test_there_is_a_reason_for_every_rule() -> None:
    assert {row.rule for row in reason_codes().values()} - {""} == set(RULE_TABLE)


def test_codes_have_texts_and_known_verdicts() -> None:
    for row in reason_codes().values():
        assert row.zh
        assert row.en
        assert row.verdicts <= VERDICTS


def test_every_wrong_reason_is_pointed_at() -> None:
    reasons = [Reason("unit_suspected"), Reason("nonsense"), Reason("other"), Reason("lapse")]

    with pytest.raises(ReasonRefused) as caught:
        check_reasons(reasons, "return")

    assert [(one.pointer, one.code) for one in caught.value.errors] == [
        ("/reasons/1/code", "reason.unknown"),
        ("/reasons/2/text", "reason.text"),
        ("/reasons/3/code", "reason.unknown"),
    ]


def test_a_return_gives_a_reason_and_an_approval_none() -> None:
    check_reasons([], "approve")
    with pytest.raises(ReasonRefused):
        check_reasons([], "return")
    with pytest.raises(ReasonRefused):
        check_reasons([Reason("unit_suspected")], "approve")
