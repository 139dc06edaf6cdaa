"""Reading the catalogue: one statement for each answer, ready bytes, the driver's own connection.

The state is the only member that depends on the day it is read, so it is put before the stored
bytes here; everything else was written once, when the listing was applied.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from shared_platform.catalogue.listing_query import ListingQuery, ShownState
from shared_platform.catalogue.page_cursor import read_cursor, write_cursor
from shared_platform.database.lending import DriverConnection, driver_connection
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

_LAST: Final = 2**63 - 1
DAY_STATE: Final = (  # SQL; $1 is the day
    "CASE WHEN state IN ('published', 'suspended') AND period_end < $1 THEN 'expired'"
    " ELSE state END"
)
_STATES: Final = {
    ShownState.PUBLISHED: "state = 'published' AND (period_end >= $1 OR period_end IS NULL)",
    ShownState.SUSPENDED: "state = 'suspended' AND (period_end >= $1 OR period_end IS NULL)",
    ShownState.WITHDRAWN: "state = 'withdrawn'",
    ShownState.EXPIRED: "state IN ('published', 'suspended') AND period_end < $1",
    ShownState.ALL: "TRUE",
}
# For each filter: how it filters, and how it stands aside (the driver wants every $n to occur).
_FILTERS: Final = (
    ("application_number = $4", "$4::text IS NULL"),
    ("holder_names @> ARRAY[$5::text]", "$5::text IS NULL"),
    ("origin = $6", "$6::text IS NULL"),
)


class NoSuchListing(DomainError):
    """The catalogue has never held this listing."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Answer:
    """Ready bytes and the validator for caches (RFC 9110 §8.8.3)."""

    body: bytes
    etag: str


@asynccontextmanager
async def reading(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[DriverConnection]:
    """A driver connection of the sessions' own engine.

    Sessions that live on one connection, as in a test's transaction, read on that one.
    """
    bound = sessions.kw["bind"]
    if isinstance(bound, AsyncConnection):
        under = (await bound.get_raw_connection()).driver_connection
        assert under is not None
        yield under
        return
    async with driver_connection(bound) as connection:
        yield connection


async def listings_etag(connection: DriverConnection, *, today: date) -> str:
    """The validator of every list: it changes with each entry applied and with the legal day."""
    size = await connection.fetchval("SELECT size FROM catalogue_cursor WHERE id = 1")
    return _list_etag(size or 0, today)


async def list_listings(
    connection: DriverConnection, query: ListingQuery, *, today: date
) -> Answer:
    """One page as `{"items": […], "next": cursor or null, "log_size": n}`, newest listing first.

    Pages follow each other by the serial a listing first had, which never changes: nothing is shown
    twice or left out because the catalogue moved meanwhile. `query` is in stored form.

    Raises:
        CursorRefused: the cursor is not one of this query.
    """
    before = _LAST if query.cursor is None else read_cursor(query.cursor, query.identity)
    given = (query.number is not None, query.holder is not None, query.origin is not None)
    rows = await connection.fetch(
        _page_sql(given, query.state),
        today,
        before,
        query.limit + 1,
        query.number,
        query.holder,
        query.origin,
    )
    size: int = rows[0]["size"] if rows else 0
    found = [row for row in rows if row["shown"] is not None]
    page, more = found[: query.limit], len(found) > query.limit
    following = write_cursor(page[-1]["first_serial"], query.identity) if more else None
    return Answer(_page_bytes(page, following, size), _list_etag(size, today))


async def read_listing(connection: DriverConnection, listing: UUID, *, today: date) -> Answer:
    """One listing in whatever state; withdrawn ones keep their address for ever.

    Raises:
        NoSuchListing: there was never one with this id.
    """
    row = await connection.fetchrow(_ONE, today, listing)
    if row is None:
        raise NoSuchListing(f"没有挂牌 {listing} / there is no listing {listing}")
    return Answer(item_bytes(row), f'"{row["serial"]}-{row["shown"]}"')


async def read_listings(
    connection: DriverConnection, first_serials: Sequence[int], *, today: date
) -> dict[int, bytes]:
    """The listings with these first serials as ready bytes, by them; unknown ones are left out."""
    rows = await connection.fetch(_THESE, today, list(first_serials))
    return {row["first_serial"]: item_bytes(row) for row in rows}


_THESE: Final = f"""
    SELECT first_serial, {DAY_STATE} AS shown, facts_json, items_json, needs_newer_reader
    FROM catalogue_listing WHERE first_serial = ANY($2::bigint[])
"""  # noqa: S608 - constants of this module only
_ONE: Final = f"""
    SELECT serial, {DAY_STATE} AS shown, facts_json, items_json, needs_newer_reader
    FROM catalogue_listing WHERE listing = $2
"""  # noqa: S608 - constants of this module only


@cache
def _page_sql(given: tuple[bool, bool, bool], state: ShownState) -> str:
    filters = " AND ".join(
        active if wanted else aside for wanted, (active, aside) in zip(given, _FILTERS, strict=True)
    )
    return f"""
        SELECT c.size, l.first_serial, l.shown, l.facts_json, l.items_json, l.needs_newer_reader
        FROM catalogue_cursor AS c LEFT JOIN LATERAL (
            SELECT first_serial, facts_json, items_json, needs_newer_reader, {DAY_STATE} AS shown
            FROM catalogue_listing
            WHERE first_serial < $2 AND {_STATES[state]} AND {filters}
            ORDER BY first_serial DESC LIMIT $3
        ) AS l ON TRUE
        WHERE c.id = 1
        ORDER BY l.first_serial DESC
    """  # noqa: S608 - built from constants of this module; values travel as parameters


def _page_bytes(page: Sequence[asyncpg.Record], following: str | None, size: int) -> bytes:
    cursor = f'"{following}"' if following else "null"
    items = b",".join(map(item_bytes, page))
    return b'{"items":[%b],"next":%b,"log_size":%d}' % (items, cursor.encode(), size)


def item_bytes(row: asyncpg.Record) -> bytes:
    """The stored bytes with the state of the day as their first member."""
    shown: str = row["shown"]
    facts: bytes = row["facts_json"]
    items: bytes = row["items_json"] or b"null"
    newer = b"true" if row["needs_newer_reader"] else b"false"
    return b'{"state":"%b",%b,"needs_newer_reader":%b,"items":%b}' % (
        shown.encode(),
        facts[1:-1],
        newer,
        items,
    )


def _list_etag(size: int, today: date) -> str:
    return f'"{size}-{today:%Y%m%d}"'
