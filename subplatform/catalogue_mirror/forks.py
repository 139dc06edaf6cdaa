"""Evidence that the hub has signed two logs: both notes are kept, and the alarm is raised."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.alarms.alarms import Finding, raise_alarm
from shared_platform.alarms.codes import AlarmCode
from shared_schema.instants import Instant
from shared_schema.log_following import Vouched
from shared_schema.signed_note import NoteInvalid, split_note
from subplatform.catalogue_mirror.tables import ForkEvidenceRow

FORK_STANDS: Final = timedelta(days=30)


async def keep_fork(
    session: AsyncSession, known: Vouched, hub_note: bytes, *, now: Instant
) -> None:
    """Keep the checkpoint of this copy beside the hub's, once, and raise the alarm."""
    await session.execute(
        insert(ForkEvidenceRow)
        .values(
            size=known.size,
            note=known.note or b"",
            hub_note=hub_note,
            hub_note_hash=sha256(_text(hub_note)).digest(),
            seen_at=now,
        )
        .on_conflict_do_nothing()
    )
    for found in await fork_findings(session, now=now):
        await raise_alarm(session, found, now=now)


async def fork_findings(session: AsyncSession, *, now: Instant) -> list[Finding]:
    """The alarm that stands for `FORK_STANDS` after the last evidence; it never just passes."""
    row = ForkEvidenceRow
    newest = await session.scalar(
        select(row).where(row.seen_at > now - FORK_STANDS).order_by(row.id.desc()).limit(1)
    )
    if newest is None:
        return []
    detail = (
        f"主平台签署了与本副本 {newest.size} 条不符的日志，双方检查点已保存"
        f" / the hub has signed a log that contradicts the {newest.size} entries here"
    )
    return [Finding(AlarmCode.LOG_FORK, detail)]


async def list_forks(session: AsyncSession, *, limit: int = 100) -> Sequence[ForkEvidenceRow]:
    """The evidence, newest first."""
    row = ForkEvidenceRow
    return (await session.scalars(select(row).order_by(row.id.desc()).limit(limit))).all()


def _text(note: bytes) -> bytes:
    """What was signed; the whole note where it is none."""
    try:
        return split_note(note)[0].encode()
    except NoteInvalid:
        return note
