"""Forget what has served its time: nonces, answers, enrolments, old months of the trail.

Several processes may do this at once: each takes rows that no other has locked.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from main_platform.erasure.vacuum import vacuum_erased
from main_platform.nodes.confirm import expire_enrolments
from shared_platform.audit.archive import Archiving, archive_old
from shared_platform.database.job_transaction import in_transaction
from shared_platform.job_runs.noted import Job, noted
from shared_platform.sign_in.dormancy import switch_off_dormant
from shared_platform.sign_in.ended import forget_ended
from shared_platform.transport.idempotency import forget_answers
from shared_platform.transport.nonces import forget_nonces
from shared_schema.instants import Clock, Instant

EVERY_SECONDS: Final = 3_600.0
JOB: Final = Job("chores", EVERY_SECONDS)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chores:
    """The chores of one hub process."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    archiving: Archiving
    enrolment_days: int = 14
    dormancy_days: int = 0

    async def run(self) -> NoReturn:
        """Do all chores now and every hour, until cancelled."""
        while True:
            await noted(self.sessions, self.clock, JOB, work=self.do_all)
            await asyncio.sleep(EVERY_SECONDS)

    async def do_all(self) -> dict[str, int]:
        """Do each chore until nothing is left of it; how many rows each forgot."""
        now = self.clock.now()
        forgotten = {
            "nonces": await self._until_done(lambda one: forget_nonces(one, now=now)),
            "answers": await self._until_done(lambda one: forget_answers(one, now=now)),
            "sign_ins": await self._until_done(lambda one: forget_ended(one, now=now)),
            "dormant": await self._until_done(
                lambda one: switch_off_dormant(one, days=self.dormancy_days, now=now)
            ),
            "audit": await self._until_done(lambda one: archive_old(one, self.archiving, now=now)),
            "enrolments": await self._until_done(
                lambda one: expire_enrolments(one, days=self.enrolment_days, now=now)
            ),
            "erasures": await vacuum_erased(self.engine, self.sessions, now=now),
        }
        _log.info("chores_done", at=_shown(now), **forgotten)
        return forgotten

    async def _until_done(self, chore: Callable[[AsyncSession], Awaitable[int]]) -> int:
        """Repeat in short transactions, so that no lock is held for long."""
        total = 0
        while done := await in_transaction(self.sessions, chore):
            total += done
        return total


def _shown(now: Instant) -> str:
    return now.isoformat(timespec="seconds")
