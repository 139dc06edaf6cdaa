"""Delivery to a hub in the same process, on good days."""

from dataclasses import replace as changed
from uuid import UUID

import pytest
from sqlalchemy import update

from shared_platform.transport.problems import DiskFull
from shared_schema.identities import SeededIds
from shared_schema.receipt import StoredReceipt
from shared_schema.refusal import DomainError
from subplatform.outbox.deliver import DeliveryReport, Sending
from subplatform.outbox.deliveries import (
    DeliveryFilter,
    list_deliveries,
    read_standing,
    stored_receipt,
)
from subplatform.outbox.enqueue import chain_heads, take_back
from subplatform.outbox.lease import lease_due
from subplatform.outbox.replay import DeliveryNotFound, replay, replay_all
from subplatform.outbox.states import DeliveryState, DeliveryStateConflict
from subplatform.outbox.tables import OutboxMessageRow
from tests.subplatform.hub_peer import LOG_KEY, NOW, Busy, rule_violation
from tests.subplatform.posting import Post, Sessions


@pytest.fixture
def post(node_sessions: Sessions) -> Post:
    return Post(node_sessions)


async def test_one_statement_goes_by_its_own_address_and_keeps_its_receipt(post: Post) -> None:
    signed = post.sender.offer()
    await post.put(signed)

    report = await post.deliver()

    assert report == DeliveryReport(attempted=1, sent=1)
    assert [one.raw for one in post.peer.arrivals] == [signed.raw]
    assert [path for path, _, _ in post.peer.requests] == ["put 1"]
    row = await post.row(1)
    assert row.state == "sent"
    assert row.receipt is not None
    assert row.receipt["statement_hash"] == signed.payload_hash
    async with post.sessions() as session:
        kept = await stored_receipt(session, 1)
    key_of = {LOG_KEY.key_id: LOG_KEY.public}.get
    assert StoredReceipt.from_json(kept.to_json()).verify(key_of).key_id == LOG_KEY.key_id


async def test_several_statements_go_in_one_batch_with_one_receipt(post: Post) -> None:
    await post.put(*post.sender.offers(5))

    report = await post.deliver()

    assert report == DeliveryReport(attempted=5, sent=5)
    assert len(post.peer.requests) == 1
    assert [one.statement.oseq for one in post.peer.arrivals] == [1, 2, 3, 4, 5]
    rows = await post.rows(DeliveryState.SENT)
    assert len({row.receipt_id for row in rows}) == 1
    assert all(row.batch_key is None and row.lease_id is None for row in rows)


async def test_a_batch_is_cut_at_the_size_of_a_request(post: Post) -> None:
    await post.put(*post.sender.offers(3))
    async with post.sessions.begin() as session:
        await session.execute(
            update(OutboxMessageRow)
            .where(OutboxMessageRow.oseq < 3)
            .values(envelope=b"x" * (3 * 1024 * 1024))
        )
        lease = await lease_due(session, ids=SeededIds(1), now=NOW)

    assert lease is not None
    assert [one.oseq for one in lease.statements] == [1]
    assert lease.key is None


async def test_no_version_overtakes_an_earlier_one(post: Post) -> None:
    first = post.sender.offer()
    listing = first.statement.listing
    second = post.sender.offer(listing)
    await post.put(first, second, post.sender.offer())

    assert (await post.deliver()).sent == 2
    assert (await post.deliver()).sent == 1

    order = [(one.statement.oseq, one.statement.version) for one in post.peer.arrivals]
    assert order == [(1, 1), (3, 1), (2, 2)]


async def test_a_withdrawal_goes_before_everything_and_pulls_its_offer_along(post: Post) -> None:
    post.sending = Sending(
        post.sending.hub, post.clock, post.sending.ids, post.sending.jitter, batch=1
    )
    first, late = post.sender.offer(), post.sender.offer()
    await post.put(first, late)
    await post.put(post.sender.say("withdraw", late.statement.listing))

    await post.deliver_all()

    assert [one.statement.oseq for one in post.peer.arrivals] == [2, 3, 1]


@pytest.mark.parametrize("refusal", [Busy, DiskFull])
async def test_a_hub_that_is_closed_is_left_alone_as_long_as_it_asks(
    post: Post, refusal: type[DomainError]
) -> None:
    post.sending = changed(post.sending, batch=1)
    await post.put(*post.sender.offers(3))
    post.line.faults.append(refusal(retry_after_s=77))

    refused = await post.deliver()
    post.clock.advance(76)
    too_early = await post.deliver()
    post.clock.advance(1)
    await post.deliver_all()

    assert (refused.postponed, too_early.attempted, too_early.paused) == (
        1,
        0,
        refusal.problem.code,
    )
    assert len(post.peer.requests) == 3
    assert [(await post.row(oseq)).state for oseq in (1, 2, 3)] == ["sent"] * 3


