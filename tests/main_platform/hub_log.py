"""A hub's log on a real database: the sequencer with its key, and a federation that feeds it.

`Federation` (the in-memory peer) says what is decided; `Hub` queues it, and what the sequencer
makes of it is compared with the peer's own log.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from typing_extensions import override

from main_platform.catalogue.log_head import LogHead, read_head
from main_platform.catalogue.log_key import LogKey
from main_platform.catalogue.open_log import open_log
from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.catalogue.run import Consequences, Pace, Sequencer
from main_platform.catalogue.sequencer import Sequenced
from main_platform.catalogue.tables import PublishQueueRow
from main_platform.catalogue.verify import verify_log
from shared_platform.catalogue.tables import log_entry
from shared_platform.database.signals import Signals
from shared_schema.catalogue_state import ListingChange
from shared_schema.instants import SystemClock
from shared_schema.log_entry import UnknownEntry, read_entry
from shared_schema.statement import SignedStatement
from tests.shared_platform.hub_log_peer import BEGAN, Federation, Offered, a_number


class Deciding(Federation):
    """Keeps each statement's envelope, also of those that are erased before they are queued."""

    def __init__(self, *, seed: int = 1) -> None:
        super().__init__(seed=seed)
        self.envelopes: dict[str, bytes] = {}

    @override
    def log_statement(self, signed: SignedStatement, **changes: object) -> int:
        self.envelopes[signed.object_hash] = signed.raw
        return super().log_statement(signed, **changes)


@dataclass
class Hub:
    """The hub's side: one database, any number of sequencers."""

    sessions: async_sessionmaker[AsyncSession]
    federation: Deciding = field(default_factory=Deciding)
    signals: Signals = field(default_factory=Signals)
    told: list[Sequenced] = field(default_factory=list)
    cosigned: int = 0
    queued: int = 1  # of the federation's entries; the first one is the hub's own

    def sequencer(self, *, batch: int = 256, idle_seconds: float = 0.01) -> Sequencer:
        async def tell(_: AsyncSession, entries: Sequence[Sequenced]) -> None:
            self.told += entries

        async def largest(_: AsyncSession) -> int:
            return self.cosigned

        return Sequencer(
            self.sessions,
            self.signals,
            SystemClock(),
            LogKey(self.federation.hub.key, self.federation.hub.anchor),
            Consequences(tell, largest),
            Pace(batch, idle_seconds),
        )

    async def open(self) -> None:
        async with self.sessions.begin() as session:
            await open_log(session, self.federation.hub.anchor, now=BEGAN)

    def decided(self) -> list[Queued]:
        """What the federation said since the last call, ready to be queued."""
        hub = self.federation.hub
        found = []
        for serial in range(self.queued, hub.size):
            entry = read_entry(hub.leaves[serial])
            assert not isinstance(entry, UnknownEntry)
            name = hub.named[serial] if isinstance(entry, ListingChange) else None
            found.append(Queued(entry, self.federation.envelopes[name] if name else None))
        self.queued = hub.size
        return found

    async def queue(self) -> None:
        """Queue in one transaction all that the federation said since the last time."""
        async with self.sessions.begin() as session:
            await queue_entries(session, self.decided())

    async def publish(self) -> None:
        """Queue it, sequence it and sign it."""
        await self.queue()
        await self.sequencer().drain()

    def offers(self, node: str, count: int, *, first: int = 1) -> list[Offered]:
        return [
            self.federation.offer(node, a_number(number)) for number in range(first, first + count)
        ]

    async def head(self) -> LogHead:
        async with self.sessions() as session:
            return await read_head(session)

    async def leaves(self) -> list[bytes]:
        async with self.sessions() as session:
            found = await session.execute(
                select(log_entry.c.serial, log_entry.c.leaf).order_by(log_entry.c.serial)
            )
            rows = found.all()
        assert [row.serial for row in rows] == list(range(len(rows)))
        return [row.leaf for row in rows]

    async def waiting(self) -> int:
        async with self.sessions() as session:
            return await session.scalar(select(func.count()).select_from(PublishQueueRow)) or 0

    async def violations(self) -> list[str]:
        async with self.sessions() as session:
            found = await verify_log(session, self.federation.hub.anchor)
        return [str(one) for one in found]


async def a_hub(sessions: async_sessionmaker[AsyncSession]) -> Hub:
    """A hub whose log is open and signed, with one enrolled node, `gz-centre`."""
    hub = Hub(sessions)
    await hub.open()
    hub.federation.enrol("gz-centre")
    await hub.publish()
    return hub
