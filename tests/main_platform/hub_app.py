"""The hub's public interface over a log, and somebody who reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from main_platform.catalogue import log_routes, snapshot_routes
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.settings import HubSettings
from shared_platform.transport.problems import install_problems
from shared_schema.identities import SeededIds
from shared_schema.instants import SystemClock
from tests.main_platform.hub_log import Hub

BASE = "https://hub.example"


def an_app_of(hub: Hub, *, snapshots: Path = Path("no-snapshots")) -> FastAPI:
    app = FastAPI()
    app.include_router(log_routes.router)
    app.include_router(snapshot_routes.router)
    app.state.sessions = hub.sessions
    app.state.signals = hub.signals
    app.state.snapshots = SnapshotFolder(snapshots)
    app.state.clock = SystemClock()
    app.state.ids = SeededIds(7)
    app.state.settings = HubSettings(federation="example.gd", public_base_url=BASE)
    app.state.anchor = hub.federation.hub.anchor
    app.state.hub_key = hub.federation.hub.key
    install_problems(app, clock=app.state.clock)
    return app


@asynccontextmanager
async def a_reader_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with an HTTP client."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client
