"""Look for conditions at intervals, so that an alarm stands within a minute and ends by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import Finding, settle_alarms
from shared_platform.alarms.codes import AlarmCode
from shared_platform.database.job_transaction import in_transaction
from shared_platform.job_runs.noted import Job, noted
from shared_schema.instants import Clock, Instant

EVERY_SECONDS: Final = 20.0
JOB: Final = Job("alarms", EVERY_SECONDS)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Look = Callable[[AsyncSession, Instant], Awaitable[list[Finding]]]
"""Finds the conditions that hold now."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched: every code that `look` may find, so that what it does not find ends."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    look: Look
    watched: Collection[AlarmCode]

    async def run(self) -> NoReturn:
        """Look every 20 s until cancelled; a database that is away is waited for."""
        while True:
            try:
                await noted(self.sessions, self.clock, JOB, work=self.once)
            except (SQLAlchemyError, OSError) as error:
                _log.warning("watch_interrupted", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> list[Finding]:
        """Look once and make the alarms so; several processes may."""
        now = self.clock.now()

        async def work(session: AsyncSession) -> list[Finding]:
            found = await self.look(session, now)
            await settle_alarms(session, found, watched=self.watched, now=now)
            return found

        return await in_transaction(self.sessions, work)
