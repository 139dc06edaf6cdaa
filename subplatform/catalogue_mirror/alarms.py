"""Raise and end alarms about the log. An alarm that is raised again is the same one."""

from collections.abc import Collection, Sequence
from typing import Final

import structlog
from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from subplatform.catalogue_mirror.tables import MirrorAlarmRow

QUARANTINE: Final = "quarantine"
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


async def raise_alarm(session: AsyncSession, code: str, *, detail: str, now: Instant) -> None:
    """Open an alarm, or note that it still stands."""
    row = MirrorAlarmRow
    fresh = insert(row).values(code=code, detail=detail, raised_at=now, last_seen_at=now, times=1)
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=[row.code],
            index_where=text("ended_at IS NULL"),
            set_={"detail": detail, "last_seen_at": now, "times": row.times + 1},
        )
    )
    _log.error("mirror_alarm", code=code, detail=detail)


async def end_alarms(session: AsyncSession, *, now: Instant, but: Collection[str] = ()) -> None:
    """End every open alarm whose code is not among `but`."""
    row = MirrorAlarmRow
    await session.execute(
        update(row).where(row.ended_at.is_(None), row.code.not_in(list(but))).values(ended_at=now)
    )


async def open_alarms(session: AsyncSession) -> Sequence[MirrorAlarmRow]:
    """The alarms that stand, oldest first."""
    row = MirrorAlarmRow
    found = await session.execute(select(row).where(row.ended_at.is_(None)).order_by(row.id))
    return found.scalars().all()


async def alarms(session: AsyncSession, *, limit: int = 100) -> Sequence[MirrorAlarmRow]:
    """All alarms, newest first."""
    found = await session.execute(
        select(MirrorAlarmRow).order_by(MirrorAlarmRow.id.desc()).limit(limit)
    )
    return found.scalars().all()
