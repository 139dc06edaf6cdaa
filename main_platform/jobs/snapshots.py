"""Renew the snapshot of the log when it is due, and drop those that hold erased statements."""

from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.exc import SQLAlchemyError

from main_platform.catalogue.write_snapshot import ERASED_CHANNEL, SnapshotPace, Snapshots
from shared_platform.database.signals import Signals
from shared_platform.job_runs.noted import Job, noted
from shared_schema.instants import Clock

EVERY_SECONDS: Final = 60.0
JOB: Final = Job("snapshots", EVERY_SECONDS)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SnapshotChore:
    """The snapshots of one hub process; of several on one folder, one writes at a time."""

    snapshots: Snapshots
    pace: SnapshotPace
    signals: Signals
    clock: Clock

    async def run(self) -> NoReturn:
        """Look now, at each erasure and every minute, until cancelled; failures are waited out."""
        while True:
            async with self.signals.awaiting(ERASED_CHANNEL) as erased:
                try:
                    await noted(self.snapshots.sessions, self.clock, JOB, work=self.look)
                except (OSError, SQLAlchemyError) as failure:
                    _log.error("snapshot_failed", error=type(failure).__name__, exc_info=failure)
                await erased.wait(EVERY_SECONDS)

    async def look(self) -> bool:
        """Drop what is outdated and write what is due; whether one was written."""
        await self.snapshots.drop_erased()
        now = self.clock.now()
        if not await self.snapshots.is_due(self.pace, now=now):
            return False
        return await self.snapshots.write(now=now) is not None
