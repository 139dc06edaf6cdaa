"""Addresses that will go away say so in time (RFC 9745, RFC 8594)."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared_platform.transport.deprecation import Deprecated, TellDeprecations

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
OLD = Deprecated("/v1/old", SINCE, SINCE + timedelta(days=400), "https://hub.test/moved")


async def asked(path: str) -> httpx.Response:
    async def answer(_: object) -> PlainTextResponse:
        return PlainTextResponse("yes")

    app = Starlette(routes=[Route("/v1/old", answer), Route("/v1/older", answer)])
    transport = httpx.ASGITransport(TellDeprecations(app, [OLD]))
    async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as client:
        return await client.get(path)


@pytest.mark.parametrize(("path", "status"), [("/v1/old", 200), ("/v1/old/gone", 404)])
async def test_every_answer_under_the_address_tells_when_it_goes(path: str, status: int) -> None:
    answer = await asked(path)

    assert answer.status_code == status
    assert answer.headers["deprecation"] == f"@{int(SINCE.timestamp())}"
    assert answer.headers["sunset"] == "Mon, 06 Dec 2027 00:00:00 GMT"
    assert answer.headers["link"] == (
        '<https://hub.test/moved>; rel="deprecation"; type="text/html"'
    )


async def test_other_addresses_tell_nothing() -> None:
    answer = await asked("/v1/older")

    assert "deprecation" not in answer.headers
    assert "sunset" not in answer.headers


def test_nothing_goes_without_a_years_notice() -> None:
    with pytest.raises(AssertionError, match="/v1"):
        Deprecated("/v1", SINCE, SINCE + timedelta(days=30), "https://hub.test/moved")
