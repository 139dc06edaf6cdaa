"""One's own second factor: set it up, make new recovery codes, take it away."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.accounts import find_account
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.letters import FACTOR_REMOVED, tell_of_change
from shared_platform.sign_in.second_factor import (
    confirm_device,
    make_recovery_codes,
    propose_device,
    read_second_factor,
    remove_second_factor,
    take_code,
)
from shared_platform.sign_in.throttle import Tried, TriedTooOften, forget_failures, take_try
from shared_platform.workspace.cookie import set_cookie
from shared_platform.workspace.entry import Entrant, lead_on, let_in
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.second_factor_pages import WRONG_CODE, CodeForm, device_facts
from shared_platform.workspace.visit import PageCaller, Visit
from shared_platform.workspace.workspace_page import show_page, show_plain
from shared_schema.bilingual import Words, halves
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

router = APIRouter(include_in_schema=False)
_PATH: Final = "/account/second-factor"
_TEMPLATES: Final = "shared_platform.workspace"
_SET: Final = Words("第二因子已启用", "a second factor was set up")
Act = Annotated[str, Field(pattern="^(codes|removal)$")]


class ChangeForm(CodeForm):
    """A code of the present device, and what it is for."""

    act: Act


SentCode = Annotated[Filled[CodeForm], Depends(form_of(CodeForm))]
SentChange = Annotated[Filled[ChangeForm], Depends(form_of(ChangeForm))]


@router.get(_PATH)
async def factor_page(visit: PageCaller, session: Transaction, now: Now, ids: Ids) -> Response:
    """What there is, and what can be done about it."""
    return await _page(visit, session, fresh(visit.reader), ids=ids, now=now)


@router.post(_PATH)
async def set_up(
    request: Request, visit: PageCaller, sent: SentCode, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Confirm a first device by one of its codes; show the recovery codes, this once."""
    person = visit.caller
    has_one = (await read_second_factor(session, person.id)).is_confirmed
    code = sent.model.code if sent.model else ""
    if has_one or not await confirm_device(session, person.id, code, now=now):
        refused = sent.with_error("code", WRONG_CODE) if sent.model else sent
        return await _page(visit, session, refused.view(visit.reader), ids=ids, now=now)
    codes = await make_recovery_codes(session, person.id, ids=ids)
    act = Record(SignInAct.SECOND_FACTOR_SET, Subject("account", person.name), person.name)
    await record(session, act, now=now)
    owner = await find_account(session, person.name)
    await tell_of_change(session, owner, _SET, ids=ids, now=now)
    await end_sessions(session, person.id)
    entrant = Entrant(person.id, person.name, has_both=True)
    entered = await let_in(request, session, entrant, ids=ids, now=now)
    answer = _codes(visit, codes)
    set_cookie(request, answer, entered.secret)
    return answer


@router.post(f"{_PATH}/change")
async def change(
    request: Request, visit: PageCaller, sent: SentChange, session: Transaction, now: Now, ids: Ids
) -> Response:
    """With a code of the present device: make new recovery codes, or take the device away."""
    refused = await _refused(visit, sent, session, now=now)
    if sent.model is None or refused is not None:
        form = (refused or sent).view(visit.reader)
        return await _page(visit, session, form, ids=ids, now=now)
    person = visit.caller
    subject = Subject("account", person.name)
    if sent.model.act == "codes":
        made = Record(SignInAct.RECOVERY_CODES_MADE, subject, person.name)
        await record(session, made, now=now)
        return _codes(visit, await make_recovery_codes(session, person.id, ids=ids))
    await remove_second_factor(session, person.id)
    removed = Record(SignInAct.SECOND_FACTOR_REMOVED, subject, person.name)
    await record(session, removed, now=now)
    owner = await find_account(session, person.name)
    await tell_of_change(session, owner, FACTOR_REMOVED, ids=ids, now=now)
    await end_sessions(session, person.id)
    entrant = Entrant(person.id, person.name)
    entered = await let_in(request, session, entrant, ids=ids, now=now)
    return lead_on(request, entered, wanted=_PATH, reader=visit.reader)


async def _refused(
    visit: Visit, sent: Filled[ChangeForm], session: Transaction, *, now: Instant
) -> Filled[ChangeForm] | None:
    """The form with what is wrong with its code; None if it was right."""
    if sent.model is None:
        return None
    tried = Tried("code", visit.caller.name)
    try:
        await take_try(session, tried, now=now)
    except TriedTooOften as waiting:
        return sent.with_error("code", halves(waiting.detail))
    if not await take_code(session, visit.caller.id, sent.model.code, now=now):
        return sent.with_error("code", WRONG_CODE)
    await forget_failures(session, tried)
    return None


async def _page(
    visit: Visit, session: Transaction, form: FormView, *, ids: IdSource, now: Instant
) -> Response:
    factor = await read_second_factor(session, visit.caller.id)
    facts: dict[str, object] = {"factor": factor, "form": form}
    if not factor.is_confirmed:
        secret = await propose_device(session, visit.caller.id, ids=ids, now=now)
        name = visit.caller.name
        facts |= device_facts(visit.request, name, secret=secret, reader=visit.reader)
    status = 422 if form.errors else 200
    return show_page(visit, f"{_TEMPLATES}:account_factor.html", facts, status=status)


def _codes(visit: Visit, codes: list[str]) -> Response:
    facts = {"codes": codes, "go_on": visit.reader.link(_PATH)}
    template = f"{_TEMPLATES}:recovery_codes.html"
    return show_plain(visit.request, template, facts, reader=visit.reader)
