"""Sessions of browsers: a row for each, found by the hash of its cookie, ended by deleting it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.settings import PlatformSettings
from shared_platform.sign_in.access_policy import Caller
from shared_platform.sign_in.secret_hash import new_secret, secret_hash
from shared_platform.sign_in.tables import account, browser_session
from shared_schema.bilingual import Words
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

_SEEN_EVERY: Final = timedelta(
    minutes=1
)  # a row written for every page would cost more than it says
_LONGEST_DEVICE: Final = 200


class Stage(StrEnum):
    """What a session has proven: `whole` opens pages, the others only the step that is missing."""

    WHOLE = "whole"
    SECOND_FACTOR = "second_factor"
    ENROLLING = "enrolling"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives without being used, and at most."""

    idle: timedelta
    longest: timedelta

    @classmethod
    def of(cls, settings: PlatformSettings) -> "SessionLimits":
        """As the settings say."""
        return cls(
            timedelta(minutes=settings.session_idle_minutes),
            timedelta(hours=settings.session_hours),
        )


@dataclass(frozen=True, slots=True)
class Device:
    """Where a session was started; shown to its owner, trusted for nothing."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Opening:
    """How a session begins."""

    stage: Stage
    device: Device
    longest: timedelta
    notices: Sequence[Words] = ()


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A session as its owner sees it."""

    id: UUID
    stage: Stage
    device: Device
    started_at: Instant
    last_seen_at: Instant
    ends_at: Instant


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A live session with the person it belongs to, and what its next page has to tell."""

    session: BrowserSession
    caller: Caller
    display_name: str
    notices: tuple[tuple[str, str], ...]


async def start_session(
    session: AsyncSession,
    account_id: UUID,
    opening: Opening,
    *,
    ids: IdSource,
    now: Instant,
) -> str:
    """Add a session; the value of its cookie, which is stored nowhere."""
    secret = new_secret(ids)
    await session.execute(
        insert(browser_session).values(
            secret_hash=secret_hash(secret),
            id=ids.new_id(),
            account_id=account_id,
            stage=opening.stage,
            device=opening.device.name[:_LONGEST_DEVICE],
            address=opening.device.address,
            started_at=now,
            last_seen_at=now,
            ends_at=now + opening.longest,
            notices=[list(one) for one in opening.notices],
        )
    )
    return secret


async def find_session(
    session: AsyncSession, secret: str, *, idle: timedelta, now: Instant
) -> OpenedSession | None:
    """The live session of that cookie, noted as seen; None for any other value.

    Whoever was switched off has none, whatever their cookies say.
    """
    found = await session.execute(
        select(
            browser_session,
            account.c.name,
            account.c.display_name,
            account.c.roles,
            account.c.region,
        )
        .join(account, account.c.id == browser_session.c.account_id)
        .where(
            browser_session.c.secret_hash == secret_hash(secret),
            browser_session.c.ends_at > now,
            browser_session.c.last_seen_at > now - idle,
            account.c.is_active,
        )
    )
    row = found.first()
    if row is None:
        return None
    if now - row.last_seen_at >= _SEEN_EVERY:
        await session.execute(
            update(browser_session).where(browser_session.c.id == row.id).values(last_seen_at=now)
        )
    caller = Caller(row.account_id, row.name, tuple(row.roles), region=row.region)
    notices = tuple((zh, en) for zh, en in row.notices)
    return OpenedSession(_session(row), caller, row.display_name, notices)


async def list_sessions(
    session: AsyncSession, account_id: UUID, *, idle: timedelta, now: Instant
) -> list[BrowserSession]:
    """The account's live sessions, the one used last first."""
    found = await session.execute(
        select(browser_session)
        .where(
            browser_session.c.account_id == account_id,
            browser_session.c.ends_at > now,
            browser_session.c.last_seen_at > now - idle,
        )
        .order_by(browser_session.c.last_seen_at.desc(), browser_session.c.id)
    )
    return [_session(row) for row in found]


async def end_session(session: AsyncSession, id_: UUID, *, account_id: UUID) -> bool:
    """End one session of that account at once; whether there was one."""
    ended = await session.execute(
        delete(browser_session)
        .where(browser_session.c.id == id_, browser_session.c.account_id == account_id)
        .returning(browser_session.c.id)
    )
    return ended.first() is not None


async def end_sessions(
    session: AsyncSession, account_id: UUID, *, besides: UUID | None = None
) -> int:
    """End all sessions of the account but one; returns how many there were."""
    theirs = browser_session.c.account_id == account_id
    which = theirs if besides is None else theirs & (browser_session.c.id != besides)
    ended = await session.execute(
        delete(browser_session).where(which).returning(browser_session.c.id)
    )
    return len(ended.all())


async def add_notice(session: AsyncSession, id_: UUID, notice: Words) -> None:
    """Let the session's next page say something."""
    notices = browser_session.c.notices.concat([list(notice)])
    await session.execute(
        update(browser_session).where(browser_session.c.id == id_).values(notices=notices)
    )


async def clear_notices(session: AsyncSession, id_: UUID) -> None:
    """They were said."""
    await session.execute(
        update(browser_session).where(browser_session.c.id == id_).values(notices=[])
    )


async def forget_sessions(session: AsyncSession, *, now: Instant) -> int:
    """Delete sessions that have ended by themselves; returns how many."""
    gone = delete(browser_session).where(browser_session.c.ends_at <= now)
    return len((await session.execute(gone.returning(browser_session.c.id))).all())


def _session(row: Row[Any]) -> BrowserSession:
    return BrowserSession(
        row.id,
        Stage(row.stage),
        Device(row.device, row.address),
        row.started_at,
        row.last_seen_at,
        row.ends_at,
    )
