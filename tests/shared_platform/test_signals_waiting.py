"""Signals: whoever waits is woken by a commit, by a lost connection, and by the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from shared_platform.database import signals as signals_module
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals, listening, signal

NEWS, OTHER = "kaixu_news", "kaixu_other"
LONG = 25.0


async def listeners(database: Database) -> list[int]:
    """The process ids of the connections that listen."""
    async with database.engine.connect() as connection:
        found = await connection.scalars(
            text(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE 'LISTEN %' AND pid <> pg_backend_pid()"
            )
        )
        return list(found)


@asynccontextmanager
async def heard(database: Database, channels: list[str]) -> AsyncIterator[Signals]:
    """Signals that listen already: the wake-up that tells everyone so is over."""
    async with listening(database.url, channels) as signals:
        async with signals.awaiting(NEWS) as begun:
            assert await begun.wait(LONG)
        yield signals


async def listening_now(database: Database, *, but: int = 0) -> int:
    """The one that listens, once there is one."""
    async with asyncio.timeout(5):
        while True:
            found = [pid for pid in await listeners(database) if pid != but]
            if found:
                return found[0]


async def commit(database: Database, channel: str = NEWS, key: str = "") -> None:
    async with database.sessions.begin() as session:
        await signal(session, channel, key)


async def test_a_commit_wakes_those_who_wait_for_it(hub_committed: Database) -> None:
    async with (
        heard(hub_committed, [NEWS]) as signals,
        signals.awaiting(NEWS, "gz") as awaited,
        signals.awaiting(NEWS, "sz") as other,
    ):
        await commit(hub_committed, key="gz")

        assert await awaited.wait(LONG)
        assert not await other.wait(0)


async def test_what_is_rolled_back_wakes_nobody(hub_committed: Database) -> None:
    async with (
        heard(hub_committed, [NEWS]) as signals,
        signals.awaiting(NEWS, "lost") as lost,
        signals.awaiting(NEWS, "kept") as kept,
    ):
        async with hub_committed.sessions() as session:
            await signal(session, NEWS, "lost")
            await session.rollback()
        await commit(hub_committed, key="kept")
        assert await kept.wait(LONG)

        assert not await lost.wait(0)


async def test_only_the_channels_asked_for_are_listened_to(hub_committed: Database) -> None:
    async with (
        heard(hub_committed, [NEWS]) as signals,
        signals.awaiting(OTHER) as other,
        signals.awaiting(NEWS) as news,
    ):
        await commit(hub_committed, OTHER)
        await commit(hub_committed, NEWS)
        assert await news.wait(LONG)

        assert not await other.wait(0)


async def test_a_lost_connection_wakes_everyone_and_is_opened_again(
    hub_committed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals_module, "RECONNECT_SECONDS", 0.05)
    async with listening(hub_committed.url, [NEWS]) as signals:
        first = await listening_now(hub_committed)
        async with signals.awaiting(NEWS) as awaited:
            async with hub_committed.engine.connect() as connection:
                await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})

            assert await awaited.wait(LONG)
        await listening_now(hub_committed, but=first)
        async with signals.awaiting(NEWS, "again") as again:
            await commit(hub_committed, key="again")

            assert await again.wait(LONG)


async def test_the_listener_ends_with_its_block(hub_committed: Database) -> None:
    async with listening(hub_committed.url, [NEWS]):
        pid = await listening_now(hub_committed)

    async with asyncio.timeout(5):
        while pid in await listeners(hub_committed):
            pass


async def test_a_signal_between_the_look_and_the_wait_is_not_missed() -> None:
    signals = Signals()
    async with signals.awaiting(NEWS) as awaited:
        signals.wake(NEWS)

        assert await awaited.wait(0)


async def test_a_wait_ends_by_itself() -> None:
    async with Signals().awaiting(NEWS) as awaited:
        assert not await awaited.wait(0.01)
        assert not await awaited.wait(-1)


async def test_everyone_of_one_key_is_woken_and_forgotten() -> None:
    signals = Signals()
    async with signals.awaiting(NEWS) as one, signals.awaiting(NEWS) as two:
        signals.wake(NEWS)
        signals.wake(NEWS)

        assert [await one.wait(0), await two.wait(0)] == [True, True]
    assert not signals.is_awaited(NEWS)


async def test_nobody_is_awaited_after_the_block() -> None:
    signals = Signals()
    async with signals.awaiting(NEWS, "gz"):
        assert signals.is_awaited(NEWS, "gz")
        assert not signals.is_awaited(NEWS)

    assert not signals.is_awaited(NEWS, "gz")


async def test_a_closed_process_waits_for_nothing_any_more() -> None:
    signals = Signals()
    async with signals.awaiting(NEWS) as before:
        assert not signals.is_closed
        signals.close()
        async with signals.awaiting(NEWS) as after:
            assert [await before.wait(LONG), await after.wait(LONG)] == [True, True]

    assert signals.is_closed
