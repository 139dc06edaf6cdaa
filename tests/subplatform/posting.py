"""An outbox, the hub, and the line between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.identities import SeededIds
from shared_schema.statement import SignedStatement
from subplatform.outbox.deliver import DeliveryReport, Sending, deliver_due
from subplatform.outbox.deliveries import (
    DeliveryFilter,
    list_deliveries,
)
from subplatform.outbox.enqueue import enqueue
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import OutboxMessageRow
from tests.subplatform.hub_line import BadLine, Sender, hub_over
from tests.subplatform.hub_peer import HubPeer, SetClock

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
