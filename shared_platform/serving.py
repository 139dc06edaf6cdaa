"""A running service's HTTP: its routes inside the guard, the observer around both, the socket."""

import os
import socket
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Scope
from typing_extensions import override

from shared_platform.catalogue.hot_reads import HotReads
from shared_platform.database.signals import Signals
from shared_platform.observability.health import health_router
from shared_platform.observability.requests import ObserveRequests
from shared_platform.portal_keys.known_keys import KnownKeys
from shared_platform.service import (
    Loop,
    ServiceContext,
    running,
    spare_collections,
    stop_signals,
)
from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.running import sign_in_state
from shared_platform.transport.client_address import ClientAddresses
from shared_platform.transport.coded_reads import CodedReads, Foretell, foretell_nothing
from shared_platform.transport.cross_site import refuse_cross_site
from shared_platform.transport.deprecation import Deprecated, TellDeprecations
from shared_platform.transport.document_limits import document_limits
from shared_platform.transport.http_protocol import server_config
from shared_platform.transport.limit_reads import LimitReads, ReadLimits
from shared_platform.transport.open_reads import OpenReads
from shared_platform.transport.problem_documents import document_problems
from shared_platform.transport.problems import install_problems, refusal_answer
from shared_platform.transport.read_budgets import Budget
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import BodyLimit, GuardPolicy
from shared_schema.instants import Clock
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

API_VERSION: Final = "1.0.0"
_BACKLOG: Final = 2048
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class AddressTaken(DomainError):
    """The address and port of the settings cannot be listened on."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class ServiceDescription:
    """What one service puts into the common frame.

    `complete` adds to the OpenAPI document what routes cannot say of themselves. `deprecations` are
    the addresses that will go away, each with its notice. `quotas` are budgets of
    its own; `foretell` knows answers beforehand.
    """

    title: str
    description: str
    policy: AccessPolicy
    routers: Sequence[APIRouter]
    body_limits: tuple[tuple[str, BodyLimit], ...] = ()
    state: dict[str, Any] = field(default_factory=dict)
    complete: Callable[[dict[str, Any]], None] | None = None
    deprecations: tuple[Deprecated, ...] = ()
    foretell: Foretell = foretell_nothing
    quotas: Mapping[Budget, int] = field(default_factory=dict)


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
        **sign_in_state(context.settings),
        **description.state,
    }.items():
        setattr(app.state, name, value)
    day = context.settings.today
    app.include_router(health_router(context.readiness, context.metrics, rehearsal_day=day))
    policy = GuardPolicy.of(context.settings, routes=description.body_limits)
    hot = HotReads(app, sessions=context.database.sessions, clock=context.clock)
    told = TellDeprecations(hot, description.deprecations)
    coded = CodedReads(told, foretell=description.foretell)
    limited = _limited(coded, app, context, own=description.quotas)
    guarded = RequestGuard(OpenReads(limited), policy, clock=context.clock, ids=context.ids)
    return ObserveRequests(guarded, metrics=context.metrics, ids=context.ids)


def _limited(
    inner: ASGIApp, app: FastAPI, context: ServiceContext, *, own: Mapping[Budget, int]
) -> LimitReads:
    """The application with its public reads counted; refusals look as the routes' own."""
    settings = context.settings
    quotas = {
        Budget.READ: settings.read_limit,
        Budget.SEARCH: settings.search_limit,
        Budget.EXPORT: settings.export_limit,
        **own,
    }

    def refuse(scope: Scope, refusal: DomainError) -> Response:
        return refusal_answer(app, scope, refusal, now=context.clock.now())

    keys = KnownKeys(context.database.sessions, context.clock)
    context.loops.append(keys.run)
    limits = ReadLimits(quotas, ClientAddresses(settings.trusted_proxies))
    return LimitReads(inner, limits, keys=keys, refuse=refuse)


def describe_app(clock: Clock, description: ServiceDescription) -> FastAPI:
    """The application without state: enough for its OpenAPI document."""
    app = FastAPI(
        title=description.title,
        version=API_VERSION,
        description=description.description,
        docs_url=None,  # the stock pages load scripts from elsewhere
        redoc_url=None,
        dependencies=[Depends(refuse_cross_site)],
    )
    install_problems(app, clock=clock)
    document_problems(app)
    for router in description.routers:
        app.include_router(router)
    _complete_document(app, description.complete)
    return app


def _complete_document(app: FastAPI, complete: Callable[[dict[str, Any]], None] | None) -> None:
    make = app.openapi

    def openapi() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = make()
        if is_new:
            document_limits(document)
        if is_new and complete is not None:
            complete(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


async def serve(app: ASGIApp, context: ServiceContext, *, loops: Sequence[Loop] = ()) -> None:
    """Serve until told to stop; `loops` run beside and are started again when they fail.

    On SIGINT or SIGTERM requests under way are finished, long polls are let go and the loops end;
    what the caller opened is then closed in order. A second signal does not wait for requests.

    Raises:
        AddressTaken: the address cannot be listened on.
    """
    spare_collections()
    settings = context.settings
    config = server_config(app, host=settings.listen_host, port=settings.listen_port)
    server = _Server(config, context.signals)
    with _listening_socket(settings) as listening_socket:
        host, port = listening_socket.getsockname()[:2]
        _log.info("serving", address=f"{host}:{port}", url=settings.base_url)
        async with running((*loops, *context.loops)) as tasks:
            with stop_signals(server.stop, *(task.cancel for task in tasks)):
                await server.serve(sockets=[listening_socket])
    _log.info("stopped")


def _listening_socket(settings: PlatformSettings) -> socket.socket:
    """The socket of the settings, bound before anything is promised to anybody.

    Raises:
        AddressTaken: it cannot be bound.
    """
    host, port = settings.listen_host, settings.listen_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        message = f"换一个端口，或停止占用它的程序 / another port, or stop what holds it: {why}"
        raise AddressTaken(
            f"无法监听 {host}:{port} / cannot listen on {host}:{port}",
            [FieldError("listen_port", "address_taken", message)],
        ) from error


class _Server(uvicorn.Server):
    """Lets long polls go when it is told to stop, so that stopping takes a moment and not 25 s."""

    def __init__(self, config: uvicorn.Config, signals: Signals) -> None:
        super().__init__(config)
        self._signals = signals

    def stop(self) -> None:
        """Stop, and wake whoever waits; called again, wait for nobody."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._signals.close()

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to `stop_signals`: the stock one raises them again at the end."""
        yield
