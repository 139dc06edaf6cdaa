"""Write the catalogue as a bulk file when it is due, and drop those that hold what was erased.

The lines are the catalogue's own bytes in the order of `changes`, read in one view of the database;
so a reader of the file that goes on with `changes` at its cursor misses nothing and nothing twice.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import IO, Final, Literal, NoReturn, Protocol, cast

import structlog
import zstandard
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.bulk_download.bulk_files import (
    MEDIA_TYPES,
    BulkFile,
    BulkFolder,
    BulkManifest,
    Generation,
)
from shared_platform.catalogue.changes import Changes, Place, read_changes, read_size
from shared_platform.catalogue.erased import OutdatedThrough, last_erasure
from shared_platform.catalogue.reading import reading
from shared_platform.database.file_lock import FileLock
from shared_platform.database.lending import DriverConnection
from shared_platform.stored_file import drafted
from shared_schema.instants import Clock, Instant, legal_day, whole_second

EVERY_SECONDS: Final = 15.0
KEPT: Final = 2  # the former one is still there for whoever is reading it
GROWTH: Final = 10  # percent of the log: the cost of a rewrite is shared by the entries that ask it
LEAST_SECONDS: Final = 60.0  # between two generations
_PAGE: Final = 2_000
_LEVELS: Final = {"zst": 6, "gz": 6}
_STAND: Final = "SELECT size, root, unsettled_size FROM catalogue_cursor WHERE id = 1"
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Sessions = async_sessionmaker[AsyncSession]
Coding = Literal["zst", "gz"]
CODINGS: Final[tuple[Coding, ...]] = ("zst", "gz")


@dataclass(frozen=True, slots=True)
class _Stand:
    """What this copy shows: so many entries of the log, with that root."""

    size: int
    root: bytes


@dataclass(slots=True)
class BulkKeeper:
    """Who keeps one machine's bulk files; a new one after `hours` at the latest."""

    sessions: Sessions
    folder: BulkFolder
    clock: Clock
    hours: float
    outdated_through: OutdatedThrough = last_erasure

    async def run(self) -> NoReturn:
        """Look every quarter of a minute, until cancelled; a full disk is tried again."""
        while True:
            try:
                await self.look()
            except (OSError, SQLAlchemyError) as failure:
                _log.error("bulk_failed", error=type(failure).__name__, exc_info=failure)
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> BulkManifest | None:
        """Drop what is outdated and write what is due; None: nothing was, or another writes."""
        self.folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.folder.path / "writer.lock")
        if not lock.try_alone():
            return None
        try:
            await self.drop_outdated()
            now = self.clock.now()
            return await self.write(now=now) if await self.is_due(now=now) else None
        finally:
            lock.release()

    async def is_due(self, *, now: Instant) -> bool:
        """Whether there is none, or the log has grown by a tenth, or the last one is old."""
        async with reading(self.sessions) as connection:
            stand = await _read_stand(connection)
        if stand is None:
            return False
        generations = await asyncio.to_thread(self.folder.generations)
        latest = self.folder.manifest(generations[-1]) if generations else None
        if latest is None:
            return True
        age = now - latest.created_at
        grown = (stand.size - latest.log_size) * 100 >= GROWTH * latest.log_size
        if age >= timedelta(seconds=LEAST_SECONDS) and grown:
            return True
        return age >= timedelta(hours=self.hours) and latest.generation != Generation(
            stand.size, legal_day(now)
        )

    async def write(self, *, now: Instant) -> BulkManifest | None:
        """Write a generation and keep the former one; None for an empty or unfinished copy.

        Nothing either when a statement was erased meanwhile: the next look writes it without.
        """
        await asyncio.to_thread(self.folder.prepare)
        day = legal_day(now)
        async with (
            reading(self.sessions) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            stand = await _read_stand(connection)
            if stand is None:
                return None
            manifest = await self._write(connection, stand, day=day, now=now)
        if manifest.log_size <= await self._outdated():
            return None
        await asyncio.to_thread(self.folder.publish, manifest)
        generations = await asyncio.to_thread(self.folder.generations)
        await asyncio.to_thread(self.folder.keep, generations[-KEPT:])
        _log.info("bulk_written", log_size=manifest.log_size, listings=manifest.listings)
        return manifest

    async def drop_outdated(self) -> list[Generation]:
        """Remove the generations that may hold what was erased after they were made; which.

        Those beyond the catalogue's end as well: a backup of the database was put in.
        """
        outdated = await self._outdated()
        async with reading(self.sessions) as connection:
            end = await read_size(connection)
        generations = await asyncio.to_thread(self.folder.generations)
        kept = [one for one in generations if outdated < one.log_size <= end]
        if kept == generations:
            return []
        removed = await asyncio.to_thread(self.folder.keep, kept)
        sizes = [one.log_size for one in removed]
        _log.warning("bulk_dropped", sizes=sizes, outdated=outdated, log_size=end)
        return removed

    async def _write(
        self, connection: DriverConnection, stand: _Stand, *, day: date, now: Instant
    ) -> BulkManifest:
        listings, after = 0, Place()
        with _writing(self.folder, Generation(stand.size, day)) as lines:
            async for page in _pages(connection, day):
                raw = b"".join(one.body + b"\n" for one in page.listings)
                await asyncio.to_thread(lines.write, raw)
                listings, after = listings + len(page.listings), page.next
        return BulkManifest(
            log_size=stand.size,
            root=stand.root.hex(),
            day=day,
            created_at=whole_second(now),
            listings=listings,
            content_bytes=lines.bytes,
            content_sha256=lines.digest.hexdigest(),
            next=after.write(),
            files=tuple(lines.files()),
        )

    async def _outdated(self) -> int:
        async with reading(self.sessions) as connection:
            return await self.outdated_through(connection)


async def _read_stand(connection: DriverConnection) -> _Stand | None:
    """Where this copy stands; None while it is empty, or a snapshot is half applied."""
    row = await connection.fetchrow(_STAND)
    if row is None or row["size"] == 0 or row["unsettled_size"] is not None:
        return None
    return _Stand(row["size"], row["root"])


async def _pages(connection: DriverConnection, day: date) -> AsyncIterator[Changes]:
    after, is_last = Place(), False
    while not is_last:
        page = await read_changes(connection, after, limit=_PAGE, today=day)
        yield page
        after, is_last = page.next, page.is_last


class _Compressor(Protocol):
    def write(self, data: bytes, /) -> int: ...

    def close(self) -> None: ...


class _Coded:
    """One coding on its way to its file, counted and hashed as it is written."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.bytes = 0
        self.digest = sha256()

    def write(self, raw: bytes) -> int:
        """Take what a compressor gives."""
        self.bytes += len(raw)
        self.digest.update(raw)
        return self._out.write(raw)

    def flush(self) -> None:
        """Compressors ask for it; the draft is flushed once, at its end."""


class _Lines:
    """The listings on their way to every coding."""

    def __init__(self, stem: str) -> None:
        self.bytes = 0
        self.digest = sha256()
        self._stem = stem
        self._coded: dict[Coding, _Coded] = {}
        self._compressors: list[_Compressor] = []

    def add(self, coding: Coding, out: IO[bytes]) -> _Compressor:
        """The compressor of one coding into its draft; the caller closes it."""
        coded = self._coded[coding] = _Coded(out)
        compressor = _compressor(coding, coded)
        self._compressors.append(compressor)
        return compressor

    def write(self, raw: bytes) -> None:
        """Add whole lines; processor work, made to run in a thread."""
        self.bytes += len(raw)
        self.digest.update(raw)
        for compressor in self._compressors:
            compressor.write(raw)

    def files(self) -> Iterator[BulkFile]:
        """What was written, once the compressors are closed."""
        for coding, coded in self._coded.items():
            yield BulkFile(
                name=f"{self._stem}.ndjson.{coding}",
                coding=coding,
                media_type=MEDIA_TYPES[coding],
                bytes=coded.bytes,
                sha256=coded.digest.hexdigest(),
            )


@contextmanager
def _writing(folder: BulkFolder, generation: Generation) -> Iterator[_Lines]:
    """Every coding's draft and compressor, until the block ends; then the files have their names.

    The compressors are closed before the drafts are flushed and renamed.
    """
    lines = _Lines(generation.stem)
    with ExitStack() as drafts, ExitStack() as compressors:
        for coding in CODINGS:
            file = folder.path / f"{generation.stem}.ndjson.{coding}"
            out = drafts.enter_context(drafted(file))
            compressors.enter_context(closing(lines.add(coding, out)))
        yield lines


def _compressor(coding: Coding, out: _Coded) -> _Compressor:
    """The same lines give the same bytes: neither name nor time stands in the file."""
    level, file = _LEVELS[coding], cast(IO[bytes], out)
    if coding == "zst":
        return zstandard.ZstdCompressor(level=level).stream_writer(file, closefd=False)
    return gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=file, mtime=0)
