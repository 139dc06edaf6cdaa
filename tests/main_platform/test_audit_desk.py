"""Auditors search, check and export the trail; who may not stays out."""

import csv
import io
import itertools
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from main_platform.audit.act_words import ACT_TITLES
from main_platform.audit.acts import KEPT_ACTS, Act
from main_platform.commands.audit import app as audit_app
from main_platform.staff.permissions import HUB_POLICY
from shared_platform.audit.acts import AuditAct
from shared_platform.audit.archive import Archiving, archive_old
from shared_platform.audit.heads import audit_folder
from shared_platform.audit.seal import AuditSealing
from shared_platform.audit.tables import audit_record
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.audit_desk.act_words import SHARED_ACT_TITLES
from shared_platform.database.engine import Database
from shared_platform.sign_in.access_policy import RolesApart
from shared_platform.sign_in.accounts import Changed, NewAccount, change_account, create_account
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.dormancy import switch_off_dormant
from shared_platform.sign_in.tables import account
from subplatform.audit.act_words import ACT_TITLES as NODE_ACT_TITLES
from subplatform.audit.acts import Act as NodeAct
from tests.main_platform.desk_browsers import DeskBrowser, a_browser
from tests.main_platform.hub_places import NOW, OpenHub, an_open_hub

OLD = NOW - timedelta(days=2_000)


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[OpenHub]:
    async with an_open_hub(hub_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
async def auditor(hub: OpenHub) -> DeskBrowser:
    return await a_browser(hub, "sun.li", "auditor")


async def acts(hub: OpenHub, count: int, *, act: Act = Act.KEY_ADDED) -> None:
    rows = [
        Record(act, Subject("node", f"n{place}"), "wang.wei", {"words": f"=cmd {place}"})
        for place in range(count)
    ]
    async with hub.database.sessions.begin() as session:
        await record(session, rows[0], now=OLD)
        await record(session, *rows[1:], now=NOW)


async def archived(hub: OpenHub) -> None:
    """Seal all and move what is old into a file."""
    folder = audit_folder(hub.context.settings.data_dir)
    await AuditSealing(hub.database.sessions, hub.clock, folder).do_all()
    async with hub.database.sessions.begin() as session:
        assert await archive_old(session, Archiving(folder, 1_096, KEPT_ACTS), now=NOW) == 1


async def test_an_auditor_finds_acts_by_who_what_about_what_and_when(
    hub: OpenHub, auditor: DeskBrowser
) -> None:
    await acts(hub, 4)

    found = {
        query: len((await auditor.get(f"/audit?{query}")).all("//tbody/tr"))
        for query in (
            "actor=wang.wei",
            "actor=nobody",
            "act=key_added&subject=n2",
            "kind=node",
            "since=2026-11-22",
            "until=2026-11-21",
            "since=2026-11-22&until=2026-11-22&kind=node",
        )
    }

    assert list(found.values()) == [4, 0, 1, 4, 3, 1, 3]


async def test_pages_go_on_where_the_one_before_ended(hub: OpenHub, auditor: DeskBrowser) -> None:
    await acts(hub, 120)

    seen, address, pages = list[str](), "/audit?kind=node", 0
    while address:
        page = await auditor.get(address)
        seen += page.texts("//tbody/tr/td[4]/code")
        found = page.all("//a[@rel='next']")
        address = found[0].get("href") if found else ""
        pages += 1

    assert len(seen) == len(set(seen)) == 120
    assert pages == 3
    wrong = await auditor.get("/audit?cursor=x")
    assert wrong.status == 422


async def test_a_day_that_is_none_is_named_at_its_field(auditor: DeskBrowser) -> None:
    page = await auditor.get("/audit?since=yesterday&lang=en")

    assert page.status == 422
    assert page.texts("//*[@id='e-since']") == ["Write a date like 2026-11-22."]


async def test_an_export_holds_what_was_archived_and_is_an_act_itself(
    hub: OpenHub, auditor: DeskBrowser
) -> None:
    await acts(hub, 4)
    await archived(hub)

    lines = (await auditor.client.get("/audit/export?kind=node&format=jsonl")).text.splitlines()
    table = await auditor.client.get("/audit/export?kind=node&format=csv")

    assert [json.loads(line)["subject"] for line in lines] == ["n0", "n1", "n2", "n3"]
    assert json.loads(lines[0])["place"] == 1
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert [row["subject"] for row in rows] == ["n0", "n1", "n2", "n3"]
    assert "attachment" in table.headers["content-disposition"]
    page = await auditor.get("/audit?act=audit_exported")
    assert len(page.all("//tbody/tr")) == 2


async def test_the_end_of_the_chain_is_checked_on_the_page(
    hub: OpenHub, auditor: DeskBrowser
) -> None:
    await acts(hub, 4)
    await archived(hub)
    holds = await auditor.get("/audit?check=true&lang=en")

    async with hub.database.sessions.begin() as session:
        await session.execute(text("ALTER TABLE audit_record DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE audit_record SET actor = 'x' WHERE place = 3"))
        await session.execute(text("ALTER TABLE audit_record ENABLE TRIGGER USER"))
    broken = await auditor.get("/audit?check=true&lang=en")

    assert "unbroken" in holds.texts("//*[@role='status']")[0]
    assert "audit.row_changed" in broken.texts("//*[@role='status']")[0]
    assert holds.untranslated() == []


async def test_others_are_told_what_they_lack(hub: OpenHub) -> None:
    examiner = await a_browser(hub, "li.na", "examiner")

    assert (await examiner.get("/audit")).status == 403
    assert (await examiner.get("/audit/export")).status == 403


def test_every_act_has_a_title() -> None:
    shared = {*SignInAct, *AuditAct}

    assert {*Act, *shared} <= {*ACT_TITLES, *SHARED_ACT_TITLES}
    assert {*NodeAct, *shared} <= {*NODE_ACT_TITLES, *SHARED_ACT_TITLES}
    assert {one.name for one in audit_app.registered_commands} == {"list", "export"}


async def test_system_security_and_audit_administrators_are_different_people(
    hub: OpenHub,
) -> None:
    await hub.hire("li.na", "auditor")
    sessions, both = hub.database.sessions, ("auditor", "security_administrator")
    wanted = NewAccount("wu.di", "wu.di", both)
    async with sessions.begin() as session:
        with pytest.raises(RolesApart, match="different people"):
            await create_account(session, wanted, policy=HUB_POLICY, ids=hub.ids, now=NOW)
        with pytest.raises(RolesApart) as refused:
            await change_account(session, "li.na", Changed(both), policy=HUB_POLICY, now=NOW)
    assert [one.pointer for one in refused.value.errors] == ["/roles"]
    for two in itertools.combinations(sorted(HUB_POLICY.apart), 2):
        async with sessions() as session:
            change = account.update().values(roles=list(two))
            with pytest.raises(IntegrityError, match="administrators_apart"):
                await session.execute(change)


async def test_who_was_not_seen_for_ninety_days_is_switched_off_until_an_administrator_acts(
    hub: OpenHub,
) -> None:
    for name in ("idle", "signs.in", "program"):
        await hub.hire(name, "examiner")
    hub.clock.instant = NOW + timedelta(days=80)
    await hub.ask("GET", "/api/v1/staff/self", by="program")
    sessions, later = hub.database.sessions, NOW + timedelta(days=91)
    async with sessions.begin() as session:
        used = account.update().where(account.c.name == "signs.in")
        await session.execute(used.values(used_at=hub.clock.now()))

    async with sessions.begin() as session:
        assert await switch_off_dormant(session, days=90, now=later) == 1
        assert await switch_off_dormant(session, days=0, now=later + timedelta(days=900)) == 0
        on = Changed(is_active=True)
        await change_account(session, "idle", on, policy=HUB_POLICY, now=later)
        assert await switch_off_dormant(session, days=90, now=later) == 0
        found = await session.scalars(
            select(audit_record.c.subject).where(audit_record.c.act == "account_dormant")
        )
        assert found.all() == ["idle"]


async def test_the_row_of_failures_that_locks_a_name_is_in_the_trail(hub: OpenHub) -> None:
    browser = await a_browser(hub, "li.na", "examiner")
    browser.client.cookies.clear()
    for _ in range(5):
        await browser.post("/sign-in", {"name": "li.na", "password": "wrong wrong wrong"})

    async with hub.database.sessions() as session:
        found = await session.scalars(select(audit_record.c.act).order_by(audit_record.c.id))
        assert found.all() == ["sign_in_refused"] * 5 + ["sign_in_locked"]
