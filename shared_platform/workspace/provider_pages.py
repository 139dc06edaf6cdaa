"""Sign in by the provider of the settings: there by a link, back with a code."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from shared_platform.database.transaction import Ids, Now
from shared_platform.public_pages.reader import Reader, Reading, unsaid_language
from shared_platform.sign_in.oidc import ProviderAway, ProviderClient, ProviderProofRefused
from shared_platform.sign_in.provider_visits import come_back, depart, find_person
from shared_platform.transport.problems import NoSuchPath
from shared_platform.workspace.cookie import drop_visit_cookie, read_visit_cookie, set_visit_cookie
from shared_platform.workspace.entry import Entrant, lead_on, let_in
from shared_platform.workspace.forms import FormError, FormView
from shared_platform.workspace.local_path import local_path, with_reader
from shared_platform.workspace.sign_in_pages import Next, show_sign_in
from shared_platform.workspace.submit_once import see_other
from shared_schema.bilingual import Language, Words, halves

router = APIRouter(include_in_schema=False)
_NOT_COMPLETED: Final = Words(
    "统一身份认证没有完成，请重新登录", "Signing in there was not completed; try again"
)
_NOT_INVITED: Final = Words(
    "您的身份已确认，但本平台没有为您开通账号；请管理员用您的邮箱开通",
    "We know who you are, but you have no account here; ask an administrator to open one for your"
    " e-mail address",
)


@router.get("/sign-in/provider")
async def leave(
    request: Request, reader: Reading, now: Now, ids: Ids, wanted: Next = None
) -> Response:
    """To the provider, with a cookie that the way back is bound to."""
    client = _client(request)
    target = local_path(wanted)
    kept = with_reader(target, reader) if target else reader.link("/workspace")
    async with request.app.state.sessions.begin() as session:
        departure = await depart(session, wanted=kept, ids=ids, now=now)
    try:
        address = await client.authorization_address(departure.journey, now=now)
    except ProviderAway as away:
        return _refused(request, halves(away.detail), reader=reader, status=503)
    answer = see_other(address)
    set_visit_cookie(request, answer, departure.browser_secret)
    return answer


@router.get("/sign-in/provider/return")
async def come_in(
    request: Request,
    now: Now,
    ids: Ids,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """Back from the provider: prove who it is, find the account, start a session."""
    sessions, client = request.app.state.sessions, _client(request)
    async with sessions.begin() as session:
        secret = read_visit_cookie(request) or ""
        visit = await come_back(session, state, browser_secret=secret, now=now)
    reader = _reader(request, (visit.wanted if visit else None) or "")
    if visit is None or not code:
        return _refused(request, _NOT_COMPLETED, reader=reader)
    try:
        person = await client.prove(code, visit.journey, now=now)
    except ProviderProofRefused:
        return _refused(request, _NOT_COMPLETED, reader=reader)
    except ProviderAway as away:
        return _refused(request, halves(away.detail), reader=reader, status=503)
    async with sessions.begin() as session:
        known = await find_person(session, person, now=now)
        if known is None:
            return _refused(request, _NOT_INVITED, reader=reader, status=403)
        entrant = Entrant(known.account_id, known.name)
        entered = await let_in(request, session, entrant, ids=ids, now=now)
    answer = lead_on(request, entered, wanted=visit.wanted, reader=reader)
    drop_visit_cookie(request, answer)
    return answer


def _client(request: Request) -> ProviderClient:
    """The provider's client.

    Raises:
        NoSuchPath: the service has no provider.
    """
    client: ProviderClient | None = request.app.state.provider
    if client is None:
        raise NoSuchPath("没有设置统一身份认证 / no provider is set")
    return client


def _reader(request: Request, wanted: str) -> Reader:
    """The reader of the page that was asked for before: by its address, or else the browser."""
    unsaid = unsaid_language(request)
    languages: tuple[Language, ...] = ("zh", "en")
    said = next((one for one in languages if f"lang={one}" in wanted), None)
    return Reader(said or unsaid, unsaid=unsaid)


def _refused(request: Request, message: Words, *, reader: Reader, status: int = 422) -> Response:
    form = FormView({}, (FormError("", message),), "", reader)
    answer = show_sign_in(request, form, reader=reader, wanted=None, status=status)
    drop_visit_cookie(request, answer)
    return answer
