"""How the copy stands: its size, how far behind it is, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.alarms.alarms import open_alarms
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import log_entry, quarantined_entry
from shared_schema.instants import Instant
from subplatform.catalogue_mirror.forks import count_forks
from subplatform.catalogue_mirror.pull import RAISED_HERE, THE_ROW
from subplatform.catalogue_mirror.tables import MirrorContactRow

_ABOUT_THE_LOG: Final = frozenset(one.code for one in RAISED_HERE)


@dataclass(frozen=True, slots=True)
class MirrorStatus:
    """The copy against the hub's log as last seen.

    `lag_seconds` is the age of the moment at which the copy last held everything signed; None
    before the first time.
    """

    size: int
    root: str
    hub_size: int
    lag_entries: int
    lag_seconds: int | None
    contacted_at: Instant | None
    failing_since: Instant | None
    failure: dict[str, Any] | None
    quarantined: int
    needs_newer_reader: int
    forks: int
    alarms: Sequence[Row[Any]]


async def read_status(session: AsyncSession, *, now: Instant) -> MirrorStatus:
    """How the copy stands at `now`, from what is stored; nobody is asked."""
    position = await read_position(session)
    contact = await session.get(MirrorContactRow, THE_ROW, populate_existing=True)
    hub_size = max(position.vouched.size, (contact.hub_size if contact else None) or 0)
    level_at = contact.level_at if contact else None
    newer = select(func.count()).where(log_entry.c.needs_newer_reader)
    set_aside = select(func.count()).select_from(quarantined_entry)
    return MirrorStatus(
        size=position.size,
        root=position.range.root().hex(),
        hub_size=hub_size,
        lag_entries=hub_size - position.size,
        lag_seconds=None if level_at is None else max(int((now - level_at).total_seconds()), 0),
        contacted_at=contact.contacted_at if contact else None,
        failing_since=contact.failing_since if contact else None,
        failure=contact.failure if contact else None,
        quarantined=await session.scalar(set_aside) or 0,
        needs_newer_reader=await session.scalar(newer) or 0,
        forks=await count_forks(session),
        alarms=[one for one in await open_alarms(session) if one.code in _ABOUT_THE_LOG],
    )
