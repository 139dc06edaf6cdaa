"""Where a link leads that was sent to somebody: choose a password, and be signed in."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.links import FoundLink, LinkRefused, find_link, use_links
from shared_platform.sign_in.passwords import set_password
from shared_platform.workspace.entry import Entrant, lead_on, let_in
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.new_password import NewPassword, check_new_password
from shared_platform.workspace.workspace_page import show_plain

router = APIRouter(include_in_schema=False)
_LINK: Final = "link"
Secret = Annotated[str, Query(alias=_LINK, max_length=200)]


SentPassword = Annotated[Filled[NewPassword], Depends(form_of(NewPassword))]


@router.get("/welcome")
async def welcome_page(
    request: Request, session: Transaction, reader: Reading, now: Now, secret: Secret = ""
) -> Response:
    """The form, or a page that says how to get another link. Looking at it uses nothing up."""
    try:
        found = await find_link(session, secret, now=now)
    except LinkRefused:
        return _no_link(request, reader)
    return _form(request, fresh(reader), reader=reader, found=found, secret=secret)


@router.post("/welcome")
async def choose_password(
    request: Request,
    sent: SentPassword,
    reader: Reading,
    now: Now,
    ids: Ids,
    secret: Secret = "",
) -> Response:
    """Set the password, end every session there may be, use the link up, and sign in."""
    state = request.app.state
    try:
        async with state.sessions.begin() as session:
            found = await find_link(session, secret, now=now)
        sent = check_new_password(sent, about=[found.name, found.display_name])
        if sent.model is None or sent.errors:
            return _form(request, sent.view(reader), reader=reader, found=found, secret=secret)
        hashed = await state.passwords.hash(sent.model.password)
        async with state.sessions.begin() as session:
            found = await find_link(session, secret, now=now)
            await set_password(session, found.account_id, password_hash=hashed, now=now)
            await use_links(session, found.account_id, now=now)
            await end_sessions(session, found.account_id)
            act = Record(SignInAct.PASSWORD_SET, Subject("account", found.name), found.name)
            await record(session, act, now=now)
            entrant = Entrant(found.account_id, found.name)
            entered = await let_in(request, session, entrant, ids=ids, now=now)
    except LinkRefused:
        return _no_link(request, reader)
    return lead_on(request, entered, wanted=None, reader=reader)


def _form(
    request: Request, form: FormView, *, reader: Reader, found: FoundLink, secret: str
) -> Response:
    facts = {"form": form, "found": found, "action": reader.link("/welcome", [(_LINK, secret)])}
    template = "shared_platform.workspace:welcome.html"
    status = 422 if form.errors else 200
    return show_plain(request, template, facts, reader=reader, status=status)


def _no_link(request: Request, reader: Reader) -> Response:
    template = "shared_platform.workspace:no_link.html"
    return show_plain(request, template, {}, reader=reader, status=404)
