"""The hourly chores of a node: offers that have ended, listings whose patent has changed.

Several processes may do this at once; each moves a row only from the state it found locked.
"""

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import SERVICE
from shared_platform.database.transaction import in_transaction
from shared_schema.refusal import DomainError
from subplatform.declarations.desk import Desk
from subplatform.declarations.expire import expire_listings
from subplatform.verification.ports import SignChange
from subplatform.verification.recheck import recheck_sent

EVERY_SECONDS: Final = 3_600.0
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chores:
    """The chores of one node process."""

    desk: Desk
    sign: SignChange

    async def run(self) -> NoReturn:
        """Do all chores now and every hour, until cancelled."""
        while True:
            await self.do_all()
            await asyncio.sleep(EVERY_SECONDS)

    async def do_all(self) -> None:
        """Expire what has ended, then compare what was sent with the register."""
        expired = await in_transaction(self.desk.sessions, self._expire)
        try:
            await recheck_sent(self.desk, sign=self.sign, by=SERVICE)
        except DomainError as refusal:  # the register is away or wrong; status and log say so
            _log.error("recheck_failed", code=refusal.problem.code, detail=refusal.detail)
        _log.info("chores_done", expired=expired)

    async def _expire(self, session: AsyncSession) -> int:
        return await expire_listings(session, now=self.desk.clock.now())
