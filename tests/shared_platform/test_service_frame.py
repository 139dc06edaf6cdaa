"""The frame of both services: loops that are kept running, signals, sockets, an orderly end."""

import asyncio
import os
import signal
import socket
from enum import StrEnum

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from shared_platform import service as service_module
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.service import ServiceContext, run_loops
from shared_platform.serving import AddressTaken, ServiceDescription, build_app, describe_app, serve
from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_schema.identities import SeededIds
from shared_schema.instants import SystemClock


class NoPermission(StrEnum):
    """Nothing is asked for here."""


def a_free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def a_context(database: Database, **settings: int | str) -> ServiceContext:
    return ServiceContext(
        settings=PlatformSettings(**({"listen_port": a_free_port()} | settings)),  # type: ignore[arg-type]
        database=database,
        clock=SystemClock(),
        ids=SeededIds(3),
        signals=Signals(),
    )


def an_app(context: ServiceContext, router: APIRouter | None = None) -> ASGIApp:
    routers = [router] if router is not None else []
    return build_app(context, ServiceDescription("t", "t", AccessPolicy({}), routers))


def a_waiting_router(started: asyncio.Event, signals: Signals) -> APIRouter:
    router = APIRouter()

    @router.get("/poll")
    async def poll() -> str:
        async with signals.awaiting("kaixu_test") as awaited:
            started.set()
            await awaited.wait(25)
        return "let go"

    return router


async def answering(context: ServiceContext) -> None:
    """Returns when the service answers."""
    url = f"{context.settings.base_url}/healthz"
    async with httpx.AsyncClient() as client, asyncio.timeout(10):
        while True:
            try:
                await client.get(url)
            except httpx.TransportError:
                await asyncio.sleep(0)
            else:
                return


async def tell(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)
    await asyncio.sleep(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
async def test_a_signal_ends_the_service_and_its_loops_in_order(
    hub_committed: Database, number: signal.Signals
) -> None:
    context = a_context(hub_committed)
    ended = asyncio.Event()

    async def loop() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    serving = asyncio.create_task(serve(an_app(context), context, loops=[loop]))
    await answering(context)
    await tell(number)

    await asyncio.wait_for(serving, timeout=5)
    assert ended.is_set()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def test_a_long_poll_is_answered_when_the_service_stops(hub_committed: Database) -> None:
    context = a_context(hub_committed)
    started = asyncio.Event()
    app = an_app(context, a_waiting_router(started, context.signals))
    serving = asyncio.create_task(serve(app, context))
    await answering(context)
    async with httpx.AsyncClient(timeout=10) as client:
        poll = asyncio.create_task(client.get(f"{context.settings.base_url}/poll"))
        await asyncio.wait_for(started.wait(), timeout=5)

        await tell(signal.SIGTERM)

        answer = await asyncio.wait_for(poll, timeout=5)
    await asyncio.wait_for(serving, timeout=5)
    assert answer.json() == "let go"


async def test_an_address_in_use_is_a_refusal_with_the_setting_named(
    hub_committed: Database,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        context = a_context(hub_committed, listen_port=other.getsockname()[1])

        with pytest.raises(AddressTaken) as refusal:
            await serve(an_app(context), context)

    assert refusal.value.errors[0].pointer == "listen_port"


async def test_ipv6_is_listened_on_where_it_is_named(hub_committed: Database) -> None:
    context = a_context(hub_committed, listen_host="::1")
    serving = asyncio.create_task(serve(an_app(context), context))

    await answering(context)

    await tell(signal.SIGINT)
    await asyncio.wait_for(serving, timeout=5)


async def test_a_loop_that_fails_is_started_again(
    hub_committed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "_RESTART_SECONDS", 0.0)
    context = a_context(hub_committed)
    rounds: list[int] = []
    enough = asyncio.Event()

    async def failing() -> None:
        rounds.append(1)
        if len(rounds) == 3:
            enough.set()
            await asyncio.Event().wait()
        if len(rounds) == 2:
            return
        raise RuntimeError("the first round breaks")

    working = asyncio.create_task(run_loops(context, loops=[failing]))
    await asyncio.wait_for(enough.wait(), timeout=5)
    await tell(signal.SIGTERM)

    await asyncio.wait_for(working, timeout=5)
    assert context.signals.is_closed


async def test_a_worker_ends_its_loops_when_it_is_cancelled(hub_committed: Database) -> None:
    context = a_context(hub_committed)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def loop() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    working = asyncio.create_task(run_loops(context, loops=[loop]))
    await asyncio.wait_for(begun.wait(), timeout=5)
    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working
    assert ended.is_set()


async def test_the_probes_answer_beside_the_routes(hub_committed: Database) -> None:
    context = a_context(hub_committed)
    transport = httpx.ASGITransport(an_app(context))
    base = context.settings.base_url
    async with httpx.AsyncClient(transport=transport, base_url=base) as client:
        statuses = [(await client.get(path)).status_code for path in ("/healthz", "/metrics")]
        docs = [(await client.get(path)).status_code for path in ("/docs", "/redoc")]

    assert statuses == [200, 200]
    assert docs == [404, 404]


def test_the_document_is_completed_once() -> None:
    calls: list[int] = []

    def complete(document: dict[str, object]) -> None:
        calls.append(1)
        document["x-complete"] = True

    description = ServiceDescription("t", "t", AccessPolicy({}), [], complete=complete)
    app: FastAPI = describe_app(SystemClock(), description)

    assert app.openapi() is app.openapi()
    assert app.openapi()["x-complete"] is True
    assert calls == [1]
