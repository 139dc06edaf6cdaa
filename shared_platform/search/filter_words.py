"""Words that name a filter rather than what a patent is about: 免费, 实用新型, Guangzhou, physics.

Somebody who types one is shown the filter, with how many it finds; nothing is filtered silently.
English names exist for regions and for sections of the IPC as far as the reference data has them;
GB/T 4754 has none, so industries are known by their Chinese titles only.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from shared_platform.search.facet_words import facet_words
from shared_platform.search.search_query import SearchQuery
from shared_platform.search.segmentation import normalise
from shared_schema.industry import industries
from shared_schema.region import COUNTRY, regions

_CLOSED: Final = {  # every value of these has words of its own
    "start": ("free", "free_period", "pay_after_use"),
    "kind": ("invention", "utility_model", "design"),
    "holder_kind": ("university", "institute", "state_enterprise", "enterprise", "individual"),
    "fee_mode": ("lump_sum", "instalments", "entry_plus_royalty", "royalty", "annual_fixed"),
    "ipc": tuple("ABCDEFGH"),
}
_ALSO: Final = {  # as people say it; the words of the facets are known anyway
    "免费": ("start", "free"),
    "免费专利": ("start", "free"),
    "free": ("start", "free"),
    "发明专利": ("kind", "invention"),
    "patent for invention": ("kind", "invention"),
    "实用新型专利": ("kind", "utility_model"),
    "外观设计专利": ("kind", "design"),
    "外观": ("kind", "design"),
    "高校": ("holder_kind", "university"),
    "universities": ("holder_kind", "university"),
    "先用后付": ("start", "pay_after_use"),
    "一次性付清": ("fee_mode", "lump_sum"),
    "分期": ("fee_mode", "instalments"),
}
_REGION_END: Final = re.compile("(省|市|特别行政区|(壮族|回族|维吾尔)?自治区)$")
_CODE: Final = re.compile(r"^[a-h]\d*\s+")
_SEPARATORS: Final = re.compile(r"[\s,，、;；]+")
MOST: Final = 3
_LONGEST: Final = 5  # English words of one name

Choice = tuple[str, str]


def filters_meant(query: SearchQuery) -> list[SearchQuery]:
    """The same search with a filter in the place of a word that names one; at most three."""
    found: dict[SearchQuery, None] = {}
    folded = normalise(query.text).strip()
    for word, choices in _named(folded):
        rest = " ".join(folded.replace(word, " ", 1).split())
        for choice in choices:
            other = _narrowed(replace(query, text=rest), choice)
            if other is not None:
                found[other] = None
    return list(found)[:MOST]


def _named(folded: str) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    """Words of the text that name filters: the text itself, then each of its parts."""
    names = _names()
    parts = [part for part in _SEPARATORS.split(folded) if part]
    for length in range(_LONGEST, 0, -1):
        for at in range(len(parts) - length + 1):
            word = " ".join(parts[at : at + length])
            if word in names:
                yield word, names[word]
    for part in parts:
        if part not in names and not part.isascii():
            ends = (word for word in _closed() if part.startswith(word) or part.endswith(word))
            yield from ((word, names[word]) for word in ends)


def _narrowed(query: SearchQuery, choice: Choice) -> SearchQuery | None:
    name, value = choice
    chosen = dict(query.filters)
    if value in chosen.get(name, ()):
        return None
    filters = chosen | {name: (value,)}
    return replace(query, filters=tuple(sorted(filters.items())))


@cache
def _closed() -> tuple[str, ...]:
    """Chinese words of the short lists, the longest first: 免费传感器 begins with one."""
    names = (word for word, choices in _names().items() if choices[0][0] in _CLOSED)
    return tuple(sorted((one for one in names if not one.isascii()), key=len, reverse=True))


@cache
def _names() -> dict[str, tuple[Choice, ...]]:
    """Every word that names filters, folded as texts are searched."""
    found: dict[str, dict[Choice, None]] = {}
    for word, choice in (*_ALSO.items(), *_of_lists(), *_of_industries(), *_of_regions()):
        if word:
            found.setdefault(normalise(word), {})[choice] = None
    return {word: tuple(choices) for word, choices in found.items()}


def _of_lists() -> Iterator[tuple[str, Choice]]:
    for facet, values in _CLOSED.items():
        for value in values:
            for word in facet_words(facet, value):
                yield _CODE.sub("", word.lower()), (facet, value)


def _of_industries() -> Iterator[tuple[str, Choice]]:
    """Sections and divisions."""
    for code, row in industries().items():
        if len(code) <= len("C39"):
            yield row.title_zh, ("industry", code)


def _of_regions() -> Iterator[tuple[str, Choice]]:
    """Provinces and cities, as territories and as places of holders."""
    for code, region in regions().items():
        if code != COUNTRY and (len(code) == len("44") or code.endswith("00")):
            short = _REGION_END.sub("", region.name_zh)
            for word in (region.name_zh, short, region.name_en):
                yield word, ("scope", code)
                yield word, ("holder_region", code)
