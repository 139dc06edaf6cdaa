"""Client and server of the signed transport in one process: what passes and what is refused."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

import httpx
import pytest
import zstandard
from fastapi import Depends, FastAPI, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from typing_extensions import override

from shared_platform.transport.breaker import Breaker, BreakerOpen, BreakerPolicy
from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.nonces import NonceReplayed
from shared_platform.transport.outbound import (
    Outbound,
    OutboundLimits,
    OutboundRequest,
    PeerAnsweredBadly,
    PeerUnreachable,
)
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_platform.transport.problem_documents import document_problems, problems
from shared_platform.transport.problems import install_problems
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_platform.transport.signed_answers import json_answer, kept_json, signed_answer
from shared_platform.transport.signed_client import Content, SignedClient
from shared_platform.transport.signed_requests import (
    SIGNATURE_REFUSALS,
    EnrolledKey,
    KeyClaim,
    KeyStanding,
    SignedRequest,
    signed_node,
)
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant, format_instant
from shared_schema.message_signature import SignedMessage
from shared_schema.problem import ProblemType
from shared_schema.receipt import StoredReceipt
from shared_schema.refusal import DomainError
from shared_schema.request_signature import sign_request
from shared_schema.signing_key import PublicKey, SigningKey

BASE = "https://hub.test"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NODE_KEY = SigningKey.from_seed(b"n" * 32)
OTHER_KEY = SigningKey.from_seed(b"o" * 32)
HUB_KEY = SigningKey.from_seed(b"h" * 32)


def peer_answering(answer: Response) -> Outbound:
    """A peer that answers everything alike: every Starlette response is an application."""
    return Outbound(transport=httpx.ASGITransport(answer))


class Busy(DomainError):
    problem = ProblemType.MAINTENANCE


@dataclass
class SetClock:
    """A clock that tests set."""

    instant: Instant = NOW

    def now(self) -> Instant:
        return self.instant


@dataclass
class Settings:
    base_url: str = BASE


@dataclass
class Hub:
    """A hub's transport with an echo behind it; its directory and nonces are in memory."""

    clock: SetClock = field(default_factory=SetClock)
    standing: KeyStanding = KeyStanding.ACTIVE
    seen: set[tuple[str, str]] = field(default_factory=set)
    received: list[SignedRequest] = field(default_factory=list)
    asgi: RequestGuard = field(init=False)

    def __post_init__(self) -> None:
        app = FastAPI()
        app.state.settings = Settings()
        app.state.clock = self.clock
        app.state.ids = SeededIds(7)
        # The routes below never query, so no connection is ever made.
        app.state.sessions = async_sessionmaker(create_async_engine("postgresql+asyncpg://none"))
        install_problems(app, clock=self.clock)
        document_problems(app)
        add_routes(app, self)
        self.asgi = RequestGuard(app, GuardPolicy(BASE), clock=self.clock, ids=SeededIds(8))

    async def find(
        self, session: AsyncSession, claim: KeyClaim, *, now: Instant
    ) -> EnrolledKey | None:
        assert session is not None
        assert now == self.clock.instant
        if claim.key_id != NODE_KEY.key_id:
            return None
        return EnrolledKey("node-a", NODE_KEY.public, self.standing)

    async def spend(self, session: AsyncSession, key_id: str, *, nonce: str, now: Instant) -> None:
        assert session is not None
        assert now == self.clock.instant
        if (key_id, nonce) in self.seen:
            raise NonceReplayed
        self.seen.add((key_id, nonce))


