"""Keep to the log's key in processes that sign receipts but not the log.

The sequencer moves on by itself with the checkpoint it signs. An API process whose sequencer runs
elsewhere, and a worker that stands by, learn here that a key was retired, as soon as the checkpoint
is signed that covers the entry.
"""

from dataclasses import dataclass
from typing import Final, NoReturn

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.checkpoint import LOG_CHANNEL
from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.log_key import LogKey
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.signals import Signals

EVERY_SECONDS: Final = 60.0
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogKeyFollowing:
    """What one process does about changes of the log's key."""

    sessions: async_sessionmaker[AsyncSession]
    signals: Signals
    log_key: LogKey

    async def run(self) -> NoReturn:
        """Look at each new checkpoint and every minute, until cancelled."""
        while True:
            async with self.signals.awaiting(LOG_CHANNEL) as signed:
                try:
                    await self.look()
                except (DBAPIError, OSError) as error:
                    _log.warning("log_key_not_read", error=type(error).__name__)
                await signed.wait(EVERY_SECONDS)

    async def look(self) -> str:
        """Sign with the key that counts at the newest checkpoint, if it is here; its id."""
        before = self.log_key.key_id
        async with self.sessions() as session:
            keys = await read_log_keys(session)
            size = (await read_head(session)).checkpoint_size
        self.log_key.follow(keys, size)
        if self.log_key.key_id != before:
            _log.info("log_key_changed", before=before, key_id=self.log_key.key_id)
        current = next(iter(keys.at(size)), None)
        if current is not None and current.key_id != self.log_key.key_id:
            _log.error("log_key_missing", key_id=current.key_id)
        return self.log_key.key_id
