"""The portal keys one process has just seen, and its count of their use.

A key found valid is believed for one second: a revocation holds everywhere after that, and a busy
key costs one look-up a second. Uses are added to the database every few seconds; a process that is
killed loses those of its last seconds, and nothing else.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NoReturn
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.portal_keys.keys import Use, add_uses, find_key
from shared_platform.transport.limit_reads import PortalKey
from shared_platform.transport.read_budgets import Budget
from shared_schema.instants import Clock, legal_day

BELIEVED_SECONDS: Final = 1.0
WRITTEN_EVERY_SECONDS: Final = 10.0
_MAX_REMEMBERED: Final = 10_000
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

_Counted = tuple[UUID, date, str]


@dataclass(slots=True)
class KnownKeys:
    """What one process knows of keys and has counted of them."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    _found: OrderedDict[str, tuple[PortalKey, float]] = field(default_factory=OrderedDict)
    _uses: dict[_Counted, list[int]] = field(default_factory=dict)  # granted, refused

    def remembered(self, token: str) -> PortalKey | None:
        """The key, where it was found valid less than a second ago."""
        found = self._found.get(token)
        if found is None or self.monotonic() - found[1] >= BELIEVED_SECONDS:
            return None
        return found[0]

    async def find(self, token: str) -> PortalKey:
        """The key of this token, looked up now.

        Raises:
            PortalKeyInvalid: there is none that is valid.
        """
        looked_at = self.monotonic()
        self._found.pop(token, None)
        async with self.sessions() as session:
            key = await find_key(session, token, now=self.clock.now())
        self._found[token] = (key, looked_at)
        if len(self._found) > _MAX_REMEMBERED:
            self._found.popitem(last=False)
        return key

    def note(self, key: PortalKey, budget: Budget, *, is_granted: bool) -> None:
        """Count one use of today."""
        counted = (key.id, legal_day(self.clock.now()), budget.value)
        self._uses.setdefault(counted, [0, 0])[0 if is_granted else 1] += 1

    async def write_uses(self) -> int:
        """Add what was counted to the database; how many uses.

        Raises:
            SQLAlchemyError: the database is away; the count is kept for the next time.
            OSError: the same.
        """
        counted, self._uses = self._uses, {}
        if not counted:
            return 0
        uses = [Use(*which, *numbers) for which, numbers in counted.items()]
        try:
            async with self.sessions.begin() as session:
                await add_uses(session, uses)
        except (SQLAlchemyError, OSError):
            for which, (granted, refused) in counted.items():
                again = self._uses.setdefault(which, [0, 0])
                again[0] += granted
                again[1] += refused
            raise
        return sum(one.granted + one.refused for one in uses)

    async def run(self) -> NoReturn:
        """Write every few seconds and once at the end, until cancelled."""
        try:
            while True:
                await asyncio.sleep(WRITTEN_EVERY_SECONDS)
                try:
                    await self.write_uses()
                except (SQLAlchemyError, OSError) as failure:
                    _log.warning("portal_key_uses_kept", error=type(failure).__name__)
        finally:
            await self.write_uses()
