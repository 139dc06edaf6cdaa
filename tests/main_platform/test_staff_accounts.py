"""The hub's staff: accounts, roles, tokens over HTTP, and what the audit trail says of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from main_platform.staff.permissions import HUB_POLICY, Permission
from shared_platform.audit.trail import Subject, records_of
from shared_platform.database.engine import Database
from shared_platform.sign_in.tokens import TOKEN_DAYS
from tests.main_platform.hub_places import NOW, OpenHub, an_open_hub

STAFF = "/api/v1/staff"
LI_NA = {"name": "li.na", "display_name": "李娜", "roles": ["examiner"]}


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await opened.hire("admin", "security_administrator")
        yield opened


async def with_token(hub: OpenHub, token: str) -> httpx.Response:
    hub.tokens["somebody"] = token
    return await hub.ask("GET", f"{STAFF}/self", by="somebody")


async def hired(hub: OpenHub) -> str:
    """Li Na with an account and a token."""
    await hub.ask("POST", STAFF, LI_NA, by="admin")
    issued = await hub.ask("POST", f"{STAFF}/li.na/tokens", {"label": "desk"}, by="admin")
    assert issued.status_code == 201
    return str(issued.json()["token"])


def test_no_role_holds_what_another_must_check() -> None:
    granted = HUB_POLICY.grants

    assert Permission.DECIDE_REVIEWS not in granted["security_administrator"]
    assert Permission.MANAGE_STAFF not in granted["examiner"] | granted["catalogue_manager"]
    assert not {one for one in granted["auditor"] if not one.value.startswith("read_")}


async def test_an_account_needs_a_token_before_it_can_do_anything(hub: OpenHub) -> None:
    added = await hub.ask("POST", STAFF, LI_NA, by="admin")
    issued = await hub.ask("POST", f"{STAFF}/li.na/tokens", {"label": "desk"}, by="admin")

    assert (added.status_code, added.json()["roles"]) == (201, ["examiner"])
    assert issued.json()["days"] == TOKEN_DAYS
    assert (await with_token(hub, issued.json()["token"])).json()["name"] == "li.na"


async def test_a_name_is_given_once(hub: OpenHub) -> None:
    await hub.ask("POST", STAFF, LI_NA, by="admin")

    again = await hub.ask("POST", STAFF, LI_NA, by="admin")

    assert (again.status_code, again.json()["code"]) == (409, "already_exists")


@pytest.mark.parametrize(
    "change",
    [
        {"roles": ["emperor"]},
        {"roles": []},
        {"name": "Li Na"},
        {"name": "x"},
        {"display_name": ""},
        {"display_name": "李\u202e娜"},
        {"is_active": True},
        {"id": "019a0000-0000-7000-8000-000000000001"},
    ],
    ids=["role", "no role", "name", "short", "nameless", "bidi", "active", "id"],
)
async def test_an_account_that_makes_no_sense_is_refused(
    hub: OpenHub, change: dict[str, object]
) -> None:
    answer = await hub.ask("POST", STAFF, LI_NA | change, by="admin")

    assert (answer.status_code, answer.json()["code"]) == (422, "schema_invalid")


async def test_a_token_ends_after_a_quarter(hub: OpenHub) -> None:
    token = await hired(hub)

    hub.clock.instant = NOW + timedelta(days=TOKEN_DAYS, seconds=-1)
    before = await with_token(hub, token)
    hub.clock.instant = NOW + timedelta(days=TOKEN_DAYS)
    after = await with_token(hub, token)

    assert (before.status_code, after.status_code) == (200, 401)


async def test_revoked_tokens_stop_at_once(hub: OpenHub) -> None:
    tokens = [await hired(hub)]
    second = await hub.ask("POST", f"{STAFF}/li.na/tokens", {"label": "home"}, by="admin")
    tokens.append(second.json()["token"])

    revoked = await hub.ask("DELETE", f"{STAFF}/li.na/tokens", by="admin")

    assert revoked.json() == {"revoked": 2}
    assert [(await with_token(hub, one)).status_code for one in tokens] == [401, 401]
    assert (await hub.ask("DELETE", f"{STAFF}/li.na/tokens", by="admin")).json() == {"revoked": 0}


async def test_an_account_that_is_off_is_nobodys_until_it_is_on(hub: OpenHub) -> None:
    token = await hired(hub)
    states = []

    for is_active in (False, True):
        await hub.ask("PATCH", f"{STAFF}/li.na", {"is_active": is_active}, by="admin")
        states.append((await with_token(hub, token)).status_code)

    assert states == [401, 200]


async def test_new_roles_count_from_the_next_request(hub: OpenHub) -> None:
    hub.tokens["li.na"] = await hired(hub)
    before = await hub.ask("GET", STAFF, by="li.na")

    await hub.ask("PATCH", f"{STAFF}/li.na", {"roles": ["security_administrator"]}, by="admin")

    after = await hub.ask("GET", STAFF, by="li.na")
    assert (before.status_code, after.status_code) == (403, 200)


async def test_the_refusal_says_who_could(hub: OpenHub) -> None:
    hub.tokens["li.na"] = await hired(hub)

    answer = await hub.ask("GET", STAFF, by="li.na")

    assert answer.json()["code"] == "permission_denied"
    assert "security_administrator" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/nobody", {"is_active": False}),
        ("POST", "/nobody/tokens", {"label": "desk"}),
        ("DELETE", "/nobody/tokens", None),
    ],
)
async def test_an_account_nobody_has_is_not_found(
    hub: OpenHub, method: str, path: str, body: object
) -> None:
    answer = await hub.ask(method, STAFF + path, body, by="admin")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_no_list_shows_a_token(hub: OpenHub) -> None:
    token = await hired(hub)

    listed = await hub.ask("GET", STAFF, by="admin")

    assert [one["name"] for one in listed.json()] == ["admin", "li.na"]
    assert token not in listed.text


async def test_auditors_read_who_did_what_to_an_account(hub: OpenHub) -> None:
    await hired(hub)
    await hub.ask("PATCH", f"{STAFF}/li.na", {"is_active": False}, by="admin")
    await hub.ask("DELETE", f"{STAFF}/li.na/tokens", by="admin")
    await hub.hire("sun.li", "auditor")

    found = await hub.ask("GET", "/api/v1/audit?kind=account&subject=li.na", by="sun.li")

    acts = [(one["actor"], one["act"]) for one in found.json()["records"]]
    assert acts == [
        ("admin", "tokens_revoked"),
        ("admin", "staff_changed"),
        ("admin", "token_issued"),
        ("admin", "staff_added"),
    ]
    assert found.json()["next"] is None


async def test_a_refused_change_leaves_no_record(hub: OpenHub) -> None:
    await hub.ask("POST", STAFF, LI_NA | {"roles": ["emperor"]}, by="admin")

    async with hub.database.sessions() as session:
        assert await records_of(session, Subject("account", "li.na")) == []
