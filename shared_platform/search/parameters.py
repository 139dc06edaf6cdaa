"""A search as the parameters of an address: the same for pages, API, feeds and exports."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from shared_platform.catalogue.listing_query import DEFAULT_LIMIT, MAX_LIMIT, ShownState
from shared_platform.search.bands import (
    FEE_BANDS,
    NO_FIXED_PART,
    PER_UNIT,
    PERIODS,
    ROYALTY_BANDS,
    START_WORDS,
    Band,
)
from shared_platform.search.facet_words import FEE_MODES
from shared_platform.search.search_query import FACETS, SearchQuery, Sort
from shared_schema.declaration import HolderKind
from shared_schema.industry import industries
from shared_schema.patent_number import PatentKind
from shared_schema.region import regions

MAX_TEXT: Final = 200
_MAX_VALUES: Final = 20


def _one_of(values: Callable[[], "frozenset[str]"]) -> AfterValidator:
    """One of a closed set; the message names them where they are few."""

    def validate(value: str) -> str:
        allowed = values()
        if value in allowed:
            return value
        few = "、".join(sorted(allowed)) if len(allowed) <= _MAX_VALUES else ""
        message = f"筛选项没有这个值 / the filter has no such value{few and f': {few}'}"
        raise PydanticCustomError("filter.unknown_value", "{message}", {"message": message})

    return AfterValidator(validate)


def _bands(*bands: Band) -> AfterValidator:
    names = frozenset(band.name for band in bands)
    return _one_of(lambda: names)


FacetName = Annotated[
    str,
    _one_of(lambda: frozenset(FACETS)),
    Field(description="筛选项 / a filter", json_schema_extra={"enum": list(FACETS)}),
]
_Values: Any = Field(default_factory=list, max_length=_MAX_VALUES)
_Region = Annotated[str, _one_of(lambda: frozenset(regions()))]
_Ipc = Annotated[str, StringConstraints(pattern=r"^[A-H]([0-9]{2}[A-Z]?)?$")]
_Node = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


class SearchParameters(BaseModel):
    """The words, the filters, the order and the page. A misspelt filter is refused, not ignored.

    Values of one filter are alternatives; filters are conditions. `scope` asks for offers that
    hold in the whole of a region.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Annotated[
        str,
        Field(
            max_length=MAX_TEXT,
            description="词、专利号（任意写法）、专利权人 / words, a patent number, a holder",
            examples=["联邦学习", "ZL 2017 1 0601862.3"],
        ),
    ] = ""
    kind: list[PatentKind] = _Values
    holder_kind: list[HolderKind] = _Values
    holder_region: list[_Region] = _Values
    fee_mode: list[Annotated[str, _one_of(lambda: frozenset(FEE_MODES))]] = _Values
    fee_band: list[Annotated[str, _bands(*FEE_BANDS, NO_FIXED_PART)]] = _Values
    royalty_band: list[Annotated[str, _bands(*ROYALTY_BANDS, PER_UNIT)]] = _Values
    start: list[Annotated[str, _one_of(lambda: frozenset(START_WORDS))]] = _Values
    scope: list[_Region] = _Values
    industry: list[Annotated[str, _one_of(lambda: frozenset(industries()))]] = _Values
    ipc: list[_Ipc] = _Values
    origin: list[_Node] = _Values
    period_left: list[Annotated[str, _bands(*PERIODS)]] = _Values
    state: ShownState = ShownState.PUBLISHED
    sort: Sort = Sort.RELEVANCE

    def query(self) -> SearchQuery:
        """The search itself: facets and their values sorted, each once."""
        chosen = {name: getattr(self, name) for name in FACETS}
        filters = tuple(
            (name, tuple(sorted(set(values)))) for name, values in sorted(chosen.items()) if values
        )
        return SearchQuery(self.q.strip(), filters, self.state, self.sort)


class SearchPage(SearchParameters):
    """A search and which page of it."""

    cursor: Annotated[
        str | None,
        Field(max_length=100, description="上一页的 next / `next` of the last page"),
    ] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="每页条数 / page length")] = (
        DEFAULT_LIMIT
    )
    facets: Annotated[bool, Field(description="附分面统计 / with counts of facets")] = True
