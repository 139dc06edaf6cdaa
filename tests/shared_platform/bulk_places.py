"""A copy of a log with its bulk files, and somebody who reads them over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from shared_platform.bulk_download import routes as bulk_routes
from shared_platform.bulk_download.bulk_files import BulkFolder, BulkManifest
from shared_platform.bulk_download.write_bulk import BulkKeeper
from shared_platform.catalogue import change_routes
from shared_platform.catalogue import routes as catalogue_routes
from shared_platform.catalogue.erased import last_erasure
from shared_platform.database.engine import Database
from shared_platform.transport.problems import install_problems
from shared_schema.instants import Instant
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation

BASE = "/api/v1/catalogue"
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@dataclass
class SetClock:
    at: Instant = NOON

    def now(self) -> Instant:
        return self.at


@dataclass
class Service:
    """A copy of a log, its bulk files, and somebody who reads them over HTTP."""

    database: Database
    federation: Federation
    keeper: BulkKeeper
    clock: SetClock
    client: httpx.AsyncClient

    async def follow(self) -> None:
        await follow(self.database, self.federation.hub)

    async def write(self) -> BulkManifest:
        written = await self.keeper.write(now=self.clock.at)
        assert written is not None
        return written

    async def get(self, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(f"{BASE}{path}", headers=named)

    async def json(self, path: str) -> Any:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everything(self) -> dict[str, Any]:
        """Every listing as `listings` shows it now."""
        found: dict[str, Any] = {}
        cursor: str | None = ""
        while cursor is not None:
            more = f"&cursor={cursor}" if cursor else ""
            page = await self.json(f"/listings?state=all&limit=3{more}")
            found |= {one["listing"]: one for one in page["items"]}
            cursor = page["next"]
        return found

    async def changes_after(self, cursor: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        is_last = False
        while not is_last:
            page = await self.json(f"/changes?limit=2&cursor={cursor}")
            found |= {one["listing"]: one for one in page["items"]}
            cursor, is_last = page["next"], page["is_last"]
        return found


@asynccontextmanager
async def bulk_service(database: Database, folder: Path) -> AsyncIterator[Service]:
    await make_tables(database)
    clock = SetClock()
    bulk = BulkFolder(folder / "bulk")
    app = FastAPI()
    app.state.sessions, app.state.clock, app.state.bulk = database.sessions, clock, bulk
    for routes in (bulk_routes, change_routes, catalogue_routes):
        app.include_router(routes.router)
    app.state.outdated_through = last_erasure
    install_problems(app, clock=clock)
    keeper = BulkKeeper(database.sessions, bulk, clock, hours=24.0)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield Service(database, Federation(), keeper, clock, client)
