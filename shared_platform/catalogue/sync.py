"""Following the log: the one algorithm of node, portal and auditor (protocol §8).

A page is fetched, proven against the signed checkpoint, checked entry by entry, and applied with
the new position in one transaction. Nothing a source says is stored before it is proven; a
refusal, a crash or a lost connection leaves the copy where it was.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.apply import Applied, CheckedPage, apply_checked
from shared_platform.catalogue.head_store import load_directory
from shared_platform.catalogue.log_page import MAX_PAGE_ENTRIES, LogPage, read_page
from shared_platform.catalogue.log_position import (
    LogPosition,
    Vouched,
    lock_position,
    read_position,
    store_position,
)
from shared_platform.catalogue.log_source import LogSource
from shared_platform.catalogue.sync_refusals import (
    CheckpointRefused,
    ForkDetected,
    PageContradictsLog,
    PageMissing,
    PositionMoved,
    RollbackDetected,
)
from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_fold import prove_claims, read_claims, read_entries
from shared_schema.checkpoint import open_checkpoint
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_proof import ProofInvalid, verify_consistency
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import leaf_hash
from shared_schema.proof_text import read_growth_proof, read_proof

_GROWTH: Final = b"old "
_THREADS: Final = 2  # signatures are checked outside the interpreter's lock
_WORTH_A_THREAD: Final = 32


@dataclass(frozen=True, slots=True)
class SyncBounds:
    """What one run may take. `seconds` is looked at between pages."""

    page_entries: int = MAX_PAGE_ENTRIES
    pages: int = 100_000
    bytes: int = 64 * 1024 * 1024 * 1024
    seconds: float = 3_600.0


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a run did. `stopped` names the bound it met; None: it is level with the checkpoint."""

    applied: int
    quarantined: int
    needs_newer_reader: int
    size: int
    root: bytes
    pages: int
    bytes: int
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
        ProofInvalid: a consistency proof does not prove what it must.
        LogRefused: malformed answers, or `SyncStopped`: not now.
        DomainError: the source did not answer.
    """
    async with sessions.begin() as session:
        position = await read_position(session)
        directory = await load_directory(session)
    target = await _verified_checkpoint(source, anchor, position, now=now)
    run = _Run(sessions, source, target, position=position, directory=directory)
    while not run.is_level and (bound := run.met_bound(bounds)) is None:
        await run.next_page(limit=min(bounds.page_entries, MAX_PAGE_ENTRIES))
    return run.report(None if run.is_level else bound)


async def _verified_checkpoint(
    source: LogSource, anchor: FederationAnchor, position: LogPosition, *, now: Instant
) -> Vouched:
    """The source's checkpoint, proven to be the anchor's log's and to continue the known one.

    Raises:
        CheckpointRefused: it is not the anchor's log's.
        RollbackDetected: it is smaller than the known one.
        ForkDetected: it does not continue the known one.
    """
    known = position.vouched
    note = await source.checkpoint()
    try:
        opened = open_checkpoint(note, origin=anchor.log_origin, log_key=anchor.log_key())
    except LogRefused as refused:
        raise CheckpointRefused(refused) from refused
    offered = Vouched(note, opened.checkpoint.size, opened.checkpoint.root, now)
    if offered.size < known.size:
        raise RollbackDetected(known.size, offered.size)
    if offered.size == known.size:
        if offered.root != known.root:
            raise ForkDetected(known.size, offered.size)
        return replace(offered, seen_at=known.seen_at) if known.note else offered
    if not position.is_complete:
        try:
            await _prove_growth(source, known, offered)
        except ProofInvalid as refused:
            raise ForkDetected(known.size, offered.size) from refused
    return offered


class _Run:
    """One run: where it stands and what it did."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        source: LogSource,
        target: Vouched,
        *,
        position: LogPosition,
        directory: KeyDirectory,
    ) -> None:
        self._sessions = sessions
        self._source = source
        self._target = target
        self._position = position
        self._directory = directory
        self._began = asyncio.get_running_loop().time()
        self._pages = self._bytes = 0
        self._done: list[Applied] = []

    @property
    def is_level(self) -> bool:
        """Whether everything the checkpoint covers is applied."""
        return self._position.size >= self._target.size

    def met_bound(self, bounds: SyncBounds) -> str | None:
        """The bound this run has met, if any."""
        seconds = asyncio.get_running_loop().time() - self._began
        met = {
            "pages": self._pages >= bounds.pages,
            "bytes": self._bytes >= bounds.bytes,
            "seconds": seconds >= bounds.seconds,
        }
        return next((name for name, reached in met.items() if reached), None)

    async def next_page(self, *, limit: int) -> None:
        """Fetch, prove, check and apply the following page.

        Raises:
            PageMissing: the source does not deliver what it signed.
        """
        first, size = self._position.size, self._target.size
        raw = await self._source.entries(first, limit=min(limit, size - first))
        page = read_page(raw, first=first, limit=min(limit, size - first))
        if not page.entries:
            raise PageMissing(first, size)
        after = await self._proven(page)
        checked = await check_in_threads(page, self._directory)
        self._done.append(await self._apply(checked, after))
        self._position, self._directory = after, checked.directory
        self._pages += 1
        self._bytes += len(raw)

    def report(self, stopped: str | None) -> SyncReport:
        """What this run did."""
        return SyncReport(
            applied=sum(done.entries for done in self._done),
            quarantined=sum(done.quarantined for done in self._done),
            needs_newer_reader=sum(done.needs_newer_reader for done in self._done),
            size=self._position.size,
            root=self._position.range.root(),
            pages=self._pages,
            bytes=self._bytes,
            stopped=stopped,
        )

    async def _proven(self, page: LogPage) -> LogPosition:
        """The position after the page, once its root is proven to lead to the checkpoint.

        Raises:
            PageContradictsLog: it is the last page, and the root is another one.
        """
        leaves = (leaf_hash(entry.leaf) for entry in page.entries)
        grown, _ = self._position.range.extend(leaves)
        here = Vouched(size=grown.size, root=grown.root())
        if grown.size < self._target.size:
            await _prove_growth(self._source, here, self._target)
        elif here.root != self._target.root:
            raise PageContradictsLog(page.first, page.next)
        return LogPosition(grown, self._target)

    async def _apply(self, checked: CheckedPage, after: LogPosition) -> Applied:
        async with self._sessions.begin() as session:
            stored = await lock_position(session)
            if stored.range != self._position.range:
                raise PositionMoved(self._position.size, stored.size)
            applied = await apply_checked(session, checked)
            await store_position(session, after)
        return applied


