"""One's own account: roles, sessions, password; and the first page after signing in."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.accounts import find_account
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import (
    SessionLimits,
    add_notice,
    end_session,
    end_sessions,
    list_sessions,
)
from shared_platform.sign_in.letters import tell_of_change
from shared_platform.sign_in.passwords import read_credentials, set_password
from shared_platform.sign_in.second_factor import read_second_factor
from shared_platform.transport.problems import NoSuchPath
from shared_platform.workspace.entry import HOME, Entrant, lead_on, let_in
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.navigation import Workspace
from shared_platform.workspace.new_password import NewPassword, Typed, check_new_password
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import BriefPageCaller, PageCaller, Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words

router = APIRouter(include_in_schema=False)
ACCOUNT: Final = "/account"
_PASSWORD: Final = "/account/password"  # noqa: S105  an address
_TEMPLATES: Final = "shared_platform.workspace"
_ENDED: Final = Words("会话已结束。", "The session has ended.")
_OTHERS_ENDED: Final = Words("其他会话都已结束。", "All other sessions have ended.")
_CHANGED: Final = Words(
    "密码已更改，其他会话都已结束。", "The password was changed, and all other sessions have ended."
)
_PASSWORD_CHANGED: Final = Words("密码已更改", "the password was changed")
_WRONG: Final = Words("现在的密码不对", "The present password is wrong")


class PasswordChange(NewPassword):
    """The present password, and the new one twice."""

    present: Typed


SentChange = Annotated[Filled[PasswordChange], Depends(form_of(PasswordChange))]


@router.get(HOME)
async def home_page(visit: PageCaller) -> Response:
    """What the visitor may do here."""
    return show_page(visit, f"{_TEMPLATES}:home.html")


@router.get(ACCOUNT)
async def account_page(
    request: Request, session: Transaction, visit: PageCaller, now: Now
) -> Response:
    """Who one is here, and where one is signed in."""
    idle = SessionLimits.of(request.app.state.settings).idle
    workspace: Workspace = request.app.state.workspace
    titles = [visit.reader.says(workspace.role_title(role)) for role in visit.caller.roles]
    facts = {
        "role_titles": titles,
        "factor": await read_second_factor(session, visit.caller.id),
        "sessions": await list_sessions(session, visit.caller.id, idle=idle, now=now),
    }
    return show_page(visit, f"{_TEMPLATES}:account.html", facts)


@router.post("/account/sessions/{session_id}/end")
async def end_one(session_id: UUID, session: Transaction, visit: PageCaller, now: Now) -> Response:
    """End one of one's own sessions at once.

    Raises:
        NoSuchPath: one has no such session, perhaps no longer.
    """
    if not await end_session(session, session_id, account_id=visit.caller.id):
        raise NoSuchPath("没有这个会话 / there is no such session")
    await _tell(session, visit, _ENDED, now=now)
    return see_other(visit.reader.link(ACCOUNT))


@router.post("/account/sessions/end-others")
async def end_others(session: Transaction, visit: PageCaller, now: Now) -> Response:
    """End every session of one's own but this one."""
    await end_sessions(session, visit.caller.id, besides=visit.session.id)
    await _tell(session, visit, _OTHERS_ENDED, now=now)
    return see_other(visit.reader.link(ACCOUNT))


@router.get(_PASSWORD)
async def password_page(visit: PageCaller) -> Response:
    """The form for another password."""
    return _password_form(visit, fresh(visit.reader))


@router.post(_PASSWORD)
async def change_password(
    request: Request, sent: SentChange, visit: BriefPageCaller, now: Now, ids: Ids
) -> Response:
    """Store the new password, end every session, and go on in a new one."""
    state, person = request.app.state, visit.caller
    sent = check_new_password(sent, about=[person.name, visit.display_name])
    if sent.model is None or sent.errors:
        return _password_form(visit, sent.view(visit.reader))
    async with state.sessions.begin() as session:
        known = await read_credentials(session, person.name)
    stored = known.password_hash if known else None
    is_right, _ = await state.passwords.verify(sent.model.present, stored)
    if not is_right:
        wrong = sent.with_error("present", _WRONG)
        return _password_form(visit, wrong.view(visit.reader))
    hashed = await state.passwords.hash(sent.model.password)
    async with state.sessions.begin() as session:
        await set_password(session, person.id, password_hash=hashed, now=now)
        act = Record(SignInAct.PASSWORD_SET, Subject("account", person.name), person.name)
        await record(session, act, now=now)
        await end_sessions(session, person.id)
        owner = await find_account(session, person.name)
        await tell_of_change(session, owner, _PASSWORD_CHANGED, ids=ids, now=now)
        entrant = Entrant(person.id, person.name, _CHANGED, has_both=True)
        entered = await let_in(request, session, entrant, ids=ids, now=now)
    return lead_on(request, entered, wanted=ACCOUNT, reader=visit.reader)


async def _tell(session: Transaction, visit: Visit, notice: Words, *, now: Now) -> None:
    await add_notice(session, visit.session.id, notice)
    name = visit.caller.name
    act = Record(SignInAct.SESSIONS_ENDED, Subject("account", name), name)
    await record(session, act, now=now)


def _password_form(visit: Visit, form: FormView) -> Response:
    facts = {"form": form, "action": visit.reader.link(_PASSWORD)}
    status = 422 if form.errors else 200
    return show_page(visit, f"{_TEMPLATES}:password.html", facts, status=status)
