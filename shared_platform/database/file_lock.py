"""Locks on files, which the kernel gives back when a process ends, however it ends."""

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class FileLock:
    """One process's hold on a lock file (`flock`); each instance counts by itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def try_shared(self) -> bool:
        """Take or keep the lock beside other sharers; False while somebody has it alone."""
        return self._try(fcntl.LOCK_SH)

    def try_alone(self) -> bool:
        """Take the lock alone; False, and then nothing is held, while anybody else has it."""
        return self._try(fcntl.LOCK_EX)

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @asynccontextmanager
    async def alone(
        self, *, timeout_seconds: float, look_seconds: float = 0.02
    ) -> AsyncIterator[None]:
        """Hold the lock alone, waiting for it and looking every `look_seconds`.

        Raises:
            TimeoutError: others held it all that time.
        """
        deadline = time.monotonic() + timeout_seconds
        while not self.try_alone():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._path} is held by another process")
            await asyncio.sleep(look_seconds)
        try:
            yield
        finally:
            self.release()

    def _try(self, kind: int) -> bool:
        if self._handle is None:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True
