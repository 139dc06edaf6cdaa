"""The guard in process: host, head, security fields, failures."""

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from shared_platform.observability.metrics import Metrics
from shared_platform.observability.requests import ObserveRequests
from shared_platform.settings import PlatformSettings
from shared_platform.transport.request_guard import CONTENT_SECURITY_POLICY, RequestGuard
from shared_platform.transport.request_head import TARGET_EXTENSION, GuardPolicy
from shared_schema.identities import SeededIds
from tests.shared_platform.guarded_echo import BASE, POLICY, StillClock, client, guarded, raw


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


async def test_every_answer_carries_the_security_fields() -> None:
    async with client() as peer:
        answers = [await peer.get(path) for path in ("/echo", "/nowhere", "/broken", "/docs")]
        answers.append(await peer.get("/echo", headers={"host": "evil.test"}))

    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["strict-transport-security"]
        assert answer.headers["x-request-id"]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


async def test_a_page_may_load_its_own_files_and_tells_no_other_site_where_one_was() -> None:
    async with client() as peer:
        answer = await peer.get("/docs")

    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_not_modified_leaves_the_fields_of_the_kept_answer_alone() -> None:
    async with client() as peer:
        answer = await peer.get("/unchanged")

    assert answer.status_code == 304
    assert set(answer.headers) == {"etag", "x-request-id"}


async def test_the_observing_layer_outside_shares_its_request_id_even_for_refusals() -> None:
    metrics = Metrics()
    observed = ObserveRequests(guarded(), metrics=metrics, ids=SeededIds(2))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(observed), base_url=BASE) as peer:
        answer = await peer.get("/echo", headers={"host": "evil.test", "x-request-id": "abcd-1234"})

    own = str(SeededIds(2).new_id())
    assert answer.headers.get_list("x-request-id") == [own]
    assert answer.json()["instance"] == f"/requests/{own}"


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
