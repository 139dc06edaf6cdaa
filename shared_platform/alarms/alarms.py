"""Raise and end alarms. One that is raised again is the same one, until its condition is gone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Row, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.alarms.codes import AlarmCode
from shared_platform.alarms.tables import alarm
from shared_schema.instants import Instant

MAX_PAGE: Final = 500
_FRESH: Final = insert(alarm)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that holds. `subject`: a node, a key; empty where it is the service itself."""

    code: AlarmCode
    detail: str
    subject: str = ""


async def raise_alarm(session: AsyncSession, found: Finding, *, now: Instant) -> None:
    """Open an alarm, or note that it still stands."""
    fresh = _FRESH.values(
        code=found.code.code,
        subject=found.subject,
        detail=found.detail,
        raised_at=now,
        last_seen_at=now,
        times=1,
    ).on_conflict_do_update(
        index_elements=["code", "subject"],
        index_where=text("ended_at IS NULL"),
        set_={
            "detail": _FRESH.excluded.detail,
            "last_seen_at": _FRESH.excluded.last_seen_at,
            "times": alarm.c.times + 1,
        },
    )
    times = await session.scalar(fresh.returning(alarm.c.times))
    if times == 1:
        _log.error("alarm_raised", code=found.code.code, subject=found.subject, detail=found.detail)


async def end_alarms(
    session: AsyncSession,
    codes: Collection[AlarmCode],
    *,
    now: Instant,
    but: Sequence[Finding] = (),
) -> None:
    """End the open alarms of these codes, except those whose condition was just found."""
    standing = [(one.code.code, one.subject) for one in but]
    ended = (
        update(alarm)
        .where(alarm.c.ended_at.is_(None), alarm.c.code.in_([one.code for one in codes]))
        .values(ended_at=now)
        .returning(alarm.c.code, alarm.c.subject)
    )
    if standing:
        ended = ended.where(tuple_(alarm.c.code, alarm.c.subject).not_in(standing))
    for code, subject in await session.execute(ended):
        _log.warning("alarm_ended", code=code, subject=subject)


async def settle_alarms(
    session: AsyncSession,
    found: Sequence[Finding],
    *,
    watched: Collection[AlarmCode],
    now: Instant,
) -> None:
    """Make the open alarms of the watched codes exactly those found."""
    for one in found:
        await raise_alarm(session, one, now=now)
    await end_alarms(session, watched, now=now, but=found)


async def open_alarms(session: AsyncSession) -> Sequence[Row[Any]]:
    """The alarms that stand, oldest first."""
    found = await session.execute(
        select(alarm).where(alarm.c.ended_at.is_(None)).order_by(alarm.c.id)
    )
    return found.all()


async def list_alarms(
    session: AsyncSession, *, before: int | None = None, limit: int = 100
) -> Sequence[Row[Any]]:
    """All alarms, newest first; `before` is the last id of the page before."""
    wanted = select(alarm).order_by(alarm.c.id.desc()).limit(min(limit, MAX_PAGE))
    if before is not None:
        wanted = wanted.where(alarm.c.id < before)
    return (await session.execute(wanted)).all()


async def count_open(session: AsyncSession) -> dict[str, int]:
    """How many alarms stand, by code."""
    found = await session.execute(
        select(alarm.c.code, func.count()).where(alarm.c.ended_at.is_(None)).group_by(alarm.c.code)
    )
    return dict(found.all())
