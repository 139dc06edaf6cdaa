"""Write a snapshot of the signed log, renew it in time, and drop those that hold erased statements.

Every entry is in it. Left out are statements that a later one of the same listing replaced, and
only where that is certain at the snapshot's size: the listing has not changed after it, and none of
its entries was set aside.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.log_key import LogKey
from main_platform.catalogue.snapshot_files import SnapshotFolder
from main_platform.catalogue.tables import ERASURE_QUEUED, PublishQueueRow
from shared_platform.catalogue.erased import LAST_ERASURE
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.file_lock import FileLock
from shared_platform.database.lending import DriverConnection
from shared_platform.database.signals import signal
from shared_schema.instants import Instant, whole_second
from shared_schema.log_following import Vouched, read_vouched
from shared_schema.log_page import PageEntry
from shared_schema.merkle import MAX_TREE_SIZE
from shared_schema.snapshot import PART_ENTRIES, Manifest, SnapshotPart, sign_manifest, write_part

ERASED_CHANNEL: Final = "kaixu_erased"
KEPT: Final = 2  # the former one is still there for whoever is reading it
FIRST_ENTRIES: Final = 1_000  # below this, the log itself is as quick
_PART_BYTES: Final = 64 * 1024 * 1024
_READ: Final = 1_000
_OUTDATED: Final = (
    # The predicate of the partial index, word for word.
    f"SELECT CASE WHEN EXISTS (SELECT FROM {PublishQueueRow.__tablename__}"  # noqa: S608 - ours
    f" WHERE {ERASURE_QUEUED}) THEN {MAX_TREE_SIZE} ELSE ({LAST_ERASURE}) END"
)
_ENTRIES: Final = text(
    "SELECT serial, leaf, CASE WHEN NOT left_out THEN envelope END AS envelope, left_out FROM ("
    " SELECT entry.serial, entry.leaf, object.envelope,"
    " coalesce(object.envelope IS NOT NULL AND listing.serial < :size"
    " AND listing.object_hash <> entry.object_hash"
    " AND listing.terms_object IS DISTINCT FROM entry.object_hash"
    " AND NOT EXISTS (SELECT FROM quarantined_entry AS aside"
    " JOIN log_entry AS doubtful ON doubtful.serial = aside.serial"
    " WHERE doubtful.listing = entry.listing), false) AS left_out"
    " FROM log_entry AS entry"
    " LEFT JOIN statement_object AS object ON object.object_hash = entry.object_hash"
    " LEFT JOIN catalogue_listing AS listing ON listing.listing = entry.listing"
    " WHERE entry.serial >= :first AND entry.serial < :end) AS judged ORDER BY serial"
)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
Sessions = async_sessionmaker[AsyncSession]


@dataclass(frozen=True, slots=True)
class SnapshotPace:
    """A new snapshot after so many entries, or so many hours if the log has grown."""

    entries: int
    hours: float


@dataclass(frozen=True, slots=True)
class Snapshots:
    """What writing snapshots needs."""

    sessions: Sessions
    folder: SnapshotFolder
    log_key: LogKey
    part_entries: int = PART_ENTRIES  # parts end at multiples of it

    async def write(self, *, now: Instant) -> Manifest | None:
        """Write a snapshot of the signed log and keep the former one; None: nothing to write.

        Nothing either while another process writes one, or when a statement was erased meanwhile:
        the next round writes it without that statement.
        """
        lock = FileLock(self.folder.lock_file())
        if not lock.try_alone():
            return None
        try:
            return await self._write(now)
        finally:
            lock.release()

    async def drop_erased(self) -> list[int]:
        """Remove the snapshots that may hold an erased statement, and parts of no snapshot.

        They were given out no more since the erasure was confirmed (`outdated_through`). While
        another process writes a snapshot, parts are left to it. Returns the sizes removed.
        """
        outdated = await self._outdated_through()
        lock = FileLock(self.folder.lock_file())
        if not lock.try_alone():
            return []
        try:
            dropped = await asyncio.to_thread(self.folder.drop_through, outdated)
        finally:
            lock.release()
        if dropped:
            _log.warning("snapshots_dropped", sizes=dropped)
        return dropped

    async def is_due(self, pace: SnapshotPace, *, now: Instant) -> bool:
        """Whether the log has grown enough, or the latest snapshot is old enough, for a new one."""
        async with self.sessions() as session:
            size = (await read_head(session)).checkpoint_size
        latest = await asyncio.to_thread(self.folder.latest)
        if latest is None:
            return size >= FIRST_ENTRIES
        is_old = now - latest.created_at >= timedelta(hours=pace.hours)
        return size - latest.size >= pace.entries or (is_old and size > latest.size)

    async def _write(self, now: Instant) -> Manifest | None:
        async with self.sessions() as session:
            note = (await read_head(session)).checkpoint
            keys = await read_log_keys(session)
        if note is None:
            return None
        vouched = read_vouched(note, self.log_key.anchor, keys=keys)
        await asyncio.to_thread(self.folder.prepare)
        if vouched.size <= await self._outdated_through():
            return None
        parts, left_out = await self._parts(vouched.size)
        outdated = await self._outdated_through()
        if vouched.size <= outdated:
            await asyncio.to_thread(self.folder.drop_through, outdated)
            return None
        manifest = _manifest(vouched, parts, left_out=left_out, now=now)
        signed = sign_manifest(manifest, self.log_key.key)
        await asyncio.to_thread(self.folder.publish, signed, size=vouched.size)
        sizes = await asyncio.to_thread(self.folder.sizes)
        await asyncio.to_thread(self.folder.keep, sizes[-KEPT:])
        await asyncio.to_thread(self.folder.drop_through, await self._outdated_through())
        _log.info("snapshot_written", size=vouched.size, parts=len(parts), left_out=left_out)
        return manifest

    async def _parts(self, size: int) -> tuple[list[SnapshotPart], int]:
        parts: list[SnapshotPart] = []
        left_out = serial = 0
        while serial < size:
            end = min(serial + self.part_entries - serial % self.part_entries, size)
            entries = await self._entries(serial, end, size=size)
            raw = await asyncio.to_thread(write_part, entries)
            last = entries[-1].serial
            store = self.folder.store_part
            parts.append(await asyncio.to_thread(store, raw, first=serial, last=last))
            left_out += sum(entry.left_out for entry in entries)
            serial = last + 1
        return parts, left_out

    async def _entries(self, first: int, end: int, *, size: int) -> list[PageEntry]:
        """The entries of one part: up to `end`, or until it is large enough."""
        entries: list[PageEntry] = []
        weight, serial = 0, first
        while serial < end and weight < _PART_BYTES:
            places = {"first": serial, "end": min(serial + _READ, end), "size": size}
            async with self.sessions() as session:
                rows = (await session.execute(_ENTRIES, places)).all()
            entries += [PageEntry(*row) for row in rows]
            weight += sum(len(row.leaf) + len(row.envelope or b"") for row in rows)
            serial = places["end"]
        return entries

    async def _outdated_through(self) -> int:
        async with self.sessions() as session:
            return await outdated_through(session)


async def outdated_through(session: AsyncSession) -> int:
    """The largest size of a snapshot that may hold an erased statement; -1 where none may.

    That is the last erasure's serial; every size while one is confirmed and not yet in the log.
    """
    found: int = (await session.execute(text(_OUTDATED))).scalar_one()
    return found


async def files_outdated_through(connection: DriverConnection) -> int:
    """The same of bulk files, which are asked for more often: by the driver alone."""
    found: int = await connection.fetchval(_OUTDATED)
    return found


async def tell_snapshots(session: AsyncSession, erased: Sequence[str], now: Instant) -> None:
    """Let the snapshots be dropped as soon as the erasure of these objects is committed."""
    _ = erased, now
    await signal(session, ERASED_CHANNEL)


def _manifest(
    vouched: Vouched, parts: list[SnapshotPart], *, left_out: int, now: Instant
) -> Manifest:
    assert vouched.note is not None  # it was read from one
    note = vouched.note.decode()
    return Manifest(
        origin=note.partition("\n")[0],
        size=vouched.size,
        root=vouched.root.hex(),
        checkpoint=note,
        created_at=whole_second(now),
        left_out=left_out,
        parts=tuple(parts),
    )
