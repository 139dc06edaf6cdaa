"""Searching over HTTP, the same at hub and node; the answer is put together from ready bytes."""

import asyncio
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.page_cursor import CursorRefused
from shared_platform.catalogue.reading import read_listings, reading
from shared_platform.catalogue.route_examples import LISTING_EXAMPLE
from shared_platform.database.transaction import Now
from shared_platform.search.counting import Counts, FacetValues
from shared_platform.search.facet_words import FACET_TITLES, facet_words
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.parameters import FacetName, SearchPage, SearchParameters
from shared_platform.search.search import Found, Searching
from shared_platform.search.suggest import Suggestion, suggest
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import legal_day

_CACHING: Final = "public, no-cache"
FACETS_EXAMPLE: Final[list[dict[str, Any]]] = [
    {
        "name": "kind",
        "title": {"zh": "专利类型", "en": "Patent type"},
        "values": [
            {"value": "invention", "count": 812, "title": {"zh": "发明", "en": "invention"}}
        ],
        "left_out": 0,
    }
]
SEARCH_EXAMPLE: Final[dict[str, Any]] = {
    "items": [LISTING_EXAMPLE],
    "total": 1,
    "next": None,
    "log_size": 5000,
    "unknown": [],
    "numbers": [],
    "did_you_mean": [],
    "facets": FACETS_EXAMPLE,
}

router = APIRouter(prefix="/api/v1/catalogue", tags=["catalogue"])


def _answers(example: object) -> dict[int | str, dict[str, Any]]:
    found = {"schema": {"type": "object"}, "example": example}
    documented = UNCHANGED | problems(CursorRefused, IndexBeingMade)
    return {
        200: {"description": "成功 / found", "content": {"application/json": found}},
        **documented,
    }


@router.get(
    "/search",
    summary="检索 / search the catalogue",
    response_class=Response,
    responses=_answers(SEARCH_EXAMPLE),
)
async def search(request: Request, asked: Annotated[SearchPage, Query()], now: Now) -> Response:
    """Listings that have all the words, with counts for each facet; follow `next` to its end.

    `total` counts all pages. Where nothing is found, `unknown` names words that no listing has and
    `did_you_mean` offers other searches, each with its count.
    """
    searching: Searching = request.app.state.searching
    today = legal_day(now)
    found, counts, others = await asyncio.to_thread(_look, searching, asked, today)
    async with reading(request.app.state.sessions) as connection:
        listings = await read_listings(connection, found.serials, today=today)
    items = [listings[serial] for serial in found.serials if serial in listings]
    return Response(
        search_bytes(items, found, counts=counts, others=others),
        media_type="application/json",
        headers={"cache-control": _CACHING},
    )


@router.get(
    "/facets",
    summary="分面统计 / counts of each facet",
    response_class=Response,
    responses=_answers({"facets": FACETS_EXAMPLE}),
)
async def facets(
    request: Request, asked: Annotated[SearchParameters, Query()], now: Now
) -> Response:
    """How many listings each value of each facet has; of a chosen facet also its alternatives."""
    searching: Searching = request.app.state.searching
    counts = await asyncio.to_thread(searching.facets, asked.query(), today=legal_day(now))
    body = orjson.dumps({"facets": facet_list(counts)})
    return Response(body, media_type="application/json", headers={"cache-control": _CACHING})


@router.get(
    "/facets/{facet}",
    summary="一个分面的全部取值 / every value of one facet",
    response_class=Response,
    responses=_answers(FACETS_EXAMPLE[0]),
)
async def facet_values(
    request: Request, facet: FacetName, asked: Annotated[SearchParameters, Query()], now: Now
) -> Response:
    """Every value of one facet for a search, with as many listings as choosing it would find.

    `search` and `facets` show the first 60 of each facet, and say how many they have `left_out`.
    """
    searching: Searching = request.app.state.searching
    found = await asyncio.to_thread(searching.values, asked.query(), facet, today=legal_day(now))
    body = orjson.dumps(_facet(facet, found))
    return Response(body, media_type="application/json", headers={"cache-control": _CACHING})


def _look(
    searching: Searching, asked: SearchPage, today: date
) -> tuple[Found, Counts | None, list[Suggestion]]:
    query = asked.query()
    found = searching.find(query, cursor=asked.cursor, limit=asked.limit, today=today)
    counts = searching.facets(query, today=today) if asked.facets else None
    others = suggest(searching, query, today=today) if not found.total and query.text else []
    return found, counts, others


def search_bytes(
    items: Sequence[bytes], found: Found, *, counts: Counts | None, others: Sequence[Suggestion]
) -> bytes:
    """The answer; the listings' bytes are put in as they are stored."""
    rest: dict[str, Any] = {
        "total": found.total,
        "next": found.next,
        "log_size": found.log_size,
        "unknown": found.unknown,
        "numbers": found.numbers,
        "did_you_mean": [
            {
                "q": one.query.text,
                "filters": dict(one.query.filters),
                "total": one.total,
                "drops_filters": one.drops_filters,
            }
            for one in others
        ],
    }
    if counts is not None:
        rest["facets"] = facet_list(counts)
    return b'{"items":[%b],%b' % (b",".join(items), orjson.dumps(rest)[1:])


def facet_list(counts: Counts) -> list[dict[str, Any]]:
    """The facets in their order, with the words of each value."""
    return [_facet(name, counted) for name, counted in counts.items()]


def _facet(name: str, counted: FacetValues) -> dict[str, Any]:
    return {
        "name": name,
        "title": FACET_TITLES[name]._asdict(),
        "values": [
            {"value": value, "count": count, "title": _titles(name, value)}
            for value, count in counted
        ],
        "left_out": counted.left_out,
    }


@lru_cache(maxsize=8_192)
def _titles(name: str, value: str) -> dict[str, str]:
    return facet_words(name, value)._asdict()
