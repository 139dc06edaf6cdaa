"""Name the caller of a page: cookie → session → account → permission, in the request's transaction.

A service makes one alias for each kind of visitor and uses it in the page's signature::

    Deciding = Depends(page_caller_with(Permission.DECIDE_REVIEWS), scope="function")
    Examiner = Annotated[Visit, Deciding]

Nobody signed in is led to the sign-in page and back; a permission that is missing is a page that
says so (`problem_pages.py`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from shared_platform.database.transaction import Now, Transaction
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.sign_in.access_policy import AccessPolicy, Caller, NotSignedIn
from shared_platform.sign_in.browser_sessions import (
    BrowserSession,
    OpenedSession,
    SessionLimits,
    Stage,
    clear_notices,
    find_session,
)
from shared_platform.workspace.cookie import read_cookie
from shared_platform.workspace.navigation import Workspace
from shared_schema.bilingual import Words


class SignInNeeded(NotSignedIn):
    """A page was asked for without a session that opens it; `stage` says what is missing."""

    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """A page's request by somebody who signed in: who, by which session, in which language.

    `region` is the one that the page keeps to, where the visitor's role is bound to it.
    """

    request: Request
    caller: Caller
    display_name: str
    session: BrowserSession
    reader: Reader
    notices: tuple[Words, ...] = ()
    region: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


async def open_visit(request: Request, session: Transaction, now: Now) -> OpenedSession | None:
    """The live session of the request's cookie, whatever it has proven; None without one."""
    secret = read_cookie(request)
    if secret is None:
        return None
    idle = SessionLimits.of(request.app.state.settings).idle
    return await find_session(session, secret, idle=idle, now=now)


AnySession = Annotated[OpenedSession | None, Depends(open_visit, scope="function")]


async def page_caller(  # noqa: PLR0917 - its parameters are what it depends on
    request: Request, session: Transaction, opened: AnySession, reader: Reading
) -> Visit:
    """Whoever signed in, whatever their roles. A page that is read takes the notices with it.

    Raises:
        SignInNeeded: nobody did, or not wholly.
    """
    if opened is None or opened.session.stage is not Stage.WHOLE:
        refusal = SignInNeeded("请先登录 / sign in first")
        refusal.stage = opened.session.stage if opened else None
        raise refusal
    notices: tuple[Words, ...] = ()
    if opened.notices and request.method == "GET":
        notices = tuple(Words(*one) for one in opened.notices)
        await clear_notices(session, opened.session.id)
    return Visit(
        request,
        opened.caller,
        opened.display_name,
        opened.session,
        reader,
        notices,
        counts=await _counts(request, session, opened.caller),
    )


async def _counts(request: Request, session: Transaction, caller: Caller) -> Mapping[str, int]:
    """What waits for the visitor, where the service counts it."""
    workspace: Workspace | None = getattr(request.app.state, "workspace", None)
    if workspace is None or workspace.count is None:
        return {}
    return await workspace.count(session, caller)


PageCaller = Annotated[Visit, Depends(page_caller, scope="function")]


async def brief_page_caller(request: Request, now: Now, reader: Reading) -> Visit:
    """Like `page_caller`, in a transaction that has ended: for pages that hash passwords.

    Raises:
        SignInNeeded: nobody signed in, or not wholly.
    """
    async with request.app.state.sessions.begin() as session:
        opened = await open_visit(request, session, now)
        return await page_caller(request, session, opened, reader)


BriefPageCaller = Annotated[Visit, Depends(brief_page_caller)]


def brief_page_caller_with(permission: StrEnum) -> Callable[[Request, Visit], Awaitable[Visit]]:
    """Like `page_caller_with`, in a transaction that has ended: for pages that ask elsewhere."""

    async def permitted(request: Request, visit: BriefPageCaller) -> Visit:
        policy: AccessPolicy = request.app.state.access_policy
        policy.require(visit.caller, permission)
        return visit

    permitted.__name__ = f"page_caller_with_{permission.value}"
    return permitted


def page_caller_with(permission: StrEnum) -> Callable[[Request, Visit], Awaitable[Visit]]:
    """A dependency that names the visitor and lets only holders of `permission` pass.

    The roles come from `app.state.access_policy`.
    """

    async def permitted(request: Request, visit: PageCaller) -> Visit:
        policy: AccessPolicy = request.app.state.access_policy
        policy.require(visit.caller, permission)
        return visit

    permitted.__name__ = f"page_caller_with_{permission.value}"
    return permitted


def page_caller_within(permission: StrEnum) -> Callable[[Request, Visit], Awaitable[Visit]]:
    """Like `page_caller_with`, and for roles bound to a region: the page keeps to `visit.region`.

    The roles come from `app.state.access_policy`.
    """

    async def permitted(request: Request, visit: PageCaller) -> Visit:
        policy: AccessPolicy = request.app.state.access_policy
        return replace(visit, region=policy.reach(visit.caller, permission).region)

    permitted.__name__ = f"page_caller_within_{permission.value}"
    return permitted
