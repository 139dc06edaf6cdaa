"""The catalogue's two public read operations, the same at hub and node."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from shared_platform.catalogue.listing_query import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    ListingQuery,
    ShownState,
    typed_query,
)
from shared_platform.catalogue.page_cursor import CursorRefused
from shared_platform.catalogue.reading import (
    Answer,
    NoSuchListing,
    list_listings,
    listings_etag,
    read_listing,
    reading,
)
from shared_platform.catalogue.route_examples import LISTING_EXAMPLE, PAGE_EXAMPLE
from shared_platform.database.transaction import Now
from shared_platform.transport.conditional import UNCHANGED, if_none_match, is_fresh
from shared_platform.transport.problem_documents import problems
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import legal_day

CACHING: Final = "public, no-cache"  # keep it, but ask each time: a withdrawal shows at once

router = APIRouter(prefix="/api/v1/catalogue", tags=["catalogue"])


async def read_query(
    number: Annotated[
        str | None,
        Query(
            max_length=60,
            description="申请号或专利号，任意常见写法 / application or patent number as typed",
            examples=["ZL 2017 1 0601862.3", "201710601862.3"],
        ),
    ] = None,
    holder: Annotated[
        str | None,
        Query(min_length=1, max_length=500, description="专利权人全称 / the holder's full name"),
    ] = None,
    origin: Annotated[
        str | None,
        Query(min_length=1, max_length=100, description="来源节点 / the node it came from"),
    ] = None,
    state: Annotated[ShownState, Query(description="状态 / state")] = ShownState.PUBLISHED,
    cursor: Annotated[
        str | None, Query(max_length=100, description="上一页的 next / `next` of the last page")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="每页条数 / page length")] = (
        DEFAULT_LIMIT
    ),
) -> ListingQuery:
    """The query of a request in stored form.

    Raises:
        IdentifierRefused: the number is not one.
    """
    return typed_query(ListingQuery(number, holder, origin, state, cursor, limit))


_Documented = dict[int | str, dict[str, Any]]


def _answers(example: dict[str, Any], refusals: _Documented) -> _Documented:
    found = {"schema": {"type": "object"}, "example": example}
    return {
        200: {"description": "成功 / found", "content": {"application/json": found}},
        **UNCHANGED,
        **refusals,
    }


@router.get(
    "/listings",
    summary="目录 / the catalogue, newest listing first",
    response_class=Response,
    responses=_answers(PAGE_EXAMPLE, problems(IdentifierRefused, CursorRefused)),
)
async def get_listings(
    request: Request,
    query: Annotated[ListingQuery, Depends(read_query)],
    now: Now,
) -> Response:
    """One page of listings by number, holder, node and state; follow `next` until it is null."""
    today = legal_day(now)
    async with reading(request.app.state.sessions) as connection:
        if if_none_match(request):
            etag = await listings_etag(connection, today=today)
            if is_fresh(request, etag):
                return not_modified(etag)
        return _answer(await list_listings(connection, query, today=today))


@router.get(
    "/listings/{listing}",
    summary="一条许可声明 / one listing, in whatever state",
    response_class=Response,
    responses=_answers(LISTING_EXAMPLE, problems(NoSuchListing)),
)
async def get_listing(request: Request, listing: UUID, now: Now) -> Response:
    """The listing with its public items; a withdrawn one keeps its address and says so."""
    async with reading(request.app.state.sessions) as connection:
        found = await read_listing(connection, listing, today=legal_day(now))
    return not_modified(found.etag) if is_fresh(request, found.etag) else _answer(found)


def not_modified(etag: str) -> Response:
    """304 with the fields a cache needs (RFC 9110 §15.4.5)."""
    return Response(status_code=304, headers={"etag": etag, "cache-control": CACHING})


def _answer(answer: Answer) -> Response:
    return Response(
        answer.body,
        media_type="application/json",
        headers={"etag": answer.etag, "cache-control": CACHING},
    )
