"""The signed client against a hub in the same process, and against peers that behave badly."""

import asyncio
import gzip
import json
from datetime import timedelta

import httpx
import pytest
import zstandard
from fastapi import FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from typing_extensions import override

from shared_platform.transport.breaker import Breaker, BreakerOpen, BreakerPolicy
from shared_platform.transport.outbound import (
    Outbound,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerUnreachable,
)
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.signed_client import Content
from shared_platform.transport.signed_requests import (
    KeyStanding,
)
from shared_schema.instants import format_instant
from shared_schema.problem import ProblemType
from shared_schema.receipt import StoredReceipt
from tests.shared_platform.signed_hub import (
    BASE,
    HUB_KEY,
    NOW,
    OTHER_KEY,
    Hub,
    SetClock,
    client_of,
    hub_key_of,
    peer_answering,
    refused_with,
)


async def test_a_signed_write_arrives_and_its_receipt_verifies_for_ever() -> None:
    hub = Hub()

    written = await client_of(hub).put("/statements/3", Content(b'{"a":1}'))

    assert written.status == 201
    assert json.loads(written.body) == {"oseq": 3, "read": {"a": 1}}
    assert hub.received[0].node_id == "node-a"
    kept = StoredReceipt.from_json(written.receipt.to_json())
    assert kept.verify(hub_key_of).key_id == HUB_KEY.key_id


async def test_the_idempotency_key_is_signed_and_handed_on() -> None:
    hub = Hub()

    await client_of(hub).put("/statements/3", Content(b"{}", idempotency_key="key-00000001"))

    assert hub.received[0].header("idempotency-key") == "key-00000001"
    assert hub.received[0].header("x-unknown") is None
    signed = hub.received[0].header("signature-input")
    assert signed is not None
    assert '"idempotency-key"' in signed


async def test_a_read_is_signed_over_its_query() -> None:
    answer = await client_of(Hub()).get("/inbox", params={"after": 5, "wait": 25}, wait_seconds=25)

    assert json.loads(answer.body) == {"node": "node-a", "after": 5}


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_compressed_body_is_signed_as_sent_and_read_decompressed(encoding: str) -> None:
    hub = Hub()
    text = json.dumps({"words": [f"word {number}" for number in range(50)]}).encode()
    packed = {"gzip": gzip.compress(text), "zstd": zstandard.compress(text)}[encoding]
    content = Content(packed, encoding="gzip" if encoding == "gzip" else "zstd")

    await client_of(hub).put("/statements/1", content)

    assert hub.received[0].body == text
    assert hub.received[0].sent == packed


async def test_the_client_corrects_its_clock_once_and_keeps_the_correction() -> None:
    hub = Hub()
    late = SetClock(NOW - timedelta(minutes=20))
    client = client_of(hub, clock=late)

    await client.put("/statements/1", Content(b"{}"))
    await client.put("/statements/2", Content(b"{}"))

    assert client.clock_offset == timedelta(minutes=20)
    assert len(hub.received) == 2


async def test_an_unreadable_server_time_leaves_the_refusal_as_it_is() -> None:
    body = {"code": "clock_skew", "server_time": "noon"}
    client = client_of(Hub())
    client.outbound = peer_answering(JSONResponse(body, 401, media_type="application/problem+json"))

    with refused_with("clock_skew"):
        await client.get("/inbox")


async def test_a_refusal_keeps_the_peers_code_errors_and_wait() -> None:
    with pytest.raises(PeerRefusal) as caught:
        await client_of(Hub()).post("/busy", Content(b"{}"))

    assert caught.value.code == "maintenance"
    assert caught.value.row is ProblemType.MAINTENANCE
    assert caught.value.retryable
    assert caught.value.retry_after_s == 7
    assert caught.value.server_time == format_instant(NOW)


async def test_a_write_without_a_receipt_is_no_success() -> None:
    with pytest.raises(PeerAnsweredBadly):
        await client_of(Hub()).post("/unsigned", Content(b"{}"))


