"""Liveness, readiness, metrics and request ids, as a balancer and a monitor see them."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from shared_platform.database.engine import Database, build_engine
from shared_platform.observability.health import health_router
from shared_platform.observability.metrics import Metrics
from shared_platform.observability.readiness import OK, Readiness, database_checks
from shared_platform.observability.request_id import current_request_id
from shared_platform.observability.requests import ObserveRequests
from shared_platform.settings import PlatformSettings
from shared_schema.identities import SeededIds


@pytest.fixture
def readiness() -> Readiness:
    return Readiness()


@pytest.fixture
async def client(readiness: Readiness) -> AsyncIterator[httpx.AsyncClient]:
    app, metrics = FastAPI(), Metrics()
    inner = APIRouter(prefix="/reviews")

    @inner.get("/{review_id}")
    async def review(review_id: str) -> dict[str, str | None]:
        return {"review": review_id, "request": current_request_id()}

    @inner.post("/{review_id}")
    async def broken(review_id: str) -> None:
        raise RuntimeError(review_id)

    app.include_router(inner, prefix="/v1")
    app.include_router(health_router(readiness, metrics))
    app.add_middleware(ObserveRequests, metrics=metrics, ids=SeededIds(1))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


async def figure(client: httpx.AsyncClient, labels: str) -> float:
    shown = (await client.get("/metrics")).text
    name = "kaixu_http_request_seconds_count"
    found = re.search(rf"^{name}\{{{re.escape(labels)}\}} (\S+)$", shown, re.MULTILINE)
    return float(found[1]) if found else 0


async def test_a_living_process_says_so_whatever_its_checks_say(
    client: httpx.AsyncClient, readiness: Readiness
) -> None:
    async def never() -> str:
        return "missing"

    readiness.add("anything", never)

    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_migrated_database_makes_the_service_ready(
    client: httpx.AsyncClient, readiness: Readiness, hub_database: Database
) -> None:
    database_checks(readiness, hub_database.engine, "main_platform")

    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "migrations": "ok"}


async def test_a_database_that_does_not_answer_makes_the_service_not_ready(
    client: httpx.AsyncClient, readiness: Readiness, hub_database: Database
) -> None:
    missing = hub_database.url.set(database="no_such_database")
    engine = build_engine(missing, PlatformSettings(), application_name="lost")
    database_checks(readiness, engine, "main_platform")

    answer = await client.get("/readyz")
    await engine.dispose()

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "failed", "migrations": "failed"}


async def test_one_failing_check_is_named_and_the_others_still_run(
    client: httpx.AsyncClient, readiness: Readiness
) -> None:
    async def passes() -> str:
        return OK

    async def raises() -> str:
        raise ConnectionError("db-7.internal refused user kaixu")

    readiness.add("tiles", passes)
    readiness.add("database", raises)

    answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "checks": {"tiles": "ok", "database": "failed"}}
    assert "internal" not in answer.text


async def test_a_check_that_hangs_is_cut_off(
    client: httpx.AsyncClient, readiness: Readiness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared_platform.observability.readiness.CHECK_SECONDS", 0.01)

    async def hangs() -> str:
        await asyncio.Event().wait()
        return OK

    readiness.add("peer", hangs)

    assert (await client.get("/readyz")).json()["checks"] == {"peer": "timeout"}


async def test_requests_are_counted_by_route_template_method_and_status(
    client: httpx.AsyncClient,
) -> None:
    for review in ["1", "2"]:
        await client.get(f"/v1/reviews/{review}")
    await client.post("/v1/reviews/3")
    await client.get("/nowhere/at/all")

    route = 'route="/v1/reviews/{review_id}"'
    assert await figure(client, f'method="GET",{route},status="200"') == 2
    assert await figure(client, f'method="POST",{route},status="500"') == 1
    assert await figure(client, 'method="GET",route="unmatched",status="404"') == 1


async def test_an_invented_method_makes_no_new_series(client: httpx.AsyncClient) -> None:
    await client.request("BREW", "/v1/reviews/1")

    shown = (await client.get("/metrics")).text
    assert "BREW" not in shown
    assert 'method="other"' in shown


async def test_the_process_reports_its_memory_and_open_files(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/metrics")).text

    assert "process_resident_memory_bytes" in shown
    assert "process_open_fds" in shown


async def test_many_applications_have_registries_of_their_own() -> None:
    first, second = Metrics(), Metrics()

    first.observe_request("GET", "/x", status=200, seconds=0.1)

    assert b'route="/x"' in await first.read()
    assert b'route="/x"' not in await second.read()


async def test_a_request_id_of_the_caller_never_becomes_ours(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/reviews/1", headers={"X-Request-Id": "trace-0123456789"})

    own = str(SeededIds(1).new_id())
    assert (answer.headers["X-Request-Id"], answer.json()["request"]) == (own, own)


@pytest.mark.parametrize(
    "offered", ["short", "x" * 65, "has space in it", 'quote"inside', "-begins-with-dash"]
)
async def test_a_doubtful_request_id_is_not_even_written(
    client: httpx.AsyncClient, offered: str
) -> None:
    answer = await client.get("/v1/reviews/1", headers={"X-Request-Id": offered})

    assert answer.headers["X-Request-Id"] == str(SeededIds(1).new_id())
