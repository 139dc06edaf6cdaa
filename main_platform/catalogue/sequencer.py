"""From queued rows to log entries with dense serials, one batch and one transaction at a time.

Protocol §7: the lock on the head is the fence, and only rows that their writers committed are seen,
so no serial is lost, repeated or reordered whatever the writers do. Nothing here leaves the
database: the checkpoint is signed after the commit, by `main_platform.catalogue.checkpoint`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.errors import LogNotOpened
from main_platform.catalogue.log_head import LogHead, lock_head, store_range
from main_platform.catalogue.log_tiles import store_bundles, store_tiles
from main_platform.catalogue.queue_rows import QueuedRow, Refusal, hold, take
from shared_platform.audit.trail import Subject
from shared_platform.catalogue.apply import CheckedPage, apply_checked, check_page
from shared_platform.catalogue.apply_statements import DIRECTORY
from shared_platform.catalogue.log_position import lock_position, store_position
from shared_platform.catalogue.tables import log_entry, quarantined_entry
from shared_platform.failpoint import failpoint
from shared_schema.catalogue_fold import read_entries
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import LogEntry, LogOpened, UnknownEntry
from shared_schema.log_following import LogPosition, Vouched
from shared_schema.merkle import leaf_hash

_ADVISORY_LOCK: Final = 0x6B61_6978_7503  # "kaixu", 3
_EMPTY: Final = KeyDirectory()

# A transaction's own lock: it works through PgBouncer and cannot outlive its holder. A commit that
# the server may still forget must never be signed, so the weaker settings are not accepted here.
_ALONE: Final = text(
    "SELECT pg_try_advisory_xact_lock(:lock), CASE WHEN current_setting('synchronous_commit') IN"
    " ('off', 'local') THEN set_config('synchronous_commit', 'on', true) END"
)


@dataclass(frozen=True, slots=True)
class Sequenced:
    """An entry with its serial, and what was told to be told about it."""

    serial: int
    entry: LogEntry | UnknownEntry
    subject: Subject | None
    queued_at: Instant


OnSequenced = Callable[[AsyncSession, Sequence[Sequenced]], Awaitable[None]]
"""Does in the batch's transaction what follows from the serials; must not wait for anything."""


@dataclass(frozen=True, slots=True)
class KnownDirectory:
    """The key directory as of a size of the log, kept by a sequencer between its batches."""

    size: int = 0
    directory: KeyDirectory = _EMPTY


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did.

    Attributes:
        size: committed entries after it.
        entries: what it wrote, in order.
        held: ids of rows that were set aside because no reader would accept them.
        standing_by: another sequencer was at work; nothing was looked at.
        known: the directory after it, to be passed to the next batch once this one has committed.
    """

    size: int = 0
    entries: tuple[Sequenced, ...] = ()
    held: tuple[int, ...] = ()
    standing_by: bool = False
    known: KnownDirectory = KnownDirectory()

    @property
    def is_empty(self) -> bool:
        """Whether the queue had nothing, or was somebody else's to look at."""
        return not self.entries and not self.held


_NOTHING_KNOWN: Final = KnownDirectory()


async def sequence_batch(
    session: AsyncSession,
    *,
    limit: int,
    now: Instant,
    on_sequenced: OnSequenced,
    known: KnownDirectory = _NOTHING_KNOWN,
) -> Batch:
    """Give serials to the next queued rows, withdrawals first, and write all that follows.

    Entries, statements, tiles, head and projection are in this transaction or not at all. Takes a
    few rows more than `limit` where order within a listing demands it.

    Raises:
        LogNotOpened: the log is empty and the queue does not begin with `log_opened`.
    """
    alone = (await session.execute(_ALONE, {"lock": _ADVISORY_LOCK})).scalar_one()
    if not alone:
        return Batch(standing_by=True, known=known)
    head = await lock_head(session)
    rows = await take(session, limit=limit)
    directory = await _directory(session, head, known)
    held: list[int] = []
    while rows:
        page = await _checked(rows, head.size, directory)
        refused = await _apply_or_refuse(session, page)
        if not refused:
            entries = await _finish(session, head, rows=rows, page=page)
            await on_sequenced(session, entries)
            size = head.size + len(entries)
            return Batch(size, entries, tuple(held), known=KnownDirectory(size, page.directory))
        await hold(session, [(rows[at], why) for at, why in refused.items()], now=now)
        held += [rows[at].id for at in refused]
        rows = [row for at, row in enumerate(rows) if at not in refused]
    return Batch(head.size, (), tuple(held), known=KnownDirectory(head.size, directory))


async def _directory(session: AsyncSession, head: LogHead, known: KnownDirectory) -> KeyDirectory:
    """The directory as of the head: what is known, and what other sequencers added since."""
    usable = known if known.size <= head.size else _NOTHING_KNOWN
    if usable.size == head.size:
        return usable.directory
    found = await session.execute(DIRECTORY.where(log_entry.c.serial >= usable.size))
    return read_entries([(serial, leaf, None) for serial, leaf in found], usable.directory)[1]


async def _checked(rows: Sequence[QueuedRow], first: int, directory: KeyDirectory) -> CheckedPage:
    """The rows under their serials, checked as every reader will check them.

    Raises:
        LogNotOpened: another entry than `log_opened` would be the first.
    """
    delivered = [(serial, row.leaf, row.envelope) for serial, row in enumerate(rows, start=first)]
    page = await asyncio.to_thread(check_page, delivered, directory)
    if first == 0 and not isinstance(page.entries[0].entry, LogOpened):
        raise LogNotOpened(detail="日志尚未开启 / the log must be opened before anything else")
    return page


async def _apply_or_refuse(session: AsyncSession, page: CheckedPage) -> dict[int, Refusal]:
    """Apply the page; if readers would set entries aside, undo it and tell which and why."""
    savepoint = await session.begin_nested()
    applied = await apply_checked(session, page)
    if not applied.quarantined:
        await savepoint.commit()
        return {}
    first = page.entries[0].serial
    columns = quarantined_entry.c
    found = await session.execute(
        select(columns.serial, columns.code, columns.detail).where(columns.serial >= first)
    )
    refused = {serial - first: Refusal(code, detail) for serial, code, detail in found}
    await savepoint.rollback()
    return refused


async def _finish(
    session: AsyncSession, head: LogHead, *, rows: Sequence[QueuedRow], page: CheckedPage
) -> tuple[Sequenced, ...]:
    """Grow the tree over the applied page and move both ends, the log's and the projection's."""
    failpoint("approve.sequencing")
    await append_leaves(session, head, [row.leaf for row in rows])
    return tuple(
        Sequenced(read.serial, read.entry, row.subject, row.queued_at)
        for read, row in zip(page.entries, rows, strict=True)
        if read.entry is not None  # refused before otherwise
    )


async def append_leaves(session: AsyncSession, head: LogHead, leaves: Sequence[bytes]) -> None:
    """Grow tiles, head and the projection's cursor by leaves whose entries were just applied.

    The head must be locked.
    """
    grown, completed = head.range.extend(map(leaf_hash, leaves))
    await store_tiles(session, head.size, grown.size, completed=completed)
    await store_bundles(session, head.size, grown.size, leaves=leaves)
    await store_range(session, grown)
    await lock_position(session)
    own = Vouched(size=grown.size, root=grown.root())  # the hub vouches for itself
    await store_position(session, LogPosition(grown, own))