async def test_a_permanent_refusal_is_a_dead_letter_with_its_problem(post: Post) -> None:
    good, bad = post.sender.offer(), post.sender.offer()
    post.peer.refusing[bad.statement.listing] = rule_violation
    await post.put(good, bad)

    report = await post.deliver()
    await post.deliver_all()

    assert (report.sent, report.dead) == (1, 1)
    row = await post.row(2)
    assert row.state == "dead"
    assert row.last_problem is not None
    assert row.last_problem["code"] == "rule_violated"
    assert row.last_problem["errors"][0]["pointer"] == "/period/end"
    assert row.attempts == 1


async def test_a_single_refused_statement_keeps_the_whole_problem(post: Post) -> None:
    bad = post.sender.offer()
    post.peer.refusing[bad.statement.listing] = rule_violation
    await post.put(bad)

    assert (await post.deliver()).dead == 1

    problem = (await post.row(1)).last_problem
    assert problem is not None
    assert (problem["code"], problem["status"], problem["retryable"]) == (
        "rule_violated",
        422,
        False,
    )


async def test_later_versions_wait_behind_a_dead_letter_and_go_after_its_replay(post: Post) -> None:
    first = post.sender.offer()
    listing = first.statement.listing
    post.peer.refusing[listing] = rule_violation
    await post.put(first, post.sender.say("suspend", listing))
    await post.deliver_all()
    assert [row.state for row in await post.rows()] == ["dead", "waiting"]

    del post.peer.refusing[listing]
    async with post.sessions.begin() as session:
        await replay(session, 1, by="operator", now=post.clock.now())
    await post.deliver_all()

    assert [row.state for row in await post.rows()] == ["sent", "sent"]


async def test_only_dead_letters_are_replayed(post: Post) -> None:
    await post.put(post.sender.offer())
    async with post.sessions.begin() as session:
        assert await replay_all(session, by="operator", now=NOW) == []
        with pytest.raises(DeliveryStateConflict):
            await replay(session, 1, by="operator", now=NOW)
        with pytest.raises(DeliveryNotFound):
            await replay(session, 99, by="operator", now=NOW)


async def test_what_the_hub_never_got_is_taken_back(post: Post) -> None:
    first = post.sender.offer()
    listing = first.statement.listing
    await post.put(first, post.sender.offer(listing))

    async with post.sessions.begin() as session:
        assert await take_back(session, listing) == [2, 1]
        assert await chain_heads(session, [listing]) == {}
    assert (await post.deliver()).attempted == 0


async def test_what_the_hub_may_have_is_not_taken_back(post: Post) -> None:
    first = post.sender.offer()
    listing: UUID = first.statement.listing
    await post.put(first)
    post.line.faults.append("lost")
    await post.deliver()
    await post.put(post.sender.offer(listing))

    async with post.sessions.begin() as session:
        assert await take_back(session, listing) == [2]
        head = (await chain_heads(session, [listing]))[listing]

    assert (head.version, head.statement_hash) == (1, first.payload_hash)


async def test_the_standing_counts_states_and_tells_what_is_due(post: Post) -> None:
    await post.put(*post.sender.offers(2))
    post.line.faults.append(Busy(retry_after_s=30))
    await post.deliver()

    async with post.sessions() as session:
        standing = await read_standing(session)

    assert standing.counts == {"waiting": 2, "leased": 0, "sent": 0, "dead": 0, "cancelled": 0}
    assert standing.oldest_waiting_at == NOW
    assert standing.next_due_at is not None
    assert (standing.next_due_at - NOW).total_seconds() == 30


async def test_deliveries_are_filtered_by_listing_and_problem(post: Post) -> None:
    bad, good = post.sender.offer(), post.sender.offer()
    post.peer.refusing[bad.statement.listing] = rule_violation
    await post.put(bad, good)
    await post.deliver()

    async with post.sessions() as session:
        of_listing = DeliveryFilter(listing=good.statement.listing)
        refused = DeliveryFilter(problem="rule_violated")
        assert [row.oseq for row in await list_deliveries(session, of_listing)] == [2]
        assert [row.oseq for row in await list_deliveries(session, refused)] == [1]
        with pytest.raises(DeliveryNotFound):
            await stored_receipt(session, 1)
