"""Feeds, descriptions and notices at their usual addresses."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from shared_platform.catalogue.changes import Changed, read_addresses, read_size, shown_between
from shared_platform.catalogue.linked_offer import offer_of
from shared_platform.catalogue.reading import NoSuchListing, read_listing, reading
from shared_platform.database.transaction import Now
from shared_platform.look.look import shown_settings
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.parameters import SearchParameters
from shared_platform.search.search_query import SearchQuery
from shared_platform.syndication.described import Publisher, dcat
from shared_platform.syndication.feeds import Feed, atom, json_feed
from shared_platform.syndication.recent import feed_item, latest_changes, latest_of
from shared_platform.syndication.sitemap import ADDRESSES, sitemap, sitemap_index
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.bilingual import Language, Words
from shared_schema.instants import Instant, format_instant, legal_day, whole_second

_CACHING: Final = {"cache-control": "public, max-age=60"}
_NOTICE_LASTS: Final = timedelta(days=365)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_JSON_LD: Final = "application/ld+json"

router = APIRouter(tags=["syndication"])


class FeedParameters(SearchParameters):
    """A search whose newest listings are told, or none: then all changes."""

    limit: Annotated[int, Field(ge=1, le=100)] = 50
    lang: Language = "zh"


def _linked(example: dict[str, Any]) -> dict[str, Any]:
    content = {_JSON_LD: {"schema": {"type": "object"}, "example": example}}
    return {"description": "成功 / found", "content": content}


def _answers(media_type: str, example: str | dict[str, str]) -> dict[int | str, dict[str, Any]]:
    kind = "string" if isinstance(example, str) else "object"
    content = {media_type: {"schema": {"type": kind}, "example": example}}
    found = {"description": "成功 / found", "content": content}
    return {200: found, **UNCHANGED, **problems(IndexBeingMade)}


@router.get(
    "/feeds/catalogue.atom",
    summary="Atom 订阅 / Atom feed",
    response_class=Response,
    responses=_answers("application/atom+xml", "<feed>…</feed>"),
)
async def atom_feed(
    request: Request, asked: Annotated[FeedParameters, Query()], now: Now
) -> Response:
    """The latest changes, or the newest listings of a search; withdrawn ones as deleted entries."""
    return await _feed(request, asked, now, write=atom, media_type="application/atom+xml")


@router.get(
    "/feeds/catalogue.json",
    summary="JSON Feed 订阅 / JSON feed",
    response_class=Response,
    responses=_answers("application/feed+json", {"version": "https://jsonfeed.org/version/1.1"}),
)
async def json_feed_of(
    request: Request, asked: Annotated[FeedParameters, Query()], now: Now
) -> Response:
    """The same as JSON Feed 1.1."""
    return await _feed(request, asked, now, write=json_feed, media_type="application/feed+json")


async def _feed(
    request: Request,
    asked: FeedParameters,
    now: Instant,
    *,
    write: Callable[[Feed], bytes],
    media_type: str,
) -> Response:
    state, today, query = request.app.state, legal_day(now), asked.query()
    found: Sequence[Changed]
    if query == SearchQuery():
        found = await latest_changes(state.sessions, limit=asked.limit, today=today)
    else:
        found = await latest_of(
            state.sessions, state.searching, query, limit=asked.limit, today=today
        )
    base = state.settings.base_url
    search = f"?{request.url.query}" if request.url.query else ""
    feed = Feed(
        title=_names(request).spoken(asked.lang),
        address=f"{base}{request.url.path}{search}",
        home=f"{base}/{search}",
        language=asked.lang,
        updated_at=max((one.at for one in found), default=_LONG_AGO),
        items=[feed_item(one, base=base, language=asked.lang) for one in found],
    )
    return Response(write(feed), media_type=media_type, headers=_CACHING)


@router.get(
    "/catalogue.jsonld",
    summary="DCAT-AP 描述 / the catalogue as DCAT-AP",
    response_class=Response,
    responses={200: _linked({"@type": "dcat:Catalog"}), **UNCHANGED},
)
async def describe_catalogue(request: Request) -> Response:
    """What the catalogue is and how to get it, for data portals."""
    async with reading(request.app.state.sessions) as connection:
        _, latest = await shown_between(connection)
        size = await read_size(connection)
    settings = request.app.state.settings
    publisher = Publisher(_names(request), settings.base_url, settings.contact_email)
    changed = None if latest is None else whole_second(latest)
    body = orjson.dumps(dcat(publisher, changed_at=changed, log_size=size))
    return Response(body, media_type=_JSON_LD, headers=_CACHING)


@router.get(
    "/listings/{listing}.jsonld",
    summary="schema.org 描述 / a listing as schema.org",
    response_class=Response,
    responses={
        200: _linked({"@context": "https://schema.org", "@type": "Offer", "price": "30000.00"}),
        **UNCHANGED,
        **problems(NoSuchListing),
    },
)
async def describe_listing(request: Request, listing: UUID, now: Now) -> Response:
    """One listing as a schema.org Offer, for search engines."""
    async with reading(request.app.state.sessions) as connection:
        found = await read_listing(connection, listing, today=legal_day(now))
    base = request.app.state.settings.base_url
    body = orjson.dumps(offer_of(orjson.loads(found.body), base=base))
    return Response(body, media_type=_JSON_LD, headers=_CACHING)


@router.get("/sitemap.xml", include_in_schema=False)
async def whole_sitemap(request: Request) -> Response:
    """The index of site maps (sitemaps.org), one for each 10,000 log entries."""
    async with reading(request.app.state.sessions) as connection:
        size = await read_size(connection)
    base = request.app.state.settings.base_url
    return _xml(sitemap_index(base, pages=-(-size // ADDRESSES)))


@router.get("/sitemap-{page}.xml", include_in_schema=False)
async def one_sitemap(request: Request, page: Annotated[int, Field(ge=0, le=100_000)]) -> Response:
    """One site map, by first serial, so that addresses never move between maps."""
    async with reading(request.app.state.sessions) as connection:
        addresses = await read_addresses(connection, page * ADDRESSES, (page + 1) * ADDRESSES)
    return _xml(sitemap(request.app.state.settings.base_url, addresses))


@router.get("/robots.txt", include_in_schema=False)
async def robots(request: Request) -> Response:
    """What robots may read: the catalogue, not the interfaces of people at work (RFC 9309)."""
    base = request.app.state.settings.base_url
    lines = (
        "User-agent: *",
        "Disallow: /api/",
        "Disallow: /federation/",
        f"Sitemap: {base}/sitemap.xml",
    )
    return Response(
        "\n".join(lines) + "\n", media_type="text/plain; charset=utf-8", headers=_CACHING
    )


@router.get("/.well-known/security.txt", include_in_schema=False)
async def security(request: Request, now: Now) -> Response:
    """Whom to tell about a weakness (RFC 9116)."""
    settings = request.app.state.settings
    midnight = now.replace(hour=0, minute=0, second=0)  # one text a day, so that it can be kept
    expires = format_instant(whole_second(midnight + _NOTICE_LASTS))
    lines = (
        f"Contact: mailto:{settings.contact_email}",
        f"Expires: {expires}",
        "Preferred-Languages: zh, en",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    )
    return Response(
        "\n".join(lines) + "\n", media_type="text/plain; charset=utf-8", headers=_CACHING
    )


def _names(request: Request) -> Words:
    settings = shown_settings(request)
    return Words(settings.name_zh, settings.name_en)


def _xml(document: bytes) -> Response:
    return Response(document, media_type="application/xml", headers=_CACHING)
