"""What was probably meant, when nothing is found: numbers mended, words that some listing has.

A suggestion is never searched for silently; it is shown with its own count, which is never zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from itertools import islice
from typing import Final

import tantivy

from shared_platform.search.fields import TEXTS
from shared_platform.search.filter_words import filters_meant
from shared_platform.search.respelling import respelt
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery
from shared_platform.search.segmentation import normalise, runs, spellings, words
from shared_platform.search.typed_numbers import bare
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number, print_patent_number

MOST: Final = 5
_LIKENESS: Final = 0.75
_NEIGHBOURS: Final = 500
_TRIED: Final = 20  # other searches that are counted at most
_MENDED: Final = 3  # unknown Latin words of which neighbours are looked for


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another search that finds something; `drops_filters` says that it asks for less."""

    query: SearchQuery
    total: int
    drops_filters: bool = False


def suggest(searching: Searching, query: SearchQuery, *, today: date) -> list[Suggestion]:
    """Other searches for one that found nothing, the likeliest first, each with its count.

    Raises:
        IndexBeingMade: there is no index yet.
    """
    found: dict[SearchQuery, Suggestion] = {}
    for other in islice(_others(searching.opened(), query), _TRIED):
        if other not in found and len(found) < MOST:
            total = searching.count(other, today=today)
            if total:
                found[other] = Suggestion(other, total, _drops(other, query))
    return list(found.values())


def meant_as_filters(searching: Searching, query: SearchQuery, *, today: date) -> list[Suggestion]:
    """The search with a filter in the place of a word that names one, each with its count.

    Raises:
        IndexBeingMade: there is no index yet.
    """
    counted = [(one, searching.count(one, today=today)) for one in filters_meant(query)]
    return [Suggestion(one, total) for one, total in counted if total]


def _drops(other: SearchQuery, query: SearchQuery) -> bool:
    return not {name for name, _ in query.filters} <= {name for name, _ in other.filters}


def _others(searcher: tantivy.Searcher, query: SearchQuery) -> Iterator[SearchQuery]:
    yield from filters_meant(query)
    texts = list(
        dict.fromkeys(
            [
                *_numbers(query.text),
                *_respellings(searcher, query.text),
                *_rewordings(searcher, query.text),
            ]
        )
    )
    for text in texts:
        yield replace(query, text=text)
    if query.filters:
        yield replace(query, filters=())
        for text in texts:
            yield replace(query, text=text, filters=())


def _numbers(text: str) -> list[str]:
    try:
        parse_application_number(bare(text))
    except IdentifierRefused as refused:
        return [print_patent_number(number) for number in refused.suggestions]
    return []


def _respellings(searcher: tantivy.Searcher, text: str) -> Iterator[str]:
    """The text with one Chinese character changed in one of its pieces."""
    folded = normalise(text)
    for piece in runs(folded):
        for other in respelt(searcher, piece):
            yield folded.replace(piece, other, 1)


def _rewordings(searcher: tantivy.Searcher, text: str) -> Iterator[str]:
    """The words of the text that some listing has; for a Latin word its nearest neighbour."""
    kept: list[str] = []
    mended = 0
    for piece in runs(normalise(text)):
        for word in _longest(words(piece)):
            if _is_known(searcher, word):
                kept.append(word)
            elif word.isascii() and mended < _MENDED:
                kept += _near(searcher, word)
                mended += 1
    kept = list(dict.fromkeys(kept))
    if kept:
        yield " ".join(kept)
    if len(kept) > 1:
        yield from sorted(kept, key=len, reverse=True)


def _longest(found: list[str]) -> list[str]:
    """Compounds without the parts that are listed beside them."""
    return [one for one in found if not any(one != other and one in other for other in found)]


def _is_known(searcher: tantivy.Searcher, word: str) -> bool:
    return any(searcher.doc_freq(name, term) for name in TEXTS for term in spellings(word))


def _near(searcher: tantivy.Searcher, word: str) -> list[str]:
    """The most similar Latin word of any title, field or name that begins like this one."""
    known = {
        term
        for name in TEXTS
        for term, _ in searcher.terms_with_prefix(name, word[:1], limit=_NEIGHBOURS)
        if term.isascii()
    }
    return get_close_matches(word, known, n=1, cutoff=_LIKENESS)
