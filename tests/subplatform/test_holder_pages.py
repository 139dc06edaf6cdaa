"""The holder's other pages by HTTP: organisation, members, mandates, patents, notices, approval."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from shared_platform.database.engine import Database
from shared_platform.mail.tables import mail_letter
from shared_platform.sign_in.accounts import NewAccount, create_account
from shared_schema.identities import SeededIds
from shared_schema.patent_number import print_patent_number
from subplatform.accounts.notices import Notice, NoticeMail, tell
from subplatform.accounts.permissions import NODE_POLICY
from tests.subplatform.node_builders import NOW, StoppedClock, a_number
from tests.subplatform.open_nodes import BASE, an_open_node
from tests.subplatform.organisation_places import Somebody, Town, a_credit_code

PDF = b"%PDF-1.7 a power of attorney"


@dataclass
class Places:
    town: Town
    owner: Somebody
    keys: int = 0

    def form(self, **fields: object) -> dict[str, object]:
        self.keys += 1
        return {"once": f"key-of-a-form-{self.keys:06}"} | fields


@pytest.fixture
async def places(node_committed: Database, tmp_path: Path) -> AsyncIterator[Places]:
    async with an_open_node(node_committed, tmp_path) as node:
        town = Town(node.app, node_committed.sessions, BASE, SeededIds(37), NOW)
        yield Places(town, await town.found("owner"))


async def without_place(places: Places, name: str) -> httpx.AsyncClient:
    """The browser of an account that belongs to no organisation."""
    town = places.town
    async with town.sessions.begin() as session:
        wanted = NewAccount(name, name.title(), ("holder",), f"{name}@x.example")
        made = await create_account(session, wanted, policy=NODE_POLICY, ids=town.ids, now=NOW)
    return (await town.let_in(made.id, name, made.id)).browser()


async def an_operator(places: Places) -> httpx.AsyncClient:
    town = places.town
    async with town.sessions.begin() as session:
        wanted = NewAccount("operator", "Operator", ("operator",))
        made = await create_account(session, wanted, policy=NODE_POLICY, ids=town.ids, now=NOW)
    return (await town.let_in(made.id, made.name, made.id)).browser()


async def test_an_account_without_a_place_registers_and_an_operator_approves(
    places: Places,
) -> None:
    fields = {"kind": "institute", "name": "某研究所", "roles": "holder"}
    async with await without_place(places, "li") as li, await an_operator(places) as operator:
        empty = await li.get("/organisation")
        wrong = await li.post("/organisation", data=places.form(**fields, credit_code="123"))
        right = await li.post(
            "/organisation", data=places.form(**fields, credit_code=a_credit_code(9))
        )
        waiting = await li.get("/organisation")
        blocked = await li.get("/declarations/new")
        queue = await operator.get("/organisations")
        found = re.search(r'action="/organisations/([0-9a-f-]{36})"', queue.text)
        assert found is not None
        await operator.post(f"/organisations/{found[1]}", data=places.form(action="approve"))
        after = await li.get("/declarations/new")
        left = await operator.get("/organisations")

    assert "不属于任何单位" in empty.text
    assert (wrong.status_code, 'id="e-credit_code"' in wrong.text) == (422, True)
    assert right.status_code == 303
    assert "等待经办人审核" in waiting.text
    assert "没有可申报的单位" in blocked.text
    assert 'value="某研究所"' in after.text
    assert "某研究所" not in left.text


async def test_owners_invite_change_and_remove_members_and_set_the_contact(
    places: Places,
) -> None:
    async with places.owner.browser() as owner:
        invited = await owner.post(
            "/organisation/members",
            data=places.form(display_name="王敏", email="w@x.example", role="viewer"),
        )
        known = await owner.post(
            "/organisation/members",
            data=places.form(display_name="王敏", email="w@x.example", role="viewer"),
        )
        page = await owner.get("/organisation")
        accounts = re.findall(r'action="/organisation/members/([0-9a-f-]{36})"', page.text)
        other = next(one for one in accounts if one != str(places.owner.account))
        address = f"/organisation/members/{other}"
        changed = await owner.post(address, data=places.form(role="editor"))
        last = await owner.post(
            f"/organisation/members/{places.owner.account}", data=places.form(role="viewer")
        )
        removed = await owner.post(address, data=places.form())
        contact = await owner.post(
            "/organisation/contact",
            data=places.form(contact_name="张三", contact_phone="0750-3299000"),
        )
        form = await owner.get("/declarations/new")

    assert [one.status_code for one in (invited, changed, removed, contact)] == [303] * 4
    assert (known.status_code, last.status_code) == (422, 422)
    assert 'value="王敏"' in known.text
    assert "至少要有一名管理员" in last.text
    assert 'value="0750-3299000"' in form.text


async def test_an_agent_asks_with_a_document_and_the_holder_is_told_and_accepts(
    places: Places,
) -> None:
    agent = await places.town.found("agent", "agent", kind="agency")
    stranger = await places.town.found("stranger")
    fields = {
        "organisation": a_credit_code(1),
        "begins_on": "2023-06-01",
        "ends_on": "2024-05-31",
        "acts": "declare",
    }
    async with agent.browser() as at, places.owner.browser() as owner, stranger.browser() as out:
        wrong = await at.post("/mandates", data=places.form(**fields | {"ends_on": "2020-01-01"}))
        asked = await at.post(
            "/mandates",
            data=places.form(**fields),
            files={"document": ("委托书.pdf", PDF, "application/pdf")},
        )
        menu = await owner.get("/notices")
        page = await owner.get("/organisation")
        found = re.search(r'action="/mandates/([0-9a-f-]{36})"', page.text)
        assert found is not None, page.text
        document = await owner.get(f"/mandates/{found[1]}/document")
        hidden = await out.get(f"/mandates/{found[1]}/document")
        foreign = await out.post(f"/mandates/{found[1]}", data=places.form(action="revoke"))
        taken = await owner.post(f"/mandates/{found[1]}", data=places.form(action="accept"))
        for_whom = await at.get("/declarations/new")

    assert (wrong.status_code, asked.status_code, taken.status_code) == (422, 303, 303)
    assert "有代理机构请求委托" in menu.text
    assert (document.content, document.headers["content-disposition"][:10]) == (PDF, "attachment")
    assert (hidden.status_code, foreign.status_code) == (404, 404)
    assert f'value="{places.owner.organisation}"' in for_whom.text


async def test_patents_are_kept_by_numbers_typed_any_way(places: Places) -> None:
    typed = f"ZL {a_number(1)}\n{a_number(2)[:-1]}.{a_number(2)[-1]}"
    other = await places.town.found("other")
    async with places.owner.browser() as owner, other.browser() as stranger:
        added = await owner.post("/patents", data=places.form(numbers=typed))
        wrong = await owner.post("/patents", data=places.form(numbers="2019"))
        page = await owner.get("/patents")
        theirs = await stranger.get("/patents")
        foreign = await stranger.post(f"/patents/{a_number(1)}/removal", data=places.form())
        gone = await owner.post(f"/patents/{a_number(1)}/removal", data=places.form())
        after = await owner.get("/patents")

    assert (added.status_code, wrong.status_code, gone.status_code) == (303, 422, 303)
    assert print_patent_number(a_number(2)) in page.text
    assert "2039-12-31" in page.text
    assert f"number={a_number(1)}" in page.text
    assert (foreign.status_code, a_number(1) in theirs.text) == (404, False)
    assert f"number={a_number(1)}" not in after.text


async def test_notices_are_told_once_counted_read_and_mailed_together(places: Places) -> None:
    town, whose = places.town, places.owner.organisation
    notices = [Notice(whose, "returned", f"returned:{place}") for place in (1, 2, 2)]
    async with town.sessions.begin() as session:
        for one in notices:
            await tell(session, one, now=NOW)
    mail = NoticeMail(town.sessions, StoppedClock(), town.ids, BASE)
    sent, again = await mail.send_all(), await mail.send_all()
    async with places.owner.browser() as owner:
        page = await owner.get("/notices")
        await owner.post("/notices", data=places.form())
        after = await owner.get("/notices")
    async with town.sessions() as session:
        letters = (
            await session.execute(select(mail_letter.c.recipient, mail_letter.c.subject))
        ).all()

    assert (sent, again) == (2, 0)
    assert '<span class="count">2' in page.text
    assert 'class="count"' not in after.text
    assert [one.recipient for one in letters] == ["owner@x.example"]
    assert letters[0].subject.startswith("专利开放许可：2 条新通知")
