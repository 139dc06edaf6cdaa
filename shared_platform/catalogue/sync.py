"""Following the log: the one algorithm of node, portal and auditor (protocol §8).

A page is fetched, proven against the signed checkpoint, checked entry by entry, and applied with
the new position in one transaction. Nothing a source says is stored before it is proven; a
refusal, a crash or a lost connection leaves the copy where it was.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.apply import Applied, apply_checked
from shared_platform.catalogue.apply_statements import SETTLE_LEFT_OUT
from shared_platform.catalogue.head_store import load_directory
from shared_platform.catalogue.log_position import (
    lock_position,
    read_position,
    store_position,
)
from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.next_checkpoint import Trust, next_step, refuse_two_pasts
from shared_platform.catalogue.proven_page import ProvenPage, fetch_proven
from shared_platform.failpoint import failpoint
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_following import LogPosition, Vouched, refuse_retired
from shared_schema.log_handover import check_entry_proven
from shared_schema.log_page import MAX_PAGE_ENTRIES
from shared_schema.log_proof import ProofInvalid
from shared_schema.sync_refusals import PageContradictsLog, PositionMoved


@dataclass(frozen=True, slots=True)
class SyncBounds:
    """What one run may take. `seconds` is looked at between pages."""

    page_entries: int = MAX_PAGE_ENTRIES
    pages: int = 100_000
    bytes: int = 64 * 1024 * 1024 * 1024
    seconds: float = 3_600.0


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a run did. `stopped` names the bound it met; None: it is level with the checkpoint.

    `told_size` is the largest log that the source told of, signed or not yet; 0 without a page.
    """

    applied: int
    quarantined: int
    needs_newer_reader: int
    size: int
    root: bytes
    pages: int
    bytes: int
    told_size: int = 0
    stopped: str | None = None


_BOUNDS: Final = SyncBounds()


async def sync_once(
    sessions: async_sessionmaker[AsyncSession],
    source: LogSource,
    anchor: FederationAnchor,
    *,
    now: Instant,
    bounds: SyncBounds = _BOUNDS,
) -> SyncReport:
    """Bring the copy level with the source's latest checkpoint, page by page.

    Runs of several processes do not harm each other: the position is locked while a page is
    applied, and a page proven against another position is refused.

    Raises:
        SyncAlarm: the source contradicts its own signatures; nothing of the page was stored.
        PageContradictsLog: an alarm, too: entries are not those of the signed log.
        ProofInvalid: a consistency proof does not prove what it must.
        LogRefused: malformed answers, or `SyncStopped`: not now.
        DomainError: the source did not answer.
    """
    known = await _known(sessions)
    failpoint("pull.beginning")
    tally = _Tally(known.position)
    trust = Trust(source, anchor, now)
    while True:
        step = await next_step(trust, known.position, known.directory)
        failpoint("pull.checkpoint_read")
        try:
            stopped = await _reach(sessions, trust, known, target=step.target, run=(tally, bounds))
        except (PageContradictsLog, ProofInvalid):
            await refuse_two_pasts(source, known.position.vouched, step.target)
            raise
        if step.is_last or stopped is not None:
            return tally.report(stopped)
        known = await _known(sessions)
        if step.handover is not None:
            check_entry_proven(step.handover, known.directory.log)


@dataclass(frozen=True, slots=True)
class _Known:
    position: LogPosition
    directory: KeyDirectory


async def _known(sessions: async_sessionmaker[AsyncSession]) -> _Known:
    async with sessions.begin() as session:
        return _Known(await read_position(session), await load_directory(session))


async def _reach(
    sessions: async_sessionmaker[AsyncSession],
    trust: Trust,
    known: _Known,
    *,
    target: Vouched,
    run: "tuple[_Tally, SyncBounds]",
) -> str | None:
    """Apply the pages up to the target; the bound that ended it before, if any.

    Raises:
        SyncAlarm: the source contradicts its own signatures.
        LogRefused: malformed answers.
        DomainError: the source did not answer.
    """
    source, (tally, bounds) = trust.source, run
    position, directory = known.position, known.directory
    limit = min(bounds.page_entries, MAX_PAGE_ENTRIES)

    def fetch(before: LogPosition, known: KeyDirectory) -> "asyncio.Task[ProvenPage] | None":
        if before.size >= target.size:
            return None
        fetching = fetch_proven(source, before, known, target=target, limit=limit)
        return asyncio.create_task(fetching)

    stopped = None
    ahead = fetch(position, directory)
    try:
        while ahead is not None and (stopped := tally.met_bound(bounds)) is None:
            page = await ahead
            refuse_retired(target, trust.anchor, page.checked.directory.log)
            ahead = fetch(page.after, page.checked.directory)  # while this one is applied
            tally.add(page, await apply_proven(sessions, page))
    finally:
        await _abandon(ahead)
    return stopped


class _Tally:
    """What a run has done so far: numbers only, since a run may be a whole catalogue long."""

    def __init__(self, position: LogPosition) -> None:
        self.position = position
        self.pages = self.bytes = self.told_size = 0
        self._counts: Counter[str] = Counter()
        self._began = asyncio.get_running_loop().time()

    def add(self, page: ProvenPage, applied: Applied) -> None:
        self.position = page.after
        self.pages += 1
        self.bytes += page.bytes
        self.told_size = max(self.told_size, page.told_size)
        self._counts["applied"] += applied.entries
        self._counts["quarantined"] += applied.quarantined
        self._counts["needs_newer_reader"] += applied.needs_newer_reader

    def met_bound(self, bounds: SyncBounds) -> str | None:
        """The bound this run has met, if any."""
        seconds = asyncio.get_running_loop().time() - self._began
        met = {
            "pages": self.pages >= bounds.pages,
            "bytes": self.bytes >= bounds.bytes,
            "seconds": seconds >= bounds.seconds,
        }
        return next((name for name, reached in met.items() if reached), None)

    def report(self, stopped: str | None) -> SyncReport:
        return SyncReport(
            applied=self._counts["applied"],
            quarantined=self._counts["quarantined"],
            needs_newer_reader=self._counts["needs_newer_reader"],
            size=self.position.size,
            root=self.position.range.root(),
            pages=self.pages,
            bytes=self.bytes,
            told_size=self.told_size,
            stopped=stopped,
        )


async def apply_proven(sessions: async_sessionmaker[AsyncSession], page: ProvenPage) -> Applied:
    """Apply a proven page and move the position to its end, in one transaction.

    Raises:
        PositionMoved: another process has applied it meanwhile.
    """
    failpoint("pull.page_proven")
    async with sessions.begin() as session:
        stored = await lock_position(session)
        if stored.range != page.before.range:
            raise PositionMoved(page.before.size, stored.size)
        applied = await apply_checked(session, page.checked)
        failpoint("pull.applying")
        await store_position(session, await _settled(session, page.after, stored))
        failpoint("pull.applied")
    failpoint("pull.moved")
    return applied


async def _settled(session: AsyncSession, after: LogPosition, stored: LogPosition) -> LogPosition:
    """The position to store; where a snapshot ends, what was left out must have been replaced."""
    unsettled = after.unsettled or stored.unsettled
    if unsettled is not None and after.size >= unsettled:
        await session.execute(SETTLE_LEFT_OUT)
        unsettled = None
    return replace(after, unsettled=unsettled)


async def _abandon(ahead: "asyncio.Task[ProvenPage] | None") -> None:
    """End a fetch nobody waits for; what went wrong in it does not matter any more."""
    if ahead is not None:
        ahead.cancel()
        await asyncio.wait([ahead])
        if not ahead.cancelled():
            ahead.exception()
