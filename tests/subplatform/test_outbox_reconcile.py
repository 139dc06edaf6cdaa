"""Comparing with the hub, several senders at once, and the loop that does it all."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals, listening
from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_schema.identities import SeededIds
from shared_schema.statement import SignedStatement
from subplatform.outbox.condition import read_condition
from subplatform.outbox.counter import skip_oseqs, take_oseqs
from subplatform.outbox.deliver import Sending, deliver_due
from subplatform.outbox.deliveries import DeliveryFilter, list_deliveries
from subplatform.outbox.enqueue import OUTBOX_CHANNEL, enqueue, take_back
from subplatform.outbox.reconcile import reconcile
from subplatform.outbox.run import run_outbox
from tests.subplatform.hub_line import BadLine, Sender, hub_over
from tests.subplatform.hub_peer import HubPeer, SetClock, rule_violation

Sessions = async_sessionmaker[AsyncSession]


def sending_to(peer: HubPeer, *, seed: int = 5, batch: int = 500) -> Sending:
    hub = hub_over(BadLine(peer), peer.clock, seed=seed)
    return Sending(hub, peer.clock, SeededIds(seed), lambda: 0.5, batch=batch)


async def ended(loop: "asyncio.Task[None]") -> None:
    loop.cancel()
    with suppress(asyncio.CancelledError):
        await loop


async def put(sessions: Sessions, *statements: SignedStatement, clock: SetClock) -> None:
    async with sessions.begin() as session:
        await enqueue(session, statements, now=clock.now())


async def states(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return [row.state for row in await list_deliveries(session, DeliveryFilter(limit=200))]


async def test_what_the_hub_lost_is_sent_again_byte_for_byte(node_sessions: Sessions) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    sending = sending_to(peer)
    offers = list(sender.offers(5))
    await put(node_sessions, *offers, clock=peer.clock)
    await deliver_due(node_sessions, sending)
    peer.clock.advance(10)
    peer.forget(2, 4, 5)

    found = await reconcile(node_sessions, sending.hub, clock=peer.clock)

    assert (found.contiguous_through, found.gaps, found.highest) == (1, ((2, 2),), 3)
    assert found.requeued == 3
    assert (await deliver_due(node_sessions, sending)).sent == 3
    assert {one.raw for one in peer.arrivals} == {one.raw for one in offers}
    again = await reconcile(node_sessions, sending.hub, clock=peer.clock)
    assert (again.contiguous_through, again.gaps, again.requeued) == (5, (), 0)


async def test_what_this_node_never_said_is_reported_and_its_numbers_are_not_reused(
    node_sessions: Sessions,
) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    sending = sending_to(peer)
    for signed in sender.offers(4):
        peer.receive(signed.raw)
    await put(node_sessions, next(Sender().offers(1)), clock=peer.clock)

    found = await reconcile(node_sessions, sending.hub, clock=peer.clock)

    assert found.foreign == [2, 3, 4]
    async with node_sessions() as session:
        condition = await read_condition(session)
        assert condition.foreign_statements == (2, 3, 4)
        assert condition.reconciled_at == peer.clock.now()
        assert await take_oseqs(session, 2) == 5
        assert await take_oseqs(session, 1) == 7
        await skip_oseqs(session, through=3)
        assert await take_oseqs(session, 1) == 8


async def test_a_dead_letter_the_hub_does_not_have_can_be_taken_back(
    node_sessions: Sessions,
) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    line = BadLine(peer, ["unsent"])
    sending = Sending(hub_over(line, peer.clock), peer.clock, SeededIds(5), lambda: 0.5)
    signed = sender.offer()
    listing = signed.statement.listing
    await put(node_sessions, signed, clock=peer.clock)
    await deliver_due(node_sessions, sending)
    peer.refusing[listing] = rule_violation
    await deliver_due(node_sessions, sending)
    async with node_sessions.begin() as session:
        assert await take_back(session, listing) == []
    peer.clock.advance(10)

    await reconcile(node_sessions, sending.hub, clock=peer.clock)

    async with node_sessions.begin() as session:
        assert await take_back(session, listing) == [1]
    assert await states(node_sessions) == ["cancelled"]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"contiguous_through": "7"},
        {"contiguous_through": 1, "gaps": [[1]]},
        {"contiguous_through": 1, "next": 0},
    ],
    ids=["empty", "text", "half a gap", "no progress"],
)
async def test_an_answer_in_another_form_changes_nothing(
    node_sessions: Sessions, answer: dict[str, object]
) -> None:
    class Nonsense:
        async def reconcile(self, *, after: int = 0) -> dict[str, object]:
            assert after == 0
            return answer

    with pytest.raises(PeerAnsweredBadly):
        await reconcile(node_sessions, Nonsense(), clock=SetClock())  # type: ignore[arg-type]


async def test_several_senders_share_the_work_and_nothing_goes_twice(
    node_committed: Database,
) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    offers = list(sender.offers(60))
    second = [sender.say("suspend", one.statement.listing) for one in offers[:20]]
    await put(node_committed.sessions, *offers, *second, clock=peer.clock)

    async def send_all(seed: int) -> int:
        sending, sent = sending_to(peer, seed=seed, batch=7), 0
        while (report := await deliver_due(node_committed.sessions, sending)).attempted:
            sent += report.sent
        return sent

    sent = [*await asyncio.gather(*(send_all(seed) for seed in range(4))), await send_all(9)]

    assert sum(sent) == 80
    assert len(peer.arrivals) == 80
    assert set(await states(node_committed.sessions)) == {"sent"}
    assert sum(len(body.splitlines()) for _, _, body in peer.requests) == 80


async def test_the_loop_delivers_what_is_committed_and_reconciles(
    node_committed: Database,
) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    sending = sending_to(peer)
    async with listening(node_committed.url, [OUTBOX_CHANNEL]) as signals:
        loop = asyncio.create_task(run_outbox(node_committed.sessions, sending, signals))
        await put(node_committed.sessions, *sender.offers(3), clock=peer.clock)
        async with asyncio.timeout(20):
            await peer.arrived.wait()
            await peer.compared.wait()
        await ended(loop)

    assert len(peer.arrivals) == 3


async def test_the_loop_outlives_a_hub_that_is_away(node_committed: Database) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    line = BadLine(peer, ["unsent"])
    sending = Sending(hub_over(line, peer.clock), peer.clock, SeededIds(5), lambda: 0.5)
    await put(node_committed.sessions, sender.offer(), clock=peer.clock)

    loop = asyncio.create_task(run_outbox(node_committed.sessions, sending, Signals()))
    async with asyncio.timeout(20):
        await peer.arrived.wait()
    await ended(loop)

    assert not line.faults
