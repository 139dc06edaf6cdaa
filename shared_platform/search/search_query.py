"""What somebody searches for, and how it is asked of the index."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

import tantivy
from tantivy import FieldType, Occur, Query

from shared_platform.catalogue.listing_query import ShownState
from shared_platform.search.bands import PERIODS, Band, day_number, period_range
from shared_platform.search.fields import (
    BOOSTS,
    CHARACTERS,
    NUMBER,
    PAIRS,
    PERIOD_END,
    SCOPE,
    SCOPE_OUT,
    SCOPE_OUT_ABOVE,
    SERIAL,
    STATE,
    TERMS_FACETS,
    TEXTS,
    schema,
)
from shared_platform.search.segmentation import normalise, pairs, runs, spellings, words
from shared_platform.search.typed_numbers import TypedText, bare, read_typed
from shared_schema.region import lineage

PERIOD_LEFT: Final = "period_left"
FACETS: Final = (*TERMS_FACETS, PERIOD_LEFT)
_STORED_STATES: Final = (ShownState.PUBLISHED, ShownState.SUSPENDED, ShownState.WITHDRAWN)
_LIKENESS: Final = (1.0, 0.8)  # of a word as typed, and of its other forms
_SEPARATORS: Final = re.compile(r"[ .\-]")
_SHORTEST_DIGITS: Final = 4
_WHOLE_DIGITS: Final = 13


class Sort(StrEnum):
    """The orders of a result."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    FEE = "fee"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search as its address says it. `filters` holds the wanted values of each facet, sorted.

    Values of one facet are alternatives, facets are conditions; a region as `scope` asks for
    offers that hold there, in a larger region too.
    """

    text: str = ""
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    state: ShownState = ShownState.PUBLISHED
    sort: Sort = Sort.RELEVANCE

    @property
    def order(self) -> Sort:
        """The order used: without words nothing is more relevant, so the newest goes first."""
        is_relevance = self.sort is Sort.RELEVANCE
        return Sort.NEWEST if is_relevance and not self.text.strip() else self.sort

    @property
    def identity(self) -> str:
        """What makes it the same search on every page."""
        wanted = ("\x1e".join((name, *values)) for name, values in self.filters)
        return "\x1f".join((self.text, self.state, self.order, *wanted))


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a search as the index knows them.

    Attributes:
        query: what must match; None: nothing was typed.
        known: pieces that some listing has; `unknown` those that none has.
        numbers: the valid application numbers among what was typed.
    """

    query: Query | None
    known: tuple[str, ...] = ()
    unknown: tuple[str, ...] = field(default=())
    numbers: tuple[str, ...] = ()


def ask_text(searcher: tantivy.Searcher, text: str) -> Asked:
    """Every piece typed must be found: as a number, as words in any field, or as a piece of a name.

    Nothing is left out silently: a piece that no listing has makes the result empty, and is named.
    """
    typed = read_typed(text)
    if typed.numbers:
        return _ask_numbers(searcher, typed)
    asked, start = _ask_pieces(searcher, text), _start_of_number(text)
    if start is None:
        return asked
    ways = [_term(NUMBER, start)]  # digits may stand in a title too
    if asked.query is not None:
        ways.append(asked.query)
    return Asked(_any(ways), known=(start,))


def _ask_numbers(searcher: tantivy.Searcher, typed: TypedText) -> Asked:
    """Each number and all the words beside them; digits may stand in a title or an abstract too."""
    words = _ask_pieces(searcher, typed.words)
    required = [] if words.query is None else [words.query]
    for number in typed.numbers:
        as_words = _ask_pieces(searcher, number.typed)
        ways = [_term(NUMBER, number.term)]
        if as_words.query is not None and not as_words.unknown:
            ways.append(as_words.query)
        required.append(_any(ways))
    applications = tuple(one.application for one in typed.numbers if one.application)
    known = (*(one.term for one in typed.numbers), *words.known)
    return Asked(_all(required), known, words.unknown, applications)


def _ask_pieces(searcher: tantivy.Searcher, text: str) -> Asked:
    required: list[Query] = []
    known, unknown = [], []
    for piece in dict.fromkeys(runs(normalise(text))):
        found = _piece(searcher, piece)
        if found is None:
            unknown.append(piece)
        else:
            known.append(piece)
            required.append(found)
    if unknown:
        return Asked(Query.empty_query(), tuple(known), tuple(unknown))
    return Asked(_all(required) if required else None, tuple(known))


def _start_of_number(text: str) -> str | None:
    compact = _SEPARATORS.sub("", bare(text)).removeprefix("zl").removeprefix("cn")
    is_start = compact.isdecimal() and _SHORTEST_DIGITS <= len(compact) < _WHOLE_DIGITS
    return compact if is_start else None


