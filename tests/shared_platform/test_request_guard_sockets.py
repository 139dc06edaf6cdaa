"""The raw cases of the parser table against a real uvicorn on 127.0.0.1."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

from shared_platform.transport.http_protocol import BoundedHttpProtocol, server_config
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import BodyLimit, GuardPolicy
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant

BASE = "http://hub.test"
GET = b"GET /echo HTTP/1.1\r\nHost: hub.test\r\n"
POST = b"POST /echo HTTP/1.1\r\nHost: hub.test\r\n"


class StillClock:
    def now(self) -> Instant:
        return datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class HastyProtocol(BoundedHttpProtocol):
    head_seconds = 0.2


def application() -> RequestGuard:
    app = FastAPI()
    install_problems(app, clock=StillClock())

    @app.api_route("/echo", methods=["GET", "POST"])
    async def echo(request: Request) -> Response:
        return Response(str(len(await request.body())))

    policy = GuardPolicy(BASE, body=BodyLimit(100_000, 0.2))
    return RequestGuard(app, policy, clock=StillClock(), ids=SeededIds(1))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server in a thread of its own, on a free port."""
    config = server_config(application(), host="127.0.0.1", port=0)
    config.http = HastyProtocol
    config.log_config = None
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


async def exchange(port: int, request: bytes, *, linger: bool = False) -> tuple[int, bytes]:
    """Send bytes and read to the end; status 0 when the connection closed without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    with suppress(ConnectionError):
        await writer.drain()
        if not linger:
            writer.write_eof()
    answer = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(10):
            answer = await reader.read()
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return (int(answer.split(b" ", 2)[1]) if answer else 0), answer


# (bytes sent, statuses that are right); 4xx of the parser or of the guard, never 5xx
RAW_CASES = {
    "content-length and chunked": (
        POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400, 422},
    ),
    "two differing lengths": (
        POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        {400},
    ),
    "space before the colon": (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", {400}),
    "signed length": (POST + b"Content-Length: +5\r\n\r\nabcde", {400}),
    "nul in a field": (GET + b"X-A: a\0b\r\n\r\n", {400}),
    "unknown transfer coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\nabc", {400, 501}),
    "bare line feed in a chunk extension": (
        POST + b"Transfer-Encoding: chunked\r\n\r\n3;a\nb\r\nabc\r\n0\r\n\r\n",
        {400},
    ),
    "folded field": (GET + b"X-A: a\r\n b\r\n\r\n", {400}),
    "bare line feeds": (GET.replace(b"\r\n", b"\n") + b"\n", {400}),
    "two hosts": (GET + b"Host: hub.test\r\nConnection: close\r\n\r\n", {421}),
    "no host": (b"GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n", {421}),
    "a header of one megabyte": (GET + b"X-A: " + b"a" * 1_000_000 + b"\r\n\r\n", {431}),
    "ten thousand headers": (GET + b"X-A: b\r\n" * 10_000 + b"\r\n", {431}),
    "absolute form of another host": (
        b"GET http://evil.test/echo HTTP/1.1\r\nHost: hub.test\r\n\r\n",
        {421},
    ),
    "absolute form without a path": (
        b"GET http://evil.test HTTP/1.1\r\nHost: hub.test\r\n\r\n",
        {400, 421},
    ),
    "connect": (b"CONNECT evil.test:443 HTTP/1.1\r\nHost: hub.test\r\n\r\n", {400, 405}),
    "bytes above ascii in the path": (b"GET /\xff HTTP/1.1\r\nHost: hub.test\r\n\r\n", {400}),
    "not http": (b"\x16\x03\x01\x02\x00\x01\x00", {400}),
}


@pytest.mark.parametrize("name", RAW_CASES)
async def test_a_raw_case_is_refused(port: int, name: str) -> None:
    request, statuses = RAW_CASES[name]

    status, answer = await exchange(port, request)

    assert status in statuses, answer[:300]


@pytest.mark.parametrize("target", [b"/echo", b"http://hub.test/echo", b"http://HUB.TEST:80/echo"])
async def test_the_plain_request_and_our_own_absolute_form_are_served(
    port: int, target: bytes
) -> None:
    request = b"GET " + target + b" HTTP/1.1\r\nHost: hub.test\r\nConnection: close\r\n\r\n"

    status, answer = await exchange(port, request)

    assert status == 200
    assert b"date: " in answer.lower()
    assert b"server: " not in answer.lower()


async def test_a_declared_large_body_is_refused_before_it_is_read(port: int) -> None:
    status, answer = await exchange(port, POST + b"Content-Length: 100001\r\n\r\nabc")

    assert status == 413
    assert b"application/problem+json" in answer


async def test_a_large_body_sent_at_once_still_gets_its_refusal(port: int) -> None:
    body = b"Content-Length: 2000000\r\n\r\n" + b"x" * 2_000_000

    status, _ = await exchange(port, POST + body)

    assert status == 413


async def test_a_slow_body_is_ended(port: int) -> None:
    request = POST + b"Content-Length: 10\r\n\r\nabc"

    status, answer = await exchange(port, request, linger=True)

    assert status == 413
    assert b"body.too_slow" in answer


@pytest.mark.parametrize("begun", [b"", GET, GET + b"X-A"])
async def test_a_slow_or_silent_head_is_ended(port: int, begun: bytes) -> None:
    status, _ = await exchange(port, begun, linger=True)

    assert status == 408


async def test_a_kept_connection_serves_again_after_a_pause(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    answers = [await one_answer(reader, writer) async for _ in pauses(2)]
    writer.close()

    assert answers == [b"HTTP/1.1 200 OK\r\n"] * 2


async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(GET + b"\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"content-length: 1\r\n" in head.lower()
    await reader.readexactly(1)
    return head.split(b"\r\n", 1)[0] + b"\r\n"


async def pauses(count: int) -> AsyncIterator[None]:
    """Longer than a head may take: an idle kept connection is not a slow head."""
    for _ in range(count):
        yield
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 0.3)
