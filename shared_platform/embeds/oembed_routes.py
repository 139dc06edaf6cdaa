"""The oEmbed provider (oembed.com, 1.0): paste an address of ours, get a frame."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Query, Request, Response

from shared_platform.catalogue.reading import NoSuchListing, read_listing, reading
from shared_platform.database.transaction import Now
from shared_platform.embeds.oembed import (
    Bounds,
    FormatNotOffered,
    NotEmbeddable,
    Target,
    as_json,
    as_xml,
    describe,
    read_target,
)
from shared_platform.embeds.snippets import Site
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.listing_view import listing_view
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.words import page_words
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.bilingual import Words
from shared_schema.instants import Instant, legal_day

router = APIRouter(tags=["embeds"])
_CACHING: Final = {"cache-control": "public, max-age=3600"}
_EXAMPLE: Final = {
    "title": "一种示例装置",
    "provider_name": "示例平台",
    "provider_url": "https://hub.example/",
    "html": '<iframe src="https://hub.example/embed/listings/…" …></iframe>',
    "width": 640,
    "height": 640,
    "version": "1.0",
    "type": "rich",
    "cache_age": 3600,
}
_Url = Annotated[str, Query(max_length=2000, description="本站页面的地址 / address of our page")]
_Bound = Annotated[int | None, Query(ge=1, le=10_000, description="像素 / CSS pixels")]
_Format = Annotated[str, Query(alias="format", max_length=20, description="json, xml")]


@router.get(
    "/oembed",
    summary="oEmbed / oEmbed provider",
    response_class=Response,
    responses={
        200: {
            "description": "成功 / found",
            "content": {
                "application/json": {"schema": {"type": "object"}, "example": _EXAMPLE},
                "text/xml": {"schema": {"type": "string"}, "example": "<oembed>…</oembed>"},
            },
        },
        **UNCHANGED,
        **problems(NotEmbeddable, NoSuchListing, FormatNotOffered),
    },
)
async def oembed(
    request: Request,
    now: Now,
    *,
    url: _Url,
    maxwidth: _Bound = None,
    maxheight: _Bound = None,
    form: _Format = "json",
) -> Response:
    """A frame for a search, a board or a listing of this site, within the room that there is.

    404 for any other address, 501 for any other format. Nothing that has an address here is
    private, so 401 is never given.

    Raises:
        FormatNotOffered: neither JSON nor XML.
        NotEmbeddable: none of this site's pages that can be embedded.
        NoSuchListing: the catalogue has never held this listing.
    """
    if form not in {"json", "xml"}:
        raise FormatNotOffered("只有 json 和 xml / only json and xml are given")
    state = request.app.state
    target = read_target(url, base=state.settings.base_url, boards=state.site.boards)
    settings = shown_settings(request)
    name = Words(settings.name_zh, settings.name_en).spoken(target.lang)
    title = await _title(request, target, now=now)
    site = Site(state.settings.base_url, name)
    found = describe(target, title, site=site, bounds=Bounds(maxwidth, maxheight))
    if form == "xml":
        return Response(as_xml(found), media_type="text/xml", headers=_CACHING)
    body = orjson.dumps(as_json(found))
    return Response(body, media_type="application/json", headers=_CACHING)


async def _title(request: Request, target: Target, *, now: Instant) -> str:
    """The listing's heading, the board's title, or the catalogue.

    Raises:
        NoSuchListing: the catalogue has never held this listing.
    """
    if target.board is not None:
        return target.board.title.spoken(target.lang)
    if target.listing is None:
        return page_words(target.lang)["catalogue"]
    today = legal_day(now)
    async with reading(request.app.state.sessions) as connection:
        found = await read_listing(connection, target.listing, today=today)
    return listing_view(orjson.loads(found.body), Reader(target.lang), today=today).heading
