"""Keep the index level with the tables: changed listings after each applied page, or all of them.

One process on a machine does it, the holder of a lock file; the others read. Nothing waits for it:
look-ups by number and browsing go to the tables. After an erasure the index is made again, since
its files keep the words of documents that were replaced.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NoReturn

import asyncpg
import structlog
import tantivy
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.reading import reading
from shared_platform.catalogue.tables import DECISIONS
from shared_platform.database.file_lock import FileLock
from shared_platform.database.lending import DriverConnection
from shared_platform.database.signals import Signals
from shared_platform.failpoint import failpoint
from shared_platform.search.digest import index_digest
from shared_platform.search.documents import IndexedListing, document_of
from shared_platform.search.fields import LISTING
from shared_platform.search.index import (
    Generation,
    IndexBeingMade,
    IndexFolder,
    IndexReader,
    Reached,
    read_made,
    read_reached,
)
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

PAGE: Final = 1_000
COMMIT_EVERY: Final = 20_000  # listings in one commit while the index is made
LONGEST_IDLE_SECONDS: Final = 15.0  # a lost signal is made up for
PAUSE_SECONDS: Final = 2.0
MADE_SHARE: Final = 0.01  # of the time, at most, goes into making it again after erasures
TURN_SECONDS: Final = 2.0  # between two tries to become the writer
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Sessions = async_sessionmaker[AsyncSession]
OnProgress = Callable[[int, int], None]
"""Told (listings done, listings in all) after each page."""

_COLUMNS: Final = """
    SELECT l.listing, l.origin, l.application_number, l.state, l.first_serial, l.period_end,
           o.envelope, l.serial
    FROM catalogue_listing AS l
    LEFT JOIN statement_object AS o ON o.object_hash = l.terms_object AND NOT l.needs_newer_reader
"""
_ALL: Final = f"{_COLUMNS} WHERE l.first_serial > $1 ORDER BY l.first_serial LIMIT {PAGE}"
_CHANGED: Final = (
    f"{_COLUMNS} WHERE (l.serial, l.first_serial) > ($1, $2)"
    f" ORDER BY l.serial, l.first_serial LIMIT {PAGE}"
)
_TOUCHED: Final = f"""{_COLUMNS} WHERE l.listing IN (
    SELECT listing FROM catalogue_touched WHERE id > $1 AND id <= $2 AND listing IS NOT NULL)
"""  # noqa: S608 - constants of this module only
_STAND: Final = """
    SELECT COALESCE((SELECT size FROM catalogue_cursor WHERE id = 1), 0) AS size,
           COALESCE((SELECT max(id) FROM catalogue_touched), 0) AS touched,
           (SELECT leaf FROM log_entry WHERE serial = 0) AS first_leaf
"""
_REMADE: Final = "SELECT EXISTS (SELECT FROM catalogue_touched WHERE id > $1 AND listing IS NULL)"
_ERASED: Final = f"""
    SELECT EXISTS (SELECT FROM log_entry
                    WHERE {DECISIONS} AND kind = 'object_erased' AND serial >= $1)
