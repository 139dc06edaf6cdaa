"""Around every request: its id in and out, one log line, one measurement."""

import logging
import time
from typing import Any, Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_platform.observability.metrics import Metrics
from shared_platform.observability.request_id import HEADER, harmless_request_id, request_id_is
from shared_schema.identities import IdSource

UNMATCHED: Final = "unmatched"
_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_FAILED: Final = 500

_is_written: Final = logging.getLogger(__name__)
log = structlog.get_logger(__name__)


class ObserveRequests:
    """ASGI middleware, to be added last so that it is the outermost.

    Every request gets an id of ours, which the answer carries; a caller's harmless `X-Request-Id`
    is written beside it as `peer_request_id`.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, ids: IdSource) -> None:
        self._app = app
        self._metrics = metrics
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how it ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(self._ids.new_id())
        peer = harmless_request_id(scope["headers"])
        status = _FAILED  # when the application ends without an answer

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [pair for pair in message.get("headers", []) if pair[0].lower() != HEADER]
                message = {**message, "headers": [*others, (HEADER, request_id.encode("ascii"))]}
            await send(message)

        started = time.perf_counter()
        with request_id_is(request_id, peer=peer):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                self._note(scope, status=status, seconds=time.perf_counter() - started)

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = route_template(scope)
        self._metrics.observe_request(scope["method"], route, status=status, seconds=seconds)
        level = logging.DEBUG if route in _PROBES else logging.INFO
        if not _is_written.isEnabledFor(level):
            return  # before a logger is made
        log.log(
            level,
            "request",
            method=scope["method"],
            route=route,
            path=scope["path"],
            status=status,
            milliseconds=round(seconds * 1000, 1),
        )


def route_template(scope: Scope) -> str:
    """The template of the route that answered, such as `/reviews/{review_id}`.

    FastAPI keeps the template with the prefixes of included routers in its own part of the scope.
    """
    included: Any = scope.get("fastapi", {}).get("effective_route_context")
    template = getattr(included, "path", None) or getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) else UNMATCHED
