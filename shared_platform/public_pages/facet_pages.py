"""Every value of one filter for a search, each a link to the search narrowed by it."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.reading import reading
from shared_platform.database.transaction import Now
from shared_platform.public_pages.frame import show
from shared_platform.public_pages.reader import Reading
from shared_platform.public_pages.search_address import PageSearch, search_pairs
from shared_platform.public_pages.search_view import LinkView, ValueWords, place
from shared_platform.search.facet_words import FACET_TITLES
from shared_platform.search.search import Searching
from shared_platform.search.search_query import FACETS
from shared_platform.transport.problems import NoSuchPath
from shared_schema.instants import legal_day

router = APIRouter(include_in_schema=False)
_HIERARCHIES: Final = frozenset({"industry", "ipc"})


class NoSuchFacet(NoSuchPath):
    """The search has no filter of this name."""


@router.get("/facets/{facet}")
async def facet_page(
    request: Request, facet: str, now: Now, reader: Reading, asked: Annotated[PageSearch, Query()]
) -> Response:
    """All values of a filter with their counts; codes in their own order.

    Raises:
        NoSuchFacet: there is no such filter.
        IndexBeingMade: there is no index yet.
    """
    if facet not in FACETS:
        raise NoSuchFacet("没有这个筛选项 / there is no such filter")
    state, today = request.app.state, legal_day(now)
    searching: Searching = state.searching
    found = await asyncio.to_thread(searching.values, asked.query(), facet, today=today)
    async with reading(state.sessions) as connection:
        if facet == "origin":
            await state.site.nodes.know(connection, {value for value, _ in found})
    words = ValueWords(reader, state.site.nodes)
    ordered = sorted(found) if facet in _HIERARCHIES else sorted(found, key=lambda o: place(*o))
    own = [pair for pair in search_pairs(asked) if pair[0] != facet]
    facts = {
        "title": reader.says(FACET_TITLES[facet]),
        "values": [
            LinkView(words.of(facet, value), reader.link("/", [*own, (facet, value)]), count)
            for value, count in ordered
        ],
        "back_url": reader.link("/", search_pairs(asked)),
    }
    return show(request, "facet.html", facts, reader=reader)
