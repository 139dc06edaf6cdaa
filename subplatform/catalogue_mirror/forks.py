"""Evidence that the hub has signed two logs: both notes are kept, and the alarm is raised."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shared_platform.alarms.alarms import Finding, raise_alarm
from shared_platform.alarms.codes import AlarmCode
from shared_schema.instants import Instant
from shared_schema.log_following import Vouched
from shared_schema.log_fork import ForkEvidence
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.signed_note import NoteInvalid, split_note
from subplatform.catalogue_mirror.tables import ForkEvidenceRow

FORK_STANDS: Final = timedelta(days=30)


class ForkNotFound(DomainError):
    """No evidence of a fork has that id."""

    problem = ProblemType.NOT_FOUND


async def keep_fork(
    session: AsyncSession,
    known: Vouched,
    hub_note: bytes,
    *,
    now: Instant,
    proof: bytes | None = None,
) -> None:
    """Keep the checkpoint of this copy beside the hub's, once, and raise the alarm.

    `proof` is the source's own consistency proof between the two sizes, where it gave one: the
    hub's message may come first, without; the same evidence with its proof then takes its place.
    """
    await session.execute(
        insert(ForkEvidenceRow)
        .values(
            size=known.size,
            note=known.note or b"",
            hub_note=hub_note,
            hub_note_hash=sha256(_text(hub_note)).digest(),
            proof=proof,
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


async def list_forks(
    session: AsyncSession, *, before: int | None = None, limit: int = 100
) -> Sequence[ForkEvidenceRow]:
    """The evidence, newest first; `before` continues after the id of the last one seen."""
    row = ForkEvidenceRow
    query = select(row).where(~_is_outdone()).order_by(row.id.desc()).limit(limit)
    if before is not None:
        query = query.where(row.id < before)
    return (await session.scalars(query)).all()


async def find_fork(session: AsyncSession, fork: int) -> ForkEvidenceRow:
    """One piece of evidence.

    Raises:
        ForkNotFound: there is none of that id.
    """
    row = await session.get(ForkEvidenceRow, fork)
    if row is None:
        raise ForkNotFound(detail=f"没有分叉证据 {fork} / no evidence of a fork has that id")
    return row


async def count_forks(session: AsyncSession) -> int:
    """How many contradictions are on file; they never go away."""
    counted = select(func.count()).select_from(ForkEvidenceRow).where(~_is_outdone())
    return await session.scalar(counted) or 0


def evidence_of(row: ForkEvidenceRow) -> ForkEvidence:
    """The evidence as a file that anybody checks with the anchor: `kaixu-verify --fork FILE`."""
    return ForkEvidence.of(row.note, row.hub_note, proof=row.proof)


def _is_outdone() -> ColumnElement[bool]:
    """Whether the same evidence is there with its proof; rows of evidence are never changed."""
    row, proven = ForkEvidenceRow, aliased(ForkEvidenceRow)
    same = (proven.size == row.size) & (proven.hub_note_hash == row.hub_note_hash)
    with_proof = select(proven.id).where(same, proven.proof.is_not(None)).exists()
    return row.proof.is_(None) & with_proof


def _text(note: bytes) -> bytes:
    """What was signed; the whole note where it is none."""
    try:
        return split_note(note)[0].encode()
    except NoteInvalid:
        return note
