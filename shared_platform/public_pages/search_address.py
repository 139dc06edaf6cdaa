"""A search as the address of a page, and back; values nobody chose stay out of it."""

from typing import Annotated

from pydantic import Field

from shared_platform.public_pages.reader import Pairs, PrintSize, Reader
from shared_platform.search.parameters import SearchPage, SearchParameters
from shared_platform.search.search_query import FACETS
from shared_schema.bilingual import Language

_PLAIN = ("q", "state", "sort")


class PageSearch(SearchPage):
    """The parameters of the search page: a search, which page, and who reads."""

    lang: Language = "zh"
    size: PrintSize = "normal"
    facets: Annotated[bool, Field(description="of the API; pages always show them")] = True

    @property
    def reader(self) -> Reader:
        """Who reads."""
        return Reader(self.lang, self.size)


def search_pairs(asked: SearchParameters, *, but: tuple[str, str] | None = None) -> Pairs:
    """The search without its page; `but` leaves one value of one filter out."""
    found = [
        (name, str(value))
        for name in _PLAIN
        if (value := getattr(asked, name)) != SearchParameters.model_fields[name].default
    ]
    chosen = [(name, str(value)) for name in FACETS for value in getattr(asked, name)]
    return found + [pair for pair in chosen if pair != but]


def without_filters(asked: SearchParameters) -> Pairs:
    """The words and the order alone."""
    return [pair for pair in search_pairs(asked) if pair[0] in {"q", "sort"}]
