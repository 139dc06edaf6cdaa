"""An echo behind the request guard, and scopes that no HTTP library would make."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Message, Scope

from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import BodyLimit, GuardPolicy
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from shared_schema.refusal import DomainError

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
BASE = "https://hub.test"
POLICY = GuardPolicy(
    BASE,
    extra_hosts=frozenset({"127.0.0.1:8800"}),
    body=BodyLimit(1_000, 5.0),
    routes=(("/bulk", BodyLimit(4_000, 5.0)), ("/bulk/tiny", BodyLimit(10, 5.0))),
)


class StillClock:
    def now(self) -> Instant:
        return NOW


def guarded(policy: GuardPolicy = POLICY) -> RequestGuard:
    app = FastAPI()
    install_problems(app, clock=StillClock())

    @app.api_route("/echo", methods=["GET", "POST", "DELETE"])
    @app.post("/bulk/tiny")
    @app.post("/bulk")
    async def echo(request: Request) -> Response:
        return Response(str(len(await request.body())))

    @app.get("/embed")
    async def embed() -> Response:
        return Response("x", headers={"content-security-policy": "frame-ancestors *"})

    @app.get("/unchanged")
    async def unchanged() -> Response:
        return Response(status_code=304, headers={"etag": '"1"'})

    @app.get("/broken")
    async def broken() -> Response:
        raise LookupError("secret-of-the-house")

    @app.get("/cut")
    async def cut() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begin"
            raise LookupError("half way")

        return StreamingResponse(parts())

    add_odd_readers(app)
    return RequestGuard(app, policy, clock=StillClock(), ids=SeededIds(1))


def add_odd_readers(app: FastAPI) -> None:
    @app.post("/stubborn")
    async def stubborn(request: Request) -> Response:
        for _ in range(3):
            with suppress(DomainError):
                await request.receive()
        return Response("read it all")

    @app.post("/patient")
    async def patient(request: Request) -> Response:
        await request.body()
        assert await request.is_disconnected()
        return Response("gone")


def client(guard: RequestGuard | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(guard or guarded())
    return httpx.AsyncClient(transport=transport, base_url=BASE)


async def raw(
    *,
    headers: list[tuple[bytes, bytes]] | None = None,
    parts: list[Message] | None = None,
    **scope: object,
) -> tuple[int, dict[bytes, bytes]]:
    """Send a scope that no HTTP library would make; status and headers of the answer."""
    sent: list[Message] = []
    waiting = list(parts or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    full: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/echo",
        "raw_path": b"/echo",
        "query_string": b"",
        "headers": [(b"host", b"hub.test")] if headers is None else headers,
        "http_version": "1.1",
        "scheme": "http",
        "server": None,
        "client": None,
        "asgi": {"version": "3.0"},
        **scope,
    }
    await guarded()(full, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])