async def check_in_threads(page: LogPage, directory: KeyDirectory) -> CheckedPage:
    """Check a page beside the event loop: reading on one thread, signatures on two.

    Reading holds the interpreter's lock, so two threads of it would only wait for each other.
    """
    delivered = [(each.serial, each.leaf, each.object_bytes) for each in page.entries]
    entries, after = await asyncio.to_thread(read_entries, delivered, directory)
    claims = await asyncio.to_thread(read_claims, entries, after)
    width = max(-(-len(claims) // _THREADS), _WORTH_A_THREAD)
    parts = [claims[start : start + width] for start in range(0, len(claims), width)]
    found = await asyncio.gather(*(asyncio.to_thread(prove_claims, part) for part in parts))
    return CheckedPage(entries, [checked for part in found for checked in part], after)


async def _prove_growth(source: LogSource, before: Vouched, after: Vouched) -> None:
    """Prove with the source's help that the log of `after` begins with the log of `before`.

    Raises:
        ProofInvalid: it does not.
    """
    if before.size == 0:
        return
    raw = await source.consistency(before.size, after.size)
    hashes = read_growth_proof(raw).hashes if raw.startswith(_GROWTH) else read_proof(raw)
    verify_consistency(
        before.size, after.size, first_root=before.root, second_root=after.root, proof=hashes
    )
