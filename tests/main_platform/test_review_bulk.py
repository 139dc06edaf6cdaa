"""Many decisions in one call: each recorded singly, each standing or falling alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
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


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["code"])


async def together(hub: ReviewingHub, by: str = "li.hua", **body: Any) -> dict[str, Any]:
    answer = await hub.ask("POST", "/api/v1/reviews/decisions", body, by=by)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_many_are_decided_together_and_recorded_singly(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listings = [node.offer(a_number(number)) for number in range(1, 31)]
    await node.send(*(listing.last for listing in listings))
    await hub.claim(listings[0], by="chen.jing")
    reviews = await hub.reviews(limit=100)
    targets = [{k: one[k] for k in ("review", "statement_hash")} for one in reviews]
    unknown = {"review": "019a8c00-0000-7000-8000-00000000dead", "statement_hash": "ab" * 32}
    targets[1] = targets[1] | {"statement_hash": "ab" * 32}

    done = await together(hub, verdict="approve", reviews=[*targets, unknown, targets[5]])

    assert (done["decided"], done["refused"]) == (28, 3)
    codes = [one["problem"]["code"] for one in done["results"] if one["problem"]]
    assert codes == ["review_state_conflict", "stale_review", "not_found"]
    assert await hub.scalar("SELECT count(*) FROM decision WHERE examiner = 'li.hua'") == 28
    audit = "SELECT count(*) FROM audit_record WHERE act = 'review_decided'"
    assert await hub.scalar(audit) == 28
    await hub.sequence()
    assert len(await hub.log_kinds()) == 28


async def test_a_filter_is_decided_as_it_stood_when_it_was_seen(
    hub: ReviewingHub, node: SendingNode
) -> None:
    for number in (1, 2):
        await node.recommend(a_number(number))
    seen = "2026-11-22T08:00:00Z"
    hub.clock.instant += timedelta(seconds=30)
    late = await node.recommend(a_number(3))
    wanted = {"states": ["waiting"], "origin": "gz-centre", "opened_until": seen}

    done = await together(hub, verdict="reject", reasons=[{"code": "not_eligible"}], filter=wanted)

    assert done["decided"] == 2
    assert await hub.state_of(late) == "waiting"


async def test_a_filter_says_until_when_it_was_seen(hub: ReviewingHub) -> None:
    body = {"verdict": "approve", "filter": {"states": ["waiting"]}}

    refused = await hub.ask("POST", "/api/v1/reviews/decisions", body, by="li.hua")

    assert (refused.status_code, code_of(refused)) == (422, "schema_invalid")


async def test_a_second_examiner_clears_the_risky_ones_together(
    hub: ReviewingHub, node: SendingNode
) -> None:
    dear = [node.offer(a_number(number), **costing(25_000_000)) for number in (1, 2, 3)]
    await node.send(*(one.last for one in dear))
    wanted = {"opened_until": "2026-11-22T09:00:00Z"}

    first = await together(hub, verdict="approve", filter=wanted)
    second_wanted = wanted | {"states": ["second_review"]}
    body = {"verdict": "approve", "filter": second_wanted}
    path = "/api/v1/reviews/confirmations"
    second = (await hub.ask("POST", path, body, by="chen.jing")).json()

    assert {one["state"] for one in first["results"]} == {"second_review"}
    assert {one["state"] for one in second["results"]} == {"approved"}


async def test_one_call_decides_a_thousand_at_most(hub: ReviewingHub) -> None:
    one = {"review": "019a8c00-0000-7000-8000-00000000dead", "statement_hash": "ab" * 32}

    refused = await hub.ask(
        "POST",
        "/api/v1/reviews/decisions",
        {"verdict": "approve", "reviews": [one] * 1001},
        by="li.hua",
    )

    assert refused.status_code == 422


async def test_overlapping_bulk_decisions_do_not_deadlock(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listings: list[Listing] = [node.offer(a_number(number)) for number in range(1, 41)]
    await node.send(*(listing.last for listing in listings))
    reviews = await hub.reviews(limit=100)
    targets = [{k: one[k] for k in ("review", "statement_hash")} for one in reviews]

    done = await asyncio.gather(
        together(hub, "li.hua", verdict="approve", reviews=targets),
        together(hub, "chen.jing", verdict="approve", reviews=targets[::-1]),
    )

    assert sorted(one["decided"] for one in done) == [0, 40]
