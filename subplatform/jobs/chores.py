"""The hourly chores of a node: ended offers, changed patents, erased rows, keys near their end.

Several processes may do this at once; each moves a row only from the state it found locked.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from shared_platform.audit.archive import Archiving, archive_old
from shared_platform.audit.trail import SERVICE
from shared_platform.database.job_transaction import in_transaction
from shared_platform.job_runs.noted import Job, noted
from shared_platform.sign_in.dormancy import switch_off_dormant
from shared_platform.sign_in.ended import forget_ended
from shared_platform.transport.idempotency import forget_answers
from shared_schema.refusal import DomainError
from subplatform.catalogue_mirror.own_keys import ending_keys, read_own_keys
from subplatform.declarations.desk import Desk
from subplatform.declarations.expire import expire_listings, warn_of_expiry
from subplatform.recommendation.vacuum import vacuum_erased
from subplatform.verification.ports import SignChange
from subplatform.verification.recheck import recheck_sent

EVERY_SECONDS: Final = 3_600.0
JOB: Final = Job("chores", EVERY_SECONDS)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chores:
    """The chores of one node process."""

    engine: AsyncEngine
    desk: Desk
    sign: SignChange
    node: str
    archiving: Archiving
    dormancy_days: int = 0

    async def run(self) -> NoReturn:
        """Do all chores now and every hour, until cancelled."""
        while True:
            await noted(self.desk.sessions, self.desk.clock, JOB, work=self.do_all)
            await asyncio.sleep(EVERY_SECONDS)

    async def do_all(self) -> None:
        """Expire what has ended, then compare what was sent with the register."""
        expired = await in_transaction(self.desk.sessions, self._expire)
        try:
            await recheck_sent(self.desk, sign=self.sign, by=SERVICE)
        except DomainError as refusal:  # the register is away or wrong; status and log say so
            _log.error("recheck_failed", code=refusal.problem.code, detail=refusal.detail)
        vacuumed = await vacuum_erased(self.engine, self.desk.sessions)
        await in_transaction(self.desk.sessions, self._warn_of_keys)
        forgotten = await in_transaction(self.desk.sessions, self._forget)
        await in_transaction(self.desk.sessions, self._switch_off)
        while await in_transaction(self.desk.sessions, self._archive):
            pass
        _log.info("chores_done", expired=expired, vacuumed=vacuumed, forgotten=forgotten)

    async def _expire(self, session: AsyncSession) -> int:
        now = self.desk.clock.now()
        await warn_of_expiry(session, now=now)
        return await expire_listings(session, now=now)

    async def _archive(self, session: AsyncSession) -> int:
        return await archive_old(session, self.archiving, now=self.desk.clock.now())

    async def _switch_off(self, session: AsyncSession) -> int:
        now = self.desk.clock.now()
        return await switch_off_dormant(session, days=self.dormancy_days, now=now)

    async def _forget(self, session: AsyncSession) -> int:
        now = self.desk.clock.now()
        return await forget_ended(session, now=now) + await forget_answers(session, now=now)

    async def _warn_of_keys(self, session: AsyncSession) -> None:
        """A key that reaches its end pauses all deliveries: say so in time."""
        now = self.desk.clock.now()
        for key in ending_keys(await read_own_keys(session, self.node), now=now):
            _log.warning("key_expires", key_id=key.key_id, use=key.use, days=key.warning(now))
