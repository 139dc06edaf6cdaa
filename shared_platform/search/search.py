"""Searching: which listings, in which order, how many of each facet; pure reading of the index."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import tantivy
from tantivy import Order

from shared_platform.catalogue.page_cursor import read_cursor, write_cursor
from shared_platform.search.counting import Counts, FacetValues, count_facets, count_values
from shared_platform.search.fields import (
    BY_FEE,
    BY_PERIOD_END,
    SERIAL,
)
from shared_platform.search.index import IndexBeingMade, IndexReader, Reached
from shared_platform.search.search_query import (
    SearchQuery,
    Sort,
    ask_filters,
    ask_text,
    before_serial,
    integers,
    together,
)

DEPTH: Final = 1_000
"""How far down an order by relevance is shown; other orders are shown to their end."""

_FIRST_LOOK: Final = 200  # ranked hits that nearly always hold the first page with all its ties
_KEPT_COUNTS: Final = 256
_PLACE_BYTES: Final = 16  # the log's size, the last listing, how many were shown
_HALF: Final = 0xFFFF_FFFF
_PRECISION: Final = 4  # decimals of a score; what is nearer than that is equally relevant
_SORT_FIELDS: Final = {
    Sort.NEWEST: (SERIAL, Order.Desc),
    Sort.FEE: (BY_FEE, Order.Asc),
    Sort.EXPIRY: (BY_PERIOD_END, Order.Asc),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search.

    Attributes:
        serials: first serials of the listings, in order.
        total: how many listings match, on all pages.
        next: the cursor of the page after this one; None on the last one.
        log_size: the log entries the index knows.
        unknown: pieces of the text that no listing has.
        numbers: valid application numbers in the text.
    """

    serials: tuple[int, ...]
    total: int
    next: str | None
    log_size: int
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(slots=True)
class Searching:
    """Searches of one process. Counts of facets are kept until the index moves."""

    reader: IndexReader
    _counts: "OrderedDict[tuple[str, Reached, date], Counts]" = field(default_factory=OrderedDict)

    def find(self, query: SearchQuery, *, cursor: str | None, limit: int, today: date) -> Found:
        """One page of results.

        Raises:
            IndexBeingMade: there is no index yet.
            CursorRefused: the cursor is not one of this search.
        """
        searcher, reached = self._open()
        asked = ask_text(searcher, query.text)
        whole = together(asked, ask_filters(query, today=today))
        wanted = _Wanted(searcher, whole, query, cursor, limit)
        is_ranked = query.order is Sort.RELEVANCE
        serials, total, following = _ranked(wanted, reached) if is_ranked else _sorted(wanted)
        known = (asked.known, asked.unknown, asked.numbers)
        return Found(serials, total, following, reached.size, *known)

    def count(self, query: SearchQuery, *, today: date) -> int:
        """How many listings match.

        Raises:
            IndexBeingMade: there is no index yet.
        """
        searcher, _ = self._open()
        asked = ask_text(searcher, query.text)
        return _counted(searcher, together(asked, ask_filters(query, today=today)))

    def facets(self, query: SearchQuery, *, today: date) -> Counts:
        """Values of each facet with their counts, most first; of a chosen facet its alternatives.

        Raises:
            IndexBeingMade: there is no index yet.
        """
        searcher, reached = self._open()
        key = (query.identity, reached, today)
        kept = self._counts.get(key)
        if kept is None:
            kept = count_facets(searcher, query, today=today)
            self._counts[key] = kept
            while len(self._counts) > _KEPT_COUNTS:
                self._counts.popitem(last=False)
        else:
            self._counts.move_to_end(key)
        return kept

    def values(self, query: SearchQuery, facet: str, *, today: date) -> FacetValues:
        """Every value of one facet with its count.

        Raises:
            IndexBeingMade: there is no index yet.
        """
        return count_values(self.opened(), query, facet, today=today)

    def opened(self) -> tantivy.Searcher:
        """The searcher on the current index.

        Raises:
            IndexBeingMade: there is no index yet.
        """
        return self._open()[0]

    def _open(self) -> tuple[tantivy.Searcher, Reached]:
        found = self.reader.searcher()
        if found is None:
            raise IndexBeingMade(
                "检索索引正在生成，请稍后；按专利号查找和浏览目录不受影响"
                " / the search index is being made; look-ups by number and browsing go on",
                retry_after_s=5,
            )
        return found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A page that was asked for; `whole` matches the listings of all pages."""

    searcher: tantivy.Searcher
    whole: tantivy.Query
    query: SearchQuery
    cursor: str | None
    limit: int


_Page = tuple[tuple[int, ...], int, str | None]


def _sorted(wanted: _Wanted) -> _Page:
    """A page by a unique sort key: it begins after the key of the last listing shown."""
    searcher, identity = wanted.searcher, wanted.query.identity
    name, order = _SORT_FIELDS[wanted.query.order]
    within, look = wanted.whole, wanted.limit + 1
    if wanted.cursor is None:
        found = searcher.search(within, look, order_by_field=name, order=order)
        total = _count_of(found)
    else:
        place = read_cursor(wanted.cursor, identity)
        is_down = order is Order.Desc
        beyond = integers(name, None, place - 1) if is_down else integers(name, place + 1, None)
        within = _and(within, beyond)
        total = _counted(searcher, wanted.whole)
        found = searcher.search(within, look, count=False, order_by_field=name, order=order)
    hits = found.hits
    page, more = hits[: wanted.limit], len(hits) > wanted.limit
    serials = _serials(searcher, [address for _, address in page])
    following = write_cursor(int(page[-1][0]), identity) if more else None
    return serials, total, following


def _ranked(wanted: _Wanted, reached: Reached) -> _Page:
    """A page by relevance, the newest of equally relevant listings first.

    Later pages hold what was there when the first one was asked for: newcomers do not push
    listings onto the next page, and the page begins after the last listing shown, wherever it
    stands by now.
    """
    within, pinned, after, shown = wanted.whole, reached.size, -1, 0
    if wanted.cursor is not None:
        place = read_cursor(wanted.cursor, wanted.query.identity, size=_PLACE_BYTES)
        pinned, after, shown = place >> 64, place >> 32 & _HALF, place & _HALF
        within = _and(within, before_serial(pinned))
    ranking, total = _ranking(wanted.searcher, within, shown + wanted.limit)
    start = ranking.index(after) + 1 if after in ranking else shown
    page = tuple(ranking[start : start + wanted.limit])
    if not page or start + len(page) >= min(total, DEPTH):
        return page, total, None
    place = (pinned << 64) | (page[-1] << 32) | (start + len(page))
    return page, total, write_cursor(place, wanted.query.identity, size=_PLACE_BYTES)


def _ranking(
    searcher: tantivy.Searcher, whole: tantivy.Query, needed: int
) -> tuple[list[int], int]:
    """The first serials of the most relevant listings, the `needed` first in true order, and all.

    Tantivy orders equal scores by where they lie in its files; here the newest goes first, so all
    that tie with the last one needed must be looked at.
    """
    look = _FIRST_LOOK if needed < _FIRST_LOOK else DEPTH
    found = searcher.search(whole, look)
    hits, total = found.hits, _count_of(found)
    if look < DEPTH and len(hits) == look and _score(hits[-1]) == _score(hits[needed - 1]):
        hits = searcher.search(whole, DEPTH, count=False).hits
    serials = _serials(searcher, [address for _, address in hits])
    ranked = sorted(zip(map(_score, hits), serials, strict=True), reverse=True)
    return [serial for _, serial in ranked], total


def _score(hit: tuple[Any, tantivy.DocAddress]) -> float:
    return round(float(hit[0]), _PRECISION)


def _serials(searcher: tantivy.Searcher, found: list[tantivy.DocAddress]) -> tuple[int, ...]:
    values = searcher.fast_field_values(SERIAL, found) if found else []
    return tuple(int(value) for value in values if value is not None)


def _counted(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    return _count_of(searcher.search(query, 1))


def _count_of(found: tantivy.SearchResult) -> int:
    return int(getattr(found, "count", 0) or 0)  # missing in the package's stub


def _and(query: tantivy.Query, condition: tantivy.Query) -> tantivy.Query:
    silent = tantivy.Query.const_score_query(condition, 0.0)
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, silent)])
