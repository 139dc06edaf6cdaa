"""Delivery to a hub in the same process, on good days and bad ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.transport.signed_requests import KeyStanding
from shared_schema.identities import SeededIds
from shared_schema.receipt import StoredReceipt
from shared_schema.refusal import DomainError
from shared_schema.statement import SignedStatement
from subplatform.outbox.condition import read_condition, resume
from subplatform.outbox.deliver import DeliveryReport, Sending, deliver_due
from subplatform.outbox.deliveries import (
    DeliveryFilter,
    list_deliveries,
    read_standing,
    stored_receipt,
)
from subplatform.outbox.enqueue import chain_heads, enqueue, take_back
from subplatform.outbox.lease import lease_due
from subplatform.outbox.replay import DeliveryNotFound, replay, replay_all
from subplatform.outbox.send import send
from subplatform.outbox.settle import Settled, settle
from subplatform.outbox.states import DeliveryState, DeliveryStateConflict
from subplatform.outbox.tables import OutboxMessageRow
from tests.subplatform.hub_peer import (
    LOG_KEY,
    NOW,
    BadLine,
    Busy,
    ClockWrong,
    HubPeer,
    KeyExpired,
    Sender,
    SetClock,
    TooLarge,
    TooMany,
    hub_over,
    rule_violation,
)

Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Post:
    """An outbox, the hub, and the line between them."""

    sessions: Sessions
    clock: SetClock = field(default_factory=SetClock)
    sender: Sender = field(default_factory=Sender)
    peer: HubPeer = field(init=False)
    line: BadLine = field(init=False)
    sending: Sending = field(init=False)

    def __post_init__(self) -> None:
        self.peer = HubPeer(self.clock)
        self.line = BadLine(self.peer)
        self.sending = Sending(
            hub_over(self.line, self.clock), self.clock, SeededIds(5), jitter=lambda: 0.5
        )

    async def put(self, *statements: SignedStatement) -> None:
        async with self.sessions.begin() as session:
            await enqueue(session, statements, now=self.clock.now())

    async def deliver(self) -> DeliveryReport:
        return await deliver_due(self.sessions, self.sending)

    async def deliver_all(self) -> None:
        while (await self.deliver()).attempted:
            pass

    async def rows(self, state: DeliveryState | None = None) -> Sequence[OutboxMessageRow]:
        async with self.sessions() as session:
            return await list_deliveries(session, DeliveryFilter(state, limit=200))

    async def row(self, oseq: int) -> OutboxMessageRow:
        async with self.sessions() as session:
            found = select(OutboxMessageRow).where(OutboxMessageRow.oseq == oseq)
            return (await session.execute(found)).scalar_one()


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


async def test_a_lost_reply_repeats_the_same_key_and_bytes(post: Post) -> None:
    await post.put(*post.sender.offers(3))
    post.line.faults.append("lost")

    lost = await post.deliver()
    await post.put(*post.sender.offers(2))
    post.clock.advance(5)
    again = await post.deliver()

    assert lost == DeliveryReport(attempted=3, postponed=3, paused="hub_unreachable")
    assert again.sent == 3
    first, second = post.peer.requests
    assert first == second
    assert len(post.peer.arrivals) == 3
    assert all(row.is_unanswered is False for row in await post.rows(DeliveryState.SENT))


async def test_a_lost_reply_to_a_single_statement_is_answered_as_a_repeat(post: Post) -> None:
    await post.put(post.sender.offer())
    post.line.faults.append("lost")

    await post.deliver()
    report = await post.deliver()

    assert report.sent == 1
    assert len(post.peer.arrivals) == 1
    assert len(post.peer.requests) == 2


@pytest.mark.parametrize(
    ("failures", "waits"), [(1, 0), (2, 5), (3, 30), (4, 120), (5, 600), (6, 3600), (7, 3600)]
)
async def test_refusals_that_may_pass_follow_the_retry_table(
    post: Post, failures: int, waits: int
) -> None:
    await post.put(post.sender.offer())
    for failure in range(failures):
        post.line.faults.append(Busy())
        await post.deliver()
        if failure < failures - 1:
            post.clock.instant = (await post.row(1)).next_attempt_at

    row = await post.row(1)
    assert row.failures == failures
    assert (row.next_attempt_at - post.clock.now()).total_seconds() == waits
    assert row.last_problem is not None
    assert row.last_problem["code"] == "maintenance"


async def test_a_longer_wait_asked_for_by_the_hub_is_kept_to(post: Post) -> None:
    await post.put(post.sender.offer())
    post.line.faults.append(TooMany(retry_after_s=77))

    await post.deliver()

    row = await post.row(1)
    assert (row.next_attempt_at - NOW).total_seconds() == 77
    assert not row.is_unanswered


@pytest.mark.parametrize("fault", ["unsent", "lost", "html", "malformed"])
async def test_silence_and_nonsense_are_never_a_decision(post: Post, fault: str) -> None:
    await post.put(post.sender.offer())
    post.line.faults.append(fault)

    report = await post.deliver()
    post.clock.advance(60)
    await post.deliver_all()

    assert report.postponed == 1
    assert (await post.row(1)).state == "sent"
    assert len(post.peer.arrivals) == 1


async def test_a_receipt_for_another_statement_is_no_receipt(post: Post) -> None:
    post.peer.forge = lambda receipt: receipt | {"statement_hash": "0" * 64}
    await post.put(*post.sender.offers(2))

    report = await post.deliver()

    assert report.postponed == 2
    assert (await post.row(1)).is_unanswered


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


@pytest.mark.parametrize("count", [1, 3])
async def test_an_expired_key_pauses_the_outbox_and_loses_nothing(post: Post, count: int) -> None:
    post.peer.standing = KeyStanding.EXPIRED
    await post.put(*post.sender.offers(count))

    assert (await post.deliver()).paused == "key_expired"
    assert (await post.deliver()).paused == "key_expired"
    post.clock.advance(4)
    held = await post.deliver()

    assert held.attempted == 0
    assert not post.peer.arrivals
    assert {row.state for row in await post.rows()} == {"waiting"}
    post.peer.standing = KeyStanding.ACTIVE
    async with post.sessions.begin() as session:
        assert await resume(session, now=post.clock.now())
        assert not await resume(session, now=post.clock.now())
    post.clock.advance(3600)
    await post.deliver_all()
    assert len(post.peer.arrivals) == count


async def test_a_pause_probes_by_the_retry_table(post: Post) -> None:
    await post.put(post.sender.offer())
    for _ in range(3):
        post.line.faults.append(KeyExpired())
    for wait in (0, 5, 30):
        await post.deliver()
        async with post.sessions() as session:
            condition = await read_condition(session)
        assert condition.probe_at is not None
        assert (condition.probe_at - post.clock.now()).total_seconds() == wait
        post.clock.instant = condition.probe_at

    assert (await post.deliver()).sent == 1
    async with post.sessions() as session:
        assert (await read_condition(session)).paused is None


async def test_after_silence_everything_goes_as_soon_as_the_hub_answers(post: Post) -> None:
    await post.put(*post.sender.offers(2))
    for _ in range(6):
        post.line.faults.append("unsent")
        await post.deliver()
        post.clock.advance(61)
    assert {row.state for row in await post.rows()} == {"waiting"}
    post.line.faults.clear()
    await post.put(post.sender.offer())

    await post.deliver_all()

    assert {row.state for row in await post.rows()} == {"sent"}


async def test_a_wrong_clock_is_corrected_and_delivery_goes_on(post: Post) -> None:
    await post.put(post.sender.offer())
    post.line.faults.append(ClockWrong())

    report = await post.deliver()

    assert report.sent == 1


async def test_a_refused_batch_is_taken_apart(post: Post) -> None:
    bad = post.sender.offer()
    post.peer.refusing[bad.statement.listing] = rule_violation
    await post.put(bad, *post.sender.offers(2))
    post.line.faults.append(TooLarge())

    assert (await post.deliver()).postponed == 3
    await post.deliver_all()

    assert [path for path, _, _ in post.peer.requests] == ["put 1", "put 2", "put 3"]
    assert [row.state for row in await post.rows()] == ["dead", "sent", "sent"]


async def test_a_batch_that_is_never_answered_is_taken_apart(post: Post) -> None:
    await post.put(*post.sender.offers(2))
    for _ in range(4):
        post.line.faults.append("html")
        await post.deliver()
        post.clock.advance(120)

    await post.deliver_all()

    assert [path for path, _, _ in post.peer.requests] == ["put 1", "put 2"]


async def test_a_hub_that_asks_for_an_earlier_version_is_given_time(post: Post) -> None:
    first = post.sender.offer()
    second = post.sender.offer(first.statement.listing)
    await post.put(first)
    await post.deliver()
    await post.put(second)
    post.peer.forget(1)

    report = await post.deliver()

    assert report.is_reconciliation_due
    assert (await post.row(2)).state == "waiting"
    for _ in range(3):
        post.clock.advance(3600)
        await post.deliver()
    assert (await post.row(2)).state == "dead"


async def test_a_crash_after_leasing_is_made_good_when_the_lease_is_over(post: Post) -> None:
    await post.put(*post.sender.offers(3))
    async with post.sessions.begin() as session:
        crashed = await lease_due(session, ids=SeededIds(77), now=post.clock.now())
    assert crashed is not None
    assert (await post.deliver()).attempted == 0

    post.clock.advance(60)
    report = await post.deliver()

    assert report.sent == 3
    assert post.peer.requests[0][1] == crashed.key


async def test_an_outcome_that_comes_after_the_lease_changes_nothing(post: Post) -> None:
    await post.put(post.sender.offer())
    async with post.sessions.begin() as session:
        slow = await lease_due(session, ids=SeededIds(77), now=post.clock.now())
    assert slow is not None
    answers = await send(post.sending.hub, slow)
    post.clock.advance(61)
    await post.deliver()
    async with post.sessions.begin() as session:
        late = await settle(
            session, slow, answers, ids=SeededIds(78), now=post.clock.now(), jitter=lambda: 0.5
        )

    assert late == Settled()
    assert len(post.peer.arrivals) == 1
    row = await post.row(1)
    assert (row.state, row.attempts) == ("sent", 2)


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


async def test_nothing_is_raised_by_a_hub_that_refuses_everything(post: Post) -> None:
    await post.put(post.sender.offer())
    refusal: DomainError = Busy()
    post.line.faults.append(refusal)

    assert (await post.deliver()).postponed == 1
