"""The node's API over declarations, imports and checks, as its people use it."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_platform.sign_in.tokens import NewToken, issue_token
from shared_platform.transport.problem_documents import document_problems
from shared_platform.transport.problems import install_problems
from shared_schema.identities import SeededIds
from shared_schema.instants import Instant
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.declarations import import_routes, routes
from subplatform.declarations.content import body_of
from subplatform.settings import NodeSettings
from subplatform.verification import routes as verification_routes
from subplatform.verification.ports import StandingChange
from tests.subplatform.node_builders import (
    HEADER,
    NOW,
    KnownRegister,
    StoppedClock,
    a_declaration,
    a_desk,
    a_number,
    a_row,
    facts_of,
)

Sessions = async_sessionmaker[AsyncSession]
ROUTERS = (routes.router, import_routes.router, verification_routes.router)


async def sign_nothing(
    session: AsyncSession, change: StandingChange, *, by: str, now: Instant
) -> None:
    del session, change, by, now


def application(sessions: Sessions, register: KnownRegister, settings: NodeSettings) -> FastAPI:
    app = FastAPI()
    clock, ids = StoppedClock(), SeededIds(11)
    app.state.sessions, app.state.clock, app.state.ids = sessions, clock, ids
    app.state.access_policy, app.state.settings = NODE_POLICY, settings
    app.state.desk = a_desk(sessions, register=register, clock=clock, ids=ids)
    app.state.sign_change = sign_nothing
    install_problems(app, clock=clock)
    document_problems(app)
    for router in ROUTERS:
        app.include_router(router)
    return app


@pytest.fixture
def register() -> KnownRegister:
    return KnownRegister()


@pytest.fixture
async def api(
    tmp_path: Path, node_sessions: Sessions, register: KnownRegister
) -> AsyncIterator[httpx.AsyncClient]:
    """A client signed in as an operator."""
    settings = NodeSettings(data_dir=tmp_path / "node", max_attachment_bytes=50_000)
    app = application(node_sessions, register, settings)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://node.test") as client:
        client.headers["authorization"] = await bearer(node_sessions, "li.na", "operator")
        yield client


async def bearer(sessions: Sessions, name: str, *roles: str) -> str:
    ids = SeededIds(len(name))
    async with sessions.begin() as session:
        account = NewAccount(name, name, roles)
        await create_account(session, account, policy=NODE_POLICY, ids=ids, now=NOW)
        return f"Bearer {await issue_token(session, name, NewToken('test'), ids=ids, now=NOW)}"


def form(**changes: Any) -> dict[str, Any]:
    return {"declaration": body_of(a_declaration(**changes))}


def list_bytes(*rows: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


async def upload(api: httpx.AsyncClient, content: bytes) -> str:
    answer = await api.post("/api/v1/uploads", content=content)
    assert answer.status_code == 201
    return str(answer.json()["upload"])


async def test_a_filed_declaration_is_shown_edited_submitted_and_deleted(
    api: httpx.AsyncClient,
) -> None:
    filed = await api.post("/api/v1/declarations", json=form(period={"end": "2099-12-31"}))
    listing = filed.json()["listing"]
    address = f"/api/v1/declarations/{listing}"
    shown = await api.get(address)
    edited = await api.put(address, json={"row_version": 1} | form())
    submitted = await api.post(f"{address}/submission")
    deleted = await api.delete(address)
    gone = await api.get(address)

    assert (filed.status_code, filed.json()["findings"][0]["code"]) == (201, "DEC-08")
    assert shown.json() == filed.json()
    assert (edited.json()["findings"], edited.json()["row_version"]) == ([], 2)
    assert submitted.json()["state"] == "submitted"
    assert (deleted.status_code, gone.status_code) == (204, 404)
    assert gone.json()["code"] == "not_found"


async def test_refusals_name_what_is_wrong(api: httpx.AsyncClient) -> None:
    filed = (await api.post("/api/v1/declarations", json=form())).json()
    address = f"/api/v1/declarations/{filed['listing']}"

    again = await api.post("/api/v1/declarations", json=form())
    stale = await api.put(address, json={"row_version": 7} | form())
    malformed = await api.post("/api/v1/declarations", json={"declaration": {}})
    state = await api.post(f"{address}/verification")

    assert (again.status_code, again.json()["code"]) == (409, "duplicate_own")
    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (409, "declaration.changed")
    assert (malformed.status_code, malformed.json()["code"]) == (422, "schema_invalid")
    assert (state.status_code, state.json()["code"]) == (409, "state_conflict")


async def test_lists_counts_and_findings(api: httpx.AsyncClient) -> None:
    await api.post("/api/v1/declarations", json=form())
    late = a_declaration(a_number(2), period={"end": "2099-12-31"})
    await api.post("/api/v1/declarations", json={"declaration": body_of(late)})

    page = await api.get("/api/v1/declarations", params={"limit": 1})
    rest = await api.get("/api/v1/declarations", params={"before": page.json()["next"]})
    blocked = await api.get("/api/v1/declarations", params={"blocked": True, "state": "draft"})
    typed = await api.get("/api/v1/declarations", params={"number": f"ZL{a_number(2)}"})
    wrong = await api.get("/api/v1/declarations", params={"number": "12"})
    counts = await api.get("/api/v1/declarations/counts")
    findings = await api.get("/api/v1/declarations/findings.csv", params={"finding": "DEC-08"})

    assert [one["application_number"] for one in page.json()["items"]] == [a_number(2)]
    assert [one["application_number"] for one in rest.json()["items"]] == [a_number(1)]
    assert rest.json()["next"] is None
    assert len(blocked.json()["items"]) == len(typed.json()["items"]) == 1
    assert wrong.status_code == 422
    assert counts.json() == {"states": {"draft": 2}, "findings": {"DEC-08": 1}, "blocked": 1}
    assert findings.headers["content-type"] == "text/csv; charset=utf-8"
    assert findings.text.count("DEC-08") == 1


async def test_a_list_is_uploaded_tried_imported_and_its_report_read(
    api: httpx.AsyncClient,
) -> None:
    file = await upload(api, list_bytes(a_row(a_number(1)), a_row("x")))
    wanted = {
        "upload": file,
        "file_name": "C:\\表\\名单.csv",
        "profile": "guangdong",
        "supplied": {
            "contact": {"name": "张三", "phone": "13812345678"},
            "commitments": {
                "signer": "五邑大学",
                "signed_on": "2023-05-30",
                "text_version": "2022-1",
            },
        },
    }

    tried = await api.post("/api/v1/imports", json=wanted | {"dry_run": True})
    imported = await api.post("/api/v1/imports", json=wanted)
    run = imported.json()["import"]
    shown = await api.get(f"/api/v1/imports/{run}")
    listed = await api.get("/api/v1/imports")
    as_csv = await api.get(f"/api/v1/imports/{run}/report.csv")
    as_json = await api.get(f"/api/v1/imports/{run}/report.json")
    drafts = await api.get("/api/v1/declarations", params={"import_id": run})

    assert (tried.json()["import"], tried.json()["report"]["outcomes"]["new"]) == (None, 1)
    assert imported.json()["report"]["outcomes"]["refused"] == 1
    assert (shown.json()["file_name"], shown.json()["rows_new"]) == ("名单.csv", 1)
    assert listed.json() == [shown.json()]
    assert "import.ragged" not in as_csv.text
    assert as_csv.text.splitlines()[1].startswith("2,")
    assert as_json.json()["report"] == imported.json()["report"]
    assert drafts.json()["items"][0]["finding_codes"] == []


async def test_imports_refuse_what_they_cannot_use(api: httpx.AsyncClient) -> None:
    file = await upload(api, b"a,b\n1,2\n")
    wanted = {"upload": file, "file_name": "x.csv", "profile": "guangdong"}

    columns = await api.post("/api/v1/imports", json=wanted)
    profile = await api.post("/api/v1/imports", json=wanted | {"profile": "atlantis"})
    path = await api.post("/api/v1/imports", json=wanted | {"profile": "/etc/own.toml"})
    missing = await api.post("/api/v1/imports", json=wanted | {"upload": str(UUID(int=1))})
    report = await api.get(f"/api/v1/imports/{UUID(int=1)}/report.csv")
    large = await api.post("/api/v1/uploads", content=b"x" * 50_001)

    assert (columns.status_code, columns.json()["errors"][0]["code"]) == (
        422,
        "import.missing_column",
    )
    assert profile.json()["errors"][0]["code"] == "profile.unknown"
    assert path.status_code == 422
    assert (missing.status_code, report.status_code) == (404, 404)
    assert (large.status_code, large.json()["code"]) == (413, "payload_too_large")


async def test_an_upload_that_was_refused_or_is_old_leaves_no_file(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    await api.post("/api/v1/uploads", content=b"x" * 50_001)
    first = await upload(api, b"a,b\n")
    folder = tmp_path / "node" / "uploads" / "of-li.na"
    clock: StoppedClock = api._transport.app.state.clock  # type: ignore[attr-defined]

    clock.at = NOW.replace(day=3)
    second = await upload(api, b"c,d\n")

    assert first != second
    assert [file.name for file in folder.iterdir()] == [second]


async def test_a_check_verifies_and_a_recheck_suspends(
    api: httpx.AsyncClient, register: KnownRegister
) -> None:
    register.say(facts_of(a_number(1)))
    listing = (await api.post("/api/v1/declarations", json=form())).json()["listing"]

    checked = await api.post("/api/v1/checks", json={"listings": [listing]})
    everything = await api.post("/api/v1/checks", json={})
    rechecked = await api.post("/api/v1/rechecks")
    resumed = await api.post(
        f"/api/v1/declarations/{listing}/resumption", json={"document": "收据"}
    )

    assert checked.json() == {
        "checked": 1,
        "verified": 1,
        "correction": 0,
        "moved": 1,
        "unknown_patents": 0,
        "findings": [],
        "unchecked": {},
    }
    assert everything.json()["moved"] == 0
    assert (rechecked.json()["checked"], rechecked.json()["suspended"]) == (0, [])
    assert (resumed.status_code, resumed.json()["code"]) == (409, "state_conflict")


async def test_a_verifier_takes_up_demands_and_refuses_but_files_nothing(
    api: httpx.AsyncClient, node_sessions: Sessions
) -> None:
    listing = (await api.post("/api/v1/declarations", json=form())).json()["listing"]
    address = f"/api/v1/declarations/{listing}"
    await api.post(f"{address}/submission")
    api.headers["authorization"] = await bearer(node_sessions, "zhao.min", "verifier")

    taken = await api.post(f"{address}/verification")
    demanded = await api.post(f"{address}/report-demand")
    refused = await api.post(f"{address}/refusal", json={"reason": "专利权已转让"})
    filed = await api.post("/api/v1/declarations", json=form())

    assert [one.json()["state"] for one in (taken, demanded, refused)] == [
        "verifying",
        "verifying",
        "refused",
    ]
    assert (filed.status_code, filed.json()["code"]) == (403, "permission_denied")


def every_route() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods or ())
    ]


@pytest.mark.parametrize(("method", "path"), every_route())
async def test_nobody_gets_in_without_a_token(
    api: httpx.AsyncClient, method: str, path: str
) -> None:
    del api.headers["authorization"]
    address = path.format(listing=UUID(int=1), run=UUID(int=1), kind="csv")
    body = {"reason": "x", "document": "x", "row_version": 1} if method in {"POST", "PUT"} else None

    answer = await api.request(method, address, json=body)

    assert answer.status_code in {401, 422}  # FastAPI reads the body first
    if answer.status_code == 401:
        assert answer.json()["code"] == "not_signed_in"


def test_every_operation_documents_its_refusals_and_bodies(node_sessions: Sessions) -> None:
    app = application(node_sessions, KnownRegister(), NodeSettings())

    document = app.openapi()

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403"} <= set(operation["responses"]), (method, path)
    for name in ("DraftIn", "EditIn", "ReasonIn", "ImportIn", "CheckIn", "ResumptionIn"):
        assert document["components"]["schemas"][name]["examples"], name
