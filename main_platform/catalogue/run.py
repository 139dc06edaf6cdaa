"""The sequencer's loop: batch, checkpoint, wait; until cancelled, whatever the database does."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, NoReturn

import asyncpg
import structlog
from sqlalchemy import exists, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.checkpoint import (
    LOG_CHANNEL,
    LargestCosigned,
    refuse_if_behind,
    sign_committed,
)
from main_platform.catalogue.errors import LogNotOpened, SequencerPaused
from main_platform.catalogue.log_head import LogHead, read_head
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.catalogue.sequencer import (
    Batch,
    KnownDirectory,
    OnSequenced,
    sequence_batch,
)
from main_platform.catalogue.tables import LogHeadRow, PublishQueueRow
from shared_platform.database.signals import Awaited, Signals
from shared_platform.failpoint import failpoint
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Clock
from shared_schema.signing_key import SigningKey

LONGEST_IDLE_SECONDS: Final = 1.0
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 5.0
_FAILURES: Final = (
    DBAPIError,
    PoolTimeout,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    OSError,
    LogNotOpened,
)
_LOOK: Final = select(
    exists(select(PublishQueueRow.id)),
    exists(select(LogHeadRow.id).where(LogHeadRow.size > LogHeadRow.checkpoint_size)),
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogKey:
    """With what the log is signed, and as whose."""

    key: SigningKey
    anchor: FederationAnchor


@dataclass(frozen=True, slots=True)
class Pace:
    """Entries of one transaction, and the seconds an idle sequencer first waits for more."""

    batch: int = 256
    idle_seconds: float = 0.05


@dataclass(frozen=True, slots=True)
class Consequences:
    """What other features do around the sequencer.

    Attributes:
        on_sequenced: runs in each batch's transaction.
        largest_cosigned: what the nodes have seen of the log, asked before each signature.
    """

    on_sequenced: OnSequenced
    largest_cosigned: LargestCosigned


@dataclass(slots=True)
class Sequencer:
    """One process's sequencer. Several may run: one works, the others find its lock and wait.

    Attributes:
        paused: why nothing is signed at the moment; None when all is well.
        signed_size: the size this process last saw signed.
    """

    sessions: async_sessionmaker[AsyncSession]
    signals: Signals
    clock: Clock
    log_key: LogKey
    consequences: Consequences
    pace: Pace = Pace()
    paused: str | None = None
    signed_size: int = 0
    _known: KnownDirectory = field(default_factory=KnownDirectory)

    async def run(self) -> NoReturn:
        """Sequence and sign until cancelled; a failing database or a pause is waited out."""
        idle, pause = self.pace.idle_seconds, FIRST_PAUSE_SECONDS
        while True:
            async with self.signals.awaiting(PUBLISH_CHANNEL) as queued:
                try:
                    worked = await self.drain()
                except (SequencerPaused, *_FAILURES) as failure:
                    self._report(failure)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                    continue
                pause = FIRST_PAUSE_SECONDS
                idle = await self._rest(queued, idle, worked=worked)

    async def drain(self) -> int:
        """Sequence until the queue is empty, signing after each batch; the entries written.

        Begins by signing what a crash left unsigned. An idle round costs one statement.

        Raises:
            SequencerPaused: nothing may be added or signed.
            LogNotOpened: `open_log` was not called.
        """
        entries = 0
        while True:
            queued, unsigned = await self._look()
            if unsigned:
                await self.sign()
            batch = await self._batch() if queued else Batch()
            if batch.is_empty:
                return entries
            entries += len(batch.entries)

    async def sign(self) -> LogHead:
        """Sign what is committed and not yet signed, and wake the readers of this process.

        Raises:
            SequencerPaused: a node has cosigned a larger log than this one.
        """
        async with self.sessions.begin() as session:
            head = await sign_committed(
                session,
                key=self.log_key.key,
                anchor=self.log_key.anchor,
                largest_cosigned=self.consequences.largest_cosigned,
                now=self.clock.now(),
            )
        self.paused = None
        if head.checkpoint_size != self.signed_size:
            self.signed_size = head.checkpoint_size
            failpoint("approve.unannounced")
            self.signals.wake(LOG_CHANNEL)
        return head

    async def _look(self) -> tuple[bool, bool]:
        async with self.sessions.begin() as session:
            queued, unsigned = (await session.execute(_LOOK)).one()
        return queued, unsigned

    async def _batch(self) -> Batch:
        async with self.sessions.begin() as session:
            await refuse_if_behind(
                session, await read_head(session), self.consequences.largest_cosigned
            )
            batch = await sequence_batch(
                session,
                limit=self.pace.batch,
                now=self.clock.now(),
                on_sequenced=self.consequences.on_sequenced,
                known=self._known,
            )
        if batch.entries:
            failpoint("approve.sequenced")
        self._known = batch.known  # only now, when it has committed
        return batch

    async def _rest(self, queued: Awaited, idle: float, *, worked: int) -> float:
        """Wait for a signal, or for the idle time, which doubles while nothing happens."""
        if worked:
            idle = self.pace.idle_seconds
        woken = await queued.wait(idle)
        longest = max(self.pace.idle_seconds, LONGEST_IDLE_SECONDS)
        return self.pace.idle_seconds if woken else min(idle * 2, longest)

    def _report(self, failure: Exception) -> None:
        if isinstance(failure, SequencerPaused):
            if self.paused is None:
                _log.error("sequencer_paused", why=failure.detail)
            self.paused = failure.detail
            return
        _log.error("sequencer_failed", error=type(failure).__name__, exc_info=failure)
