"""The node's users: list, invite, roles, switch off and on, remove a second factor."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.audit.trail import Record, Subject, record, records_of
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.markup import local_time
from shared_platform.public_pages.reader import Reader
from shared_platform.sign_in.accounts import (
    NAME_FORM,
    Account,
    AccountQuery,
    Changed,
    NewAccount,
    change_account,
    create_account,
    find_account,
    search_accounts,
)
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.letters import FACTOR_REMOVED, LinkTerms, invite, tell_of_change
from shared_platform.sign_in.second_factor import read_second_factor, remove_second_factor
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.text import PlainText
from subplatform.accounts.permissions import NODE_POLICY, ROLE_TITLES, Permission
from subplatform.audit.acts import Act
from subplatform.operator_pages.callers import UserAdministrator
from subplatform.operator_pages.user_words import ACT_WORDS, USER_WORDS

router = APIRouter(include_in_schema=False)
USERS: Final = "/users"
PAGE: Final = 50
Name = Annotated[str, Path(pattern=f"^{NAME_FORM.pattern}$")]
_Roles = Annotated[tuple[str, ...], Field(max_length=10)]


class OwnAccountKept(DomainError):
    """Nobody shuts themselves out: another administrator must."""

    problem = ProblemType.SECOND_PERSON_REQUIRED


class InvitationForm(BaseModel):
    """A new account."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=f"^{NAME_FORM.pattern}$")]
    display_name: Annotated[PlainText, Field(max_length=60)]
    email: Annotated[str, Field(max_length=254)] | None = None
    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)]


class ChangeForm(BaseModel):
    """What is to be done to an account."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["roles", "switch_off", "switch_on", "remove_factor"]
    roles: _Roles = ()


SentInvitation = Annotated[Filled[InvitationForm], Depends(form_of(InvitationForm))]
SentChange = Annotated[Filled[ChangeForm], Depends(form_of(ChangeForm))]


@router.get(USERS)
async def users_page(
    visit: UserAdministrator,
    session: Transaction,
    words: Annotated[str, Query(max_length=100)] = "",
    role: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Accounts by name."""
    found = await search_accounts(session, AccountQuery(words, role, after, PAGE))
    reader = visit.reader
    kept = [(name, value) for name, value in (("words", words), ("role", role)) if value]
    following = [*kept, ("after", found[-1].name)] if len(found) == PAGE else None
    facts: dict[str, Any] = {
        "asked": {"words": words, "role": role, "after": after},
        "users": [_line(one, reader) for one in found],
        "roles": _roles(reader),
        "next_url": reader.link(USERS, following) if following else None,
    }
    return show_page(visit, "subplatform.operator_pages:users.html", facts, words=USER_WORDS)


@router.get(f"{USERS}/invitation")
async def invitation_page(visit: UserAdministrator, ids: Ids) -> Response:
    """The form for a new account."""
    return _invitation(visit, fresh(visit.reader, key=ids.new_token()))


