"""The page that makes snippets: choose, see, copy. Works without script."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.reading import read_listing, reading
from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.database.transaction import Now
from shared_platform.embeds.framing import template
from shared_platform.embeds.parameters import EmbedSearch
from shared_platform.embeds.snippets import (
    LISTING_KINDS,
    Site,
    Snippet,
    SnippetKind,
    list_snippet,
    listing_snippet,
)
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.frame import show
from shared_platform.public_pages.listing_view import listing_view
from shared_platform.public_pages.reader import Reader, Reading
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.public_pages.search_view import ALL_STATES, SORT_WORDS, ValueWords, facet_views
from shared_platform.search.counting import Counts
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.search import Searching
from shared_platform.transport.request_guard import CONTENT_SECURITY_POLICY
from shared_schema.bilingual import Language, Words
from shared_schema.instants import Instant, legal_day

router = APIRouter(include_in_schema=False)
_KINDS: Final[tuple[SnippetKind, ...]] = ("component", "iframe", "badge", "link")
_LIMITS: Final = (5, 10, 20, 50)


class SnippetWanted(EmbedSearch):
    """A search or one listing, how it shall look, and in which form. `lang` is of this page."""

    form: SnippetKind = "component"
    embed_lang: Language | None = None
    listing: UUID | None = None

    @property
    def wanted_lang(self) -> Language:
        """The language of what is embedded."""
        return self.embed_lang or self.lang

    @property
    def wanted_form(self) -> SnippetKind:
        """The form; a listing alone has fewer of them."""
        is_offered = self.listing is None or self.form in LISTING_KINDS
        return self.form if is_offered else LISTING_KINDS[0]


@router.get("/embed")
async def builder_page(  # noqa: PLR0917 - its parameters are its HTTP inputs
    request: Request, now: Now, reader: Reading, wanted: Annotated[SnippetWanted, Query()]
) -> Response:
    """The form, the code and the preview.

    Raises:
        NoSuchListing: the catalogue has never held this listing.
    """
    settings = shown_settings(request)
    wanted = wanted.model_copy(update={"lang": reader.lang})
    name = Words(settings.name_zh, settings.name_en).spoken(wanted.wanted_lang)
    site = Site(settings.base_url, name)
    heading = await _heading(request, wanted, now=now)
    snippet = _snippet(wanted, site, heading)
    counts = {} if wanted.listing else await _counts(request, wanted, now=now)
    words = ValueWords(reader, request.app.state.site.nodes)
    states = {**STATE_WORDS, "all": ALL_STATES}
    facts: dict[str, Any] = {
        "wanted": wanted,
        "kind": wanted.wanted_form,
        "kinds": LISTING_KINDS if wanted.listing else _KINDS,
        "heading": heading,
        "snippet": snippet,
        "facets": facet_views(counts or {}, wanted, words) if counts is not None else [],
        "is_away": counts is None,
        "states": [(value, reader.says(said)) for value, said in states.items()],
        "sorts": [(value, reader.says(said)) for value, said in SORT_WORDS.items()],
        "order": wanted.query().order,
        "limits": sorted({*_LIMITS, wanted.limit}),
        "policy": _policy(wanted.wanted_form, site.base),
        "page_address": site.base + _page_address(wanted),
    }
    answer = show(request, template("embed_builder.html"), facts, reader=reader)
    answer.headers["content-security-policy"] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"
    return answer


def _snippet(wanted: SnippetWanted, site: Site, heading: str) -> Snippet:
    kind, lang = wanted.wanted_form, wanted.wanted_lang
    if wanted.listing is None:
        return list_snippet(kind, wanted, site, lang=lang)
    return listing_snippet(kind, wanted.listing, heading, site=site, look=wanted, lang=lang)


async def _heading(request: Request, wanted: SnippetWanted, *, now: Instant) -> str:
    if wanted.listing is None:
        return ""
    today = legal_day(now)
    async with reading(request.app.state.sessions) as connection:
        found = await read_listing(connection, wanted.listing, today=today)
    return listing_view(orjson.loads(found.body), wanted.reader, today=today).heading


async def _counts(request: Request, wanted: SnippetWanted, *, now: Instant) -> Counts | None:
    """The values that filters can take; None while the index is being made."""
    state, today = request.app.state, legal_day(now)
    searching: Searching = state.searching
    try:
        counts = await asyncio.to_thread(searching.facets, wanted.query(), today=today)
    except IndexBeingMade:
        return None
    async with reading(state.sessions) as connection:
        named = {value for value, _ in counts.get("origin", ())} | set(wanted.origin)
        await state.site.nodes.know(connection, named)
    return counts


def _policy(kind: SnippetKind, base: str) -> str:
    """What a strict host page must allow for this form; nothing for a link."""
    allowed = {
        "component": f"script-src {base}; connect-src {base}",
        "iframe": f"frame-src {base}",
        "badge": f"img-src {base}",
        "link": "",
    }
    return allowed[kind]


def _page_address(wanted: SnippetWanted) -> str:
    """The page that oEmbed consumers take."""
    lang = [("lang", "en")] if wanted.wanted_lang == "en" else []
    if wanted.listing is not None:
        return Reader().link(f"/listings/{wanted.listing}", lang)
    return Reader().link("/", [*search_pairs(wanted), *lang])
