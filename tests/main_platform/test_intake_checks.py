"""Rules, scope and form at the intake: what a node may send, and how a fault is named."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.statement import SignedStatement
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


async def refused(node: SendingNode, signed: SignedStatement, **address: int) -> PeerRefusal:
    with pytest.raises(PeerRefusal) as caught:
        await node.put(signed, **address)
    return caught.value


async def test_every_broken_rule_is_one_error_with_its_source(node: SendingNode) -> None:
    listing = node.offer(a_number(1), contact=None, period={"end": "2026-01-01"})

    refusal = await refused(node, listing.last)

    assert refusal.code == "rule_violated"
    assert {one.code for one in refusal.errors} >= {"DEC-08", "DEC-20"}
    assert all(one.source for one in refusal.errors)


async def test_the_hub_follows_one_profile(node: SendingNode) -> None:
    listing = node.offer(a_number(1), profile="statutory-2024")

    refusal = await refused(node, listing.last)

    assert (refusal.code, refusal.errors[0].code) == ("rule_violated", "profile.other")


async def test_warnings_do_not_refuse_but_the_examiner_sees_them(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), **costing(25_000_000))

    review = await hub.review_of(listing)

    assert review["finding_codes"] == ["DEC-07"]
    assert review["high_risk"]
    assert {"DEC-03", "DEC-12"} <= set(review["unchecked_rules"])


@pytest.mark.parametrize(
    ("regions", "territory", "accepted"),
    [
        (["44"], {"include": ["CN"]}, True),
        (["44"], {"include": ["440300"]}, True),
        (["44"], {"include": ["35"]}, False),
        (["44"], {"include": ["CN"], "exclude": ["44"]}, False),
        (["440300"], {"include": ["44"]}, True),
        (["440300"], {"include": ["44"], "exclude": ["440300"]}, False),
        (["440300"], {"include": ["440100"]}, False),
        (["CN"], {"include": ["35"]}, True),
        ([], {"include": ["44"]}, False),
    ],
)
async def test_a_node_offers_where_it_is_enrolled(
    hub: ReviewingHub, regions: list[str], territory: dict[str, Any], *, accepted: bool
) -> None:
    node = await hub.admit("gz-centre", regions=regions)

    (result,) = await node.send(node.offer(a_number(1), territory=territory).last)

    assert result["status"] == (201 if accepted else 403)


async def test_a_node_without_the_kind_sends_nothing_at_all(hub: ReviewingHub) -> None:
    node = await hub.admit("gz-centre", kinds=["need"])

    refusal = await refused(node, node.offer(a_number(1)).last)

    assert (refusal.code, refusal.errors[0].code) == ("scope_denied", "scope.kind")


async def test_a_member_that_must_be_understood_and_is_not_refuses(node: SendingNode) -> None:
    listing = node.offer(a_number(1))
    members = listing.last.statement.model_dump() | {"crit": ("royalty_pool",)}

    refusal = await refused(node, node.sign(members))

    assert (refusal.code, refusal.errors[0].code) == ("schema_unsupported", "statement.crit")


async def test_another_kind_of_body_is_refused(node: SendingNode) -> None:
    members = node.offer(a_number(1)).last.statement.model_dump()

    refusal = await refused(node, node.sign(members | {"schema_id": "technology-need/1"}))

    assert (refusal.code, refusal.errors[0].code) == ("schema_unsupported", "schema.unsupported")


async def test_the_patent_of_a_listing_never_changes(node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    listing.number = a_number(2)

    refusal = await refused(node, node.next_offer(listing))

    assert (refusal.code, refusal.errors[0].code) == ("schema_invalid", "subject.changed")