"""  # noqa: S608 - constants of this module only
_COUNT: Final = "SELECT count(*) FROM catalogue_listing"


class IndexMoved(DomainError):
    """The catalogue changed while its index was being compared."""

    problem = ProblemType.STATE_CONFLICT


@dataclass(slots=True)
class IndexKeeper:
    """Who keeps one machine's index.

    Attributes:
        rests_until: on the monotonic clock; before it the index is not made again for erasures.
    """

    sessions: Sessions
    folder: IndexFolder
    signals: Signals
    channel: str
    rests_until: float = field(default=0.0, init=False)

    async def run(self) -> NoReturn:
        """Follow the tables until cancelled; a failing database or disk is waited out."""
        self.folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.folder.path / "writer.lock")
        async with lock.alone(timeout_seconds=math.inf, look_seconds=TURN_SECONDS):
            while True:
                async with self.signals.awaiting(self.channel) as changed:
                    await changed.wait(await self._round())

    async def _round(self) -> float:
        """Bring the index level; the seconds to wait at most before the next look."""
        try:
            await self.bring_level()
            await self.forget_erased()
        except (SQLAlchemyError, OSError, ValueError) as error:
            _log.warning("search_index_failed", error=type(error).__name__, detail=str(error))
            return PAUSE_SECONDS
        return LONGEST_IDLE_SECONDS

    async def bring_level(self) -> int:
        """Index what changed since the index was last committed; the number of listings.

        An idle call costs one statement. An index that cannot be continued is made again.
        """
        async with reading(self.sessions) as connection:
            stand = await read_stand(connection)
            folder = self.folder.current()
            reached = None if folder is None else read_reached(folder)
            if reached == stand:
                return 0
            if folder is None or reached is None or await _is_remade(connection, reached, stand):
                return await self._make(connection, stand)
            try:
                return await _write(
                    folder, _changed(connection, reached, stand), stand, replace_old=True
                )
            except (OSError, ValueError) as error:
                _log.warning("search_index_damaged", detail=str(error))
                return await self._make(connection, stand)

    async def forget_erased(self) -> bool:
        """Make the index again if statements were erased since it was made; whether it was.

        Several erasures soon after each other wait for one making, so that the machine spends a
        hundredth of its time on it at most. An idle call costs one statement.
        """
        folder = self.folder.current()
        if folder is None or time.monotonic() < self.rests_until:
            return False
        async with reading(self.sessions) as connection:
            if not await connection.fetchval(_ERASED, read_made(folder)):
                return False
            began = time.monotonic()
            await self._make(connection, await read_stand(connection))
        ended = time.monotonic()
        self.rests_until = ended + (ended - began) / MADE_SHARE
        return True

    async def rebuild(self, on_progress: OnProgress | None = None) -> int:
        """Make the index again from nothing; searches go on in the old one meanwhile."""
        async with reading(self.sessions) as connection:
            return await self._make(connection, await read_stand(connection), on_progress)

    async def equals_a_new_one(self, on_progress: OnProgress | None = None) -> bool:
        """Make an index from nothing beside the current one and compare what both hold.

        Raises:
            IndexMoved: the catalogue changed meanwhile.
            IndexBeingMade: there is no index to compare.
        """
        with TemporaryDirectory(dir=self.folder.path) as scratch:
            async with reading(self.sessions) as connection:
                before = await read_stand(connection)
                everything = _everything(connection, on_progress)
                await _write(Path(scratch), everything, before)
                after = await read_stand(connection)
            current = IndexReader(self.folder).searcher()
            if current is None:
                raise IndexBeingMade("还没有检索索引 / there is no search index yet")
            if not before == after == current[1]:
                raise IndexMoved("目录正在变化，请再试 / the catalogue is changing, try again")
            fresh = Generation(Path(scratch)).index.searcher()
            digests = await asyncio.to_thread(lambda: list(map(index_digest, (fresh, current[0]))))
        return digests[0] == digests[1]

    async def _make(
        self, connection: DriverConnection, stand: Reached, on_progress: OnProgress | None = None
    ) -> int:
        self.folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.folder.path / "make.lock")
        async with lock.alone(timeout_seconds=math.inf, look_seconds=TURN_SECONDS):
            fresh = self.folder.fresh()
            _log.info("search_index_being_made", log_size=stand.size)
            done = await _write(fresh, _everything(connection, on_progress), stand)
            Generation(fresh).note_made(stand.size)
            failpoint("search.made")
            self.folder.adopt(fresh)
        _log.info("search_index_made", listings=done, log_size=stand.size)
        return done


Rows = Sequence[IndexedListing]


async def _write(
    folder: Path, pages: AsyncGenerator[Rows], stand: Reached, *, replace_old: bool = False
) -> int:
    """Write the pages, commit, and note the stand from before they were read.

    A new index holds nothing that `replace_old` would have to look for.

    Raises:
        OSError, ValueError: the index cannot be opened or written.
    """
    generation = await asyncio.to_thread(Generation, folder)
    writer = await asyncio.to_thread(generation.writer)
    try:
        async with aclosing(pages) as read:
            done = await _put_all(writer, read, replace_old=replace_old)
        failpoint("search.writing")
        await asyncio.to_thread(writer.commit)
        failpoint("search.committed")
    finally:
        await asyncio.to_thread(writer.wait_merging_threads)  # gives the writer's lock back
    generation.note(stand)
    return done


async def _put_all(
    writer: tantivy.IndexWriter, pages: AsyncIterator[Rows], *, replace_old: bool
) -> int:
    done = uncommitted = 0
    async for rows in pages:
        await asyncio.to_thread(_put, writer, rows, replace_old=replace_old)
        done, uncommitted = done + len(rows), uncommitted + len(rows)
        if uncommitted >= COMMIT_EVERY:
            await asyncio.to_thread(writer.commit)
            uncommitted = 0
    return done


def _put(writer: tantivy.IndexWriter, rows: Rows, *, replace_old: bool) -> None:
    for row in rows:
        if replace_old:
            writer.delete_documents_by_term(LISTING, str(row.listing))
        writer.add_document(document_of(row))


async def read_stand(connection: DriverConnection) -> Reached:
    """How far the tables are, read before the listings: these may be newer, never older."""
    row = await connection.fetchrow(_STAND)
    assert row is not None
    leaf: bytes | None = row["first_leaf"]
    return Reached(row["size"], row["touched"], sha256(leaf).hexdigest() if leaf else "")


async def _is_remade(connection: DriverConnection, reached: Reached, stand: Reached) -> bool:
    """Whether the index cannot be continued: another log, a restored one, or a new projection."""
    is_same_log = replace(reached, size=0, touched=0) == replace(stand, size=0, touched=0)
    if not is_same_log or reached.size > stand.size or reached.touched > stand.touched:
        return True
    return bool(await connection.fetchval(_REMADE, reached.touched))


async def _changed(
    connection: DriverConnection, reached: Reached, stand: Reached
) -> AsyncGenerator[Rows]:
    if stand.touched > reached.touched:
        touched = await connection.fetch(_TOUCHED, reached.touched, stand.touched)
        yield [_listing(row) for row in touched]
    serial, first_serial = reached.size - 1, 2**62
    while rows := await connection.fetch(_CHANGED, serial, first_serial):
        yield [_listing(row) for row in rows]
        serial, first_serial = rows[-1]["serial"], rows[-1]["first_serial"]


async def _everything(
    connection: DriverConnection, on_progress: OnProgress | None
) -> AsyncGenerator[Rows]:
    total = await connection.fetchval(_COUNT) if on_progress else 0
    before, done = -1, 0
    rows = await connection.fetch(_ALL, before)
    while rows:
        before, done = rows[-1]["first_serial"], done + len(rows)
        following = asyncio.create_task(connection.fetch(_ALL, before))  # read while these are cut
        try:
            yield [_listing(row) for row in rows]
            rows = await following
        finally:  # the connection goes back to its pool with nothing asked of it
            following.cancel()
            await asyncio.wait([following])
        if on_progress:
            on_progress(done, max(total, done))


def _listing(row: asyncpg.Record) -> IndexedListing:
    return IndexedListing(
        row["listing"],
        row["origin"],
        row["application_number"],
        row["state"],
        row["first_serial"],
        row["period_end"],
        row["envelope"],
    )
