"""The ends of nodes' keys: overlaps that are over, and what revoked keys had signed.

Several processes may do this at once: each key is locked, and a page of reviews as by an examiner.
"""

from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.publish import publish
from main_platform.nodes.end_key import KEY_CHANNEL, end_overlaps
from main_platform.nodes.tables import NodeKeyRow
from main_platform.review.outlived import is_settled, settle_key
from shared_platform.database.job_transaction import in_transaction
from shared_platform.database.signals import Signals
from shared_platform.job_runs.noted import Job, noted
from shared_schema.instants import Clock

EVERY_SECONDS: Final = 60.0
SOON_SECONDS: Final = 1.0  # an entry of a revoked key may still be in the sequencer's hands
JOB: Final = Job("key_ends", EVERY_SECONDS)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyEnds:
    """What one hub process does about keys that end."""

    sessions: async_sessionmaker[AsyncSession]
    signals: Signals
    clock: Clock

    async def run(self) -> NoReturn:
        """Do what is due now, at each revocation, and every minute, until cancelled."""
        while True:
            async with self.signals.awaiting(KEY_CHANNEL) as awaited:
                pause = EVERY_SECONDS
                try:
                    pause = (
                        EVERY_SECONDS
                        if await noted(self.sessions, self.clock, JOB, work=self.do_all)
                        else SOON_SECONDS
                    )
                except (DBAPIError, OSError) as error:
                    _log.warning("key_ends_interrupted", error=type(error).__name__)
                await awaited.wait(pause)

    async def do_all(self) -> bool:
        """End what is over and settle what was revoked; whether every revoked key is settled."""
        now = self.clock.now()
        while await in_transaction(
            self.sessions, lambda session: end_overlaps(session, publish=publish, now=now)
        ):
            pass
        settled = [await self._settle(key_id) for key_id in await self._unsettled()]
        return all(settled)

    async def _unsettled(self) -> list[str]:
        async with self.sessions() as session:
            found = await session.scalars(
                select(NodeKeyRow.key_id).where(NodeKeyRow.unsettled).order_by(NodeKeyRow.key_id)
            )
            return list(found.all())

    async def _settle(self, key_id: str) -> bool:
        now = self.clock.now()
        while done := await in_transaction(
            self.sessions, lambda session: settle_key(session, key_id, now)
        ):
            _log.info("key_settled_page", key_id=key_id, reviews=done)
        return await in_transaction(self.sessions, lambda session: _finish(session, key_id))


async def _finish(session: AsyncSession, key_id: str) -> bool:
    """Mark the key as settled once nothing of it is on its way."""
    if not await is_settled(session, key_id):
        return False
    row = await session.get_one(NodeKeyRow, key_id, with_for_update=True)
    row.unsettled = False
    return True
