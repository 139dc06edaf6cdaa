"""Reads from pages of every origin, and HEAD: fields alone."""

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from shared_platform.observability.requests import route_template
from shared_platform.transport.open_reads import OpenReads

SEARCH = "/api/v1/catalogue/search"
ROUTE = type("Route", (), {"path": SEARCH})()


async def inner(scope: Scope, _: Receive, send: Send) -> None:
    """Answers GET alone, as the routes do."""
    scope["route"] = ROUTE
    status = 200 if scope["method"] == "GET" else 405
    headers = [(b"content-length", b"5"), (b"etag", b'"7"')]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"whole"})


def asking() -> httpx.AsyncClient:
    transport = httpx.ASGITransport(OpenReads(inner))
    return httpx.AsyncClient(transport=transport, base_url="http://service")


@pytest.mark.parametrize(
    "path",
    [SEARCH, "/api/v1/catalogue/bulk", "/feeds/catalogue.atom", "/oai", "/listings/1.jsonld"],
)
async def test_head_gives_the_fields_of_get_without_its_body(path: str) -> None:
    async with asking() as client:
        head, get = await client.head(path), await client.get(path)

    assert (head.status_code, dict(head.headers)) == (200, dict(get.headers))
    assert (head.content, get.content) == (b"", b"whole")


async def test_head_is_counted_under_its_own_method_and_the_route_of_get() -> None:
    scope: Scope = {"type": "http", "method": "HEAD", "path": SEARCH, "headers": []}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await OpenReads(inner)(scope, receive, send)

    assert (scope["method"], route_template(scope)) == ("HEAD", SEARCH)
    assert sent[0]["status"] == 200


async def test_a_browser_may_send_conditions_ranges_and_a_key_from_any_page() -> None:
    asked = {"origin": "https://portal.example", "access-control-request-method": "GET"}
    async with asking() as client:
        answer = await client.options(SEARCH, headers=asked)
        read = await client.get(SEARCH, headers={"origin": "https://portal.example"})

    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert answer.status_code == 204
    assert {"authorization", "if-none-match", "range", "if-range"} <= set(allowed)
    assert "POST" not in answer.headers["access-control-allow-methods"]
    assert read.headers["access-control-allow-origin"] == "*"
    assert "ratelimit" in read.headers["access-control-expose-headers"]


@pytest.mark.parametrize("path", ["/", "/api/v1/reviews", "/federation/v1/intake", "/metrics"])
async def test_nothing_else_is_opened_to_other_pages(path: str) -> None:
    asked = {"origin": "https://portal.example", "access-control-request-method": "GET"}
    async with asking() as client:
        answers = [await client.get(path), await client.options(path, headers=asked)]

    assert not any("access-control-allow-origin" in answer.headers for answer in answers)
    assert answers[1].status_code == 405


async def test_head_asks_for_any_page_but_for_a_step_of_signing_in() -> None:
    async with asking() as client:
        page, step = await client.head("/about"), await client.head("/sign-in/provider/return")

    assert (page.status_code, page.content, step.status_code) == (200, b"", 405)
