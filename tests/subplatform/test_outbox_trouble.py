"""Delivery on bad days: silence, refusals, pauses, crashes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from typing_extensions import override

from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_platform.transport.signed_client import Written
from shared_platform.transport.signed_requests import KeyStanding
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.statement import SignedStatement
from subplatform.outbox.condition import read_condition, resume
from subplatform.outbox.deliver import DeliveryReport, deliver_due
from subplatform.outbox.lease import lease_due
from subplatform.outbox.ports import Intake
from subplatform.outbox.send import send
from subplatform.outbox.settle import Settled, settle
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.verdict import Verdict, of_line
from tests.subplatform.hub_peer import (
    NOW,
    Busy,
    ClockWrong,
    KeyExpired,
    SetClock,
    TooLarge,
    TooMany,
    rule_violation,
)
from tests.subplatform.posting import Post, Sessions


@pytest.fixture
def post(node_sessions: Sessions) -> Post:
    return Post(node_sessions)


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


async def test_a_batch_of_which_one_statement_failed_before_is_never_left_without_a_head(
    post: Post,
) -> None:
    await post.put(post.sender.offer())
    for _ in range(2):
        post.line.faults.append(Busy())
        await post.deliver()
        post.clock.instant = (await post.row(1)).next_attempt_at
    await post.put(post.sender.offer())

    for _ in range(3):
        post.line.faults.append("lost")
        await post.deliver()
        post.clock.advance(3_600)
    await post.deliver_all()

    assert [(await post.row(oseq)).state for oseq in (1, 2)] == ["sent", "sent"]


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


async def test_nothing_is_raised_by_a_hub_that_refuses_everything(post: Post) -> None:
    await post.put(post.sender.offer())
    refusal: DomainError = Busy()
    post.line.faults.append(refusal)

    assert (await post.deliver()).postponed == 1


async def test_a_lease_is_renewed_while_the_hub_takes_its_time(post: Post) -> None:
    await post.put(post.sender.offer())
    asked, beaten = asyncio.Event(), asyncio.Event()

    class Ticking(SetClock):
        """Tells when somebody asks for the time after the hub was asked, as a heartbeat does."""

        @override
        def now(self) -> Instant:
            if asked.is_set():
                beaten.set()
            return super().now()

    class Slow:
        async def put_statement(self, statement: SignedStatement) -> Written:
            asked.set()
            await asyncio.wait_for(beaten.wait(), timeout=10)
            return await post.sending.hub.put_statement(statement)

    hub = cast(Intake, Slow())
    slow = replace(post.sending, hub=hub, clock=Ticking(NOW), lease=timedelta(seconds=0.03))

    assert (await deliver_due(post.sessions, slow)).sent == 1


@pytest.mark.parametrize(
    "forged",
    [{"oseq": 9}, {"listing": None}, {"version": 2}],
    ids=["another oseq", "no listing", "another version"],
)
async def test_a_single_receipt_must_name_what_was_sent(
    post: Post, forged: dict[str, object]
) -> None:
    post.peer.forge = lambda receipt: receipt | forged
    await post.put(post.sender.offer())

    report = await post.deliver()

    assert (report.sent, report.postponed) == (0, 1)


@pytest.mark.parametrize(
    ("status", "problem", "verdict"),
    [
        (409, {"code": "tombstoned"}, Verdict.DEAD),
        (422, {"code": "a_code_of_another_age"}, Verdict.DEAD),
        (429, {"code": "a_code_of_another_age"}, Verdict.RETRY),
        (503, {"code": "maintenance"}, Verdict.RETRY),
        (409, {"code": "idempotency_in_flight", "retryable": True}, Verdict.RETRY),
        (401, {"code": "nonce_replayed"}, Verdict.RETRY),
        (403, {"code": "node_suspended"}, Verdict.PAUSE),
        (422, {"code": "version_gap"}, Verdict.GAP),
    ],
    ids=[
        "tombstoned",
        "unknown code",
        "unknown code that may pass",
        "maintenance",
        "in flight",
        "replayed",
        "suspended",
        "gap",
    ],
)
def test_a_refused_line_means(status: int, problem: dict[str, object], verdict: Verdict) -> None:
    assert of_line(status, problem).verdict is verdict


def test_a_refused_line_without_a_problem_is_no_decision() -> None:
    with pytest.raises(PeerAnsweredBadly):
        of_line(422, None)


async def test_a_batch_whose_twin_is_at_work_is_repeated_under_its_key(post: Post) -> None:
    class InFlight(DomainError):
        problem = ProblemType.IDEMPOTENCY_IN_FLIGHT

    await post.put(*post.sender.offers(2))
    post.line.faults.append("lost")
    await post.deliver()
    post.line.faults.append(InFlight())
    await post.deliver()
    post.clock.advance(60)

    assert (await post.deliver()).sent == 2
    assert len({key for _, key, _ in post.peer.requests}) == 1
