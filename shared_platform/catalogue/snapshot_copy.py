"""Beginning a copy with a snapshot: proven as a whole, then applied page by page like the log.

The manifest and its checkpoint are of the anchor's key, each part has the manifest's hash, and the
root over all leaves is the checkpoint's, before anything is applied. A refusal leaves the copy as
it was; a crash leaves a page boundary, from which the same snapshot or the log goes on.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import dropwhile
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.head_store import load_directory
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.proven_page import ProvenPage, check_entries
from shared_platform.catalogue.snapshot_source import SnapshotSource
from shared_platform.catalogue.sync import apply_proven
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_following import LogPosition, Vouched, after_entries
from shared_schema.log_page import MAX_PAGE_ENTRIES, PageEntry
from shared_schema.snapshot import Manifest, SnapshotPart, check_age, open_manifest, read_part
from shared_schema.snapshot_parts import check_part, page_weight, pages_of, prove_leaves

Sessions = async_sessionmaker[AsyncSession]
Advance = Callable[[int, int], None]
"""Told how many entries are applied, and of how many."""

LONGEST_AGE: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """What beginning with a snapshot did; `applied` is 0 where the copy had all of it."""

    size: int
    applied: int
    quarantined: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a copy begins.

    Attributes:
        source: where snapshots are.
        anchor: by whose key they are believed.
        folder: where parts are kept until all is applied; those already there are not asked for.
        smallest: entries below which the log itself is the quicker way.
        page_entries: entries applied in one transaction.
    """

    source: SnapshotSource
    anchor: FederationAnchor
    folder: Path
    smallest: int = 0
    page_entries: int = MAX_PAGE_ENTRIES


async def copy_snapshot(
    sessions: Sessions,
    beginning: Beginning,
    *,
    now: Instant,
    advance: Advance = lambda _done, _total: None,
) -> SnapshotReport | None:
    """Bring the copy level with the source's snapshot; None where it has none that is large enough.

    `advance` is told after each page; a snapshot made long before `now` is refused.

    Raises:
        SnapshotRefused: nothing of it was applied.
        PositionMoved: another process applies it.
        DomainError: the source did not answer.
    """
    raw = await beginning.source.manifest()
    if raw is None:
        return None
    async with sessions.begin() as session:
        position = await read_position(session)
        directory = await load_directory(session)
    manifest, vouched = open_manifest(raw, beginning.anchor, directory.log)
    check_age(manifest, known_size=position.vouched.size, oldest=now - LONGEST_AGE)
    if manifest.size < beginning.smallest:
        return None
    if position.size >= manifest.size:
        return SnapshotReport(manifest.size, 0, 0, manifest.left_out)
    parts = _Parts(beginning.folder, manifest)
    await parts.fetch(beginning.source)
    await asyncio.to_thread(prove_leaves, parts.entries(0), position, vouched)
    applying = _Applying(sessions, parts, vouched, page_entries=beginning.page_entries)
    applied, quarantined = await applying.run(position, directory, advance=advance)
    parts.forget()
    return SnapshotReport(manifest.size, applied, quarantined, manifest.left_out)


def forget_parts(folder: Path) -> None:
    """Delete what an interrupted beginning left; statements in it may be erased by now."""
    if folder.is_dir():
        shutil.rmtree(folder, ignore_errors=True)


class _Parts:
    """The parts on this machine's disk, each under its hash."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self._folder = folder
        self.manifest = manifest

    async def fetch(self, source: SnapshotSource) -> None:
        """Get the parts that are not here, and check each one's bytes.

        Raises:
            SnapshotRefused: missing, truncated, too long, or other bytes.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for part in self.manifest.parts:
            if not await asyncio.to_thread(self._is_here, part):
                raw = await source.part(self.manifest.size, part)
                await asyncio.to_thread(self._store, part, raw)

    def entries(self, first: int) -> Iterator[PageEntry]:
        """The entries from serial `first` on."""
        for part in self.manifest.parts:
            if part.last < first:
                continue
            with self._file(part).open("rb") as opened:
                yield from dropwhile(lambda entry: entry.serial < first, read_part(opened, part))

    def forget(self) -> None:
        """Delete the files."""
        forget_parts(self._folder)

    def _file(self, part: SnapshotPart) -> Path:
        return self._folder / part.name

    def _is_here(self, part: SnapshotPart) -> bool:
        file = self._file(part)
        return file.exists() and sha256(file.read_bytes()).hexdigest() == part.sha256

    def _store(self, part: SnapshotPart, raw: bytes) -> None:
        check_part(part, raw)
        draft = self._file(part).with_suffix(".draft")
        draft.write_bytes(raw)
        draft.replace(self._file(part))


class _Applying:
    """One run over the pages of proven parts; the next is checked while one is applied."""

    def __init__(
        self, sessions: Sessions, parts: _Parts, vouched: Vouched, *, page_entries: int
    ) -> None:
        self._page_entries = page_entries
        self._sessions = sessions
        self._parts = parts
        self._vouched = vouched

    async def run(
        self, position: LogPosition, directory: KeyDirectory, *, advance: Advance
    ) -> tuple[int, int]:
        """Apply everything after the position; how many entries, and how many were set aside."""
        pages = pages_of(self._parts.entries(position.size), self._page_entries)
        applied = quarantined = 0
        ahead = self._prepare(pages, position, directory)
        try:
            while page := await ahead:
                ahead = self._prepare(pages, page.after, page.checked.directory)
                done = await apply_proven(self._sessions, page)
                applied, quarantined = applied + done.entries, quarantined + done.quarantined
                advance(page.after.size, self._vouched.size)
        finally:
            ahead.cancel()
            await asyncio.wait([ahead])
        return applied, quarantined

    def _prepare(
        self, pages: Iterator[Sequence[PageEntry]], before: LogPosition, directory: KeyDirectory
    ) -> "asyncio.Task[ProvenPage | None]":
        return asyncio.create_task(self._next(pages, before, directory))

    async def _next(
        self, pages: Iterator[Sequence[PageEntry]], before: LogPosition, directory: KeyDirectory
    ) -> ProvenPage | None:
        page = await asyncio.to_thread(next, pages, ())
        if not page:
            return None
        grown = after_entries(before, page, target=self._vouched)
        after = LogPosition(grown.range, self._vouched, unsettled=self._vouched.size)
        weight = sum(page_weight(entry) for entry in page)
        return ProvenPage(before, after, await check_entries(page, directory), weight)
