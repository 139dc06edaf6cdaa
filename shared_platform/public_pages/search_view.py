"""What the search page prints around its results: filters with counts, chips, offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.public_pages.known_nodes import KnownNodes
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.search.bands import (
    FEE_BANDS,
    NO_FIXED_PART,
    PER_UNIT,
    PERIODS,
    ROYALTY_BANDS,
)
from shared_platform.search.counting import Counts, FacetValues
from shared_platform.search.facet_words import FACET_TITLES, facet_words
from shared_platform.search.parameters import SearchParameters
from shared_platform.search.search_query import FACETS, Sort
from shared_platform.search.suggest import Suggestion
from shared_schema.bilingual import Words

SHOWN_VALUES: Final = 8
MOST_VALUES: Final = 24
_BANDS: Final = (*FEE_BANDS, NO_FIXED_PART, *ROYALTY_BANDS, PER_UNIT, *PERIODS)
_BAND_PLACES: Final = {band.name: place for place, band in enumerate(_BANDS)}
_OPEN: Final = frozenset({"start", "fee_mode", "fee_band", "kind"})
_ORDER: Final = (
    "start",
    "fee_mode",
    "fee_band",
    "royalty_band",
    "kind",
    "industry",
    "ipc",
    "scope",
    "holder_kind",
    "holder_region",
    "period_left",
    "origin",
)
SORT_WORDS: Final = {
    Sort.RELEVANCE: Words("最相关", "most relevant"),
    Sort.NEWEST: Words("最新公示", "newest first"),
    Sort.FEE: Words("固定费用从低到高", "lowest fixed fee"),
    Sort.EXPIRY: Words("最早届满", "ending soonest"),
}
ALL_STATES: Final = Words("全部状态", "all states")
_WITHOUT: Final = Words("不限“{0}”", "any {0}")
_WITHOUT_ALL: Final = Words("去掉全部筛选", "without filters")


@dataclass(frozen=True, slots=True)
class ValueView:
    """One value of a facet as a check box."""

    value: str
    word: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    """One facet; `more` stands behind a fold, and whatever is left behind `all_url`."""

    name: str
    title: str
    values: tuple[ValueView, ...]
    more: tuple[ValueView, ...]
    is_open: bool
    all_url: str | None = None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A chip that takes a filter away, or another search that finds something."""

    word: str
    url: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ValueWords:
    """What this reader reads for the values of facets."""

    reader: Reader
    nodes: KnownNodes

    def title(self, name: str) -> str:
        """The facet's own title."""
        return self.reader.says(FACET_TITLES[name])

    def of(self, name: str, value: str) -> str:
        """The words of one value; a node has the name that the log gives it."""
        words = self.nodes.name(value) if name == "origin" else facet_words(name, value)
        return self.reader.says(words)


def facet_views(counts: Counts, asked: SearchParameters, words: ValueWords) -> list[FacetView]:
    """The facets that can still narrow the search, chosen values first."""
    views = []
    for name in _ORDER:
        chosen = [str(value) for value in getattr(asked, name)]
        found = counts.get(name, FacetValues())
        counted = dict(sorted(found, key=lambda one: place(*one)))
        every = [*chosen, *(value for value in counted if value not in chosen)]
        values = every[:MOST_VALUES]
        if values:
            shown = tuple(
                ValueView(
                    value,
                    words.of(name, value),
                    counted.get(value, 0),
                    value in chosen,
                )
                for value in values
            )
            cut = max(SHOWN_VALUES, len(chosen))
            is_open = bool(chosen) or name in _OPEN
            is_part = found.left_out > 0 or len(every) > len(values)
            all_url = words.reader.link(f"/facets/{name}", search_pairs(asked)) if is_part else None
            views.append(
                FacetView(name, words.title(name), shown[:cut], shown[cut:], is_open, all_url)
            )
    return views


def place(value: str, count: int) -> tuple[int, int]:
    """Bands stand in their own order, everything else by its count."""
    return _BAND_PLACES.get(value, 0), -count


def chip_views(asked: SearchParameters, words: ValueWords) -> list[LinkView]:
    """Each chosen filter with the address of the same search without it."""
    chips, reader = [], words.reader
    for name, value in search_pairs(asked):
        if name in FACET_TITLES:
            label = f"{words.title(name)}{reader.says(_COLON)}{words.of(name, value)}"
            chips.append(LinkView(label, _page(reader, asked, but=(name, value))))
        elif name == "state":
            published = asked.model_copy(update={"state": type(asked.state).PUBLISHED})
            chips.append(LinkView(state_word(value, reader), _page(reader, published)))
    return chips


_COLON: Final = Words("：", ": ")


def state_word(state: str, reader: Reader) -> str:
    """The word of a state, or of all of them."""
    return reader.says(STATE_WORDS.get(state, ALL_STATES))


def offer_views(
    offers: Sequence[Suggestion], asked: SearchParameters, words: ValueWords
) -> list[LinkView]:
    """Other searches that find something, in words."""
    return [_offer(one, asked, words) for one in offers]


def _offer(one: Suggestion, asked: SearchParameters, words: ValueWords) -> LinkView:
    query, before, reader = one.query, asked.query(), words.reader
    kept = {name: list(values) for name, values in query.filters}
    dropped = [name for name, _ in before.filters if name not in kept]
    changed = asked.model_copy(
        update={"q": query.text, "state": query.state}
        | {name: kept.get(name, []) for name in FACETS}
    )
    parts = []
    if query.text and query.text != before.text:
        parts.append(query.text)
    parts += [
        _filter_word(name, values, words)
        for name, values in set(query.filters) - set(before.filters)
    ]
    if query.state != before.state:
        parts.append(state_word(query.state, reader))
    if len(dropped) > 1:
        parts.append(reader.says(_WITHOUT_ALL))
    elif dropped:
        parts.append(reader.says(_WITHOUT).format(reader.says(FACET_TITLES[dropped[0]])))
    joint = reader.says(Words("，", ", "))
    return LinkView(joint.join(parts), _page(reader, changed), one.total)


def _filter_word(name: str, values: Sequence[str], words: ValueWords) -> str:
    joint = words.reader.says(Words("、", ", "))
    named = joint.join(words.of(name, value) for value in values)
    return f"{words.title(name)}{words.reader.says(_COLON)}{named}"


def _page(reader: Reader, asked: SearchParameters, *, but: tuple[str, str] | None = None) -> str:
    return reader.link("/", search_pairs(asked, but=but))