def add_routes(app: FastAPI, hub: Hub) -> None:
    caller = Depends(signed_node(hub.find, spend=hub.spend))

    @app.put("/statements/{oseq}", responses=problems(*SIGNATURE_REFUSALS))
    async def put(oseq: int, node: Annotated[SignedRequest, caller]) -> Response:
        hub.received.append(node)
        answer = kept_json({"oseq": oseq, "read": node.json()}, status=201)
        return signed_answer(answer, node, key=HUB_KEY, now=hub.clock.now())

    @app.get("/inbox")
    async def inbox(node: Annotated[SignedRequest, caller], after: int = 0) -> Response:
        return json_answer({"node": node.node_id, "after": after})

    @app.post("/unsigned")
    async def unsigned(node: Annotated[SignedRequest, caller]) -> Response:
        hub.received.append(node)
        return json_answer({})

    @app.post("/replayed")
    async def replayed(node: Annotated[SignedRequest, caller]) -> Response:
        kept = KeptAnswer(200, b"{}", replayed=True)
        return signed_answer(kept, node, key=OTHER_KEY, now=hub.clock.now())

    @app.post("/busy")
    async def busy(node: Annotated[SignedRequest, caller]) -> Response:
        raise Busy(node.node_id, retry_after_s=7)


def hub_key_of(key_id: str) -> PublicKey | None:
    return HUB_KEY.public if key_id == HUB_KEY.key_id else None


def client_of(
    hub: Hub, *, key: SigningKey = NODE_KEY, clock: SetClock | None = None
) -> SignedClient:
    return SignedClient(
        BASE,
        key,
        hub_key_of,
        Outbound(transport=httpx.ASGITransport(hub.asgi)),
        clock or hub.clock,
        SeededIds(3),
    )


@contextmanager
def refused_with(code: str) -> Iterator[None]:
    with pytest.raises(PeerRefusal) as refusal:
        yield
    assert refusal.value.code == code
    assert refusal.value.status < 500


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


# --- requests as an attacker or a broken node would send them ------------------------------------


