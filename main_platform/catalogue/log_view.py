"""The newest checkpoint, in memory: up to where the public may look.

Entries that are committed but not yet signed are not shown, so nobody can hold what a restored hub
would not stand by.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.checkpoint import LOG_CHANNEL
from main_platform.catalogue.errors import BeyondLog, LogNotOpened
from main_platform.catalogue.log_head import LogHead, read_head
from main_platform.nodes.cosigned import read_lines
from shared_platform.database.signals import Awaited, Signals
from shared_schema.checkpoint import read_checkpoint_text
from shared_schema.signed_note import split_note

FRESH_SECONDS: Final = 1.0  # a lost signal delays a reader no longer than this


@dataclass(frozen=True, slots=True)
class SignedLog:
    """The newest checkpoint: its note, the size it signs, and the note's validator."""

    note: bytes
    size: int
    etag: str

    def reaching(self, size: int) -> int:
        """The size, if the signed log has it.

        Raises:
            BeyondLog: it is smaller.
        """
        if size > self.size:
            raise BeyondLog(detail=f"已签名 {self.size} 条 / {self.size} entries are signed")
        return size


class LogView:
    """The newest checkpoint, read once for all who ask: idle polls cost no statement.

    It is read again after a signal, and at the latest after `FRESH_SECONDS`: cosignatures come
    without a signal, since nobody waits for them.
    """

    def __init__(self, sessions: async_sessionmaker[AsyncSession], signals: Signals) -> None:
        self._sessions = sessions
        self._signals = signals
        self._listening = AsyncExitStack()
        self._changed: Awaited | None = None
        self._latest: SignedLog | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def latest(self) -> SignedLog:
        """The newest checkpoint.

        Raises:
            LogNotOpened: nothing was signed yet.
        """
        async with self._reading:
            if not await self._is_fresh():
                await self._read()
        if self._latest is None:
            raise LogNotOpened(retry_after_s=1)
        return self._latest

    async def grown_beyond(self, size: int, *, wait_seconds: float) -> SignedLog:
        """The newest checkpoint; at exactly `size`, first waits for the log to grow (long poll).

        No transaction is open while it waits.

        Raises:
            LogNotOpened: nothing was signed yet.
        """
        deadline = asyncio.get_running_loop().time() + wait_seconds
        while True:
            async with self._signals.awaiting(LOG_CHANNEL) as changed:
                found = await self.latest()
                left = deadline - asyncio.get_running_loop().time()
                if found.size != size or left <= 0 or self._signals.is_closed:
                    return found
                await changed.wait(left)

    async def _is_fresh(self) -> bool:
        age = asyncio.get_running_loop().time() - self._read_at
        if self._latest is None or self._changed is None or age > FRESH_SECONDS:
            return False
        return not await self._changed.wait(0)

    async def _read(self) -> None:
        await self._listening.aclose()
        self._changed = await self._listening.enter_async_context(
            self._signals.awaiting(LOG_CHANNEL)
        )
        self._read_at = asyncio.get_running_loop().time()
        async with self._sessions.begin() as session:
            head = await read_head(session)
            self._latest = await _signed_log(session, head)


async def _signed_log(session: AsyncSession, head: LogHead) -> SignedLog | None:
    """The log's checkpoint with the nodes' cosignatures of that size below its own signature."""
    if head.checkpoint is None:
        return None
    signed = read_checkpoint_text(split_note(head.checkpoint)[0])
    lines = await read_lines(session, signed.size, signed.root)
    note = head.checkpoint + "".join(f"{line}\n" for line in lines).encode()
    etag = f'"{head.checkpoint_size}-{sha256(note).hexdigest()[:16]}"'
    return SignedLog(note, head.checkpoint_size, etag)
