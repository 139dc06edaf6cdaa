"""One's own API tokens: for what, until when, last used; made with fewer permissions, revoked."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import add_notice
from shared_platform.sign_in.tokens import (
    MOST_DAYS,
    TOKEN_DAYS,
    NewToken,
    ScopeRefused,
    check_scopes,
    issue_token,
    list_tokens,
    revoke_token,
)
from shared_platform.transport.problems import NoSuchPath
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import see_other
from shared_platform.workspace.visit import PageCaller, Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import Instant
from shared_schema.text import PlainText

router = APIRouter(include_in_schema=False)
_PATH: Final = "/account/tokens"
_REVOKED: Final = Words("令牌已吊销，即时失效。", "The token was revoked and works no more.")


class TokenForm(BaseModel):
    """What a token is for, how long, and what it is limited to."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[PlainText, Field(max_length=60)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)]
    scopes: Annotated[tuple[str, ...], Field(min_length=1, max_length=60)]


SentToken = Annotated[Filled[TokenForm], Depends(form_of(TokenForm))]


@router.get(_PATH)
async def tokens_page(visit: PageCaller, session: Transaction, now: Now) -> Response:
    """The live tokens, and the form for another."""
    scopes = _own_scopes(visit)
    form = fresh(visit.reader, values={"days": TOKEN_DAYS, "scopes": scopes})
    return await _page(visit, session, form, now=now)


@router.post(_PATH)
async def make_token(
    visit: PageCaller, sent: SentToken, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Make a token that may no more than its owner; shown in this answer alone."""
    if sent.model is None:
        return await _page(visit, session, sent.view(visit.reader), now=now)
    person, policy = visit.caller, _policy(visit.request)
    try:
        scopes = check_scopes(sent.model.scopes, person, policy)
    except ScopeRefused as refusal:
        return await _page(visit, session, sent.refused(refusal).view(visit.reader), now=now)
    wanted = NewToken(sent.model.label, scopes, sent.model.days)
    token = await issue_token(session, person.name, wanted, ids=ids, now=now)
    facts = {"scopes": list(scopes), "days": wanted.days}
    act = Record(SignInAct.OWN_TOKEN_ISSUED, Subject("account", person.name), person.name, facts)
    await record(session, act, now=now)
    form = fresh(visit.reader, values={"days": TOKEN_DAYS, "scopes": _own_scopes(visit)})
    return await _page(visit, session, form, now=now, token=token)


@router.post(f"{_PATH}/{{token_id}}/revocation")
async def revoke(visit: PageCaller, token_id: UUID, session: Transaction, now: Now) -> Response:
    """Revoke one of one's own tokens at once.

    Raises:
        NoSuchPath: one has no such token, perhaps no longer.
    """
    person = visit.caller
    if not await revoke_token(session, token_id, account_id=person.id, now=now):
        raise NoSuchPath("没有这个令牌 / there is no such token")
    act = Record(SignInAct.OWN_TOKEN_REVOKED, Subject("account", person.name), person.name)
    await record(session, act, now=now)
    await add_notice(session, visit.session.id, _REVOKED)
    return see_other(visit.reader.link(_PATH))


async def _page(
    visit: Visit, session: Transaction, form: FormView, *, now: Instant, token: str = ""
) -> Response:
    facts = {
        "form": form,
        "token": token,
        "tokens": await list_tokens(session, visit.caller.id, now=now),
        "scopes": [(scope, scope) for scope in _own_scopes(visit)],
        "most_days": MOST_DAYS,
    }
    status = 422 if form.errors else 200
    return show_page(visit, "shared_platform.workspace:tokens.html", facts, status=status)


def _own_scopes(visit: Visit) -> list[str]:
    return sorted(one.value for one in _policy(visit.request).permissions(visit.caller))


def _policy(request: Request) -> AccessPolicy:
    policy: AccessPolicy = request.app.state.access_policy
    return policy