async def test_a_receipt_of_another_key_is_no_success() -> None:
    with pytest.raises(PeerAnsweredBadly):
        await client_of(Hub()).post("/replayed", Content(b"{}"))


async def test_an_unknown_key_is_refused() -> None:
    with refused_with("node_unknown"):
        await client_of(Hub(), key=OTHER_KEY).get("/inbox")


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (KeyStanding.EXPIRED, "key_expired"),
        (KeyStanding.REVOKED, "key_revoked"),
        (KeyStanding.NODE_SUSPENDED, "node_suspended"),
    ],
)
async def test_a_key_without_standing_is_refused(standing: KeyStanding, code: str) -> None:
    hub = Hub(standing=standing)

    with refused_with(code):
        await client_of(hub).put("/statements/1", Content(b"{}"))

    assert not hub.seen


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<p>portal login</p>"),
        HTMLResponse("<p>blocked</p>", 403),
        RedirectResponse("https://evil.test"),
        Response("broken", 500),
        Response("{nonsense", 422, media_type="application/problem+json"),
    ],
    ids=["html 200", "html 403", "redirect", "text 500", "broken problem"],
)
async def test_an_answer_outside_the_protocol_is_never_a_decision(answer: Response) -> None:
    client = client_of(Hub())
    client.outbound = peer_answering(answer)

    with pytest.raises(PeerAnsweredBadly):
        await client.put("/statements/1", Content(b"{}"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Sun, 22 Nov 2026 08:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0),
        ("999999999999", 86_400),
        ("soon", None),
        ("-5", None),
        ("Sun, 22 Nov 2026 08:01:00 -0000", None),
    ],
)
async def test_retry_after_is_read_in_both_forms(value: str, seconds: int | None) -> None:
    client = client_of(Hub())
    client.outbound = peer_answering(Response(status_code=503, headers={"retry-after": value}))

    with pytest.raises(PeerUnreachable) as caught:
        await client.get("/inbox")

    assert caught.value.retry_after_s == seconds


async def test_the_breaker_opens_on_silence_and_probes_once_per_interval() -> None:
    hub = Hub()
    client = client_of(hub)
    client.breaker = Breaker(hub.clock, BreakerPolicy(failures=2))

    def silence(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    client.outbound = Outbound(transport=httpx.MockTransport(silence))
    for _ in range(2):
        with pytest.raises(PeerUnreachable):
            await client.get("/inbox")
    with pytest.raises(BreakerOpen) as refused:
        await client.get("/inbox")

    assert refused.value.retry_after_s is not None
    hub.clock.instant += timedelta(seconds=60)
    client.outbound = Outbound(transport=httpx.ASGITransport(hub.asgi))
    assert (await client.get("/inbox")).status == 200


async def test_a_refusal_does_not_open_the_breaker() -> None:
    client = client_of(Hub())
    client.breaker = Breaker(client.clock, BreakerPolicy(failures=1))

    for _ in range(3):
        with refused_with("not_found"):
            await client.get("/nowhere")


async def test_a_silent_peer_is_given_up_in_time() -> None:
    class Silent(httpx.AsyncBaseTransport):
        @override
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            return httpx.Response(200, request=request)

    outbound = Outbound(transport=Silent())
    limits = OutboundLimits(total_seconds=0.05)

    with pytest.raises(PeerUnreachable):
        await outbound.send(OutboundRequest("GET", BASE), limits=limits)


def test_every_signed_route_documents_its_refusals() -> None:
    app = Hub().asgi.app
    assert isinstance(app, FastAPI)

    responses = app.openapi()["paths"]["/statements/{oseq}"]["put"]["responses"]

    shown = responses["401"]["content"]["application/problem+json"]
    assert set(shown["examples"]) >= {"signature_missing", "clock_skew", "nonce_replayed"}
    assert shown["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert "HTTPValidationError" not in json.dumps(app.openapi())
