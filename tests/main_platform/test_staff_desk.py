"""Security administrators add people, give roles, switch off and on, and sign out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from main_platform.console.staff_words import ACT_ABOUT, ACT_DONE, PERMISSION_WORDS
from main_platform.staff.permissions import HUB_POLICY, ROLE_TITLES, Permission
from shared_platform.audit.search import TrailQuery, search_trail
from shared_platform.database.engine import Database
from shared_platform.sign_in.accounts import find_account
from tests.main_platform.desk_browsers import DeskBrowser, a_browser
from tests.main_platform.hub_places import OpenHub, an_open_hub

NEW = {"name": "li.na", "display_name": "李娜", "roles": ["examiner", "second_examiner"]}
LI_NA = "/console/staff/li.na"


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def admin(hub: OpenHub) -> DeskBrowser:
    return await a_browser(hub, "wu.di", "security_administrator")


async def acts_on(hub: OpenHub, name: str) -> list[str]:
    async with hub.database.sessions() as session:
        found = await search_trail(session, TrailQuery(kind="account", subject=name))
    return [row.act for row in reversed(found.records)]


async def test_somebody_is_added_invited_changed_and_switched_off_and_on(
    hub: OpenHub, admin: DeskBrowser
) -> None:
    added = await admin.fill("/console/staff/new", **NEW)
    invited = await admin.post(f"{LI_NA}/invitation", {})
    await admin.fill(LI_NA, roles=["node_registrar"])
    off = await admin.fill(f"{LI_NA}/switch_off")
    listed = await admin.get("/console/staff?state=off&lang=en")
    on = await admin.fill(f"{LI_NA}/switch_on")

    assert added.status == 200
    assert "/welcome" in invited.texts("//code[@class='secret']")[0]
    assert "停用" in off.texts("//h1")[0]
    assert listed.texts("//tbody/tr/th/code")[0] == "li.na"
    assert "启用" in on.texts("//h1")[0]
    async with hub.database.sessions() as session:
        assert (await find_account(session, "li.na")).roles == ("node_registrar",)
    assert await acts_on(hub, "li.na") == [
        "staff_added",
        "invited",
        "staff_changed",
        "staff_changed",
        "staff_changed",
    ]


async def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    hub: OpenHub, admin: DeskBrowser
) -> None:
    both = ["auditor", "security_administrator"]
    apart = await admin.fill("/console/staff/new", **NEW | {"roles": both})
    nowhere = await admin.fill("/console/staff/new", **NEW | {"roles": ["city_officer"]})
    unnamed = await admin.fill("/console/staff/new", **NEW | {"name": "Li Na!"})

    assert [one.status for one in (apart, nowhere, unnamed)] == [422] * 3
    assert "8.1.4.2" in apart.texts("//*[@id='e-roles']")[0]
    kept = {one.get("value") for one in apart.all("//input[@name='roles'][@checked]")}
    assert kept == set(both)
    assert unnamed.all("//input[@name='name']")[0].get("value") == "Li Na!"
    assert await acts_on(hub, "li.na") == []


async def test_who_lost_the_device_is_helped_and_sessions_end(
    hub: OpenHub, admin: DeskBrowser
) -> None:
    li_na = await a_browser(hub, "li.na", "examiner")

    await admin.fill(f"{LI_NA}/end_sessions")
    out = await li_na.get("/workspace")
    await admin.fill(f"{LI_NA}/reset_factor")

    assert out.status == 303
    assert await acts_on(hub, "li.na") == ["sessions_ended", "second_factor_removed"]


async def test_the_matrix_shows_every_role_and_permission(admin: DeskBrowser) -> None:
    page = await admin.get("/console/staff?lang=en")

    assert len(page.all("//table[@class='matrix']/tbody/tr")) == len(Permission)
    granted = page.all("//table[@class='matrix']//td[contains(., '✔')]")
    assert len(granted) == sum(len(one) for one in HUB_POLICY.grants.values())
    assert page.untranslated() == []
    assert set(PERMISSION_WORDS) == set(Permission)
    assert set(ROLE_TITLES) == set(HUB_POLICY.grants)
    assert set(ACT_ABOUT) == set(ACT_DONE)


async def test_system_and_audit_administrators_cannot_give_roles(hub: OpenHub) -> None:
    for role in ("administrator", "auditor"):
        other = await a_browser(hub, role, role)
        assert (await other.get("/console/staff")).status == 403
        assert (await other.post(f"{LI_NA}/invitation", {})).status == 403
