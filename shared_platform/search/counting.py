"""How many listings each value of each facet has: as many as choosing it would find.

Values are counted by the index in one pass. Regions are not values of a listing: an offer for the
nation holds in each of them. So the index counts whole territories, of which there are few, and
the regions are counted from those by the rule that also filters (`shared_schema.territory`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

import tantivy

from shared_platform.search.bands import PERIODS, period_range
from shared_platform.search.fields import PERIOD_END, SCOPE, TERMS_FACETS, TERRITORY
from shared_platform.search.search_query import (
    PERIOD_LEFT,
    SearchQuery,
    ask_filters,
    ask_text,
    together,
)
from shared_schema.region import lineage
from shared_schema.territory import Territory, covers

FACET_VALUES: Final = 60
_ALL_VALUES: Final = 20_000
"""More than any facet has; with less, counts over several files of the index would be estimates."""

_NAMES: Final = (*TERMS_FACETS, PERIOD_LEFT)


@dataclass(frozen=True, slots=True)
class FacetValues:
    """Values of a facet with their counts, most first; `left_out` are not among them."""

    values: tuple[tuple[str, int], ...] = ()
    left_out: int = 0

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Each value with its count."""
        return iter(self.values)

    def cut(self, length: int, chosen: Iterable[str]) -> "FacetValues":
        """The first ones, and those that were chosen wherever they stand."""
        wanted = set(chosen)
        kept = [one for at, one in enumerate(self.values) if at < length or one[0] in wanted]
        return FacetValues(tuple(kept), len(self.values) - len(kept))


Counts = Mapping[str, FacetValues]


def count_facets(searcher: tantivy.Searcher, query: SearchQuery, *, today: date) -> Counts:
    """All facets without a choice in one pass; one more pass for each facet with one.

    Of a chosen facet its alternatives are counted, each as if it were chosen alone.
    """
    chosen = dict(query.filters)
    passes = [
        (None, [name for name in _NAMES if name not in chosen]),
        *((name, [name]) for name in _NAMES if name in chosen),
    ]
    counts = {
        name: values.cut(FACET_VALUES, chosen.get(name, ()))
        for but, counted in passes
        for name, values in _counted(searcher, query, counted, but=but, today=today).items()
    }
    return {name: counts[name] for name in _NAMES}


def count_values(
    searcher: tantivy.Searcher, query: SearchQuery, facet: str, *, today: date
) -> FacetValues:
    """Every value of one facet."""
    return _counted(searcher, query, [facet], but=facet, today=today)[facet]


def _counted(
    searcher: tantivy.Searcher,
    query: SearchQuery,
    names: Sequence[str],
    *,
    but: str | None,
    today: date,
) -> dict[str, FacetValues]:
    within = together(ask_text(searcher, query.text), ask_filters(query, today=today, but=but))
    found = searcher.aggregate(within, {name: _aggregation(name, today) for name in names})
    chosen = dict(query.filters)
    return {name: _values(name, found[name], chosen.get(name, ())) for name in names}


def _values(name: str, found: dict[str, Any], chosen: Iterable[str]) -> FacetValues:
    buckets = {str(one["key"]): int(one["doc_count"]) for one in found["buckets"]}
    if name == SCOPE:
        buckets = _by_region(buckets, chosen)
    elif name == PERIOD_LEFT:
        buckets = {band.name: buckets.get(band.name, 0) for band in PERIODS}
        return FacetValues(tuple((key, n) for key, n in buckets.items() if n))
    ordered = sorted(buckets.items(), key=lambda one: (-one[1], one[0]))
    return FacetValues(tuple((key, n) for key, n in ordered if n))


def _aggregation(name: str, today: date) -> dict[str, Any]:
    if name != PERIOD_LEFT:
        field = TERRITORY if name == SCOPE else name
        return {"terms": {"field": field, "size": _ALL_VALUES}}
    ranges: list[dict[str, Any]] = []
    for band in PERIODS:
        first, beyond = period_range(band, today)
        ranges.append(
            {"key": band.name, "from": first} | ({} if beyond is None else {"to": beyond})
        )
    return {"range": {"field": PERIOD_END, "ranges": ranges}}


def _by_region(counted: Mapping[str, int], chosen: Iterable[str]) -> dict[str, int]:
    """For each region that a territory names, and those around it, the offers that hold there."""
    named = set(chosen)
    by_included: defaultdict[str, list[tuple[Territory, int]]] = defaultdict(list)
    for key, count in counted.items():
        territory = territory_of(key)
        for code in territory.include:
            by_included[code].append((territory, count))
        for code in (*territory.include, *territory.exclude):
            named.update(lineage(code))
    return {region: _holding_in(region, by_included) for region in named}


def _holding_in(region: str, by_included: Mapping[str, list[tuple[Territory, int]]]) -> int:
    around = [one for code in lineage(region) for one in by_included.get(code, ())]
    each = {id(territory): (territory, count) for territory, count in around}
    return sum(count for territory, count in each.values() if covers(territory, region))


_WITHOUT: Final = "-"
_BETWEEN: Final = "+"


def territory_key(territory: Territory) -> str:
    """The territory as one term: equal territories have the same."""
    parts = (sorted(territory.include), sorted(territory.exclude))
    return _WITHOUT.join(_BETWEEN.join(codes) for codes in parts)


@lru_cache(maxsize=20_000)
def territory_of(key: str) -> Territory:
    """The territory of a term; it was judged when it was declared."""
    include, _, exclude = key.partition(_WITHOUT)
    return Territory.model_construct(
        include=tuple(include.split(_BETWEEN)),
        exclude=tuple(exclude.split(_BETWEEN)) if exclude else (),
    )
