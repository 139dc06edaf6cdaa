"""A running service: what hub and node have in common from opening the database to serving HTTP."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp
from typing_extensions import override

from shared_platform.database.engine import Database, open_database
from shared_platform.database.migrate import Service, upgrade
from shared_platform.database.signals import Signals, listening
from shared_platform.observability.health import Readiness, database_checks, health_router
from shared_platform.observability.metrics import Metrics
from shared_platform.observability.requests import ObserveRequests
from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.transport.http_protocol import server_config
from shared_platform.transport.problem_documents import document_problems
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import BodyLimit, GuardPolicy
from shared_schema.identities import IdSource, RandomIds
from shared_schema.instants import Clock, clock_at

API_VERSION: Final = "1.0.0"
_RESTART_SECONDS: Final = 2.0
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Loop = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class ServiceContext:
    """What every part of a running service is given."""

    settings: PlatformSettings
    database: Database
    clock: Clock
    ids: IdSource
    signals: Signals
    metrics: Metrics = field(default_factory=Metrics)
    readiness: Readiness = field(default_factory=Readiness)


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """What one service puts into the common frame."""

    title: str
    description: str
    policy: AccessPolicy
    routers: Sequence[APIRouter]
    body_limits: tuple[tuple[str, BodyLimit], ...] = ()
    state: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def open_service(
    settings: PlatformSettings,
    service: Service,
    *,
    database_name: str,
    channels: Iterable[str] = (),
    clock: Clock | None = None,
    ids: IdSource | None = None,
) -> AsyncIterator[ServiceContext]:
    """Open the database, bring its schema up to date, and listen on `channels`, until the end.

    Raises:
        EmbeddedServerError: the embedded server cannot run.
        DBAPIError: the database refuses, or a migration fails.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"kaixu-{database_name}-{os.getpid()}"
    async with open_database(settings, name=database_name, application_name=name) as database:
        await upgrade(database.engine, service)
        async with listening(database.url, channels) as signals:
            context = ServiceContext(
                settings=settings,
                database=database,
                clock=clock or clock_at(settings.today),
                ids=ids or RandomIds(),
                signals=signals,
            )
            database_checks(context.readiness, database.engine, service)
            yield context


def build_app(context: ServiceContext, description: ServiceDescription) -> ASGIApp:
    """The service's HTTP application: routes inside the guard, and the observer around both."""
    app = describe_app(context.clock, description)
    for name, value in {
        "settings": context.settings,
        "sessions": context.database.sessions,
        "engine": context.database.engine,
        "clock": context.clock,
        "ids": context.ids,
        "signals": context.signals,
        "access_policy": description.policy,
        **description.state,
    }.items():
        setattr(app.state, name, value)
    app.include_router(health_router(context.readiness, context.metrics))
    policy = GuardPolicy.of(context.settings, routes=description.body_limits)
    guarded = RequestGuard(app, policy, clock=context.clock, ids=context.ids)
    return ObserveRequests(guarded, metrics=context.metrics, ids=context.ids)


def describe_app(clock: Clock, description: ServiceDescription) -> FastAPI:
    """The application without state: enough for its OpenAPI document."""
    app = FastAPI(
        title=description.title,
        version=API_VERSION,
        description=description.description,
        docs_url=None,  # the stock pages load scripts from elsewhere
        redoc_url=None,
    )
    install_problems(app, clock=clock)
    document_problems(app)
    for router in description.routers:
        app.include_router(router)
    return app


async def serve(app: ASGIApp, context: ServiceContext, *, loops: Sequence[Loop]) -> None:
    """Serve until told to stop; `loops` run beside and are started again when they fail."""
    settings = context.settings
    config = server_config(app, host=settings.listen_host, port=settings.listen_port)
    server = _Server(config, context.signals)
    tasks = [asyncio.create_task(_kept_running(loop)) for loop in loops]
    try:
        await server.serve()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def run_loops(loops: Sequence[Loop]) -> None:
    """Run the loops of a worker process until it is cancelled."""
    await asyncio.gather(*(_kept_running(loop) for loop in loops))


async def _kept_running(loop: Loop) -> None:
    name = getattr(loop, "__qualname__", repr(loop))
    while True:
        try:
            await loop()
        except Exception:  # noqa: BLE001 - whatever broke one round, the next may work
            _log.exception("loop_failed", loop=name)
        await asyncio.sleep(_RESTART_SECONDS)


class _Server(uvicorn.Server):
    """Lets long polls go when it is told to stop, so that stopping takes a moment and not 25 s."""

    def __init__(self, config: uvicorn.Config, signals: Signals) -> None:
        super().__init__(config)
        self._signals = signals
        self._loop = asyncio.get_running_loop()

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, and wake whoever waits."""
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._signals.close)
