"""Let somebody in who has proven who they are: a new session, its cookie, the page they wanted."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.public_pages.reader import Reader
from shared_platform.settings import PlatformSettings
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
from shared_platform.sign_in.dormancy import note_use
from shared_platform.sign_in.second_factor import read_second_factor
from shared_platform.transport.client_address import ClientAddresses
from shared_platform.workspace.cookie import read_cookie, set_cookie
from shared_platform.workspace.local_path import local_path, with_reader
from shared_platform.workspace.submit_once import see_other
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

HOME: Final = "/workspace"
STEPS: Final = {
    Stage.SECOND_FACTOR: "/sign-in/second-factor",
    Stage.ENROLLING: "/sign-in/enrolment",
}
"""Where a session that lacks a step goes on."""
_STEP_LASTS: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who comes in, what their first page has to say, and whether the second factor is proven."""

    account_id: UUID
    name: str
    notice: Words | None = None
    has_both: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """A new session: the value of its cookie, and what it has proven."""

    secret: str
    stage: Stage


async def let_in(
    request: Request, session: AsyncSession, entrant: Entrant, *, ids: IdSource, now: Instant
) -> Entered:
    """Start a session under a new id; that of the old cookie ends (ASVS 5.0 §7.2.4).

    Without the second factor that the account has, or must have, it opens only the step for it.
    """
    settings: PlatformSettings = request.app.state.settings
    limits = SessionLimits.of(settings)
    old = read_cookie(request)
    if old and (before := await find_session(session, old, idle=limits.idle, now=now)):
        await end_session(session, before.session.id, account_id=before.caller.id)
    stage = await _stage_of(session, entrant, settings)
    opening = Opening(
        stage,
        device_of(request),
        limits.longest if stage is Stage.WHOLE else _STEP_LASTS,
        (entrant.notice,) if entrant.notice else (),
    )
    secret = await start_session(session, entrant.account_id, opening, ids=ids, now=now)
    if stage is Stage.WHOLE:
        done = Record(SignInAct.SIGNED_IN, Subject("account", entrant.name), entrant.name)
        await record(session, done, now=now)
        await note_use(session, entrant.name, now=now)
    return Entered(secret, stage)


def lead_on(request: Request, entered: Entered, *, wanted: str | None, reader: Reader) -> Response:
    """To the page that was asked for, or first to the step that is missing, with the cookie."""
    target = local_path(wanted)
    if entered.stage is Stage.WHOLE:
        address = with_reader(target or HOME, reader)
    else:
        address = reader.link(STEPS[entered.stage], [("next", target)] if target else [])
    answer = see_other(address)
    set_cookie(request, answer, entered.secret)
    return answer


def device_of(request: Request) -> Device:
    """What the browser says of itself and where it connects from; shown, trusted for nothing."""
    return Device(request.headers.get("user-agent", ""), address_of(request))


def address_of(request: Request) -> str:
    """Where the request comes from; what a proxy says is believed as the settings allow."""
    addresses: ClientAddresses = request.app.state.client_addresses
    return addresses.of(request.scope)


async def _stage_of(session: AsyncSession, entrant: Entrant, settings: PlatformSettings) -> Stage:
    if entrant.has_both:
        return Stage.WHOLE
    if (await read_second_factor(session, entrant.account_id)).is_confirmed:
        return Stage.SECOND_FACTOR
    return Stage.ENROLLING if settings.second_factor == "required" else Stage.WHOLE
