"""Portal keys: issued once, believed for a second, counted by day, revoked for good."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.portal_keys.keys import (
    PortalKeyExists,
    PortalKeyNotFound,
    PortalKeyRefused,
    WantedKey,
    add_key,
    find_key,
    list_keys,
    revoke_key,
)
from shared_platform.portal_keys.known_keys import BELIEVED_SECONDS, KnownKeys
from shared_platform.transport.limit_reads import KEY_PREFIX, PortalKeyInvalid
from shared_platform.transport.read_budgets import Budget
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant, parse_instant

Sessions = async_sessionmaker[AsyncSession]
NOW = parse_instant("2026-11-22T08:00:00Z")
PORTAL = WantedKey("city-portal", "ops@city.example", 20)


@dataclass
class Clocks:
    """Wall clock and monotonic time, moved together."""

    at: Instant = NOW
    ticks: float = 100.0
    ids: SeededIds = field(default_factory=lambda: SeededIds(11))

    def now(self) -> Instant:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, seconds: float) -> None:
        self.ticks += seconds
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
async def token(hub_sessions: Sessions, clocks: Clocks) -> str:
    async with hub_sessions.begin() as session:
        return await add_key(session, PORTAL, ids=clocks.ids, now=NOW)


def a_process(sessions: Sessions, clocks: Clocks) -> KnownKeys:
    return KnownKeys(sessions, clocks, clocks.monotonic)


async def revoke(sessions: Sessions, at: Instant = NOW) -> Instant:
    async with sessions.begin() as session:
        return await revoke_key(session, PORTAL.name, now=at)


async def test_a_key_is_kept_as_its_hash_alone(hub_session: AsyncSession, token: str) -> None:
    stored = await hub_session.scalar(text("SELECT row_to_json(k)::text FROM portal_key AS k"))

    assert stored is not None
    assert token.startswith(KEY_PREFIX)
    assert token not in stored
    assert token.removeprefix(KEY_PREFIX) not in stored
    assert (await find_key(hub_session, token, now=NOW)).times == 20


@pytest.mark.usefixtures("token")
@pytest.mark.parametrize("wrong", ["", "x", f"{KEY_PREFIX}unknown", "\udcff"])
async def test_another_token_is_no_key(wrong: str, hub_session: AsyncSession) -> None:
    with pytest.raises(PortalKeyInvalid):
        await find_key(hub_session, wrong, now=NOW)


async def test_a_revoked_key_is_refused_everywhere_after_a_second(
    hub_sessions: Sessions, clocks: Clocks, token: str
) -> None:
    processes = [a_process(hub_sessions, clocks) for _ in range(2)]
    for process in processes:
        await process.find(token)
    await revoke(hub_sessions)

    clocks.advance(BELIEVED_SECONDS - 0.001)
    assert all(process.remembered(token) for process in processes)
    clocks.advance(0.001)

    for process in processes:
        assert process.remembered(token) is None
        with pytest.raises(PortalKeyInvalid):
            await process.find(token)


@pytest.mark.usefixtures("token")
async def test_revoking_again_changes_nothing_and_the_name_stays_taken(
    hub_sessions: Sessions, clocks: Clocks
) -> None:
    first = await revoke(hub_sessions)

    again = await revoke(hub_sessions, NOW + timedelta(days=1))

    assert first == again == NOW
    async with hub_sessions.begin() as session:
        with pytest.raises(PortalKeyExists):
            await add_key(session, PORTAL, ids=clocks.ids, now=NOW)
        with pytest.raises(PortalKeyNotFound):
            await revoke_key(session, "nobody", now=NOW)


async def test_a_key_ends_at_its_end(hub_sessions: Sessions, clocks: Clocks) -> None:
    ends = NOW + timedelta(days=1)
    wanted = WantedKey("month", "ops@city.example", 1, ends)
    async with hub_sessions.begin() as session:
        token = await add_key(session, wanted, ids=clocks.ids, now=NOW)

        key = await find_key(session, token, now=ends - timedelta(microseconds=1))
        assert key.times == 1
        with pytest.raises(PortalKeyInvalid):
            await find_key(session, token, now=ends)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (WantedKey("A B", "x", 1), "name"),
        (WantedKey("portal", "  ", 1), "contact"),
        (WantedKey("portal", "x" * 201, 1), "contact"),
        (WantedKey("portal", "x", 0), "times"),
        (WantedKey("portal", "x", 1_001), "times"),
        (WantedKey("portal", "x", 1, NOW), "days"),
    ],
)
async def test_what_cannot_be_a_key_is_refused_by_name(
    wanted: WantedKey, pointer: str, hub_session: AsyncSession, clocks: Clocks
) -> None:
    with pytest.raises(PortalKeyRefused) as refused:
        await add_key(hub_session, wanted, ids=clocks.ids, now=NOW)

    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_uses_of_all_processes_are_added_up_by_day_and_budget(
    hub_sessions: Sessions, clocks: Clocks, token: str
) -> None:
    processes = [a_process(hub_sessions, clocks) for _ in range(2)]
    key = await processes[0].find(token)
    for process in processes:
        assert await process.find(token) == key
        for budget in (Budget.READ, Budget.READ, Budget.SEARCH):
            process.note(key, budget, is_granted=True)
        process.note(key, Budget.SEARCH, is_granted=False)
        assert await process.write_uses() == 4
        assert await process.write_uses() == 0
    clocks.advance(86_400)
    processes[0].note(key, Budget.READ, is_granted=True)
    await processes[0].write_uses()

    async with hub_sessions() as session:
        rows = await session.execute(
            text("SELECT day, budget, granted, refused FROM portal_key_use ORDER BY day, budget")
        )
        (whole,) = await list_keys(session, since=date(2026, 11, 22))
        (later,) = await list_keys(session, since=date(2026, 11, 23))
        assert [tuple(row) for row in rows] == [
            (date(2026, 11, 22), "read", 4, 0),
            (date(2026, 11, 22), "search", 2, 2),
            (date(2026, 11, 23), "read", 1, 0),
        ]
    assert (whole.granted, whole.refused) == (7, 2)
    assert (later.granted, later.refused) == (1, 0)


async def test_what_could_not_be_written_is_written_the_next_time(
    hub_sessions: Sessions, clocks: Clocks, token: str
) -> None:
    process = a_process(hub_sessions, clocks)
    key = await process.find(token)
    process.note(key, Budget.READ, is_granted=True)
    async with hub_sessions.begin() as session:
        await session.execute(text("ALTER TABLE portal_key_use RENAME TO away"))
    with pytest.raises(SQLAlchemyError):
        await process.write_uses()
    async with hub_sessions.begin() as session:
        await session.execute(text("ALTER TABLE away RENAME TO portal_key_use"))
    process.note(key, Budget.READ, is_granted=True)

    assert await process.write_uses() == 2


@pytest.mark.usefixtures("token")
async def test_a_key_never_used_is_listed_with_nothing(hub_session: AsyncSession) -> None:
    (shown,) = await list_keys(hub_session, since=date(2026, 11, 1))

    assert (shown.name, shown.contact, shown.times) == (PORTAL.name, PORTAL.contact, 20)
    assert (shown.granted, shown.refused, shown.revoked_at) == (0, 0, None)
