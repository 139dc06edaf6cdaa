"""What changed since: listings by the log entry that last changed them, withdrawn ones included.

A reader that goes on from its last place gets every listing that changed since, each once and as it
stands now. Times are those at which this copy showed the change, never those the hub decided at:
only the former grow with the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import asyncpg

from shared_platform.catalogue.page_cursor import read_cursor, write_cursor
from shared_platform.catalogue.reading import DAY_STATE, item_bytes
from shared_platform.database.lending import DriverConnection
from shared_schema.instants import Instant

_CURSOR_OF: Final = "changes"
_HALF: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Between two changes: after the one with this serial and first serial."""

    serial: int = -1
    first_serial: int = 0

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """The place of a cursor.

        Raises:
            CursorRefused: it is not one of changes.
        """
        number = read_cursor(cursor, _CURSOR_OF)
        return cls((number >> 32) - 1, number & _HALF)

    def write(self) -> str:
        """The cursor that goes on from here; good for ever."""
        return write_cursor((self.serial + 1) << 32 | self.first_serial, _CURSOR_OF)


@dataclass(frozen=True, slots=True)
class Changed:
    """A listing as it stands, and where it last changed; `at` is when this copy showed that."""

    listing: UUID
    place: Place
    at: Instant
    state: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes. `log_size` is what this copy knows; `is_last`: nothing follows for now."""

    listings: Sequence[Changed]
    next: Place
    log_size: int
    is_last: bool


_PAGE: Final = f"""
    SELECT c.size, l.* FROM catalogue_cursor AS c LEFT JOIN LATERAL (
        SELECT listing, serial, first_serial, {DAY_STATE} AS shown, facts_json, items_json,
               needs_newer_reader,
               (SELECT at FROM catalogue_applied AS a WHERE a.size > serial ORDER BY a.size LIMIT 1)
        FROM catalogue_listing
        WHERE (serial, first_serial) > ($2, $3) AND serial < $4
        ORDER BY serial, first_serial LIMIT $5
    ) AS l ON TRUE
    WHERE c.id = 1 ORDER BY l.serial, l.first_serial
"""  # noqa: S608 - constants of this module only
_ONE: Final = f"""
    SELECT listing, serial, first_serial, {DAY_STATE} AS shown, facts_json, items_json,
           needs_newer_reader,
           (SELECT at FROM catalogue_applied AS a WHERE a.size > serial ORDER BY a.size LIMIT 1)
    FROM catalogue_listing WHERE listing = $2
"""  # noqa: S608 - constants of this module only
_THESE: Final = (
    _ONE.replace("listing = $2", "first_serial = ANY($2::bigint[])") + " ORDER BY first_serial DESC"
)
_LATEST_CHANGES: Final = _ONE.replace(
    "WHERE listing = $2", "ORDER BY serial DESC, first_serial DESC LIMIT $2"
)
_ADDRESSES: Final = """
    SELECT listing,
           (SELECT at FROM catalogue_applied AS a WHERE a.size > serial ORDER BY a.size LIMIT 1)
    FROM catalogue_listing WHERE first_serial >= $1 AND first_serial < $2 ORDER BY first_serial
"""
_SIZE: Final = "SELECT COALESCE(max(size), 0) FROM catalogue_cursor"
_SIZE_BEFORE: Final = "SELECT COALESCE(max(size), 0) FROM catalogue_applied WHERE at < $1"
_LATEST: Final = "SELECT max(at) FROM catalogue_applied"
_EARLIEST: Final = "SELECT min(at) FROM catalogue_applied"
_LAST: Final = 2**62


async def read_changes(
    connection: DriverConnection, after: Place, *, limit: int, today: date, before: int = _LAST
) -> Changes:
    """Listings that changed after a place, oldest change first, at most `limit`.

    Only changes by entries below serial `before` are looked at.
    """
    rows = await connection.fetch(_PAGE, today, after.serial, after.first_serial, before, limit + 1)
    found = [row for row in rows if row["listing"] is not None]
    listings = [_changed(row) for row in found[:limit]]
    size = rows[0]["size"] if rows else 0
    following = listings[-1].place if listings else after
    return Changes(listings, following, size, is_last=len(found) <= limit)


async def read_change(
    connection: DriverConnection, listing: UUID, *, today: date
) -> Changed | None:
    """The last change of one listing; None if there never was one."""
    row = await connection.fetchrow(_ONE, today, listing)
    return None if row is None else _changed(row)


async def read_these(
    connection: DriverConnection, first_serials: Sequence[int], *, today: date
) -> list[Changed]:
    """The listings with these first serials, newest listing first."""
    return [_changed(row) for row in await connection.fetch(_THESE, today, list(first_serials))]


async def read_latest(connection: DriverConnection, *, limit: int, today: date) -> list[Changed]:
    """The listings that changed last, newest change first."""
    return [_changed(row) for row in await connection.fetch(_LATEST_CHANGES, today, limit)]


async def read_addresses(
    connection: DriverConnection, first: int, beyond: int
) -> list[tuple[UUID, Instant]]:
    """Listings of every state first offered in `first` … `beyond - 1`, with their last change."""
    rows = await connection.fetch(_ADDRESSES, first, beyond)
    return [(row["listing"], row["at"]) for row in rows]


async def read_size(connection: DriverConnection) -> int:
    """How many log entries this copy shows."""
    found: int = await connection.fetchval(_SIZE)
    return found


def _changed(row: asyncpg.Record) -> Changed:
    place = Place(row["serial"], row["first_serial"])
    return Changed(row["listing"], place, row["at"], row["shown"], item_bytes(row))


async def size_before(connection: DriverConnection, at: Instant) -> int:
    """How many entries this copy showed before an instant."""
    found: int = await connection.fetchval(_SIZE_BEFORE, at)
    return found


async def shown_between(connection: DriverConnection) -> tuple[Instant | None, Instant | None]:
    """When this copy showed its first and its latest entries; None for an empty one."""
    return await connection.fetchval(_EARLIEST), await connection.fetchval(_LATEST)
