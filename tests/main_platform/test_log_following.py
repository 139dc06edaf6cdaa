"""A reader's copy, made over HTTP by the code every node runs, equals the hub's own catalogue."""

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.publish import queue_entries
from shared_platform.catalogue.log_source import HttpLogSource
from shared_platform.catalogue.rebuild import catalogue_digest, rebuild_projection
from shared_platform.catalogue.sync import SyncBounds, SyncReport, sync_once
from shared_platform.catalogue.tables import CATALOGUE
from shared_platform.database.engine import Database
from shared_platform.transport.outbound import Outbound
from tests.main_platform.hub_app import BASE, an_app_of
from tests.main_platform.hub_log import Hub, a_hub

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
async def hub(hub_sessions: Sessions) -> Hub:
    return await a_hub(hub_sessions)


@pytest.fixture
async def copy(empty_database: Database) -> Sessions:
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(CATALOGUE.create_all)
    return empty_database.sessions


async def follow(hub: Hub, copy: Sessions, *, page_entries: int = 1000) -> SyncReport:
    outbound = Outbound(transport=httpx.ASGITransport(an_app_of(hub)))
    source = HttpLogSource(outbound, f"{BASE}/federation/v1")
    federation = hub.federation.hub
    bounds = SyncBounds(page_entries=page_entries)
    return await sync_once(copy, source, federation.anchor, now=federation.now, bounds=bounds)


async def digest(sessions: Sessions) -> str:
    async with sessions() as session:
        return await catalogue_digest(session)


async def a_life(hub: Hub) -> None:
    """Every kind of thing that happens to listings, queued in one go."""
    federation = hub.federation
    federation.enrol("sz-centre")
    first, second, third, fourth = hub.offers("gz-centre", 4)
    twin = federation.offer("sz-centre", second.number)
    federation.decide(second, twin)
    federation.offer_again(first)
    federation.change(first, "suspend")
    federation.change(first, "resume")
    federation.hub_change(second, "suspend")
    federation.change(third, "withdraw")
    federation.erase(fourth.last)


async def test_a_copy_equals_the_hubs_own_catalogue(hub: Hub, copy: Sessions) -> None:
    await a_life(hub)
    decided = hub.decided()
    async with hub.sessions.begin() as session:
        await queue_entries(session, decided[:6])
    await hub.sequencer().drain()
    early = await follow(hub, copy)
    async with hub.sessions.begin() as session:
        await queue_entries(session, decided[6:])
    await hub.sequencer(batch=2).drain()

    late = await follow(hub, copy)

    assert (early.size, late.size) == (8, 2 + len(decided))
    assert late.root == (await hub.head()).range.root()
    assert await digest(copy) == await digest(hub.sessions)
    assert await hub.violations() == []


@pytest.mark.parametrize("page_entries", [1, 7, 300])
async def test_pages_of_any_length_give_the_same_copy(
    hub: Hub, copy: Sessions, page_entries: int
) -> None:
    hub.offers("gz-centre", 20)
    await a_life(hub)
    await hub.publish()

    await follow(hub, copy, page_entries=page_entries)

    assert await digest(copy) == await digest(hub.sessions)


async def test_the_hubs_projection_equals_its_own_rebuild(hub: Hub) -> None:
    await a_life(hub)
    await hub.publish()
    before = await digest(hub.sessions)

    async with hub.sessions.begin() as session:
        await rebuild_projection(session)

    assert await digest(hub.sessions) == before
