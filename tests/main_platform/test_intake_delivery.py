"""Delivering statements: receipts, repeats, what is refused and why."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from main_platform.nodes.tables import NodeKeyRow
from shared_platform.database.engine import Database
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.signing_key import SigningKey
from shared_schema.statement import SignedStatement
from tests.main_platform.hub_builders import (
    ReviewingHub,
    SendingNode,
    a_number,
    a_reviewing_hub,
)
from tests.main_platform.hub_places import NOW, answer_of


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


async def test_an_offer_is_received_with_a_signed_receipt_and_waits(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = node.offer(a_number(1))

    written = await node.put(listing.last)

    assert written.status == 201
    assert written.receipt.verify(hub.receipt_key).key_id == hub.context.log_key.key.key_id
    assert answer_of(written) == {
        "origin": "gz-centre",
        "oseq": 1,
        "listing": str(listing.id),
        "version": 1,
        "statement_hash": listing.last.payload_hash,
        "object_hash": listing.last.object_hash,
        "received_at": "2026-11-22T08:00:00Z",
        "state": "received",
    }
    assert await hub.state_of(listing) == "waiting"


async def test_the_envelope_is_kept_as_it_came(hub: ReviewingHub, node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))

    assert await hub.scalar("SELECT envelope FROM submission") == listing.last.raw


async def test_a_repeat_gets_the_identical_receipt_whenever_it_comes(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = node.offer(a_number(1))
    first = await node.put(listing.last)
    hub.clock.instant += timedelta(hours=3)

    again = await node.put(listing.last)

    assert (first.status, again.status) == (201, 200)
    assert again.body == first.body
    assert await hub.scalar("SELECT count(*) FROM review") == 1


async def test_of_two_equal_deliveries_at_once_one_creates_and_one_repeats(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = node.offer(a_number(1))

    written = await asyncio.gather(*(node.put(listing.last) for _ in range(4)))

    assert sorted(one.status for one in written) == [200, 200, 200, 201]
    assert len({one.body for one in written}) == 1
    assert await hub.scalar("SELECT count(*) FROM submission") == 1


async def test_another_statement_under_a_used_oseq_is_quarantined_and_both_sides_know(
    hub: ReviewingHub, node: SendingNode
) -> None:
    kept = await node.recommend(a_number(1))
    other = node.sign(kept.last.statement.model_dump() | {"salt": node.ids.new_token()})

    refusal = await refused(node, other)

    assert (refusal.code, refusal.errors[0].code) == ("oseq_conflict", "oseq.used")
    evidence = await hub.scalar("SELECT envelope FROM equivocation")
    assert evidence == other.raw
    (message,) = await node.inbox()
    assert message["kind"] == "equivocation"
    assert message["body"]["known_hash"] == kept.last.payload_hash
    assert message["body"]["statement_hash"] == other.payload_hash
    audit = "SELECT count(*) FROM audit_record WHERE act = 'equivocation_seen'"
    assert await hub.scalar(audit) == 1
    assert await hub.state_of(kept) == "waiting"


async def test_an_equivocation_sent_again_is_told_once(
    hub: ReviewingHub, node: SendingNode
) -> None:
    kept = await node.recommend(a_number(1))
    other = node.sign(kept.last.statement.model_dump() | {"salt": node.ids.new_token()})

    await refused(node, other)
    await refused(node, other)

    assert await hub.scalar("SELECT count(*) FROM equivocation") == 1
    assert len(await node.inbox()) == 1


async def test_a_version_said_twice_under_two_oseqs_is_an_equivocation(
    hub: ReviewingHub, node: SendingNode
) -> None:
    kept = await node.recommend(a_number(1))
    members = kept.last.statement.model_dump()
    del members["oseq"]

    refusal = await refused(node, node.sign(members | {"salt": node.ids.new_token()}))

    assert (refusal.code, refusal.errors[0].code) == ("oseq_conflict", "version.used")
    assert await hub.scalar("SELECT known_oseq FROM equivocation") == 1


async def test_a_forged_equivocation_is_a_bad_signature_and_no_evidence(
    hub: ReviewingHub, node: SendingNode
) -> None:
    kept = await node.recommend(a_number(1))
    stranger = SigningKey.from_seed(b"s" * 32)
    members = kept.last.statement.model_dump() | {"salt": node.ids.new_token()}

    refusal = await refused(node, node.sign(members, key=stranger))

    assert refusal.code == "signature_invalid"
    assert await hub.scalar("SELECT count(*) FROM equivocation") == 0


async def test_a_statement_may_be_signed_by_another_active_key_of_the_node(
    hub: ReviewingHub, node: SendingNode
) -> None:
    second = SigningKey.from_seed(b"2" * 32)
    async with hub.database.sessions.begin() as session:
        row = {"key_id": second.key_id, "node": node.id, "use": "statement", "state": "active"}
        key = {"algorithm": "ed25519", "public_key": second.public.raw}
        until = {"not_after": NOW + timedelta(days=1)}
        await session.execute(insert(NodeKeyRow), [row | key | until])
    listing = node.offer(a_number(1))
    signed = node.sign(listing.last.statement.model_dump(), key=second)

    written = await node.put(signed)

    assert written.status == 201
    assert await hub.scalar("SELECT key_id FROM submission") == second.key_id


async def test_a_repeat_is_receipted_though_its_key_was_revoked_meanwhile(
    hub: ReviewingHub, node: SendingNode
) -> None:
    second = SigningKey.from_seed(b"2" * 32)
    async with hub.database.sessions.begin() as session:
        row = {"key_id": second.key_id, "node": node.id, "use": "statement", "state": "active"}
        key = {"algorithm": "ed25519", "public_key": second.public.raw}
        await session.execute(
            insert(NodeKeyRow), [row | key | {"not_after": NOW.replace(year=2027)}]
        )
    signed = node.sign(node.offer(a_number(1)).last.statement.model_dump(), key=second)
    first = await node.put(signed)
    async with hub.database.sessions.begin() as session:
        revoke = text("UPDATE node_key SET state = 'revoked' WHERE key_id = :key")
        await session.execute(revoke, {"key": second.key_id})

    again = await node.put(signed)

    assert (again.status, again.body) == (200, first.body)


async def test_a_node_writes_neither_at_anothers_address_nor_in_its_name(
    hub: ReviewingHub, node: SendingNode
) -> None:
    other = await hub.admit("sz-centre")
    listing = node.offer(a_number(1))
    in_its_name = other.sign(listing.last.statement.model_dump())

    assert (await refused(other, in_its_name)).code == "scope_denied"
    path = f"/federation/v1/origins/{node.id}/intake"
    with pytest.raises(PeerRefusal, match="scope_denied"):
        await other.client().get(path)


async def test_a_listing_of_another_node_cannot_be_continued(
    hub: ReviewingHub, node: SendingNode
) -> None:
    theirs = await node.recommend(a_number(1))
    other = await hub.admit("sz-centre")

    refusal = await refused(other, other.next_offer(theirs))

    assert (refusal.code, refusal.errors[0].pointer) == ("scope_denied", "/listing")


async def test_the_address_must_be_the_statements_own_number(node: SendingNode) -> None:
    refusal = await refused(node, node.offer(a_number(1)).last, oseq=7)

    assert (refusal.code, refusal.errors[0].code) == ("schema_invalid", "oseq.address")


async def test_oseqs_may_leave_gaps_but_versions_may_not(
    hub: ReviewingHub, node: SendingNode
) -> None:
    next(node.oseqs)
    listing = await node.recommend(a_number(1))
    node.next_offer(listing)  # never sent
    third = node.next_offer(listing)

    refusal = await refused(node, third)

    assert await hub.scalar("SELECT oseq FROM submission") == 2
    assert (refusal.code, refusal.errors[0].code) == ("version_gap", "version.gap")


async def test_a_version_must_name_the_one_before(node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    signed = node.say(listing, "offer", None, body=listing.last.statement.body, prev="ab" * 32)

    refusal = await refused(node, signed)

    assert (refusal.code, refusal.errors[0].code) == ("version_gap", "prev.differs")


@pytest.mark.parametrize("op", ["withdraw", "suspend", "resume"])
async def test_a_listing_begins_with_an_offer(node: SendingNode, op: str) -> None:
    listing = node.offer(a_number(1))
    listing.versions.clear()

    refusal = await refused(node, node.change(listing, op))

    assert (refusal.code, refusal.errors[0].code) == ("version_gap", "version.no_offer")


async def test_a_withdrawn_listing_cannot_come_back_whatever_the_version(
    node: SendingNode,
) -> None:
    listing = await node.recommend(a_number(1))
    await node.send(node.change(listing, "withdraw"))

    assert (await refused(node, node.next_offer(listing))).code == "tombstoned"


async def test_a_second_listing_of_the_patent_is_refused_and_the_live_one_named(
    node: SendingNode,
) -> None:
    live = await node.recommend(a_number(1))

    refusal = await refused(node, node.offer(a_number(1)).last)

    assert refusal.code == "duplicate_own"
    assert str(live.id) in refusal.detail


async def test_a_withdrawn_listing_makes_room_for_another_one(node: SendingNode) -> None:
    listing = await node.recommend(a_number(1))
    second = node.offer(a_number(1))

    results = await node.send(node.change(listing, "withdraw"), second.last)

    assert [one["status"] for one in results] == [201, 201]


async def test_a_rejected_listing_makes_room_for_another_one(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1))
    await hub.claim(listing)
    await hub.decide(listing, "reject", "not_eligible")

    await node.recommend(a_number(1))


async def test_an_offer_that_ran_out_makes_room_for_another_one(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listing = await node.recommend(a_number(1), period={"end": "2027-12-31"})
    await hub.publish(listing)
    hub.clock.instant = NOW.replace(year=2028, month=2)
    async with hub.database.sessions.begin() as session:
        await session.execute(text("UPDATE node_key SET not_after = '2030-01-01'"))

    second = await node.recommend(a_number(1), period={"end": "2029-12-31"})

    waiting = "SELECT listing FROM review WHERE state = 'waiting'"
    assert await hub.scalar(waiting) == second.id


async def test_a_full_backlog_refuses_offers_for_now_and_never_withdrawals(
    hub_committed: Database, tmp_path: Path
) -> None:
    async with a_reviewing_hub(hub_committed, tmp_path, review_backlog_limit=2) as hub:
        node = await hub.admit("gz-centre")
        first = await node.recommend(a_number(1))
        more = [node.offer(a_number(number)).last for number in (2, 3)]

        results = await node.send(*more, node.change(first, "withdraw"))

        assert [one["status"] for one in results] == [201, 429, 201]
        assert results[1]["problem"]["code"] == "review_backlog"
        assert results[1]["problem"]["retryable"]
        assert results[1]["problem"]["retry_after_s"] == 3_600


async def test_what_arrived_is_reported_with_gaps_and_states(
    hub: ReviewingHub, node: SendingNode
) -> None:
    listings = [node.offer(a_number(number)) for number in range(1, 7)]
    await node.send(*(listings[place].last for place in (0, 1, 3, 5)))
    await hub.publish(listings[1])

    path = f"/federation/v1/origins/{node.id}/intake"
    whole = answer_of_get(await node.client().get(path))
    page = answer_of_get(await node.client().get(path, params={"after": 1, "limit": 2}))

    assert whole["contiguous_through"] == 2
    assert whole["gaps"] == [[3, 3], [5, 5]]
    assert [(one["oseq"], one["state"]) for one in whole["states"]] == [
        (1, "waiting"),
        (2, "sequenced"),
        (4, "waiting"),
        (6, "waiting"),
    ]
    hashes = [listings[place].last.payload_hash for place in (0, 1, 3, 5)]
    assert [one["statement_hash"] for one in whole["states"]] == hashes
    assert whole["next"] is None
    assert ([one["oseq"] for one in page["states"]], page["next"]) == ([2, 4], 4)


async def test_before_anything_was_sent_nothing_is_missing(node: SendingNode) -> None:
    path = f"/federation/v1/origins/{node.id}/intake"

    state = answer_of_get(await node.client().get(path))

    assert state == {"contiguous_through": 0, "gaps": [], "states": [], "next": None}


def answer_of_get(answer: Any) -> dict[str, Any]:
    return answer_of(answer)
