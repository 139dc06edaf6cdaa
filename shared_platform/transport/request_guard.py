"""The outermost ASGI layer: refuses what no route should ever see, and marks every answer.

Nothing a client sends makes it answer 5xx. `Host` and `X-Forwarded-*` are used for nothing but the
one comparison with the configured hosts.

Wrap the finished application instead of adding this as a middleware: only then do the answers of
the framework's own error layer pass through it. The order, from outside:
`ObserveRequests(RequestGuard(app, …), …)`, so that refusals are counted and share the request id.
"""

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_platform.observability.request_id import current_request_id
from shared_platform.transport.bounded_body import BoundedBody, too_large
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.request_head import (
    METHODS,
    GuardPolicy,
    MethodRefused,
    RequestHead,
    check_head,
)
from shared_schema.identities import IdSource
from shared_schema.instants import Clock
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_NO_SNIFFING: Final = (b"x-content-type-options", b"nosniff")
_PAGE_FIELDS: Final = (
    _NO_SNIFFING,
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
)
# What is no page loads nothing, links nowhere and opens no window; it must only not become one.
_OTHER_FIELDS: Final = (
    _NO_SNIFFING,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_PAGES: Final = (b"text/html", b"application/xhtml", b"image/svg")
_NOT_MODIFIED: Final = 304
_DRAIN_SECONDS: Final = 1.0
_DRAIN_MESSAGES: Final = 4_096
_POLICY_VIOLATION: Final = 1008
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class ServiceFailed(DomainError):
    """The application broke; the log holds the cause under the request id."""

    problem = ProblemType.INTERNAL_ERROR


class RequestGuard:
    """The ASGI application around the real one."""

    def __init__(self, app: ASGIApp, policy: GuardPolicy, *, clock: Clock, ids: IdSource) -> None:
        self.app = app
        self.policy = policy
        self.clock = clock
        self.ids = ids
        https = policy.public_base_url.lower().startswith("https://")
        hsts = ((b"strict-transport-security", b"max-age=31536000"),) if https else ()
        self._page_fields = _PAGE_FIELDS + hsts
        self._other_fields = _OTHER_FIELDS + hsts
        self._hosts = policy.hosts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, hand it on, and mark what goes back."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        # The observing layer outside has chosen an id already; without one, the guard makes it.
        request_id = current_request_id() or str(self.ids.new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(self, scope, send)
        try:
            head = check_head(scope, self.policy, self._hosts)
        except DomainError as refusal:
            await answer.refuse(refusal)
        else:
            await self._hand_on(answer, receive, head)

    def security_fields(self, status: int, media_type: bytes) -> tuple[tuple[bytes, bytes], ...]:
        """What an answer gets beside its own fields.

        A 304 gets none: whoever has the representation keeps its fields (RFC 9111 §4.3.4).
        """
        if status == _NOT_MODIFIED:
            return ()
        return self._page_fields if media_type.startswith(_PAGES) else self._other_fields

    async def _hand_on(self, answer: "_Answer", receive: Receive, head: RequestHead) -> None:
        if not head.has_body:
            await answer.run(receive)
            return
        limit = self.policy.body_limit(answer.scope["path"])
        if (head.declared_bytes or 0) > limit.max_bytes:
            await answer.refuse(too_large(limit), drain=receive)
            return
        answer.body = BoundedBody(receive, limit, head.declared_bytes)
        await answer.run(answer.body.receive, rest=receive)


class _Answer:
    """What goes back for one request: at most one answer, with the guard's fields on it."""

    def __init__(self, guard: RequestGuard, scope: Scope, send: Send) -> None:
        self.body: BoundedBody | None = None
        self.started = False
        self.finished = False
        self._guard = guard
        self.scope = scope
        self._send = send

    @property
    def refusal(self) -> DomainError | None:
        """Why the body was refused; None while it is fine."""
        return self.body.refusal if self.body is not None else None

    async def run(self, receive: Receive, *, rest: Receive | None = None) -> None:
        """Let the application answer, and answer for it where it cannot.

        `rest` gives what a refused body still has to send, so that its sender reads the refusal.
        """
        try:
            await self._guard.app(self.scope, receive, self.send)
        except Exception as error:  # noqa: BLE001 - the outermost edge: every request gets an answer
            if self.refusal is None:
                await self._answer_failure(error)
        if self.refusal is not None and not self.started:
            await self.refuse(self.refusal, drain=rest)

    async def send(self, message: Message) -> None:
        """Pass the application's answer on, unless its body was refused meanwhile."""
        if not self.started and self.refusal is not None:
            return
        if message["type"] == "http.response.start":
            self.started = True
            headers = list(message.get("headers", ()))
            message["headers"] = self._marked(headers, status=message["status"])
        elif message["type"] == "http.response.body":
            self.finished = not message.get("more_body", False)
        await self._send(message)

    async def refuse(self, refusal: DomainError, *, drain: Receive | None = None) -> None:
        """Answer with a problem and close the connection.

        With `drain` the rest of the body is read and dropped for a moment first, so that the peer
        gets to read the refusal instead of a reset connection.
        """
        self.body = None
        self.started = self.finished = True
        request_id = self.scope["state"]["request_id"]
        response = problem_answer(refusal, request_id=request_id, now=self._guard.clock.now())
        response.headers["connection"] = "close"
        if isinstance(refusal, MethodRefused):
            response.headers["allow"] = ", ".join(sorted(METHODS))
        headers = self._marked(response.raw_headers, status=response.status_code)
        start = {"type": "http.response.start", "status": response.status_code}
        await self._send(start | {"headers": headers})
        part = {"type": "http.response.body", "body": response.body}
        if drain is not None:
            await self._send(part | {"more_body": True})
            await _drain(drain)
            part["body"] = b""
        await self._send(part | {"more_body": False})

    async def _answer_failure(self, error: Exception) -> None:
        """The framework sends its 500 and raises again; an answer cut short must end badly."""
        if not self.scope["state"].get("failure_logged"):
            request_id = self.scope["state"]["request_id"]
            _log.error(
                "request_failed", request_id=request_id, path=self.scope["path"], exc_info=error
            )
        if not self.started:
            await self.refuse(ServiceFailed())
        elif not self.finished:
            raise error

    def _marked(
        self, headers: list[tuple[bytes, bytes]], *, status: int
    ) -> list[tuple[bytes, bytes]]:
        given = dict(headers)
        fields = self._guard.security_fields(status, given.get(b"content-type", b""))
        headers.extend(field for field in fields if field[0] not in given)
        headers.append((b"x-request-id", self.scope["state"]["request_id"].encode()))
        return headers


async def _drain(receive: Receive) -> None:
    """Read and drop a little of what still comes; a sender without end is cut off."""
    with suppress(TimeoutError):
        await asyncio.wait_for(_read_on(receive), _DRAIN_SECONDS)


async def _read_on(receive: Receive) -> None:
    for _ in range(_DRAIN_MESSAGES):
        if not (await receive()).get("more_body", False):
            return
