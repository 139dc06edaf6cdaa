"""Staff and roles: who may do what, people added, changed, switched off and on, signed out."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from main_platform.console.staff_words import (
    ACT_ABOUT,
    ACT_DONE,
    PERMISSION_WORDS,
    STAFF_WORDS,
)
from main_platform.staff.permissions import HUB_POLICY, ROLE_TITLES, Permission
from main_platform.staff.routes import STAFF_ACTS
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.sign_in.accounts import (
    Account,
    Changed,
    NewAccount,
    find_account,
    list_accounts,
)
from shared_platform.sign_in.administer import (
    Office,
    add_person,
    change_person,
    end_persons_sessions,
    invite_person,
    reset_second_factor,
)
from shared_platform.sign_in.browser_sessions import SessionLimits, list_sessions
from shared_platform.sign_in.letters import LinkTerms
from shared_platform.sign_in.schemas import AccountName
from shared_platform.sign_in.second_factor import read_second_factor
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.refusal import DomainError
from shared_schema.text import PlainText

router = APIRouter(include_in_schema=False)
_managing = Depends(page_caller_with(Permission.MANAGE_STAFF), scope="function")
ManagingStaff = Annotated[Visit, _managing]
PATH: Final = "/console/staff"
OFFICE: Final = Office(HUB_POLICY, STAFF_ACTS)
Act = Literal["switch_off", "switch_on", "reset_factor", "end_sessions"]
Name = Annotated[str, Path(max_length=63)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonForm(_Form):
    """Somebody new."""

    name: AccountName
    display_name: PlainText
    email: Annotated[str, Field(max_length=254)] | None = None
    roles: tuple[str, ...] = Field(min_length=1, max_length=10)
    region: str | None = None


class RolesForm(_Form):
    """What somebody may do from now on."""

    roles: tuple[str, ...] = Field(min_length=1, max_length=10)
    region: str | None = None


class ActForm(_Form):
    """A confirmed act; it has no other field."""


SentPerson = Annotated[Filled[PersonForm], Depends(form_of(PersonForm))]
SentRoles = Annotated[Filled[RolesForm], Depends(form_of(RolesForm))]
SentAct = Annotated[Filled[ActForm], Depends(form_of(ActForm))]


@dataclass(frozen=True, slots=True)
class Granted:
    """A row of the matrix: a permission, and for each role whether it has it."""

    title: str
    code: str
    cells: tuple[bool, ...]


@router.get(PATH)
async def staff_page(
    visit: ManagingStaff,
    session: Transaction,
    role: Annotated[str, Query(max_length=40)] = "",
    state: Annotated[Literal["", "on", "off"], Query()] = "",
) -> Response:
    """Everybody, and the matrix of roles and permissions."""
    people = [
        one
        for one in await list_accounts(session)
        if (not role or role in one.roles) and (not state or one.is_active == (state == "on"))
    ]
    facts = {
        "people": people,
        "role": role,
        "state": state,
        "matrix": _matrix(visit.reader),
        "regional": HUB_POLICY.regional,
        **_roles(visit.reader),
    }
    return show_page(visit, "main_platform.console:staff.html", facts, words=STAFF_WORDS)


@router.get(f"{PATH}/new")
async def new_person_page(visit: ManagingStaff, ids: Ids) -> Response:
    """The form for somebody new."""
    return _person_form(visit, fresh(visit.reader, key=ids.new_token()))


@router.post(f"{PATH}/new")
async def add_person_page(
    visit: ManagingStaff, sent: SentPerson, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Add somebody; whoever has an address is sent an invitation."""

    async def act() -> Done:
        given, by = sent.model, visit.caller.name
        assert given is not None
        wanted = NewAccount(given.name, given.display_name, given.roles, given.email, given.region)
        added = await add_person(session, wanted, OFFICE, by=by, ids=ids, now=now)
        if added.email:
            terms = LinkTerms.of(visit.request.app.state.settings)
            await invite_person(session, added.name, terms, by=by, ids=ids, now=now)
            said = Words("已新增，邀请信已发出。", "Added; an invitation is on its way.")
        else:
            said = Words(
                "已新增。请发邀请链接并转交。", "Added. Make an invitation and hand it over."
            )
        return Done(f"{PATH}/{added.name}", said)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    return _person_form(visit, sent.view(visit.reader))


@router.get(f"{PATH}/{{name}}")
async def person_page(
    visit: ManagingStaff, name: Name, session: Transaction, now: Now, ids: Ids
) -> Response:
    """One person: roles, second factor, sessions, and what can be done."""
    found = await find_account(session, name)
    values = {"roles": found.roles, "region": found.region}
    form = fresh(visit.reader, key=ids.new_token(), values=values)
    return await _person(visit, found, form, session=session, now=now)


