"""Comparing hashes with the hub, page by page: lost, foreign and contradicting statements."""

import asyncio

import httpx
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from typing_extensions import override

from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_schema.identities import SeededIds
from shared_schema.statement import SignedStatement
from subplatform.outbox.condition import read_condition, want_reconciliation
from subplatform.outbox.deliver import Sending, deliver_due
from subplatform.outbox.deliveries import DeliveryFilter, list_deliveries
from subplatform.outbox.enqueue import enqueue
from subplatform.outbox.reconcile import reconcile
from subplatform.outbox.replay import replay_all
from subplatform.outbox.run import run_outbox
from subplatform.outbox.schemas import DeliveryOut
from tests.subplatform.hub_line import BadLine, Sender, hub_over
from tests.subplatform.hub_peer import HubPeer, SetClock, TooLarge, rule_violation
from tests.subplatform.posting import Post
from tests.subplatform.test_outbox_reconcile import ended, sending_to

Sessions = async_sessionmaker[AsyncSession]


async def put(sessions: Sessions, *statements: SignedStatement, clock: SetClock) -> None:
    async with sessions.begin() as session:
        await enqueue(session, statements, now=clock.now())


async def test_another_statement_under_an_own_number_is_told_and_nothing_is_overwritten(
    node_sessions: Sessions,
) -> None:
    peer, twin, sender = HubPeer(SetClock()), Sender(), Sender()
    sending = sending_to(peer)
    for signed in twin.offers(3):
        peer.receive(signed.raw)
    kept = dict(peer.receipts)
    sender.ids = twin.ids  # other listings, the same numbers
    await put(node_sessions, *sender.offers(2), clock=peer.clock)

    found = await reconcile(node_sessions, sending.hub, clock=peer.clock)

    assert (found.conflicting, found.foreign, found.requeued) == ([1, 2], [3], 0)
    assert peer.receipts == kept
    async with node_sessions() as session:
        condition = await read_condition(session)
    assert condition.conflicting_statements == (1, 2)
    assert condition.foreign_statements == (3,)


async def test_a_hub_that_lost_everything_gets_everything_again(node_sessions: Sessions) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    sending = sending_to(peer)
    await put(node_sessions, *sender.offers(7), clock=peer.clock)
    await deliver_due(node_sessions, sending)
    peer.clock.advance(10)
    peer.forget(*range(1, 8))

    found = await reconcile(node_sessions, sending.hub, clock=peer.clock)

    assert (found.requeued, found.highest) == (7, 0)
    assert (await deliver_due(node_sessions, sending)).sent == 7


async def test_a_process_that_starts_compares_though_the_hour_is_not_over(
    node_committed: Database,
) -> None:
    peer = HubPeer(SetClock())
    sending = sending_to(peer)
    await reconcile(node_committed.sessions, sending.hub, clock=peer.clock)
    peer.compared.clear()

    loop = asyncio.create_task(run_outbox(node_committed.sessions, sending, Signals()))
    async with asyncio.timeout(20):
        await peer.compared.wait()
    await ended(loop)

    async with node_committed.sessions() as session:
        assert (await read_condition(session)).reconciled_at == peer.clock.now()


async def test_a_wanted_comparison_is_wanted_until_it_was_made(node_sessions: Sessions) -> None:
    peer = HubPeer(SetClock())
    async with node_sessions.begin() as session:
        await want_reconciliation(session)
        assert (await read_condition(session)).reconcile_wanted

    await reconcile(node_sessions, sending_to(peer).hub, clock=peer.clock)

    async with node_sessions() as session:
        assert not (await read_condition(session)).reconcile_wanted


async def test_dead_letters_of_one_code_are_replayed_once(node_sessions: Sessions) -> None:
    post = Post(node_sessions)
    offers = list(post.sender.offers(3))
    for signed in offers[:2]:
        post.peer.refusing[signed.statement.listing] = rule_violation
    post.peer.refusing[offers[2].statement.listing] = TooLarge
    await post.put(*offers)
    await post.deliver_all()

    async with node_sessions.begin() as session:
        first = await replay_all(session, problem="rule_violated", by="op", now=post.clock.now())
    async with node_sessions.begin() as session:
        again = await replay_all(session, problem="rule_violated", by="op", now=post.clock.now())

    assert (first, again) == ([1, 2], [])
    assert (await post.row(3)).state == "dead"


async def test_a_dead_letter_tells_field_code_and_what_to_do(node_sessions: Sessions) -> None:
    post = Post(node_sessions)
    signed = post.sender.offer()
    post.peer.refusing[signed.statement.listing] = rule_violation
    await post.put(signed)
    await post.deliver_all()

    async with node_sessions() as session:
        (row,) = await list_deliveries(session, DeliveryFilter(limit=5))
    shown = DeliveryOut.of(row)

    assert shown.problem is not None
    assert shown.problem["code"] == "rule_violated"
    assert shown.problem["errors"][0]["pointer"] == "/period/end"
    assert shown.remedy is not None
    assert shown.remedy["zh"]


class Listening(BadLine):
    """The line, with the request ids that went over it."""

    def __init__(self, hub: HubPeer) -> None:
        super().__init__(hub)
        self.ids: list[str | None] = []

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.ids.append(request.headers.get("x-request-id"))
        return await super().handle_async_request(request)


async def test_a_delivery_carries_one_id_that_both_logs_can_name(node_sessions: Sessions) -> None:
    peer, sender = HubPeer(SetClock()), Sender()
    line = Listening(peer)
    sending = Sending(hub_over(line, peer.clock), peer.clock, SeededIds(5), lambda: 0.5)
    await put(node_sessions, *sender.offers(2), clock=peer.clock)
    await deliver_due(node_sessions, sending)

    await put(node_sessions, *sender.offers(1), clock=peer.clock)
    await deliver_due(node_sessions, sending)

    first, second = line.ids
    assert first
    assert second
    assert first != second
