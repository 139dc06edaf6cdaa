"""The public pages: `/`, `/listings/{listing}`, and their style sheet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse

from shared_platform.catalogue.listing_query import ListingQuery, ShownState, typed_query
from shared_platform.catalogue.reading import (
    NoSuchListing,
    list_listings,
    read_listing,
    reading,
)
from shared_platform.database.transaction import Now
from shared_platform.public_pages.listing_view import STATE_WORDS, listing_view
from shared_platform.public_pages.words import page_words
from shared_schema.bilingual import Language
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import legal_day
from shared_schema.patent_number import parse_application_number

_STYLE: Final = Path(__file__).parent / "static" / "kaixu.css"
_templates: Final = Environment(
    loader=PackageLoader("shared_platform.public_pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

router = APIRouter(include_in_schema=False)
Lang = Annotated[Literal["zh", "en"], Query()]


@router.get("/")
async def catalogue_page(
    request: Request,
    now: Now,
    q: Annotated[str, Query(max_length=200)] = "",
    state: ShownState = ShownState.PUBLISHED,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    lang: Lang = "zh",
) -> Response:
    """The list with a search by number or holder; works without script."""
    query = _query(q.strip(), state, cursor)
    async with reading(request.app.state.sessions) as connection:
        answer = await list_listings(connection, query, today=legal_day(now))
    found = orjson.loads(answer.body)
    facts = {
        "listings": [listing_view(item, lang) for item in found["items"]],
        "log_size": found["log_size"],
        "q": q,
        "state": state.value,
        "states": {name: words.spoken(lang) for name, words in STATE_WORDS.items()},
        "next_page": _link(lang, q=q, state=state.value, cursor=found["next"]),
        "is_filtered": bool(q) or state is not ShownState.PUBLISHED or cursor is not None,
    }
    return _page(request, "catalogue.html", facts, lang=lang)


@router.get("/listings/{listing}")
async def listing_page(listing: UUID, request: Request, now: Now, lang: Lang = "zh") -> Response:
    """One listing, in whatever state; its address never goes away."""
    try:
        async with reading(request.app.state.sessions) as connection:
            answer = await read_listing(connection, listing, today=legal_day(now))
    except NoSuchListing:
        return _page(request, "missing.html", {}, lang=lang, status=404)
    view = listing_view(orjson.loads(answer.body), lang)
    return _page(request, "listing.html", {"one": view}, lang=lang)


@router.get("/static/kaixu.css")
async def style_sheet() -> FileResponse:
    """The style sheet; the content security policy lets no other style in."""
    return FileResponse(_STYLE, headers={"cache-control": "public, max-age=3600"})


def _query(words: str, state: ShownState, cursor: str | None) -> ListingQuery:
    """A number where the words are one in any usual form, else a holder's name."""
    if not words:
        return ListingQuery(state=state, cursor=cursor)
    try:
        return ListingQuery(parse_application_number(words), state=state, cursor=cursor)
    except IdentifierRefused:
        return typed_query(ListingQuery(holder=words, state=state, cursor=cursor))


def _link(lang: Language, *, q: str, state: str, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    return "/?" + urlencode({"q": q, "state": state, "cursor": cursor, "lang": lang})


def _page(
    request: Request,
    template: str,
    facts: Mapping[str, Any],
    *,
    lang: Language,
    status: int = 200,
) -> HTMLResponse:
    settings = request.app.state.settings
    other: Language = "en" if lang == "zh" else "zh"
    html = _templates.get_template(template).render(
        facts,
        lang=lang,
        words=page_words(lang),
        service_name=settings.name_zh if lang == "zh" else settings.name_en,
        other_language_url=str(request.url.include_query_params(lang=other).query),
        path=request.url.path,
        rehearsal_day=settings.today,
    )
    return HTMLResponse(html, status_code=status)
