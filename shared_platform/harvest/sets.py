"""The sets of the repository: nodes, territories and IPC classes that listings have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared_platform.catalogue.listing_query import ShownState
from shared_platform.search.facet_words import facet_words
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery
from shared_schema.region import lineage


@dataclass(frozen=True, slots=True)
class ListedSet:
    """A set with its name for people."""

    spec: str
    name: str


def listed_sets(searching: Searching, *, today: date) -> list[ListedSet]:
    """The sets with at least one listing, of whatever state, in the order of their names.

    Raises:
        IndexBeingMade: they are counted by the search index, which is not there yet.
    """
    whole = SearchQuery(state=ShownState.ALL)
    values: Mapping[str, Sequence[str]] = {
        name: sorted(value for value, _ in searching.values(whole, name, today=today))
        for name in ("origin", "scope", "ipc")
    }
    regions = sorted({path for code in values["scope"] for path in _down_to(code)})
    found = [
        *(ListedSet(f"origin:{node}", node) for node in values["origin"]),
        *(ListedSet(f"region:{path}", _region_name(path)) for path in regions),
        *(ListedSet(f"ipc:{_path(one)}", facet_words("ipc", one).zh) for one in values["ipc"]),
    ]
    return sorted(found, key=lambda one: one.spec)


def _down_to(code: str) -> list[str]:
    """The paths from the country down to a region, one for each level."""
    down = lineage(code)[::-1]
    return [":".join(down[:depth]) for depth in range(1, len(down) + 1)]


def _region_name(path: str) -> str:
    return facet_words("scope", path.rpartition(":")[2]).zh


def _path(symbol: str) -> str:
    return ":".join(dict.fromkeys((symbol[0], symbol[:3], symbol[:4])))
