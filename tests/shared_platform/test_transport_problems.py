"""Every exception of a route becomes a row of the problem table and shows nothing else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Body, FastAPI, Query
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from structlog.testing import capture_logs

from shared_platform.database.engine import Database
from shared_platform.transport.problem_documents import document_problems, problems
from shared_platform.transport.problems import install_problems, refusal_of
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

BASE = "https://hub.test"
SECRET = "geheim-秘密"


class StillClock:
    def now(self) -> Instant:
        return datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class ReviewStateConflict(DomainError):
    """Two examiners decided at once."""

    problem = ProblemType.REVIEW_STATE_CONFLICT


class Backlog(DomainError):
    """Too much is waiting."""

    problem = ProblemType.REVIEW_BACKLOG


class Rebuilding(DomainError):
    """Meant and known: the index is being made."""

    problem = ProblemType.MAINTENANCE


class Terms(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    fee_fen: int = Field(ge=1)
    share: float = 0.1
    names: list[str] = Field(default_factory=list, max_length=2)


def application() -> FastAPI:
    app = FastAPI()
    install_problems(app, clock=StillClock())
    document_problems(app)
    router = APIRouter(route_class=StrictJsonRoute)

    @router.post("/terms", responses=problems(ReviewStateConflict, Backlog))
    async def terms(terms: Annotated[Terms, Body()]) -> Terms:
        return terms

    @router.get("/search")
    async def search(limit: Annotated[int, Query(le=1_000)] = 20) -> int:
        return limit

    @router.get("/conflict")
    async def conflict() -> None:
        error = FieldError("/state", "review.state", "已决定 / decided", "DEC-01")
        raise ReviewStateConflict("decided \ud800 meanwhile", [error])

    @router.get("/backlog")
    async def backlog() -> None:
        raise Backlog(retry_after_s=90)

    @router.get("/rebuilding")
    async def rebuilding() -> None:
        raise Rebuilding(retry_after_s=5)

    @router.get("/broken")
    async def broken() -> None:
        raise LookupError(SECRET)

    app.include_router(router)
    return app


@pytest.fixture
async def peer() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as opened:
        yield opened


def client() -> httpx.AsyncClient:
    guard = RequestGuard(application(), GuardPolicy(BASE), clock=StillClock(), ids=SeededIds(1))
    return httpx.AsyncClient(transport=httpx.ASGITransport(guard), base_url=BASE)


async def test_a_refusal_is_rendered_whole(peer: httpx.AsyncClient) -> None:
    answer = await peer.get("/conflict")

    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["code"] == "review_state_conflict"
    assert body["type"] == "/problems/review_state_conflict"
    assert body["instance"] == f"/requests/{answer.headers['x-request-id']}"
    assert body["errors"] == [
        {
            "pointer": "/state",
            "code": "review.state",
            "message": "已决定 / decided",
            "source": "DEC-01",
        }
    ]
    assert "meanwhile" in body["detail"]


async def test_a_wait_stands_in_body_and_header(peer: httpx.AsyncClient) -> None:
    answer = await peer.get("/backlog")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "90")
    assert answer.json()["retry_after_s"] == 90


async def test_only_what_nobody_meant_is_logged_with_its_traceback(
    peer: httpx.AsyncClient,
) -> None:
    with capture_logs() as logged:
        meant = await peer.get("/rebuilding")
        unmeant = await peer.get("/broken")

    assert (meant.status_code, unmeant.status_code) == (503, 500)
    refused = [one for one in logged if one["event"] == "request_refused"]
    assert [(one["code"], bool(one["exc_info"])) for one in refused] == [
        ("maintenance", False),
        ("internal_error", True),
    ]


async def test_each_wrong_member_gets_its_pointer_and_no_echo(peer: httpx.AsyncClient) -> None:
    answer = await peer.post("/terms", json={"fee_fen": SECRET, "a/b": SECRET, "names": [1, "x"]})

    assert answer.status_code == 422
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {
        "/fee_fen": "int_parsing",
        "/a~1b": "extra_forbidden",
        "/names/0": "string_type",
    }
    assert SECRET not in answer.text


async def test_a_wrong_query_names_its_place(peer: httpx.AsyncClient) -> None:
    answer = await peer.get("/search", params={"limit": "9" * 30})

    assert answer.json()["errors"][0]["pointer"] == "query:limit"


POISON = {
    "NaN": b'{"fee_fen":1,"share":NaN}',
    "overflow": b'{"fee_fen":1,"share":1e999}',
    "lone surrogate": b'{"fee_fen":1,"names":["\\ud800"]}',
    "nul": b'{"fee_fen":1,"names":["\\u0000"]}',
    "duplicate": b'{"fee_fen":1,"fee_fen":2}',
    "deep": b"[" * 100_000,
    "digits": b'{"fee_fen":' + b"9" * 10_000 + b"}",
    "utf-16": '{"fee_fen":1}'.encode("utf-16"),
    "not utf-8": b'{"fee_fen":1,"names":["\xff"]}',
    "cut": b'{"fee_fen":',
    "form": b"fee_fen=1",
}


@pytest.mark.parametrize("name", POISON)
async def test_poison_is_malformed_and_never_an_internal_error(
    peer: httpx.AsyncClient, name: str
) -> None:
    headers = {"content-type": "application/json"}

    answer = await peer.post("/terms", content=POISON[name], headers=headers)

    assert answer.status_code == 422
    assert answer.json()["code"] == "schema_invalid"
    assert answer.json()["errors"]


@settings(max_examples=200, deadline=None)
@given(
    body=st.binary(max_size=300),
    media=st.sampled_from(["application/json", "text/plain", "x/+json", "multipart/form-data", ""]),
)
async def test_no_body_whatever_causes_a_server_error(body: bytes, media: str) -> None:
    async with client() as opened:
        answer = await opened.post("/terms", content=body, headers={"content-type": media})

    assert answer.status_code < 500


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("PATCH", "/terms", 405, "method_not_allowed")],
)
async def test_the_frameworks_refusals_are_rows_too(
    peer: httpx.AsyncClient, *, method: str, path: str, status: int, code: str
) -> None:
    answer = await peer.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert ("allow" in answer.headers) == (status == 405)


async def test_an_unexpected_failure_shows_only_the_request_id(peer: httpx.AsyncClient) -> None:
    answer = await peer.get("/broken")

    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["instance"]


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        (401, ProblemType.NOT_SIGNED_IN),
        (406, ProblemType.NOT_ACCEPTABLE),
        (413, ProblemType.PAYLOAD_TOO_LARGE),
        (415, ProblemType.UNSUPPORTED_MEDIA_TYPE),
        (400, ProblemType.SCHEMA_INVALID),
        (418, ProblemType.SCHEMA_INVALID),
        (503, ProblemType.MAINTENANCE),
        (500, ProblemType.INTERNAL_ERROR),
    ],
)
def test_a_framework_status_has_its_row(status: int, problem: ProblemType) -> None:
    assert refusal_of(HTTPException(status)).problem is problem


def test_a_request_that_ends_early_is_malformed() -> None:
    assert refusal_of(ClientDisconnect()).problem is ProblemType.SCHEMA_INVALID


# --- the database, failing for real --------------------------------------------------------------


@pytest.mark.parametrize(
    ("sqlstate", "problem"),
    [
        ("53100", ProblemType.STORAGE_FULL),
        ("53300", ProblemType.MAINTENANCE),  # too many connections
        ("40001", ProblemType.MAINTENANCE),  # serialization failure
        ("40P01", ProblemType.MAINTENANCE),  # deadlock
        ("55P03", ProblemType.MAINTENANCE),  # lock not available
        ("57014", ProblemType.MAINTENANCE),  # statement timeout
        ("57P01", ProblemType.MAINTENANCE),  # shutting down
        ("08006", ProblemType.MAINTENANCE),  # connection failure
        ("25006", ProblemType.MAINTENANCE),  # read-only: a replica after a switchover
        ("22003", ProblemType.SCHEMA_INVALID),  # out of range
        ("23505", ProblemType.INTERNAL_ERROR),  # a unique violation nobody expected
        ("42P01", ProblemType.INTERNAL_ERROR),  # no such table
    ],
)
async def test_a_database_error_has_its_row(
    empty_database: Database, sqlstate: str, problem: ProblemType
) -> None:
    raising = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$"

    with pytest.raises(Exception, match="no") as caught:
        async with empty_database.engine.begin() as connection:
            await connection.execute(text(raising))

    refusal = refusal_of(caught.value)
    assert refusal.problem is problem
    assert (refusal.retry_after_s is not None) == problem.value.retryable or (
        problem is ProblemType.INTERNAL_ERROR
    )


async def test_a_value_that_no_column_can_hold_is_malformed(empty_database: Database) -> None:
    with pytest.raises(Exception, match="int32") as caught:
        async with empty_database.engine.begin() as connection:
            await connection.execute(text("SELECT CAST(:n AS int)"), {"n": 2**70})

    assert refusal_of(caught.value).problem is ProblemType.SCHEMA_INVALID


async def test_a_killed_connection_is_maintenance(empty_database: Database) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with empty_database.engine.begin() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    assert refusal_of(caught.value).problem is ProblemType.MAINTENANCE


async def test_a_server_that_is_down_is_maintenance() -> None:
    engine = create_async_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")

    with pytest.raises(ConnectionRefusedError) as caught:
        async with engine.connect():
            pass

    assert refusal_of(caught.value).problem is ProblemType.MAINTENANCE


async def test_a_server_whose_socket_is_gone_is_maintenance(tmp_path: Path) -> None:
    engine = create_async_engine(f"postgresql+asyncpg://nobody@/none?host={tmp_path}")

    with pytest.raises(FileNotFoundError) as caught:
        async with engine.connect():
            pass

    assert refusal_of(caught.value).problem is ProblemType.MAINTENANCE
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "file").read_bytes()
    assert refusal_of(missing.value).problem is ProblemType.INTERNAL_ERROR


def test_a_bare_driver_error_counts_as_well() -> None:
    assert refusal_of(asyncpg.DiskFullError("full")).problem is ProblemType.STORAGE_FULL


# --- documents -----------------------------------------------------------------------------------


def test_the_document_shows_each_refusal_with_an_example() -> None:
    document = application().openapi()

    responses = document["paths"]["/terms"]["post"]["responses"]
    assert set(responses) == {"200", "409", "422", "429"}
    example = responses["409"]["content"]["application/problem+json"]["examples"]
    assert example["review_state_conflict"]["value"]["status"] == 409
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert document["components"]["schemas"]["Problem"]["required"]


def test_two_refusals_of_one_status_share_its_entry() -> None:
    shown = problems(ReviewStateConflict, Backlog, ReviewStateConflict)

    assert set(shown) == {409, 429}
