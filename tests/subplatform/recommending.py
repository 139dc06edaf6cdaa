"""A node that recommends: verified declarations, a signer, an outbox, and a hub to hear it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from subplatform.declarations.states import State
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.deliver import Sending, deliver_due
from subplatform.outbox.deliveries import DeliveryFilter, list_deliveries
from subplatform.outbox.tables import OutboxMessageRow
from subplatform.recommendation.inbox import Inbox, apply_messages
from subplatform.recommendation.recommend import Recommendation, Wanted, recommend
from subplatform.recommendation.signing import Signer
from subplatform.verification.check import check_drafts
from tests.subplatform.hub_line import BadLine, hub_over
from tests.subplatform.hub_peer import NODE, NODE_KEY, HubPeer, SetClock
from tests.subplatform.node_builders import (
    KnownRegister,
    StoppedClock,
    a_desk,
    a_draft,
    a_number,
    facts_of,
)

BY = "li.na"
Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Recommending:
    """One node with its outbox, before the hub of `hub_peer`."""

    sessions: Sessions
    clock: SetClock = field(default_factory=SetClock)
    ids: SeededIds = field(default_factory=lambda: SeededIds(31))
    numbers: int = 0

    def __post_init__(self) -> None:
        self.signer = Signer(NODE, lambda: NODE_KEY, self.ids)
        self.peer = HubPeer(self.clock)
        self.line = BadLine(self.peer)
        self.hub = hub_over(self.line, self.clock)
        self.sending = Sending(self.hub, self.clock, SeededIds(5), lambda: 0.5)

    @property
    def now(self) -> Instant:
        return self.clock.now()

    async def drafts(self, count: int = 1, **changes: object) -> list[UUID]:
        async with self.sessions.begin() as session:
            rows = []
            for _ in range(count):
                self.numbers += 1
                number = a_number(self.numbers)
                rows.append(await a_draft(session, number, ids=self.ids, **changes))
            return [row.listing for row in rows]

    async def check(self, *, with_register: bool = True) -> None:
        known = [facts_of(a_number(place + 1)) for place in range(self.numbers)]
        register = KnownRegister(*(known if with_register else ()))
        clock = StoppedClock(self.now)
        await check_drafts(a_desk(self.sessions, register=register, clock=clock), None, by=BY)

    async def verified(self, count: int = 1, **changes: object) -> list[UUID]:
        listings = await self.drafts(count, **changes)
        await self.check()
        return listings

    async def recommend(
        self, *listings: UUID, accepts_unchecked: bool = False, **wanted: object
    ) -> Recommendation:
        chosen = Wanted(listings or None, accepts_unchecked, **wanted)  # type: ignore[arg-type]
        async with self.sessions.begin() as session:
            return await recommend(session, chosen, signer=self.signer, by=BY, now=self.now)

    async def recommended(self, count: int = 1, **changes: object) -> list[UUID]:
        """Verified, recommended and delivered."""
        listings = await self.verified(count, **changes)
        await self.recommend(*listings)
        await self.deliver_all()
        return listings

    async def deliver_all(self) -> None:
        while (await deliver_due(self.sessions, self.sending)).attempted:
            pass

    async def read_inbox(self) -> Inbox:
        async with self.sessions.begin() as session:
            page = {"messages": self.peer.messages}
            return await apply_messages(session, page, now=self.now)

    async def row(self, listing: UUID) -> DeclarationRow:
        async with self.sessions() as session:
            found = select(DeclarationRow).where(DeclarationRow.listing == listing)
            return (await session.execute(found)).scalar_one()

    async def outbox(self) -> Sequence[OutboxMessageRow]:
        async with self.sessions() as session:
            return await list_deliveries(session, DeliveryFilter(limit=200))


async def state_of(node: Recommending, listing: UUID) -> str:
    return (await node.row(listing)).state


async def put_into(node: Recommending, listing: UUID, state: State) -> None:
    """Put a declaration where a test begins."""
    async with node.sessions.begin() as session:
        row = await session.get_one(DeclarationRow, listing)
        row.state = state