def _piece(searcher: tantivy.Searcher, piece: str) -> Query | None:
    """All its words in any fields, or the piece itself within a title or a name."""
    ways: list[Query] = []
    if len(piece) == 1 and searcher.doc_freq(CHARACTERS, piece):
        ways.append(_term(CHARACTERS, piece))
    found = list(dict.fromkeys(words(piece)))
    frequencies = [
        sum(searcher.doc_freq(name, term) for name in TEXTS for term in spellings(word))
        for word in found
    ]
    if found and all(frequencies):
        ways.append(_all([_word(word) for word in found]))
    two = pairs(piece)
    if two and all(searcher.doc_freq(PAIRS, one) for one in dict.fromkeys(two)):
        phrase = (
            _term(PAIRS, two[0])
            if len(two) == 1
            else Query.phrase_query(schema(), PAIRS, list(two))
        )
        ways.append(Query.boost_query(phrase, 2.0))
    if not ways:
        return None
    return ways[0] if len(ways) == 1 else Query.boolean_query([(Occur.Should, way) for way in ways])


def _word(word: str) -> Query:
    ways = [
        Query.boost_query(Query.term_query(schema(), name, term, "freq"), BOOSTS[name] * likeness)
        for name in TEXTS
        for term, likeness in zip(spellings(word), _LIKENESS, strict=False)
    ]
    return Query.disjunction_max_query(ways, 0.1)


Condition = tuple[Occur, Query]


def ask_filters(query: SearchQuery, *, today: date, but: str | None = None) -> list[Condition]:
    """The conditions besides the words; `but` leaves one facet out, to count its alternatives."""
    conditions = _state(query.state, day_number(today))
    for name, values in query.filters:
        if name != but:
            conditions.append((Occur.Must, _any([_facet(name, value, today) for value in values])))
    return conditions


def together(asked: Asked, conditions: list[Condition]) -> Query:
    """Words, which rank, and conditions, which do not."""
    silent = [
        (occur, one if occur is Occur.MustNot else Query.const_score_query(one, 0.0))
        for occur, one in conditions
    ]
    parts = silent if asked.query is None else [(Occur.Must, asked.query), *silent]
    if all(occur is Occur.MustNot for occur, _ in parts):  # leaving out of nothing finds nothing
        parts.append((Occur.Must, Query.all_query()))
    return Query.boolean_query(parts)


def before_serial(serial: int) -> Query:
    """Listings first offered before this place of the log."""
    return integers(SERIAL, None, serial - 1)


def integers(name: str, lower: int | None, upper: int | None) -> Query:
    """A whole-number field within bounds, both included."""
    return Query.range_query(schema(), name, FieldType.Integer, lower, upper)


def _state(state: ShownState, today: int) -> list[Condition]:
    """Where most listings are wanted, leaving out the others is less work than asking for them."""
    if state is ShownState.ALL:
        return []
    if state is ShownState.WITHDRAWN:
        return [(Occur.Must, _term(STATE, state.value))]
    if state is ShownState.EXPIRED:
        living = _any([_term(STATE, "published"), _term(STATE, "suspended")])
        return [(Occur.Must, living), (Occur.Must, _ended_before(today))]
    others = [other for other in _STORED_STATES if other is not state]
    left_out = [*(_term(STATE, other.value) for other in others), _ended_before(today)]
    return [(Occur.MustNot, one) for one in left_out]


def _ended_before(today: int) -> Query:
    """By the terms of the index: few listings have ended, so their column is not gone through."""
    return Query.range_query(
        schema(), PERIOD_END, FieldType.Integer, None, today - 1, use_inverted_index=True
    )


def _facet(name: str, value: str, today: date) -> Query:
    if name == PERIOD_LEFT:
        band: Band = next(band for band in PERIODS if band.name == value)
        first, beyond = period_range(band, today)
        return integers(PERIOD_END, first, None if beyond is None else beyond - 1)
    if name == SCOPE:
        return _covers(value)
    return _term(name, value)


def _covers(region: str) -> Query:
    """As `shared_schema.territory.covers`: included, and nothing of it excluded."""
    around = lineage(region)
    return Query.boolean_query(
        [
            (Occur.Must, _any([_term(SCOPE, code) for code in around])),
            *((Occur.MustNot, _term(SCOPE_OUT, code)) for code in around),
            (Occur.MustNot, _term(SCOPE_OUT_ABOVE, region)),
        ]
    )


def _term(name: str, value: str) -> Query:
    return Query.term_query(schema(), name, value, "basic")


def _all(parts: list[Query]) -> Query:
    return (
        parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Must, one) for one in parts])
    )


def _any(parts: list[Query]) -> Query:
    return (
        parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Should, one) for one in parts])
    )
