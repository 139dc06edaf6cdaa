"""What everything signed rests on: one signature, one request, one statement; and the guard."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import httpx
from fastapi import FastAPI
from fastapi.responses import Response

from deploy.bench.figures import Figure, Measured, rate
from deploy.bench.made_log import NODE
from deploy.bench.made_statements import Maker
from deploy.bench.world import World
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_schema.bounded_json import parse_json
from shared_schema.identities import RandomIds
from shared_schema.instants import SystemClock
from shared_schema.message_signature import SignedMessage
from shared_schema.request_signature import sign_request, verify_request
from shared_schema.statement import declaration_of, read_statement, verify_statement

_BODY: Final = b'{"hello":"world"}' * 100
_TARGET: Final = "/federation/v1/intake"


async def measure_signatures(world: World) -> Measured:
    """Each alone on one thread; a statement is read, checked and turned into a declaration."""
    key, now, count = world.log.node_key, world.log.now, world.sizes.operations
    message = SignedMessage.of(
        "POST", world.hub_url + _TARGET, {"content-type": "application/x-ndjson"}
    )
    nonce = RandomIds().new_token()

    def signed() -> dict[str, str]:
        return dict(sign_request(message, body=_BODY, key=key, now=now, nonce=nonce))

    sent = SignedMessage.of(
        "POST", message.url, {"content-type": "application/x-ndjson", **signed()}
    )
    made = Maker(NODE, key, now).offers(count)
    signature = key.sign(_BODY)
    works: Sequence[tuple[str, Callable[[int], object]]] = (
        ("Ed25519 signatures made", lambda _: key.sign(_BODY)),
        ("Ed25519 signatures verified", lambda _: key.public.verify(signature, _BODY)),
        ("requests signed", lambda _: signed()),
        (
            "requests verified",
            lambda _: verify_request(sent, body=_BODY, key_of=lambda _: key.public, now=now),
        ),
        ("statements' JSON read under limits", lambda at: parse_json(made[at].raw)),
        ("statements read", lambda at: read_statement(made[at].raw)),
        (
            "statements verified",
            lambda at: verify_statement(read_statement(made[at].raw), key.public),
        ),
        (
            "statements verified, with declaration",
            lambda at: declaration_of(verify_statement(read_statement(made[at].raw), key.public)),
        ),
    )
    figures = [
        rate(name, count, [_seconds(work, count) for _ in range(world.sizes.repeats)])
        for name, work in works
    ]
    return Measured(f"{count:,} of each", tuple(figures))


async def measure_guard(world: World) -> Measured:
    """The same empty route without and with the guard, called in this process."""
    app = FastAPI()

    @app.get("/")
    async def answer() -> Response:
        return Response(b"{}", media_type="application/json")

    policy = GuardPolicy.of(world.hub_settings())
    guarded = RequestGuard(app, policy, clock=SystemClock(), ids=RandomIds())
    bare, inside = [], []
    for _ in range(world.sizes.repeats):
        bare.append(await _requests(httpx.ASGITransport(app), world))
        inside.append(await _requests(httpx.ASGITransport(guarded), world))
    more = tuple((one - other) for one, other in zip(inside, bare, strict=True))
    return Measured(
        f"{world.sizes.operations:,} requests",
        (
            Figure("a request without the guard", "µs", tuple(bare)),
            Figure("with the guard", "µs", tuple(inside)),
            Figure("the guard's part", "µs", more),
        ),
    )


async def _requests(transport: httpx.ASGITransport, world: World) -> float:
    count = world.sizes.operations
    async with httpx.AsyncClient(transport=transport, base_url=world.hub_url) as client:
        await client.get("/")
        began = time.perf_counter()
        for _ in range(count):
            (await client.get("/")).raise_for_status()
        return (time.perf_counter() - began) / count * 1_000_000


def _seconds(work: Callable[[int], object], count: int) -> float:
    began = time.perf_counter()
    for place in range(count):
        work(place)
    return time.perf_counter() - began
