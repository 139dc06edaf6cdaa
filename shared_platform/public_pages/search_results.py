"""What the search page shows: one look into the index and one statement, or the tables alone."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import orjson

from shared_platform.catalogue.listing_query import ListingQuery, ShownState, typed_query
from shared_platform.catalogue.reading import list_listings, read_listings
from shared_platform.database.lending import DriverConnection
from shared_platform.search.counting import Counts
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.parameters import SearchPage
from shared_platform.search.search import Found, Searching
from shared_platform.search.search_query import SearchQuery
from shared_platform.search.suggest import Suggestion, meant_as_filters, suggest
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number

MOST_OFFERS: Final = 6


@dataclass(frozen=True, slots=True)
class Results:
    """One page of listings as public JSON.

    `total` and the counts are None while the index is being made: the page then browses.
    """

    items: list[dict[str, Any]]
    next: str | None
    log_size: int
    total: int | None = None
    counts: Counts = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    offers: tuple[Suggestion, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def is_browsing(self) -> bool:
        """Whether only the tables were asked."""
        return self.total is None


@dataclass(frozen=True, slots=True)
class Looked:
    """What the index says of one page of a search."""

    found: Found
    counts: Counts
    offers: tuple[Suggestion, ...]


async def look_up(searching: Searching, asked: SearchPage, *, today: date) -> Looked | None:
    """Ask the index, on a thread; None while it is being made.

    Raises:
        CursorRefused: the cursor is not one of this search.
    """
    try:
        return await asyncio.to_thread(_look, searching, asked, today)
    except IndexBeingMade:
        return None


async def read_results(
    connection: DriverConnection, looked: Looked | None, asked: SearchPage, *, today: date
) -> Results:
    """The page's listings, in one statement.

    Raises:
        CursorRefused: the cursor is not one of this search.
    """
    if looked is None:
        return await _browse(connection, asked, today=today)
    found = looked.found
    stored = await read_listings(connection, found.serials, today=today)
    items = [orjson.loads(stored[serial]) for serial in found.serials if serial in stored]
    return Results(
        items,
        found.next,
        found.log_size,
        found.total,
        looked.counts,
        found.unknown,
        looked.offers,
        found.numbers,
    )


def _look(searching: Searching, asked: SearchPage, today: date) -> Looked:
    query = asked.query()
    found = searching.find(query, cursor=asked.cursor, limit=asked.limit, today=today)
    counts = searching.facets(query, today=today)
    if not found.total:
        offers = _offers(searching, query, today)
    else:
        is_first = asked.cursor is None
        offers = tuple(meant_as_filters(searching, query, today=today)) if is_first else ()
    return Looked(found, counts, offers)


def _offers(searching: Searching, query: SearchQuery, today: date) -> tuple[Suggestion, ...]:
    """Searches that find something where this one does not, each with its count."""
    offers = {one.query: one for one in suggest(searching, query, today=today)}
    for other in _wider(query):
        if other not in offers and len(offers) < MOST_OFFERS:
            total = searching.count(other, today=today)
            if total:
                offers[other] = Suggestion(other, total, drops_filters=True)
    return tuple(offers.values())


def _wider(query: SearchQuery) -> Iterator[SearchQuery]:
    """The same search in every state, and without each one of its filters."""
    if query.state is not ShownState.ALL:
        yield replace(query, state=ShownState.ALL)
    for name, _ in query.filters:
        yield replace(query, filters=tuple(one for one in query.filters if one[0] != name))


async def _browse(connection: DriverConnection, asked: SearchPage, *, today: date) -> Results:
    answer = await list_listings(connection, _table_query(asked), today=today)
    page = orjson.loads(answer.body)
    return Results(page["items"], page["next"], page["log_size"])


def _table_query(asked: SearchPage) -> ListingQuery:
    """A number where the words are one in any usual form, else a holder's whole name."""
    query = ListingQuery(state=asked.state, cursor=asked.cursor, limit=asked.limit)
    words = asked.q.strip()
    if not words:
        return query
    try:
        return replace(query, number=parse_application_number(words))
    except IdentifierRefused:
        return typed_query(replace(query, holder=words))
