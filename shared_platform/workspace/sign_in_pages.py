"""Sign in and out in a browser."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.frame import has_route
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import Stage, end_session
from shared_platform.sign_in.password_hashing import TooManySignIns
from shared_platform.sign_in.password_sign_in import Claim, prove_password
from shared_platform.sign_in.throttle import TriedTooOften
from shared_platform.workspace.cookie import drop_cookie
from shared_platform.workspace.entry import HOME, Entrant, address_of, lead_on, let_in
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.local_path import local_path, with_reader
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import AnySession
from shared_platform.workspace.workspace_page import show_plain
from shared_schema.bilingual import Words, halves
from shared_schema.refusal import DomainError

router = APIRouter(include_in_schema=False)
Next = Annotated[str | None, Query(alias="next", max_length=2_000)]
_WRONG: Final = Words(
    "账号或密码不对；连续输错会暂停登录",
    "Name or password is wrong; after several wrong tries signing in pauses",
)
_SIGNED_OUT: Final = "signed-out"
_REGISTER: Final = "/register"


class SignInForm(BaseModel):
    """Who one is."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)]
    password: Annotated[str, Field(max_length=1_000)]


SentSignIn = Annotated[Filled[SignInForm], Depends(form_of(SignInForm))]


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    opened: AnySession,
    reader: Reading,
    wanted: Next = None,
    said: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """The form; whoever is signed in already is led on."""
    if opened is not None and opened.session.stage is Stage.WHOLE:
        return see_other(with_reader(local_path(wanted) or HOME, reader))
    return show_sign_in(
        request, fresh(reader), reader=reader, wanted=wanted, is_signed_out=said == _SIGNED_OUT
    )


@router.post("/sign-in")
async def sign_in(
    request: Request,
    sent: SentSignIn,
    reader: Reading,
    now: Now,
    ids: Ids,
    wanted: Next = None,
) -> Response:
    """Check name and password, start a session, lead on to the page that was asked for."""
    if sent.model is None:
        return show_sign_in(request, sent.view(reader), reader=reader, wanted=wanted, status=422)
    state = request.app.state
    claim = Claim(sent.model.name, sent.model.password)
    try:
        await state.sign_in_limit.take(address_of(request))
        person = await prove_password(state.sessions, state.passwords, claim, now=now)
    except (TriedTooOften, TooManySignIns) as refusal:
        return _waiting(request, sent, refusal, reader=reader, wanted=wanted)
    if person is None:
        refused = sent.with_error("", _WRONG).view(reader)
        return show_sign_in(request, refused, reader=reader, wanted=wanted, status=422)
    async with state.sessions.begin() as session:
        entrant = Entrant(person.account_id, person.name)
        entered = await let_in(request, session, entrant, ids=ids, now=now)
    return lead_on(request, entered, wanted=wanted, reader=reader)


@router.post("/sign-out")
async def sign_out(
    request: Request, session: Transaction, opened: AnySession, reader: Reading, now: Now
) -> Response:
    """End the session at once, whatever it had proven; without one there is nothing to end."""
    if opened is not None:
        await end_session(session, opened.session.id, account_id=opened.caller.id)
        name = opened.caller.name
        done = Record(SignInAct.SIGNED_OUT, Subject("account", name), name)
        await record(session, done, now=now)
    answer = see_other(reader.link("/sign-in", [("said", _SIGNED_OUT)]))
    drop_cookie(request, answer)
    return answer


def show_sign_in(
    request: Request,
    form: FormView,
    *,
    reader: Reader,
    wanted: str | None,
    status: int = 200,
    is_signed_out: bool = False,
) -> Response:
    """The form, with the way to the provider where one is set."""
    kept, state = local_path(wanted), request.app.state
    next_pair = [("next", kept)] if kept else []
    facts = {
        "form": form,
        "action": reader.link("/sign-in", next_pair),
        "is_signed_out": is_signed_out,
        "is_asked": kept is not None,
        "provider": _provider_name(state.settings, reader) if state.provider else "",
        "register_url": reader.link(_REGISTER) if has_route(request, _REGISTER) else "",
        "provider_url": reader.link("/sign-in/provider", next_pair),
    }
    template = "shared_platform.workspace:sign_in.html"
    return show_plain(request, template, facts, reader=reader, status=status)


def _waiting(
    request: Request,
    sent: Filled[SignInForm],
    refusal: DomainError,
    *,
    reader: Reader,
    wanted: str | None,
) -> Response:
    """The form again, with how long to wait; nothing was checked."""
    row = refusal.problem.value
    said = halves(refusal.detail or f"{row.title_zh} / {row.title_en}")
    form = sent.with_error("", said).view(reader)
    answer = show_sign_in(request, form, reader=reader, wanted=wanted, status=429)
    answer.headers["retry-after"] = str(refusal.retry_after_s or 1)
    return answer


def _provider_name(settings: PlatformSettings, reader: Reader) -> str:
    return reader.says(Words(settings.oidc_name_zh, settings.oidc_name_en))
