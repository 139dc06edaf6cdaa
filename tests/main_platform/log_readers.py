"""A hub's log, somebody who reads it over HTTP, and what the answers say."""

from collections.abc import AsyncIterator
from hashlib import sha256

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.publish import Queued, queue_entries
from shared_schema.checkpoint import Checkpoint, open_checkpoint
from shared_schema.entry_parts import Notice
from shared_schema.log_entry import HubNotice
from shared_schema.log_page import LogPage, read_page
from tests.main_platform.hub_app import a_reader_of, an_app_of
from tests.main_platform.hub_log import Hub, a_hub
from tests.shared_platform.hub_log_peer import BEGAN

LOG = "/federation/v1/log"
PROOFS = "/federation/v1/proofs"
Sessions = async_sessionmaker[AsyncSession]


def notices(count: int, *, letters: int = 2) -> list[Queued]:
    return [
        Queued(
            HubNotice(
                at=BEGAN,
                code="maintenance",
                notice=Notice(
                    zh=f"{number}号通知".ljust(letters, "文"),
                    en=sha256(number.to_bytes(4, "big")).hexdigest(),
                ),
            )
        )
        for number in range(count)
    ]


async def add_notices(hub: Hub, count: int, *, letters: int = 2) -> None:
    async with hub.sessions.begin() as session:
        await queue_entries(session, notices(count, letters=letters))
    await hub.sequencer().drain()


@pytest.fixture(name="hub")
async def log_hub(hub_sessions: Sessions) -> Hub:
    return await a_hub(hub_sessions)


@pytest.fixture(name="reader")
async def log_reader(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    async with a_reader_of(an_app_of(hub)) as client:
        yield client


async def checkpoint_of(hub: Hub, reader: httpx.AsyncClient) -> Checkpoint:
    anchor = hub.federation.hub.anchor
    note = (await reader.get(f"{LOG}/checkpoint")).content
    return open_checkpoint(note, origin=anchor.log_origin, log_key=anchor.log_key()).checkpoint


async def page(reader: httpx.AsyncClient, first: int, limit: int = 1000, **more: int) -> LogPage:
    asked = {"from": first, "limit": limit, **more}
    answer = await reader.get(f"{LOG}/entries", params=asked)
    assert answer.status_code == 200
    return read_page(answer.content, first=first, limit=limit)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]