@dataclass
class Forged:
    """A correctly signed PUT, to be changed afterwards."""

    body: bytes = b"{}"
    method: str = "PUT"
    path: str = "/statements/1"
    host: str = "hub.test"
    created: Instant = NOW
    nonce: str = "bm9uY2Utbm9uY2Utbm9uY2U"
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    def signed(self) -> dict[str, str]:
        message = SignedMessage.of(self.method, BASE + self.path, self.headers)
        return self.headers | sign_request(
            message, body=self.body, key=NODE_KEY, now=self.created, nonce=self.nonce
        )

    async def send(
        self, hub: Hub, headers: dict[str, str] | None = None, *, body: bytes | None = None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(hub.asgi)
        async with httpx.AsyncClient(transport=transport) as peer:
            return await peer.request(
                self.method,
                f"https://{self.host}{self.path}",
                headers=self.signed() if headers is None else headers,
                content=self.body if body is None else body,
            )


def code_of(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def first_error(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["code"])


async def test_the_same_request_twice_is_a_replay() -> None:
    hub = Hub()

    first, second = [await Forged().send(hub) for _ in range(2)]

    assert first.status_code == 201
    assert (second.status_code, code_of(second)) == (401, "nonce_replayed")


async def test_an_unsigned_request_is_told_to_sign() -> None:
    answer = await Forged().send(Hub(), {"content-type": "application/json"})

    assert (answer.status_code, code_of(answer)) == (401, "signature_missing")
    assert answer.headers["www-authenticate"] == "Signature"


async def test_another_body_does_not_match_the_digest() -> None:
    answer = await Forged().send(Hub(), body=b"[]")

    assert code_of(answer) == "digest_mismatch"


async def test_a_body_whose_digest_is_not_covered_is_refused() -> None:
    bare = Forged(body=b"", headers={})
    headers = bare.signed() | {"content-type": "application/json"}

    answer = await bare.send(Hub(), headers, body=b"{}")

    assert code_of(answer) == "component_not_covered"


async def test_another_target_does_not_verify() -> None:
    forged = Forged()
    headers = forged.signed()
    forged.path = "/statements/2"

    assert code_of(await forged.send(Hub(), headers)) == "signature_invalid"


async def test_a_foreign_host_cannot_change_the_target_that_is_verified() -> None:
    assert code_of(await Forged(host="evil.test").send(Hub())) == "misdirected"


@pytest.mark.parametrize("minutes", [-6, 6, 600_000])
async def test_a_request_outside_the_window_learns_the_servers_time(minutes: int) -> None:
    answer = await Forged(created=NOW + timedelta(minutes=minutes)).send(Hub())

    assert code_of(answer) == "clock_skew"
    assert answer.json()["server_time"] == format_instant(NOW)


BOMB = gzip.compress(b"0" * 10_000_000)
BODIES = {
    "NaN": (b'{"a":NaN}', 422),
    "overflowing number": (b'{"a":1e999}', 422),
    "ten thousand digits": (b"1" * 10_000, 422),
    "lone surrogate": (b'{"a":"\\ud800"}', 422),
    "nul": (b'{"a":"\\u0000"}', 422),
    "control character": (b'{"a":"\\u0007"}', 422),
    "duplicate keys": (b'{"a":1,"a":2}', 422),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, 422),
    "bad utf-8": (b'{"a":"\xff"}', 422),
    "utf-16": ('{"a":1}'.encode("utf-16"), 422),
    "byte order mark": (b"\xef\xbb\xbf{}", 422),
    "twenty thousand and one values": (b"[" + b"0," * 20_001 + b"0]", 422),
    "long string": (b'"' + b"x" * 20_001 + b'"', 422),
    "cut": (b'{"a":', 422),
    "empty": (b"", 422),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_signed_but_poisonous_body_is_refused(name: str) -> None:
    body, status = BODIES[name]

    answer = await Forged(body=body).send(Hub())

    assert answer.status_code == status, answer.text[:200]
    assert code_of(answer) == "schema_invalid"


PACKED = {
    "gzip bomb": ("gzip", BOMB, (413, "encoding.ratio")),
    "zstd bomb": ("zstd", zstandard.compress(b"0" * 10_000_000), (413, "encoding.ratio")),
    "truncated": ("gzip", gzip.compress(b"{}")[:-4], (422, "encoding.truncated")),
    "not gzip": ("gzip", b"{}", (422, "encoding.corrupt")),
    "brotli": ("br", b"{}", (415, "encoding.unsupported")),
    "packed twice": ("gzip, gzip", b"{}", (415, "encoding.unsupported")),
}


@pytest.mark.parametrize("name", PACKED)
async def test_a_signed_body_is_unpacked_under_bounds(name: str) -> None:
    encoding, body, expected = PACKED[name]
    headers = {"content-type": "application/json", "content-encoding": encoding}

    answer = await Forged(body=body, headers=headers).send(Hub())

    assert (answer.status_code, first_error(answer)) == expected


async def test_a_bomb_whose_digest_is_wrong_is_never_unpacked() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    forged = Forged(body=gzip.compress(b"{}"), headers=headers)

    assert code_of(await forged.send(Hub(), body=BOMB)) == "digest_mismatch"


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=400), junk=st.none() | st.text(max_size=30))
async def test_no_bytes_whatever_cause_a_server_error(body: bytes, junk: str | None) -> None:
    forged = Forged(body=body)
    headers = forged.signed()
    if junk is not None:
        headers["signature-input"] = junk.encode("ascii", "replace").decode().strip()

    try:
        answer = await forged.send(Hub(), headers)
    except httpx.LocalProtocolError:
        return

    assert answer.status_code < 500


# --- the peer behaves badly ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        HTMLResponse("<p>portal login</p>"),
        HTMLResponse("<p>blocked</p>", 403),
        RedirectResponse("https://evil.test"),
        Response("busy", 503),
        Response("{nonsense", 422, media_type="application/problem+json"),
    ],
    ids=["html 200", "html 403", "redirect", "text 503", "broken problem"],
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

    with pytest.raises(PeerAnsweredBadly) as caught:
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
