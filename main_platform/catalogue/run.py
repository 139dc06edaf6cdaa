"""The sequencer's loop: batch, checkpoint, wait; until cancelled, whatever the database does."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn, Protocol

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
from main_platform.catalogue.errors import LogNotOpened, NodesNotHeard, SequencerPaused
from main_platform.catalogue.log_head import LogHead, read_head
from main_platform.catalogue.log_key import LogKey
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.catalogue.sequencer import (
    Batch,
    KnownDirectory,
    OnSequenced,
    sequence_batch,
)
from main_platform.catalogue.tables import LogHeadRow, PublishQueueRow
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.signals import Awaited, Signals
from shared_platform.failpoint import failpoint
from shared_schema.instants import Clock

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
class Pace:
    """Entries of one transaction, and the seconds an idle sequencer first waits for more."""

    batch: int = 256
    idle_seconds: float = 0.05


class Hearing(Protocol):
    """Hears the nodes before the log may grow: a restored hub does not know what it has lost."""

    async def begin(self) -> None:
        """Ask all nodes how much they have seen; in a transaction of its own."""
        ...

    async def missing(self, session: AsyncSession) -> Sequence[str]:
        """The nodes that must still be waited for."""
        ...


class NobodyToHear:
    """The hearing of a log without nodes."""

    async def begin(self) -> None:
        """Ask nobody."""

    async def missing(self, session: AsyncSession) -> Sequence[str]:
        """Nobody is waited for."""
        _ = session
        return ()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What other features do around the sequencer.

    Attributes:
        on_sequenced: runs in each batch's transaction.
        largest_cosigned: what the nodes have seen of the log, asked before each signature.
        hearing: which nodes must be heard before anything is added or signed.
    """

    on_sequenced: OnSequenced
    largest_cosigned: LargestCosigned
    hearing: Hearing = field(default_factory=NobodyToHear)


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
    _has_begun: bool = False
    _known: KnownDirectory = field(default_factory=KnownDirectory)

    async def run(self) -> NoReturn:
        """Sequence and sign until cancelled; a failing database or a pause is waited out."""
        idle, pause = self.pace.idle_seconds, FIRST_PAUSE_SECONDS
        woken = False
        while True:
            async with self.signals.awaiting(PUBLISH_CHANNEL) as queued:
                try:
                    await self._begin_or_check(woken=woken)
                    worked = await self.drain()
                except (SequencerPaused, *_FAILURES) as failure:
                    self._report(failure)
                    await self._wait_out(failure, queued, pause)
                    pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                    continue
                pause = FIRST_PAUSE_SECONDS
                woken, idle = await self._rest(queued, idle, worked=worked)

    async def _begin_or_check(self, *, woken: bool) -> None:
        """Hear the nodes at first; later look for reasons to pause whenever something happened."""
        has_begun = self._has_begun
        if not has_begun:
            await self.consequences.hearing.begin()
            self._has_begun = True
        if woken or self.paused is not None or not has_begun:
            await self.check()

    async def check(self) -> None:
        """Notice a reason to pause even while nothing waits for the log.

        Raises:
            SequencerPaused: a node has cosigned a larger log than this one, or was not heard yet.
        """
        async with self.sessions.begin() as session:
            size = (await read_head(session)).size
            await refuse_if_behind(session, size, self.consequences.largest_cosigned)
            await self._refuse_unheard(session)
        self.paused = None

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
            SequencerPaused: a node has cosigned a larger log than this one, or a key is missing.
        """
        async with self.sessions.begin() as session:
            await self._refuse_unheard(session)
            keys = await read_log_keys(session)
            head = await sign_committed(
                session,
                log_key=self.log_key,
                keys=keys,
                largest_cosigned=self.consequences.largest_cosigned,
                now=self.clock.now(),
            )
        self.paused = None
        self.log_key.follow(keys, head.checkpoint_size)
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
            await self._refuse_unheard(session)
            batch = await sequence_batch(
                session,
                limit=self.pace.batch,
                now=self.clock.now(),
                on_sequenced=self.consequences.on_sequenced,
                known=self._known,
            )
            before = batch.size - len(batch.entries)  # the head is locked by now
            if not batch.standing_by:
                await refuse_if_behind(session, before, self.consequences.largest_cosigned)
        if batch.entries:
            failpoint("approve.sequenced")
        self._known = batch.known  # only now, when it has committed
        return batch

    async def _wait_out(self, failure: Exception, queued: Awaited, pause: float) -> None:
        """Wait, but no longer than until a pause may have ended: a node was heard, or waived."""
        if isinstance(failure, SequencerPaused):
            await asyncio.sleep(FIRST_PAUSE_SECONDS)
            await queued.wait(pause)
        else:
            await asyncio.sleep(pause)

    async def _refuse_unheard(self, session: AsyncSession) -> None:
        missing = await self.consequences.hearing.missing(session)
        if missing:
            names = ", ".join(missing)
            raise NodesNotHeard(
                f"等待节点报告其日志大小：{names}；不能上线的用 kaixu-hub log waive 豁免"
                " / waiting to hear how much these nodes hold; `kaixu-hub log waive` who cannot"
            )

    async def _rest(self, queued: Awaited, idle: float, *, worked: int) -> tuple[bool, float]:
        """Wait for a signal, or for the idle time, which doubles while nothing happens."""
        if worked:
            idle = self.pace.idle_seconds
        woken = await queued.wait(idle)
        longest = max(self.pace.idle_seconds, LONGEST_IDLE_SECONDS)
        return woken, self.pace.idle_seconds if woken else min(idle * 2, longest)

    def _report(self, failure: Exception) -> None:
        if isinstance(failure, SequencerPaused):
            if self.paused != failure.detail:
                say = _log.warning if isinstance(failure, NodesNotHeard) else _log.error
                say("sequencer_paused", why=failure.detail)
            self.paused = failure.detail
            return
        _log.error("sequencer_failed", error=type(failure).__name__, exc_info=failure)
