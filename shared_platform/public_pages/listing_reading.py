"""All that a listing's page needs of the tables, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from shared_platform.catalogue.reading import DAY_STATE, NoSuchListing
from shared_platform.catalogue.tables import DIRECTORY_ENTRIES
from shared_platform.database.lending import DriverConnection
from shared_schema.instants import Instant
from shared_schema.log_entry import EntryInvalid, read_entry

MOST_ENTRIES: Final = 50
MOST_OFFERS: Final = 20

_PAGE: Final = f"""
    WITH one AS (SELECT * FROM catalogue_listing WHERE listing = $2)
    SELECT 'listing' AS part, serial, {DAY_STATE} AS word, facts_json AS bytes, items_json AS items,
           needs_newer_reader AS newer, NULL::timestamptz AS at,
           (SELECT max(serial) FROM log_entry WHERE {DIRECTORY_ENTRIES}) AS directory
    FROM one
    UNION ALL
    (SELECT 'entry', serial, kind, leaf, NULL, needs_newer_reader, at, NULL
     FROM log_entry WHERE listing = $2 ORDER BY serial DESC LIMIT {MOST_ENTRIES})
    UNION ALL
    (SELECT 'offer', first_serial, {DAY_STATE}, facts_json, NULL, needs_newer_reader,
            approved_at, NULL
     FROM catalogue_listing
     WHERE application_number = (SELECT application_number FROM one) AND listing <> $2
     ORDER BY first_serial DESC LIMIT {MOST_OFFERS})
"""  # noqa: S608 - constants only; values travel as parameters


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of the log about this listing."""

    serial: int
    kind: str | None
    at: Instant | None
    version: int | None
    reason: str | None
    statement_hash: str | None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A listing, its history newest first, and the other offers of the same patent."""

    listing: dict[str, Any]
    history: tuple[LogLine, ...]
    offers: tuple[dict[str, Any], ...]
    directory_serial: int


async def read_listing_page(
    connection: DriverConnection, listing: UUID, *, today: date
) -> ListingPage:
    """What the page shows.

    Raises:
        NoSuchListing: the catalogue has never held it.
    """
    rows = await connection.fetch(_PAGE, today, listing)
    own = _part(rows, "listing")
    if not own:
        raise NoSuchListing(f"没有挂牌 {listing} / there is no listing {listing}")
    return ListingPage(
        _listing(own[0]) | {"items": orjson.loads(own[0]["items"] or b"null")},
        tuple(map(_line, _part(rows, "entry"))),
        tuple(map(_listing, _part(rows, "offer"))),
        -1 if own[0]["directory"] is None else own[0]["directory"],
    )


def _part(rows: Sequence[asyncpg.Record], name: str) -> list[asyncpg.Record]:
    return [row for row in rows if row["part"] == name]


def _listing(row: asyncpg.Record) -> dict[str, Any]:
    facts: dict[str, Any] = orjson.loads(row["bytes"])
    return facts | {"state": row["word"], "needs_newer_reader": row["newer"], "items": None}


def _line(row: asyncpg.Record) -> LogLine:
    """The entry as its leaf says; one that cannot be read has its place alone."""
    try:
        entry = read_entry(row["bytes"])
    except EntryInvalid:
        entry = None
    return LogLine(
        row["serial"],
        row["word"],
        row["at"],
        getattr(entry, "version", None),
        getattr(entry, "reason", None),
        getattr(entry, "statement_hash", None),
    )
