"""The guard in process: host, head, framing, body bounds, security fields, failures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from shared_platform.observability.metrics import Metrics
from shared_platform.observability.requests import ObserveRequests
from shared_platform.settings import PlatformSettings
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import CONTENT_SECURITY_POLICY, RequestGuard
from shared_platform.transport.request_head import TARGET_EXTENSION, BodyLimit, GuardPolicy
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


@pytest.mark.parametrize("host", ["hub.test", "HUB.test", "hub.test:443", "127.0.0.1:8800"])
async def test_its_own_hosts_are_served(host: str) -> None:
    async with client() as peer:
        answer = await peer.get("/echo", headers={"host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "hosts", [[], [b"hub.test", b"hub.test"], [b"evil.test"], [b""], [b"hub.test:80"]]
)
async def test_a_missing_doubled_or_foreign_host_is_misdirected(hosts: list[bytes]) -> None:
    status, _ = await raw(headers=[(b"host", host) for host in hosts])

    assert status == 421


async def test_forwarded_fields_do_not_make_a_foreign_host_ours() -> None:
    async with client() as peer:
        headers = {
            "host": "evil.test",
            "x-forwarded-host": "hub.test",
            "forwarded": "host=hub.test",
        }
        answer = await peer.get("/echo", headers=headers)

    assert answer.status_code == 421
    assert answer.json()["code"] == "misdirected"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"https://hub.test/echo", 200),
        (b"http://HUB.TEST/echo?x", 200),
        (b"/echo", 200),
        (b"http://evil.test/echo", 421),
        (b"https://hub.test@evil.test/echo", 421),
        (b"hub.test:443", 421),
        (b"//evil.test/echo", 200),  # origin-form: a path that begins with two slashes
    ],
)
async def test_an_absolute_target_must_name_our_host(target: bytes, status: int) -> None:
    found, _ = await raw(extensions={TARGET_EXTENSION: {"raw": target}})

    assert found == status


async def test_a_hundred_and_one_fields_are_too_many() -> None:
    many = [(b"host", b"hub.test")] + [(b"x", b"y")] * 100

    assert (await raw(headers=many))[0] == 431
    assert (await raw(headers=many[:-1]))[0] == 200


async def test_sixteen_kilobytes_of_fields_are_enough() -> None:
    assert (await raw(headers=[(b"host", b"hub.test"), (b"x", b"y" * 16_400)]))[0] == 431


async def test_an_overlong_target_is_refused() -> None:
    async with client() as peer:
        answer = await peer.get("/echo", params={"q": "x" * 4_096})

    assert answer.status_code == 414
    assert answer.json()["code"] == "uri_too_long"


async def test_an_unlisted_method_is_refused_with_the_list() -> None:
    async with client() as peer:
        answer = await peer.request("TRACE", "/echo")

    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("url", ["/echo%00", "/echo?q=%00", "/echo?q=a%00b"])
async def test_nul_never_reaches_a_route(url: str) -> None:
    async with client() as peer:
        answer = await peer.get(url)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "target.nul"


@pytest.mark.parametrize(
    "framing",
    [
        [(b"content-length", b"3"), (b"content-length", b"3")],
        [(b"content-length", b"3"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"+5")],
        [(b"content-length", "３".encode())],
        [(b"content-length", b"9" * 30)],
        [(b"content-length", b"")],
    ],
)
async def test_contradicting_lengths_are_refused(framing: list[tuple[bytes, bytes]]) -> None:
    status, _ = await raw(headers=[(b"host", b"hub.test"), *framing])

    assert status == 422


@pytest.mark.parametrize(("declared", "real"), [(3, 2), (3, 4), (3, 0)])
async def test_a_body_must_be_as_long_as_declared(declared: int, real: int) -> None:
    status, _ = await raw(
        headers=[(b"host", b"hub.test"), (b"content-length", str(declared).encode())],
        parts=[{"type": "http.request", "body": b"x" * real, "more_body": False}],
    )

    assert status == 422


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/echo", 1_000, 200),
        ("/echo", 1_001, 413),
        ("/bulk", 4_000, 200),
        ("/bulk", 4_001, 413),
        ("/bulk/tiny", 11, 413),
    ],
)
async def test_each_route_has_its_own_bound(path: str, size: int, status: int) -> None:
    async with client() as peer:
        answer = await peer.post(path, content=b"x" * size)

    assert answer.status_code == status


async def test_an_undeclared_body_is_counted_while_it_arrives() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100

    async with client() as peer:
        answer = await peer.post("/echo", content=endless())

    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"
    assert answer.json()["errors"][0]["code"] == "body.too_large"


async def test_a_body_that_does_not_end_in_time_is_refused() -> None:
    policy = GuardPolicy(BASE, body=BodyLimit(1_000, 0.05))
    hold = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await hold.wait()

    async with client(guarded(policy)) as peer:
        answer = await peer.post("/echo", content=slow())

    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "body.too_slow"


async def test_a_route_that_swallows_the_refusal_cannot_answer_over_it() -> None:
    async with client() as peer:
        answer = await peer.post("/stubborn", content=b"x" * 500, headers={"content-length": "400"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "content_length"


async def test_a_bare_application_that_stops_at_the_refusal_is_answered_for() -> None:
    async def bare(_scope: Scope, receive: Receive, _send: Send) -> None:
        while True:
            await receive()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100

    guard = RequestGuard(bare, POLICY, clock=StillClock(), ids=SeededIds(1))
    async with client(guard) as peer:
        answer = await peer.post("/echo", content=endless())

    assert answer.status_code == 413


async def test_after_the_body_a_route_still_sees_the_disconnect() -> None:
    status, _ = await raw(
        headers=[(b"host", b"hub.test"), (b"content-length", b"1")],
        parts=[{"type": "http.request", "body": b"x", "more_body": False}],
        path="/patient",
        raw_path=b"/patient",
    )

    assert status == 200


async def test_a_disconnect_inside_the_body_is_passed_on() -> None:
    status, _ = await raw(
        headers=[(b"host", b"hub.test"), (b"content-length", b"5")],
        parts=[{"type": "http.request", "body": b"x", "more_body": True}],
    )

    assert status == 422


async def test_draining_a_refused_body_ends_after_a_moment() -> None:
    hold = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await hold.wait()

    async with client() as peer:
        answer = await peer.post("/echo", content=slow(), headers={"content-length": "99999"})

    assert answer.status_code == 413


async def test_every_answer_carries_the_security_fields() -> None:
    async with client() as peer:
        answers = [await peer.get(path) for path in ("/echo", "/nowhere", "/broken", "/docs")]
        answers.append(await peer.get("/echo", headers={"host": "evil.test"}))

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["strict-transport-security"]
        assert answer.headers["x-request-id"]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


async def test_the_observing_layer_outside_shares_its_request_id_even_for_refusals() -> None:
    metrics = Metrics()
    observed = ObserveRequests(guarded(), metrics=metrics, ids=SeededIds(2))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(observed), base_url=BASE) as peer:
        answer = await peer.get("/echo", headers={"host": "evil.test", "x-request-id": "abcd-1234"})

    assert answer.headers.get_list("x-request-id") == ["abcd-1234"]
    assert answer.json()["instance"] == "/requests/abcd-1234"


async def test_a_route_may_set_its_own_content_security_policy() -> None:
    async with client() as peer:
        answer = await peer.get("/embed")

    assert answer.headers.get_list("content-security-policy") == ["frame-ancestors *"]


async def test_without_https_no_strict_transport_is_promised() -> None:
    guard = guarded(GuardPolicy("http://127.0.0.1:8800"))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(guard)) as peer:
        answer = await peer.get("http://127.0.0.1:8800/echo")

    assert "strict-transport-security" not in answer.headers


async def test_a_failure_shows_only_the_request_id() -> None:
    async with client() as peer:
        answer = await peer.get("/broken")

    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["instance"] == "/requests/" + answer.headers["x-request-id"]
    assert "secret" not in answer.text


async def test_a_failure_outside_the_framework_is_answered_too() -> None:
    async def failing(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise LookupError("secret")

    guard = RequestGuard(failing, POLICY, clock=StillClock(), ids=SeededIds(1))

    async with client(guard) as peer:
        answer = await peer.get("/")

    assert answer.status_code == 500
    assert "secret" not in answer.text


async def test_an_answer_cut_in_the_middle_ends_badly() -> None:
    async with client() as peer:
        with pytest.raises(LookupError):
            await peer.get("/cut")


async def test_web_sockets_are_closed_and_lifespan_passes() -> None:
    seen: list[str] = []
    closed: list[Message] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        closed.append(message)

    guard = RequestGuard(app, POLICY, clock=StillClock(), ids=SeededIds(1))
    await guard({"type": "lifespan"}, receive, send)
    await guard({"type": "websocket"}, receive, send)

    assert seen == ["lifespan"]
    assert closed == [{"type": "websocket.close", "code": 1008}]


def test_the_policy_comes_from_the_settings() -> None:
    settings = PlatformSettings(public_base_url="https://kaixu.example:8443", max_header_fields=50)

    policy = GuardPolicy.of(settings, extra_hosts=["probe"])

    assert policy.hosts() == {b"kaixu.example:8443", b"probe"}
    assert policy.header_count == 50
    assert policy.body.seconds == 30.0