@router.post(f"{PATH}/{{name}}")
async def change_roles_page(
    visit: ManagingStaff, name: Name, sent: SentRoles, session: Transaction, now: Now
) -> Response:
    """Give other roles."""

    async def act() -> Done:
        assert sent.model is not None
        wanted = Changed(roles=sent.model.roles, region=sent.model.region)
        by = visit.caller.name
        await change_person(session, name, wanted, office=OFFICE, by=by, now=now)
        return Done(f"{PATH}/{name}", Words("角色已变更。", "The roles were changed."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    found = await find_account(session, name)
    return await _person(visit, found, sent.view(visit.reader), session=session, now=now)


@router.post(f"{PATH}/{{name}}/invitation")
async def invite_page(
    visit: ManagingStaff, name: Name, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Make a link by which the person chooses a password; it is shown this once."""
    settings, by = visit.request.app.state.settings, visit.caller.name
    terms = LinkTerms.of(settings)
    link = await invite_person(session, name, terms, by=by, ids=ids, now=now)
    found = await find_account(session, name)
    values = {"roles": found.roles, "region": found.region}
    form = fresh(visit.reader, key=ids.new_token(), values=values)
    return await _person(visit, found, form, session=session, now=now, link=link)


@router.get(f"{PATH}/{{name}}/{{act}}")
async def act_page(
    visit: ManagingStaff, name: Name, act: Act, session: Transaction, ids: Ids
) -> Response:
    """Say what will happen."""
    found = await find_account(session, name)
    return _confirming(visit, found, act, fresh(visit.reader, key=ids.new_token()))


@router.post(f"{PATH}/{{name}}/{{act}}")
async def do_act_page(
    visit: ManagingStaff,
    name: Name,
    act: Act,
    sent: SentAct,
    session: Transaction,
    now: Now,
    ids: Ids,
) -> Response:
    """Do it."""

    async def do() -> Done:
        await _do(act, name, session, by=visit.caller.name, ids=ids, now=now)
        return Done(f"{PATH}/{name}", ACT_DONE[act])

    return await submit_once(visit, sent, do, session=session, now=now)


async def _do(
    act: Act, name: str, session: Transaction, *, by: str, ids: IdSource, now: Instant
) -> None:
    if act == "reset_factor":
        await reset_second_factor(session, name, by=by, ids=ids, now=now)
    elif act == "end_sessions":
        await end_persons_sessions(session, name, by=by, now=now)
    else:
        wanted = Changed(is_active=act == "switch_on")
        await change_person(session, name, wanted, office=OFFICE, by=by, now=now)


async def _person(
    visit: Visit, found: Account, form: FormView, *, session: Transaction, now: Now, link: str = ""
) -> Response:
    settings = visit.request.app.state.settings
    idle = SessionLimits.of(settings).idle
    facts = {
        "person": found,
        "form": form,
        "factor": await read_second_factor(session, found.id),
        "sessions": await list_sessions(session, found.id, idle=idle, now=now),
        "link": link,
        "hours": settings.invitation_hours,
        **_roles(visit.reader),
    }
    status = 422 if form.errors else 200
    page = "main_platform.console:person.html"
    return show_page(visit, page, facts, words=STAFF_WORDS, status=status)


def _person_form(visit: Visit, form: FormView) -> Response:
    facts = {"form": form, **_roles(visit.reader)}
    status = 422 if form.errors else 200
    page = "main_platform.console:new_person.html"
    return show_page(visit, page, facts, words=STAFF_WORDS, status=status)


def _confirming(visit: Visit, found: Account, act: Act, form: FormView) -> Response:
    says = visit.reader.says
    facts = {
        "person": found,
        "act": act,
        "title": says(STAFF_WORDS[act]),
        "about": says(ACT_ABOUT[act]),
        "form": form,
    }
    return show_page(visit, "main_platform.console:person_act.html", facts, words=STAFF_WORDS)


def _roles(reader: Reader) -> dict[str, Any]:
    titles = {role: reader.says(ROLE_TITLES[role]) for role in HUB_POLICY.grants}
    return {"role_titles": titles, "role_choices": list(titles.items())}


def _matrix(reader: Reader) -> list[Granted]:
    return [
        Granted(
            reader.says(PERMISSION_WORDS[permission]),
            permission.value,
            tuple(permission in granted for granted in HUB_POLICY.grants.values()),
        )
        for permission in Permission
    ]
