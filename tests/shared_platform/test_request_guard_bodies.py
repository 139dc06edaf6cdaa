"""The guard in process: framing, and bodies that are counted and timed while they arrive."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import BodyLimit, GuardPolicy
from shared_schema.identities import SeededIds
from tests.shared_platform.guarded_echo import BASE, POLICY, StillClock, client, guarded, raw


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
