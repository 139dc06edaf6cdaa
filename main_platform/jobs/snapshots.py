"""Renew the snapshot of the log when it is due, and drop those that hold erased statements."""

import asyncio
from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_platform.catalogue.write_snapshot import SnapshotPace, Snapshots
from shared_schema.instants import Clock

EVERY_SECONDS: Final = 60.0
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SnapshotChore:
    """The snapshots of one hub process; of several on one folder, one writes at a time."""

    snapshots: Snapshots
    pace: SnapshotPace
    clock: Clock

    async def run(self) -> NoReturn:
        """Look every minute, until cancelled; a full disk or a lost database is tried again."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.look()
            except (OSError, SQLAlchemyError) as failure:
                _log.error("snapshot_failed", error=type(failure).__name__, exc_info=failure)

    async def look(self) -> bool:
        """Drop what is outdated and write what is due; whether one was written."""
        await self.snapshots.drop_erased()
        now = self.clock.now()
        if not await self.snapshots.is_due(self.pace, now=now):
            return False
        return await self.snapshots.write(now=now) is not None
