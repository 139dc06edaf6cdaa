"""Whatever crashes, loses replies or interleaves: each statement once at the hub, in order."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from shared_platform.database.engine import Database
from shared_schema.identities import SeededIds
from shared_schema.statement import SignedStatement
from subplatform.outbox.deliver import Sending, deliver_due
from subplatform.outbox.enqueue import enqueue
from subplatform.outbox.lease import Lease, lease_due
from subplatform.outbox.reconcile import reconcile
from subplatform.outbox.send import Answers, send
from subplatform.outbox.settle import settle
from subplatform.outbox.tables import OutboxMessageRow
from tests.conftest import truncate_all
from tests.subplatform.hub_line import BadLine, Sender, hub_over
from tests.subplatform.hub_peer import Busy, Fault, HubPeer, SetClock

STEPS = st.sampled_from(
    [
        "offer",
        "change",
        "deliver",
        "deliver losing the reply",
        "deliver to nobody",
        "deliver to a busy hub",
        "crash after the lease",
        "crash after sending",
        "settle late",
        "wait a little",
        "wait for the lease",
        "reconcile",
    ]
)
MANY_HOURS = 8


@dataclass
class World:
    """A node's outbox with several senders, some of which die."""

    database: Database
    batch: int
    clock: SetClock = field(default_factory=SetClock)
    sender: Sender = field(default_factory=Sender)
    ids: SeededIds = field(default_factory=lambda: SeededIds(21))
    listings: list[UUID] = field(default_factory=list)
    late: list[tuple[Lease, Answers]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.peer = HubPeer(self.clock)
        self.line = BadLine(self.peer)
        hub = hub_over(self.line, self.clock)
        self.sending = Sending(hub, self.clock, self.ids, lambda: 0.5, batch=self.batch)

    async def put(self, signed: SignedStatement) -> None:
        async with self.database.sessions.begin() as session:
            await enqueue(session, [signed], now=self.clock.now())

    async def deliver(self) -> int:
        return (await deliver_due(self.database.sessions, self.sending)).attempted

    async def lease(self) -> Lease | None:
        async with self.database.sessions.begin() as session:
            return await lease_due(session, ids=self.ids, now=self.clock.now(), limit=self.batch)

    async def take(self, step: str) -> None:
        if step == "offer":
            signed = self.sender.offer()
            self.listings.append(signed.statement.listing)
            await self.put(signed)
        elif step == "change" and self.listings:
            listing = self.listings[self.sender.oseq % len(self.listings)]
            await self.put(self.sender.say("suspend", listing))
        elif step.startswith("deliver"):
            await self.deliver_badly(step)
        elif step.startswith("crash"):
            await self.crash(step)
        elif step == "settle late" and self.late:
            await self.settle_late()
        elif step.startswith("wait"):
            self.clock.advance(61 if "lease" in step else 6)
        elif step == "reconcile":
            await reconcile(self.database.sessions, self.sending.hub, clock=self.clock)

    async def deliver_badly(self, step: str) -> None:
        faults: dict[str, Fault] = {"reply": "lost", "nobody": "unsent", "hub": Busy()}
        last = step.rsplit(maxsplit=1)[-1]
        if last in faults:
            self.line.faults.append(faults[last])
        await self.deliver()
        self.line.faults.clear()

    async def crash(self, step: str) -> None:
        lease = await self.lease()
        if lease is not None and "sending" in step:
            self.late.append((lease, await send(self.sending.hub, lease)))

    async def settle_late(self) -> None:
        lease, answers = self.late.pop(0)
        async with self.database.sessions.begin() as session:
            await settle(
                session,
                lease,
                answers,
                ids=self.ids,
                now=self.clock.now(),
                jitter=self.sending.jitter,
            )

    async def calm_down(self) -> None:
        """Nothing goes wrong any more, and hours pass."""
        for _ in range(MANY_HOURS):
            while await self.deliver():
                pass
            self.clock.advance(3700)

    async def unsettled(self) -> int:
        async with self.database.sessions() as session:
            waiting = select(func.count()).where(OutboxMessageRow.state != "sent")
            return await session.scalar(waiting) or 0


@pytest.mark.timeout(300)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=25), batch=st.sampled_from([1, 2, 500]))
async def test_each_statement_arrives_once_and_in_the_order_of_versions(
    node_committed: Database, steps: list[str], batch: int
) -> None:
    world = World(node_committed, batch)
    try:
        for step in steps:
            await world.take(step)
        await world.calm_down()

        arrived = [one.statement for one in world.peer.arrivals]
        assert sorted(said.oseq for said in arrived) == list(range(1, world.sender.oseq + 1))
        assert await world.unsettled() == 0
        assert world.peer.gaps == []  # nothing ever came before its turn
        for listing in world.listings:
            versions = [said.version for said in arrived if said.listing == listing]
            assert versions == list(range(1, len(versions) + 1))
        bodies: dict[str, bytes] = {}
        for _, key, body in world.peer.requests:
            assert key is None or bodies.setdefault(key, body) == body
    finally:
        await truncate_all(node_committed)
