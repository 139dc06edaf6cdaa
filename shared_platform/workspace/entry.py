"""Let somebody in who has proven who they are: a new session, its cookie, the page they wanted."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.public_pages.reader import Reader
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import (
    Device,
    Opening,
    SessionLimits,
    Stage,
    end_session,
    find_session,
    start_session,
)
from shared_platform.workspace.cookie import read_cookie, set_cookie
from shared_platform.workspace.local_path import local_path, with_reader
from shared_platform.workspace.submit_once import see_other
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

HOME: Final = "/workspace"


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who comes in, and what their first page has to say."""

    account_id: UUID
    name: str
    notice: Words | None = None


async def let_in(
    request: Request,
    session: AsyncSession,
    entrant: Entrant,
    *,
    ids: IdSource,
    now: Instant,
) -> str:
    """Start a session under a new id; that of the old cookie ends (ASVS 5.0 §7.2.4)."""
    limits = SessionLimits.of(request.app.state.settings)
    old = read_cookie(request)
    if old and (before := await find_session(session, old, idle=limits.idle, now=now)):
        await end_session(session, before.session.id, account_id=before.caller.id)
    opening = Opening(
        Stage.WHOLE, device_of(request), limits.longest, (entrant.notice,) if entrant.notice else ()
    )
    secret = await start_session(session, entrant.account_id, opening, ids=ids, now=now)
    done = Record(SignInAct.SIGNED_IN, Subject("account", entrant.name), entrant.name)
    await record(session, done, now=now)
    return secret


def lead_on(request: Request, secret: str, *, wanted: str | None, reader: Reader) -> Response:
    """To the page that was asked for, or the first one, with the new session's cookie."""
    answer = see_other(with_reader(local_path(wanted) or HOME, reader))
    set_cookie(request, answer, secret)
    return answer


def device_of(request: Request) -> Device:
    """What the browser says of itself and where it connects from; shown, trusted for nothing."""
    address = request.client.host if request.client else ""
    return Device(request.headers.get("user-agent", ""), address)