@router.post(f"{USERS}/invitation")
async def add_user(
    visit: UserAdministrator, sent: SentInvitation, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Add the account; the link is in this answer alone, since it is a secret."""
    if sent.model is None:
        return _invitation(visit, sent.view(visit.reader), status=422)
    given = sent.model
    wanted = NewAccount(given.name, given.display_name, given.roles, given.email)
    try:
        async with session.begin_nested():
            made = await create_account(session, wanted, policy=NODE_POLICY, ids=ids, now=now)
    except DomainError as refusal:
        return _invitation(visit, sent.refused(refusal).view(visit.reader), status=422)
    await _record(session, Act.USER_ADDED, made, visit, now=now)
    return await _invited(visit, session, made, ids=ids, now=now)


@router.get(f"{USERS}/{{name}}")
async def user_page(
    visit: UserAdministrator, name: Name, session: Transaction, ids: Ids
) -> Response:
    """One account: roles, state, second factor, what was done to it."""
    found = await find_account(session, name)
    form = fresh(visit.reader, key=ids.new_token(), values={"roles": found.roles})
    return await _page(visit, session, found, form=form)


@router.post(f"{USERS}/{{name}}")
async def change_user(
    visit: UserAdministrator,
    name: Name,
    sent: SentChange,
    session: Transaction,
    now: Now,
    ids: Ids,
) -> Response:
    """Set roles, switch off or on, remove the second factor."""
    found = await find_account(session, name)

    async def act() -> Done:
        assert sent.model is not None
        return await _change(visit, session, found, wanted=sent.model, ids=ids, now=now)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    return await _page(visit, session, found, form=sent.view(visit.reader), status=422)


@router.post(f"{USERS}/{{name}}/invitation")
async def invite_again(
    visit: UserAdministrator, name: Name, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Make another link; the one before works no more."""
    found = await find_account(session, name)
    return await _invited(visit, session, found, ids=ids, now=now)


@router.get(f"{USERS}/{{name}}/{{step}}")
async def confirmation_page(
    visit: UserAdministrator,
    name: Name,
    step: Literal["switch_off", "remove_factor"],
    session: Transaction,
    ids: Ids,
) -> Response:
    """What will happen, before it does."""
    found = await find_account(session, name)
    form = fresh(visit.reader, key=ids.new_token())
    facts = {"user": _line(found, visit.reader), "step": step, "form": form}
    template = "subplatform.operator_pages:user_step.html"
    return show_page(visit, template, facts, words=USER_WORDS)


async def _change(
    visit: Visit,
    session: Transaction,
    user: Account,
    *,
    wanted: ChangeForm,
    ids: IdSource,
    now: Instant,
) -> Done:
    path = f"{USERS}/{user.name}"
    if wanted.act == "remove_factor":
        await remove_second_factor(session, user.id)
        await end_sessions(session, user.id)
        await _record(session, SignInAct.SECOND_FACTOR_REMOVED, user, visit, now=now)
        await tell_of_change(session, user, FACTOR_REMOVED, ids=ids, now=now)
        return Done(path, Words("第二因子已取消。", "The second factor was removed."))
    _refuse_own(visit, user, wanted)
    roles = wanted.roles if wanted.act == "roles" else None
    active = {"switch_off": False, "switch_on": True}.get(wanted.act)
    changed = Changed(roles, active)
    await change_account(session, user.name, changed, policy=NODE_POLICY, now=now)
    await _record(session, Act.USER_CHANGED, user, visit, now=now, roles=roles, is_active=active)
    said = {
        "roles": Words("角色已保存。", "The roles are saved."),
        "switch_off": Words("账号已停用。", "The account is switched off."),
        "switch_on": Words("账号已启用。", "The account is switched on."),
    }
    return Done(path, said[wanted.act])


def _refuse_own(visit: Visit, user: Account, wanted: ChangeForm) -> None:
    """Keep administrators from shutting themselves out.

    Raises:
        OwnAccountKept: it is one's own account.
    """
    manages = any(
        Permission.MANAGE_USERS in NODE_POLICY.grants.get(role, frozenset())
        for role in wanted.roles
    )
    shuts_out = wanted.act == "switch_off" or (wanted.act == "roles" and not manages)
    if user.id == visit.caller.id and shuts_out:
        words = USER_WORDS["own_account"]
        raise OwnAccountKept(detail=f"{words.zh} / {words.en}")


async def _invited(
    visit: Visit, session: Transaction, user: Account, *, ids: IdSource, now: Instant
) -> Response:
    """The account's page with its new link, which is shown this once."""
    terms = LinkTerms.of(visit.request.app.state.settings)
    address = await invite(session, user, terms, ids=ids, now=now)
    await _record(session, SignInAct.INVITED, user, visit, now=now)
    form = fresh(visit.reader, key=ids.new_token(), values={"roles": user.roles})
    return await _page(visit, session, user, form=form, link=address)


async def _record(
    session: Transaction,
    act: Act | SignInAct,
    user: Account,
    visit: Visit,
    *,
    now: Instant,
    **facts: object,
) -> None:
    told = {name: value for name, value in facts.items() if value is not None}
    done = Record(act, Subject("account", user.name), visit.caller.name, told)
    await record(session, done, now=now)


def _invitation(visit: Visit, form: FormView, *, status: int = 200) -> Response:
    facts = {"form": form, "roles": _roles(visit.reader)}
    template = "subplatform.operator_pages:invitation.html"
    return show_page(visit, template, facts, words=USER_WORDS, status=status)


async def _page(
    visit: Visit,
    session: Transaction,
    user: Account,
    *,
    form: FormView,
    status: int = 200,
    link: str = "",
) -> Response:
    reader = visit.reader
    factor = await read_second_factor(session, user.id)
    facts: dict[str, Any] = {
        "form": form,
        "user": _line(user, reader),
        "roles": _roles(reader),
        "factor": factor,
        "link": link,
        "is_own": user.id == visit.caller.id,
        "history": [
            {
                "at": local_time(one.at),
                "by": one.actor,
                "act": reader.says(ACT_WORDS[one.act]) if one.act in ACT_WORDS else one.act,
            }
            for one in await records_of(session, Subject("account", user.name))
        ],
    }
    template = "subplatform.operator_pages:user.html"
    return show_page(visit, template, facts, words=USER_WORDS, status=status)


def _line(user: Account, reader: Reader) -> dict[str, Any]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "email": user.email or "",
        "roles": [reader.says(ROLE_TITLES.get(role, Words(role, role))) for role in user.roles],
        "is_active": user.is_active,
        "created_at": local_time(user.created_at),
    }


def _roles(reader: Reader) -> list[tuple[str, str]]:
    return [
        (role, reader.says(ROLE_TITLES.get(role, Words(role, role)))) for role in NODE_POLICY.grants
    ]
