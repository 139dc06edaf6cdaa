"""Who may call what: every route names its caller, and every route × caller does as declared."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from main_platform.application import describe_hub_app
from main_platform.staff.permissions import HUB_POLICY, Permission
from shared_platform.database.engine import Database
from shared_platform.search.here import keeper_of
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.content_digest import content_digest
from tests.access_matrix import People, hire_each, moved_from_elsewhere, wrong_cells
from tests.main_platform.hub_interface import ENROLLING, NODE_CALLERS, PUBLIC, Operation, operations
from tests.main_platform.hub_places import BASE, ROLES, ANode, OpenHub, an_open_hub

OPERATIONS = list(operations(describe_hub_app()))
STAFF_ONLY = [
    one for one in OPERATIONS if one.caller in {*Permission, "signed_in"} and not one.is_page
]
NODES_ONLY = [one for one in OPERATIONS if one.caller in NODE_CALLERS]
REFUSALS = (401, 403)
WRITES = ("POST", "PUT", "PATCH")


def of_nobody(found: list[Operation]) -> list[tuple[str, str]]:
    """Operations that name no caller and are not listed as public."""
    return [one.name for one in found if one.caller is None and one.name not in PUBLIC]


def not_strict(found: list[Operation]) -> list[tuple[str, str]]:
    """Operations under /api that read JSON by the library's lenient parser."""
    return [
        one.name
        for one in found
        if one.path.startswith("/api/")
        and one.reads_json
        and not isinstance(one.route, StrictJsonRoute)
    ]


def ids(found: list[Operation]) -> list[str]:
    return [f"{one.method} {one.path}" for one in found]


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await opened.context.sequencer.drain()
        await keeper_of(opened.context.service).bring_level()
        for role in ROLES:
            await opened.hire(role, role)
        yield opened


async def call(hub: OpenHub, operation: Operation, *, by: str | None = None) -> httpx.Response:
    body: dict[str, str] | None = {} if operation.method in WRITES else None
    async with hub.client(by) as client:
        return await client.request(
            operation.method, operation.url(), json=body, headers={"sec-fetch-site": "same-origin"}
        )


def test_there_are_routes_of_every_kind() -> None:
    assert len(STAFF_ONLY) > 10
    assert len(NODES_ONLY) > 5


def test_every_route_names_its_caller_or_is_listed_as_public() -> None:
    assert of_nobody(OPERATIONS) == []


def test_the_list_of_public_routes_holds_no_route_that_names_a_caller() -> None:
    assert {one.name for one in OPERATIONS if one.caller is None} == PUBLIC


def test_only_enrolment_takes_keys_that_are_not_in_the_log() -> None:
    assert {one.name for one in OPERATIONS if one.caller == "enrolling"} == ENROLLING


def test_only_a_change_of_keys_may_be_signed_by_a_recovery_key() -> None:
    found = {one.name for one in OPERATIONS if one.caller == "changing"}

    assert found == {("POST", "/federation/v1/origins/{node}/keys")}


def test_every_api_route_reads_json_strictly() -> None:
    assert not_strict(OPERATIONS) == []


def test_every_permission_opens_something_or_nobody_has_it() -> None:
    used = {one.caller for one in OPERATIONS}
    granted = {permission for role in HUB_POLICY.grants.values() for permission in role}

    assert granted == set(Permission)
    assert set(Permission) - used <= {Permission.READ_AUDIT, Permission.MANAGE_LOG_KEY}  # console


def test_a_route_without_a_caller_is_found() -> None:
    router = APIRouter(prefix="/api/v1")

    @router.post("/secrets")
    async def tell(body: dict[str, str]) -> dict[str, str]:
        return body

    app = FastAPI(openapi_url=None)
    app.include_router(router)
    seeded = list(operations(app))

    assert of_nobody(seeded) == [("POST", "/api/v1/secrets")]
    assert not_strict(seeded) == [("POST", "/api/v1/secrets")]


async def test_every_route_lets_exactly_the_declared_roles_pass(hub: OpenHub) -> None:
    people, service = People(hub.app, BASE), hub.context.service
    sessions, now = service.database.sessions, service.clock.now()
    await hire_each(sessions, HUB_POLICY, people, ids=service.ids, now=now)
    named = [one for one in OPERATIONS if one.caller in {*Permission, "signed_in"}]

    assert {one.is_page for one in named} == {True, False}
    assert await wrong_cells(named, HUB_POLICY, people.ask) == {}
    assert await moved_from_elsewhere(named, HUB_POLICY, people) == {}


async def test_node_routes_let_nobody_pass_without_a_signature(hub: OpenHub) -> None:
    found = {}
    for operation in NODES_ONLY:
        answers = [await call(hub, operation, by=by) for by in (None, *ROLES)]
        found[operation.name] = {(one.status_code, one.json()["code"]) for one in answers}

    assert set(map(frozenset, found.values())) == {frozenset({(401, "signature_missing")})}, found


async def test_a_nodes_signature_opens_no_staff_route(hub: OpenHub) -> None:
    digest = content_digest(ANode(hub).client().key.public.raw)
    signed = {"signature-input": "kaixu=()", "signature": "kaixu=:AAAA:", "content-digest": digest}
    found = {}
    for operation in STAFF_ONLY:
        async with hub.client() as plain:
            body: dict[str, str] | None = {} if operation.method in WRITES else None
            answer = await plain.request(
                operation.method, operation.url(), json=body, headers=signed
            )
        found[operation.name] = answer.status_code

    assert set(found.values()) == {401}, found


async def test_public_routes_ask_for_nobody(hub: OpenHub) -> None:
    found = {}
    for operation in (one for one in OPERATIONS if one.name in PUBLIC):
        found[operation.name] = (await call(hub, operation)).status_code

    assert {name for name, status in found.items() if status in REFUSALS or status >= 500} == set()


@pytest.mark.parametrize("token", ["", "kaixu_", "kaixu_" + "A" * 44, "\u7684", "x y"])
async def test_a_token_of_nobody_is_nobodys(hub: OpenHub, token: str) -> None:
    headers = {b"authorization": f"Bearer {token}".encode()}
    async with hub.client() as client:
        answer = await client.get("/api/v1/staff/self", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_a_path_that_is_not_there_says_so_in_the_one_form(hub: OpenHub) -> None:
    answer = await hub.ask("GET", "/api/v1/nothing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_every_answer_carries_the_security_fields(hub: OpenHub) -> None:
    for path in ("/healthz", "/.well-known/kaixu", "/api/v1/staff", "/nothing"):
        headers = (await hub.ask("GET", path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["x-request-id"]
