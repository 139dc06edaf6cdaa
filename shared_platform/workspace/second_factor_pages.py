"""The second step of signing in: the code of a device, or making a device known the first time."""

from datetime import timedelta
from typing import Annotated, Final

import segno
from fastapi import APIRouter, Depends, Query, Request, Response
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import OpenedSession, Stage
from shared_platform.sign_in.password_sign_in import record_refusal
from shared_platform.sign_in.second_factor import (
    confirm_device,
    device_address,
    make_recovery_codes,
    propose_device,
    take_code,
)
from shared_platform.sign_in.throttle import Tried, TriedTooOften, forget_failures, take_try
from shared_platform.workspace.cookie import set_cookie
from shared_platform.workspace.entry import HOME, STEPS, Entrant, lead_on, let_in
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.local_path import local_path, with_reader
from shared_platform.workspace.visit import AnySession, SignInNeeded
from shared_platform.workspace.workspace_page import show_plain
from shared_schema.bilingual import Words, halves

router = APIRouter(include_in_schema=False)
Next = Annotated[str | None, Query(alias="next", max_length=2_000)]
WRONG_CODE: Final = Words(
    "验证码不对或已用过；请等下一个", "The code is wrong or was used; wait for the next one"
)
_STEP: Final = STEPS[Stage.SECOND_FACTOR]
_ENROLMENT: Final = STEPS[Stage.ENROLLING]
_TEMPLATES: Final = "shared_platform.workspace"


class CodeForm(BaseModel):
    """A code of the device, or a recovery code."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=40)]


SentCode = Annotated[Filled[CodeForm], Depends(form_of(CodeForm))]


async def proving_caller(opened: AnySession) -> OpenedSession:
    """Whoever has proven the password and now has the second factor to show.

    Raises:
        SignInNeeded: nobody, or the session is at another step.
    """
    return _at(opened, Stage.SECOND_FACTOR)


async def enrolling_caller(opened: AnySession) -> OpenedSession:
    """Whoever has proven the password and must first set a second factor up.

    Raises:
        SignInNeeded: nobody, or the session is at another step.
    """
    return _at(opened, Stage.ENROLLING)


Proving = Annotated[OpenedSession, Depends(proving_caller, scope="function")]
Enrolling = Annotated[OpenedSession, Depends(enrolling_caller, scope="function")]


@router.get(_STEP)
async def code_page(
    request: Request, _opened: Proving, reader: Reading, wanted: Next = None
) -> Response:
    """The form for the code."""
    return _code_form(request, fresh(reader), reader=reader, wanted=wanted)


@router.post(_STEP)
async def prove_code(
    request: Request,
    opened: Proving,
    sent: SentCode,
    session: Transaction,
    reader: Reading,
    now: Now,
    ids: Ids,
    wanted: Next = None,
) -> Response:
    """Take the code, and go on in a session under a new id."""
    person = opened.caller
    tried, waits = Tried("code", person.name), timedelta()
    try:
        if sent.model is not None:
            waits = await take_try(session, tried, now=now)
    except TriedTooOften as refusal:
        waiting = sent.with_error("code", halves(refusal.detail)).view(reader)
        return _code_form(request, waiting, reader=reader, wanted=wanted, status=429)
    if sent.model is None:
        return _code_form(request, sent.view(reader), reader=reader, wanted=wanted, status=422)
    if not await take_code(session, person.id, sent.model.code, now=now):
        act = SignInAct.SECOND_FACTOR_REFUSED
        await record_refusal(session, act, person.name, waits=waits, now=now)
        refused = sent.with_error("code", WRONG_CODE).view(reader)
        return _code_form(request, refused, reader=reader, wanted=wanted, status=422)
    await forget_failures(session, tried)
    entrant = Entrant(person.id, person.name, has_both=True)
    entered = await let_in(request, session, entrant, ids=ids, now=now)
    return lead_on(request, entered, wanted=wanted, reader=reader)


@router.get(_ENROLMENT)
async def enrolment_page(
    request: Request,
    opened: Enrolling,
    session: Transaction,
    reader: Reading,
    now: Now,
    ids: Ids,
    wanted: Next = None,
) -> Response:
    """The device's secret, as text and as a QR code, and the form that confirms it."""
    secret = await propose_device(session, opened.caller.id, ids=ids, now=now)
    return _enrolment_form(request, opened, fresh(reader), secret=secret, wanted=wanted)


@router.post(_ENROLMENT)
async def enrol(
    request: Request,
    opened: Enrolling,
    sent: SentCode,
    session: Transaction,
    reader: Reading,
    now: Now,
    ids: Ids,
    wanted: Next = None,
) -> Response:
    """Confirm the device by one of its codes; show the recovery codes, this once, signed in."""
    person = opened.caller
    code = sent.model.code if sent.model else ""
    if not await confirm_device(session, person.id, code, now=now):
        secret = await propose_device(session, person.id, ids=ids, now=now)
        refused = sent.with_error("code", WRONG_CODE) if sent.model else sent
        form = refused.view(reader)
        return _enrolment_form(request, opened, form, secret=secret, wanted=wanted, status=422)
    codes = await make_recovery_codes(session, person.id, ids=ids)
    act = Record(SignInAct.SECOND_FACTOR_SET, Subject("account", person.name), person.name)
    await record(session, act, now=now)
    entrant = Entrant(person.id, person.name, has_both=True)
    entered = await let_in(request, session, entrant, ids=ids, now=now)
    go_on = with_reader(local_path(wanted) or HOME, reader)
    facts = {"codes": codes, "go_on": go_on}
    answer = show_plain(request, f"{_TEMPLATES}:recovery_codes.html", facts, reader=reader)
    set_cookie(request, answer, entered.secret)
    return answer


def device_facts(
    request: Request, account: str, *, secret: str, reader: Reader
) -> dict[str, object]:
    """The secret in groups of four, its address, and that as a QR code."""
    settings = shown_settings(request)
    issuer = reader.says(Words(settings.name_zh, settings.name_en))
    address = device_address(secret, account=account, issuer=issuer)
    picture = segno.make(address, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr"
    )
    return {
        "secret": " ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        "device_address": address,
        "qr_code": Markup(picture),  # noqa: S704 - drawn by the library, holds no text
    }


def _at(opened: OpenedSession | None, stage: Stage) -> OpenedSession:
    if opened is None or opened.session.stage is not stage:
        refusal = SignInNeeded("请先登录 / sign in first")
        refusal.stage = opened.session.stage if opened else None
        raise refusal
    return opened


def _code_form(
    request: Request, form: FormView, *, reader: Reader, wanted: str | None, status: int = 200
) -> Response:
    facts = {"form": form, "action": _action(_STEP, wanted, reader)}
    template = f"{_TEMPLATES}:second_factor.html"
    return show_plain(request, template, facts, reader=reader, status=status)


def _enrolment_form(
    request: Request,
    opened: OpenedSession,
    form: FormView,
    *,
    secret: str,
    wanted: str | None,
    status: int = 200,
) -> Response:
    reader = form.reader
    facts = device_facts(request, opened.caller.name, secret=secret, reader=reader) | {
        "form": form,
        "action": _action(_ENROLMENT, wanted, reader),
    }
    return show_plain(request, f"{_TEMPLATES}:enrolment.html", facts, reader=reader, status=status)


def _action(path: str, wanted: str | None, reader: Reader) -> str:
    target = local_path(wanted)
    return reader.link(path, [("next", target)] if target else [])
