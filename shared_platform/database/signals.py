"""Wake waiting requests and jobs when something was committed: PostgreSQL NOTIFY, one listener.

A signal says only that it is worth looking again; nothing is lost when one is, since every waiter
also looks after its timeout. No statement runs while nothing happens.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import asyncpg
import structlog
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncSession

RECONNECT_SECONDS: Final = 1.0
_log = structlog.get_logger(__name__)


async def signal(session: AsyncSession, channel: str, key: str = "") -> None:
    """Wake the waiters of `channel` and `key` when the session's transaction commits."""
    await session.execute(
        text("SELECT pg_notify(:channel, :key)"), {"channel": channel, "key": key}
    )


class Signals:
    """The waiters of one process. `wait` never touches the database."""

    def __init__(self) -> None:
        self._waiters: dict[tuple[str, str], set[asyncio.Future[None]]] = defaultdict(set)
        self._closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the process is stopping: nothing is worth waiting for any more."""
        return self._closed

    def is_awaited(self, channel: str, key: str = "") -> bool:
        """Whether somebody in this process waits for this."""
        return bool(self._waiters.get((channel, key)))

    def wake(self, channel: str, key: str = "") -> None:
        """Wake everyone who waits for this."""
        for waiter in self._waiters.pop((channel, key), set()):
            if not waiter.done():
                waiter.set_result(None)

    def wake_all(self) -> None:
        """Wake everyone, as after a lost connection, when signals may have been missed."""
        for channel, key in list(self._waiters):
            self.wake(channel, key)

    def close(self) -> None:
        """Let everyone go, now and from here on: the process is stopping."""
        self._closed = True
        self.wake_all()

    @asynccontextmanager
    async def awaiting(self, channel: str, key: str = "") -> AsyncIterator["Awaited"]:
        """Start to listen, then look, then wait: a signal between look and wait is not missed."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[channel, key].add(waiter)
        if self._closed:
            waiter.set_result(None)
        try:
            yield Awaited(waiter)
        finally:
            self._waiters[channel, key].discard(waiter)
            if not self._waiters[channel, key]:
                del self._waiters[channel, key]


class Awaited:
    """One waiter."""

    def __init__(self, waiter: "asyncio.Future[None]") -> None:
        self._waiter = waiter

    async def wait(self, seconds: float) -> bool:
        """Wait for the signal, `seconds` at most; whether it came."""
        done, _ = await asyncio.wait({self._waiter}, timeout=max(seconds, 0.0))
        return bool(done)


@asynccontextmanager
async def listening(url: URL, channels: Iterable[str]) -> AsyncIterator[Signals]:
    """Listen on `channels` over one connection of its own, which is opened again when it breaks."""
    signals = Signals()
    task = asyncio.create_task(_listen(url, tuple(channels), signals))
    try:
        yield signals
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(url: URL, channels: tuple[str, ...], signals: Signals) -> None:
    while True:
        try:
            await _listen_once(url, channels, signals)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("signals_lost", error=type(error).__name__)
        signals.wake_all()
        await asyncio.sleep(RECONNECT_SECONDS)


async def _listen_once(url: URL, channels: tuple[str, ...], signals: Signals) -> None:
    connection = await asyncpg.connect(**_arguments(url))
    closed = asyncio.Event()
    connection.add_termination_listener(lambda _: closed.set())
    try:
        for channel in channels:
            await connection.add_listener(
                channel, lambda _c, _pid, name, payload: signals.wake(name, str(payload))
            )
        signals.wake_all()
        await closed.wait()
    finally:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.close(timeout=RECONNECT_SECONDS)


def _arguments(url: URL) -> dict[str, Any]:
    query = dict(url.query)
    return {
        "host": url.host or query.get("host"),
        "port": url.port or int(str(query.get("port", 5432))),
        "user": url.username,
        "password": url.password,
        "database": url.database,
    }
