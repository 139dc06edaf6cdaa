"""The pages served over HTTP on this machine: a node's, and the hub's whose log they check."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import uvicorn
from fastapi import APIRouter, FastAPI, Query, Response
from starlette.types import ASGIApp

from shared_platform.catalogue import routes as catalogue_routes
from shared_platform.public_pages.site import Site, node_site
from shared_platform.transport.open_reads import OpenReads
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_schema.identities import SeededIds
from shared_schema.log_proof import inclusion_proof
from shared_schema.proof_text import write_proof
from tests.shared_platform.hub_log_peer import HubLog, Liar
from tests.shared_platform.page_places import Noon, Pages, PageSettings, pages_of
from tests.shared_platform.search_places import Library

_LOG = "/federation/v1"


@dataclass
class Served:
    """Where node and hub are read."""

    node_url: str
    hub_url: str
    pages: Pages


@asynccontextmanager
async def served(library: Library) -> AsyncIterator[Served]:
    """A node whose copy is the library, and beside it the hub's public log."""
    with bound() as at_node, bound() as at_hub:
        node_url, hub_url = url_of(at_node), url_of(at_hub)
        pages = pages_of(library, PageSettings(public_base_url=node_url))
        pages.app.state.site = _site(pages, hub_url)
        pages.app.include_router(catalogue_routes.router)
        async with (
            pages.client,
            listening(pages.app, at_node, node_url),
            listening(_log_app(library.federation.hub), at_hub, hub_url),
        ):
            yield Served(node_url, hub_url, pages)


def _site(pages: Pages, hub_url: str) -> Site:
    anchor = pages.library.federation.hub.anchor.model_copy(update={"hub_url": hub_url})
    return node_site(
        pages.app.state.settings,
        "gz-exchange",
        anchor=lambda: anchor,
        read_extension=pages.site.read_extension,
    )


def _log_app(hub: HubLog) -> FastAPI:
    app = FastAPI()
    app.include_router(log_router(Liar(hub)))
    return app


def log_router(liar: Liar) -> APIRouter:
    """A hub's public reads over the peer's real log, as far as it is told the truth."""
    hub, router = liar.hub, APIRouter()

    @router.get(f"{_LOG}/log/checkpoint")
    async def checkpoint() -> Response:
        return Response(await liar.checkpoint(), media_type="text/plain")

    @router.get(f"{_LOG}/log/entries")
    async def entries(first: Annotated[int, Query(alias="from")], limit: int) -> Response:
        return Response(await liar.entries(first, limit=limit), media_type="application/json")

    @router.get(f"{_LOG}/proofs/entries/{{serial}}")
    async def proof(serial: int, size: int) -> Response:
        hashes = inclusion_proof(serial, size, lambda level, index: hub.tree[level, index])
        return Response(write_proof(hashes), media_type="text/plain")

    return router


def bound() -> socket.socket:
    """A socket at a free port of this machine."""
    return socket.create_server(("127.0.0.1", 0))


def url_of(at: socket.socket) -> str:
    """The address that leads to it."""
    return f"http://127.0.0.1:{at.getsockname()[1]}"


@asynccontextmanager
async def listening(app: FastAPI, at: socket.socket, url: str) -> AsyncIterator[None]:
    """The application behind the guard that every service has."""
    guarded = RequestGuard(OpenReads(app), GuardPolicy(url), clock=Noon(), ids=SeededIds(7))
    async with running(guarded, at):
        yield


@asynccontextmanager
async def running(app: ASGIApp, at: socket.socket) -> AsyncIterator[None]:
    """An application as it is, at this socket."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve(sockets=[at]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
