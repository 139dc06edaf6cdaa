"""The catalogue for people: the search, a listing, a holder."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.linked_offer import offer_of
from shared_platform.catalogue.listing_query import ListingQuery, ShownState, typed_query
from shared_platform.catalogue.reading import list_listings, reading
from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.database.transaction import Now
from shared_platform.public_pages.embedding import embedding
from shared_platform.public_pages.frame import has_route, other_forms, show
from shared_platform.public_pages.listing_facts import (
    extension_lines,
    history_lines,
    offer_lines,
    proof_view,
    state_since,
)
from shared_platform.public_pages.listing_reading import ListingPage, read_listing_page
from shared_platform.public_pages.listing_view import listing_view
from shared_platform.public_pages.markup import script_data
from shared_platform.public_pages.problem_pages import reads_pages
from shared_platform.public_pages.reader import Pairs, Reader, Reading
from shared_platform.public_pages.search_address import (
    PageSearch,
    search_pairs,
    without_filters,
)
from shared_platform.public_pages.search_results import Results, look_up, read_results
from shared_platform.public_pages.search_view import (
    ALL_STATES,
    SORT_WORDS,
    ValueWords,
    chip_views,
    facet_views,
    offer_views,
)
from shared_platform.public_pages.site import Site
from shared_platform.public_pages.terms_view import TermsView, terms_view
from shared_platform.transport.problems import NoSuchPath
from shared_platform.transport.request_guard import CONTENT_SECURITY_POLICY
from shared_schema.instants import legal_day
from shared_schema.patent_number import print_patent_number
from shared_schema.public_listing import NineItems

router = APIRouter(include_in_schema=False)


class NoSuchHolder(NoSuchPath):
    """No listing names this holder."""


_EVERY_STATE: Final = {**STATE_WORDS, ShownState.ALL.value: ALL_STATES}


@router.get("/")
async def catalogue_page(
    request: Request, now: Now, reader: Reading, asked: Annotated[PageSearch, Query()]
) -> Response:
    """The search: words, numbers, holders, filters with counts. Works without script."""
    state = request.app.state
    today = legal_day(now)
    looked = await look_up(state.searching, asked, today=today)
    async with reading(state.sessions) as connection:
        results = await read_results(connection, looked, asked, today=today)
        await state.site.nodes.know(connection, _nodes_named(results, asked))
    facts = _search_facts(request, asked, results, reader) | {
        "listings": [listing_view(one, reader, today=today) for one in results.items],
    }
    return show(request, "catalogue.html", facts, reader=reader)


@router.get("/listings/{listing}")
async def listing_page(request: Request, listing: UUID, now: Now, reader: Reading) -> Response:
    """One listing, in whatever state; its address never goes away."""
    site: Site = request.app.state.site
    today = legal_day(now)
    async with reading(request.app.state.sessions) as connection:
        page = await read_listing_page(connection, listing, today=today)
        if site.nodes.directory.last_serial < page.directory_serial:
            await site.nodes.refresh(connection)
        is_own = page.listing["origin"] == site.node
        extension = await site.read_extension(connection, listing) if is_own else None
    own, base = f"/listings/{listing}", request.app.state.settings.base_url
    facts = _listing_facts(page, site, reader, today) | {
        "embedding": embedding(
            request, reader, reader.link(own), chosen=[("listing", str(listing))]
        ),
        "today": today,
        "is_own": is_own,
        "extension": extension_lines(extension, reader) if extension else [],
        "has_linked_data": has_route(request, "/listings/{listing}.jsonld"),
        "permanent": f"{base}{own}",
        "linked": script_data(offer_of(page.listing, base=base)),
    }
    answer = show(request, "listing.html", facts, reader=reader)
    if site.hub_url:
        answer.headers["content-security-policy"] = _may_ask(site.hub_url)
    return answer


@router.get("/holders")
async def holder_page(
    request: Request,
    now: Now,
    reader: Reading,
    name: Annotated[str, Query(min_length=1, max_length=500)],
    cursor: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    """All listings of one holder by full name, whatever their state.

    Raises:
        NoSuchHolder: a program asked, and there are none; readers get a page that says so.
    """
    query = typed_query(ListingQuery(holder=name, state=ShownState.ALL, cursor=cursor))
    today = legal_day(now)
    async with reading(request.app.state.sessions) as connection:
        answer = await list_listings(connection, query, today=today)
    found = orjson.loads(answer.body)
    here = [("name", name)]
    facts = {
        "name": name,
        "listings": [listing_view(one, reader, today=today) for one in found["items"]],
        "next_url": _following(reader, "/holders", here, cursor=found["next"]),
        "first_url": reader.link("/holders", here) if cursor else None,
    }
    if not found["items"] and not reads_pages(request):
        raise NoSuchHolder("目录中没有这个专利权人的许可 / there is no offer of this holder")
    status = 200 if found["items"] else 404
    return show(request, "holder.html", facts, reader=reader, status=status)


def _search_facts(
    request: Request, asked: PageSearch, results: Results, reader: Reader
) -> dict[str, Any]:
    words = ValueWords(reader, request.app.state.site.nodes)
    pairs = search_pairs(asked)
    return {
        "asked": asked,
        "results": results,
        "facets": facet_views(results.counts, asked, words),
        "chips": chip_views(asked, words),
        "offers": offer_views(results.offers, asked, words),
        "states": [(name, reader.says(words)) for name, words in _EVERY_STATE.items()],
        "sorts": [(name, reader.says(words)) for name, words in SORT_WORDS.items()],
        "order": asked.sort,  # what was asked: the form must not ask for more
        "forms": other_forms(request, pairs),
        "embedding": embedding(request, reader, reader.link("/", pairs), chosen=pairs),
        "numbers": [print_patent_number(number) for number in results.numbers],
        "is_asked": bool(pairs) or asked.cursor is not None,
        "is_front": not pairs and asked.cursor is None,
        "clear_url": reader.link("/", without_filters(asked)),
        "next_url": _following(reader, "/", pairs, cursor=results.next),
        "first_url": reader.link("/", pairs) if asked.cursor else None,
    }


def _listing_facts(page: ListingPage, site: Site, reader: Reader, today: date) -> dict[str, Any]:
    items = page.listing["items"]
    return {
        "one": listing_view(page.listing, reader, today=today),
        "terms": _terms(page.listing, reader, today) if items else None,
        "node_name": reader.says(site.nodes.name(page.listing["origin"])),
        "history": history_lines(page.history, reader),
        "state_since": state_since(page, reader),
        "offers": offer_lines(page.offers, site.nodes, reader),
        "proof": proof_view(page, site),
    }


def _terms(listing: Mapping[str, Any], reader: Reader, today: date) -> TermsView:
    nine = NineItems.model_validate(listing["items"])
    return terms_view(nine, str(listing["number"]), reader, today=today)


def _nodes_named(results: Results, asked: PageSearch) -> set[str]:
    return {value for value, _ in results.counts.get("origin", ())} | set(asked.origin)


def _following(reader: Reader, path: str, pairs: Pairs, *, cursor: str | None) -> str | None:
    return None if cursor is None else reader.link(path, [*pairs, ("cursor", cursor)])


def _may_ask(hub_url: str) -> str:
    """The page's policy: its script may also ask the hub, whose answers it checks."""
    parts = urlsplit(hub_url)
    own = "connect-src 'self'"
    return CONTENT_SECURITY_POLICY.replace(own, f"{own} {parts.scheme}://{parts.netloc}")
