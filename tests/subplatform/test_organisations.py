"""Registering by oneself, joining, members, and who decides about an organisation."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.database.engine import Database
from shared_platform.mail.tables import mail_letter
from shared_platform.sign_in.accounts import Account, list_accounts
from shared_platform.sign_in.letters import LinkTerms
from shared_schema.identities import SeededIds
from shared_schema.refusal import DomainError
from subplatform.accounts.errors import RegistrationClosed, RegistrationRefused
from subplatform.accounts.organisations import NewOrganisation, list_organisations
from subplatform.accounts.registration import (
    Registrant,
    Registration,
    RegistrationTerms,
    register,
)
from subplatform.accounts.tables import NoticeRow, OrganisationRow
from subplatform.declarations.drafts import lock_declaration
from tests.subplatform.node_builders import NOW
from tests.subplatform.open_nodes import BASE, OpenNode, an_open_node
from tests.subplatform.organisation_places import Town, a_credit_code
from tests.subplatform.recommending import Recommending

LINKS = LinkTerms(BASE, timedelta(hours=72), timedelta(minutes=30))


@pytest.fixture
async def node(node_committed: Database, tmp_path: Path) -> AsyncIterator[OpenNode]:
    async with an_open_node(node_committed, tmp_path) as opened:
        yield opened


@pytest.fixture
def town(node: OpenNode, node_committed: Database) -> Town:
    return Town(node.app, node_committed.sessions, BASE, SeededIds(29), NOW)


async def registered(
    town: Town,
    email: str,
    *,
    place: int = 1,
    mode: Registration = "approval",
    **changes: object,
) -> Account:
    code = a_credit_code(place)
    stated = {"name": "五邑大学", "kind": "university", "roles": ("holder",), "credit_code": code}
    wanted = NewOrganisation(**(stated | changes))  # type: ignore[arg-type]
    terms = RegistrationTerms(mode, LINKS)
    async with town.sessions.begin() as session:
        await register(
            session, Registrant(email, "李娜", wanted), terms=terms, ids=town.ids, now=NOW
        )
    async with town.sessions() as session:
        return next(one for one in await list_accounts(session) if one.email == email)


async def letters_to(town: Town, recipient: str) -> list[str]:
    async with town.sessions() as session:
        wanted = select(mail_letter.c.subject).where(mail_letter.c.recipient == recipient)
        return list(await session.scalars(wanted.order_by(mail_letter.c.id)))


async def test_a_registered_organisation_acts_once_an_operator_has_approved_it(
    node: OpenNode, town: Town
) -> None:
    account = await registered(town, "li@wyu.example")
    async with town.sessions() as session:
        (organisation,) = await list_organisations(session)
    owner = await town.let_in(account.id, account.name, organisation.id)
    async with node.client(signed_in=True) as operator, owner.api() as api:
        before = await api.get("/api/v1/declarations/counts")
        waiting = (await api.get("/api/v1/organisation")).json()
        members = await api.post(
            "/api/v1/organisation/members",
            json={"email": "x@wyu.example", "display_name": "王敏"},
        )
        address = f"/api/v1/organisations/{organisation.id}"
        approved = await operator.post(f"{address}/approval")
        again = await operator.post(f"{address}/refusal", json={"reason": "x"})
        invited = await api.post(
            "/api/v1/organisation/members",
            json={"email": "x@wyu.example", "display_name": "王敏"},
        )

    assert (before.status_code, waiting["state"], members.status_code) == (200, "waiting", 403)
    assert (approved.json()["state"], again.status_code) == ("active", 409)
    assert invited.status_code == 204
    assert await letters_to(town, "li@wyu.example") == ["账号已开通 / Your account"]
    assert await letters_to(town, "x@wyu.example") == ["账号已开通 / Your account"]


async def test_a_second_registration_of_a_code_waits_for_the_owners(town: Town) -> None:
    owner = await town.found("first")
    second = await registered(town, "b@x.example", mode="open", name="别的名字")
    joining = await town.let_in(second.id, second.name, owner.organisation)
    async with owner.api() as api, joining.api() as theirs:
        hidden = await theirs.get("/api/v1/organisation/members")
        alone = await theirs.put(
            f"/api/v1/organisation/members/{second.id}", json={"role": "owner"}
        )
        listed = (await api.get("/api/v1/organisation/members")).json()
        await api.put(f"/api/v1/organisation/members/{second.id}", json={"role": "editor"})
        seen = (await theirs.get("/api/v1/organisation/members")).json()

    assert (hidden.json(), alone.status_code) == ([], 403)
    assert [(one["name"], one["is_requested"]) for one in listed] == [
        (second.name, True),
        ("first", False),
    ]
    assert len(seen) == 2
    assert await letters_to(town, "first@x.example") == [
        "有人申请加入您的单位 / Somebody asks to join your organisation"
    ]


async def test_an_organisation_keeps_an_owner(town: Town) -> None:
    owner = await town.found("first")
    editor = await town.hire("editor", "editor", owner.organisation)
    members = "/api/v1/organisation/members"
    async with owner.api() as api, editor.api() as theirs:
        left = await api.delete(f"{members}/{owner.account}")
        demoted = await api.put(f"{members}/{owner.account}", json={"role": "viewer"})
        grabbed = await theirs.put(f"{members}/{editor.account}", json={"role": "owner"})
        went = await theirs.delete(f"{members}/{editor.account}")
        gone = await theirs.get("/api/v1/organisation")

    assert (left.status_code, demoted.status_code, grabbed.status_code) == (409, 409, 403)
    assert (went.status_code, gone.status_code) == (204, 409)


async def test_a_known_address_gets_a_letter_and_nothing_else_tells(town: Town) -> None:
    await registered(town, "li@wyu.example")

    await registered(town, "li@wyu.example", place=2)

    assert await letters_to(town, "li@wyu.example") == [
        "账号已开通 / Your account",
        "您已有账号 / You have an account",
    ]
    async with town.sessions() as session:
        assert len(await list_organisations(session)) == 1


async def test_a_refused_organisation_begins_anew_without_its_first_members(
    node: OpenNode, town: Town
) -> None:
    first = await registered(town, "a@x.example")
    async with town.sessions() as session:
        (organisation,) = await list_organisations(session)
    async with node.client(signed_in=True) as operator:
        address = f"/api/v1/organisations/{organisation.id}"
        await operator.post(f"{address}/refusal", json={"reason": "证照不符"})
        await registered(town, "b@x.example", name="五邑大学")
        await operator.post(f"{address}/approval")
    former = await town.let_in(first.id, first.name, organisation.id)

    async with former.api() as api:
        assert (await api.get("/api/v1/organisation")).status_code == 409


@pytest.mark.parametrize(
    ("changes", "mode", "refusal"),
    [
        ({"credit_code": "12440000455858666X"}, "open", RegistrationRefused),
        ({"credit_code": None}, "open", RegistrationRefused),
        ({"region": "990000"}, "open", RegistrationRefused),
        ({"roles": ("operator",)}, "open", RegistrationRefused),
        ({}, "closed", RegistrationClosed),
    ],
)
async def test_what_cannot_be_is_refused(
    town: Town, changes: dict[str, object], mode: Registration, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        await registered(town, "li@wyu.example", mode=mode, **changes)  # type: ignore[arg-type]


async def test_the_page_registers_and_says_what_is_wrong_at_the_field(node: OpenNode) -> None:
    fields = {
        "display_name": "李娜",
        "email": "li@wyu.example",
        "kind": "university",
        "credit_code": a_credit_code(1)[:17] + "Z",
        "name": "五邑大学",
        "roles": "holder",
    }
    async with node.client() as nobody:
        nobody.headers.update({"accept": "text/html", "sec-fetch-site": "same-origin"})
        sign_in = await nobody.get("/sign-in")
        shown = await nobody.get("/register", params={"lang": "en"})
        wrong = await nobody.post("/register", data=fields)
        right = await nobody.post("/register", data=fields | {"credit_code": a_credit_code(1)})

    assert "/register" in sign_in.text
    assert "Unified social credit code" in shown.text
    assert wrong.status_code == 422
    assert 'id="e-credit_code"' in wrong.text
    assert 'value="li@wyu.example"' in wrong.text
    assert (right.status_code, "请查收邮件" in right.text) == (200, True)


async def test_a_return_is_told_to_whose_declaration_it_is(
    node_sessions: async_sessionmaker[AsyncSession],
) -> None:
    place = Recommending(node_sessions)
    (listing,) = await place.recommended()
    async with node_sessions.begin() as session:
        whose = OrganisationRow(
            id=UUID(int=5), state="active", name="五邑大学", kind="individual", roles=["holder"],
            created_at=NOW,
        )  # fmt: skip
        session.add(whose)
        await session.flush()
        (await lock_declaration(session, listing)).organisation_id = whose.id
    head = place.peer.heads[listing]
    place.peer.say(
        "decision",
        verdict="returned",
        listing=str(listing),
        version=head.statement.version,
        statement_hash=head.payload_hash,
        reasons=[{"code": "amount_missing"}],
    )

    await place.read_inbox()

    async with node_sessions() as session:
        told = (await session.scalars(select(NoticeRow))).all()
    assert [(one.kind, one.listing, one.organisation_id) for one in told] == [
        ("returned", listing, UUID(int=5))
    ]
