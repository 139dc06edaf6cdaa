"""Pull once: wait at the hub for something new, follow the log, note how it went."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import Finding, raise_alarm, settle_alarms
from shared_platform.alarms.codes import AlarmCode
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.refetch import refetch_missing
from shared_platform.catalogue.snapshot_copy import Beginning, copy_snapshot, forget_parts
from shared_platform.catalogue.sync import SyncReport, sync_once
from shared_platform.catalogue.tables import quarantined_entry
from shared_platform.failpoint import failpoint
from shared_schema.anchor import FederationAnchor
from shared_schema.entry_check import QuarantineCode
from shared_schema.instants import Clock, Instant
from shared_schema.log_following import LogPosition
from shared_schema.log_page import read_page
from shared_schema.log_proof import ProofInvalid
from shared_schema.log_refusal import LogRefused
from shared_schema.refusal import DomainError
from shared_schema.snapshot import SnapshotRefused
from shared_schema.sync_refusals import ForkDetected, SyncAlarm
from subplatform.catalogue_mirror.forks import fork_findings, keep_fork
from subplatform.catalogue_mirror.tables import MirrorContactRow

THE_ROW: Final = 1
_CODES: Final = {
    "sync.fork": AlarmCode.LOG_FORK,
    "sync.rollback": AlarmCode.LOG_ROLLBACK,
}
RAISED_HERE: Final = frozenset(
    {
        AlarmCode.LOG_FORK,
        AlarmCode.LOG_ROLLBACK,
        AlarmCode.LOG_CONTRADICTION,
        AlarmCode.QUARANTINE,
        AlarmCode.SNAPSHOT_REFUSED,
    }
)
Sessions = async_sessionmaker[AsyncSession]
OnPulled = Callable[[AsyncSession, Instant], Awaitable[object]]
"""What other features do once the copy has moved, in a transaction of its own."""


class Witness(Protocol):
    """Who vouches for the copy; `subplatform.catalogue_mirror.cosign.Cosigning` is it."""

    def tell(self) -> None:
        """There may be something new to vouch for."""
        ...

    def ask(self) -> None:
        """The source contradicts what was proven before: say so."""
        ...


@dataclass(frozen=True, slots=True)
class Mirroring:
    """What the copy is made of: a source, the anchor it is believed by, and who is told."""

    source: LogSource
    anchor: FederationAnchor
    clock: Clock
    on_pulled: tuple[OnPulled, ...] = ()
    beginning: Beginning | None = None
    witness: Witness | None = None


async def pull(sessions: Sessions, mirroring: Mirroring, *, wait_seconds: int = 0) -> SyncReport:
    """Bring the copy level with the hub's log; with `wait_seconds`, wait for news at its end.

    Alarms and failures are stored before they are raised, so that the node's status tells them.

    Raises:
        SyncAlarm: the log contradicts itself or its signature; nothing of it was stored.
        LogRefused: answers in another form, or not now.
        DomainError: the source did not answer.
    """
    try:
        if wait_seconds:
            await _wait_for_news(sessions, mirroring, wait_seconds)
        await _begin(sessions, mirroring)
        report = await sync_once(
            sessions, mirroring.source, mirroring.anchor, now=mirroring.clock.now()
        )
    except DomainError as refusal:
        await _note_failure(sessions, refusal, now=mirroring.clock.now())
        if mirroring.witness and isinstance(refusal, SyncAlarm):
            mirroring.witness.ask()
        raise
    await _note_success(sessions, mirroring.clock.now(), report=report)
    failpoint("pull.noted")
    for told in mirroring.on_pulled:
        async with sessions.begin() as session:
            await told(session, mirroring.clock.now())
    if mirroring.witness:
        mirroring.witness.tell()
    return report


async def _begin(sessions: Sessions, mirroring: Mirroring) -> None:
    """Take the hub's snapshot first where the copy is empty, or was interrupted in one.

    A snapshot that is refused raises its alarm and is left alone: the log has everything.

    Raises:
        DomainError: the source did not answer; nothing is known against its snapshot.
    """
    if mirroring.beginning is None:
        return
    async with sessions() as session:
        position = await read_position(session)
    if position.size and position.unsettled is None:
        await asyncio.to_thread(forget_parts, mirroring.beginning.folder)
        return
    try:
        await copy_snapshot(sessions, mirroring.beginning, now=mirroring.clock.now())
    except SnapshotRefused as refused:
        async with sessions.begin() as session:
            now = mirroring.clock.now()
            finding = Finding(AlarmCode.SNAPSHOT_REFUSED, f"{refused.code}: {refused.detail}")
            await raise_alarm(session, finding, now=now)


async def complete(sessions: Sessions, mirroring: Mirroring) -> int:
    """Ask again for statements that were missing when their entries came; how many were found."""
    found = await refetch_missing(sessions, mirroring.source)
    if found:
        await _note_success(sessions, mirroring.clock.now())
    return found


async def _wait_for_news(sessions: Sessions, mirroring: Mirroring, wait_seconds: int) -> None:
    """Long poll at the end of the copy; the page itself is fetched and proven by the sync.

    The source answers with a page at once where the copy is behind. Its form is checked, for a
    source that answers nonsense at once would otherwise be asked without end.
    """
    async with sessions() as session:
        first = (await read_position(session)).size
    raw = await mirroring.source.entries(first, limit=1, wait_seconds=wait_seconds)
    read_page(raw, first=first, limit=1)


async def _note_success(
    sessions: Sessions, now: Instant, *, report: SyncReport | None = None
) -> None:
    async with sessions.begin() as session:
        position = await read_position(session)
        is_level = position.is_complete
        columns: dict[str, Any] = {
            "hub_size": position.vouched.size,
            "contacted_at": now,
            "failing_since": None,
            "failure": None,
        }
        await _store_contact(session, columns | ({"level_at": now} if is_level else {}))
        set_aside = await session.scalar(_set_aside(position, report))
        found = await fork_findings(session, now=now)
        if set_aside:
            detail = f"{set_aside} 条日志条目被隔离 / log entries are quarantined"
            found.append(Finding(AlarmCode.QUARANTINE, detail))
        await settle_alarms(session, found, watched=RAISED_HERE, now=now)


def _set_aside(position: LogPosition, report: SyncReport | None) -> Select[int]:
    """How many entries people must look at.

    A statement that is missing may have been erased by an entry that this copy cannot know yet: one
    before the checkpoint that is still to come, or one that the hub logged after it had signed.
    """
    counted = select(func.count()).select_from(quarantined_entry)
    column = quarantined_entry.c
    is_missing = column.code == QuarantineCode.OBJECT_MISSING.value
    if not position.is_complete:
        return counted.where(~is_missing)
    if report is not None and report.told_size > position.vouched.size:
        return counted.where(~is_missing | (column.serial < report.size - report.applied))
    return counted


async def _note_failure(sessions: Sessions, refusal: DomainError, *, now: Instant) -> None:
    code = refusal.code if isinstance(refusal, LogRefused) else refusal.problem.code
    failure = {"code": code, "detail": refusal.detail}
    async with sessions.begin() as session:
        await _store_contact(session, {"failure": failure, "failing_since": now})
        if isinstance(refusal, ForkDetected) and refusal.note is not None:
            known = (await read_position(session)).vouched
            await keep_fork(session, known, refusal.note, proof=refusal.proof, now=now)
        elif isinstance(refusal, SyncAlarm | ProofInvalid):
            meant = _CODES.get(code, AlarmCode.LOG_CONTRADICTION)
            finding = Finding(meant, f"{code}: {refusal.detail}")
            await raise_alarm(session, finding, now=now)


async def _store_contact(session: AsyncSession, columns: dict[str, Any]) -> None:
    """Insert or update the row; a failure keeps the instant at which failing began."""
    row = MirrorContactRow
    changed: dict[str, Any] = dict(columns)
    if columns.get("failing_since") is not None:
        changed["failing_since"] = func.coalesce(row.failing_since, columns["failing_since"])
    fresh = insert(row).values(id=THE_ROW, **columns)
    await session.execute(fresh.on_conflict_do_update(index_elements=[row.id], set_=changed))
