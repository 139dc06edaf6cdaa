"""Lists and listings for frames on other sites; they work without script and keep no state."""

from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.responses import FileResponse

from shared_platform.catalogue.reading import read_listing, reading
from shared_platform.database.transaction import Now
from shared_platform.embeds.cards import nine_lines, read_shown, total_words
from shared_platform.embeds.component import current_release, releases
from shared_platform.embeds.framing import may_be_framed, show_framed
from shared_platform.embeds.parameters import EmbedSearch, Theme, embed_pairs
from shared_platform.embeds.snippets import component_attributes
from shared_platform.public_pages.listing_view import ListingView, listing_view
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.transport.problems import NoSuchPath
from shared_schema.bilingual import Language
from shared_schema.instants import legal_day

router = APIRouter(prefix="/embed", include_in_schema=False)
_FOR_EVER: Final = {
    "cache-control": "public, max-age=31536000, immutable",
    "cross-origin-resource-policy": "cross-origin",
}


@router.get("/catalogue")
async def framed_list(
    request: Request, now: Now, asked: Annotated[EmbedSearch, Query()]
) -> Response:
    """The listings of a search with paging and a search box.

    Raises:
        IndexBeingMade: there is no index yet.
        CursorRefused: the cursor is not one of this search.
    """
    shown = await read_shown(request, asked, today=legal_day(now))
    reader = asked.reader
    pairs = embed_pairs(asked, lang=asked.lang)
    here = str(request.url.path)
    following = None if shown.next is None else [*pairs, ("cursor", shown.next)]
    facts = {
        "theme": asked.theme,
        "shown": [_item(one, reader) for one in shown.views],
        "total": total_words(shown.total, reader),
        "has_box": asked.box == "on",
        "q": asked.q,
        "kept": [pair for pair in pairs if pair[0] != "q"],
        "whole_url": reader.link("/", search_pairs(asked)),
        "next_url": following and Reader().link(here, following),
        "first_url": Reader().link(here, pairs) if asked.cursor else None,
    }
    return show_framed(request, "embed_list.html", facts, reader=reader)


@router.get("/listings/{listing}")
async def framed_listing(
    request: Request, listing: UUID, now: Now, lang: Language = "zh", theme: Theme = "light"
) -> Response:
    """One listing with its nine items, in whatever state; in the language of the page around it.

    Raises:
        NoSuchListing: the catalogue has never held it.
    """
    reader, today = Reader(lang), legal_day(now)
    async with reading(request.app.state.sessions) as connection:
        found = await read_listing(connection, listing, today=today)
    view = listing_view(orjson.loads(found.body), reader, today=today)
    facts = {
        "theme": theme,
        **_item(view, reader),
        "whole_url": reader.link(f"/listings/{listing}"),
    }
    return show_framed(request, "embed_listing.html", facts, reader=reader)


@router.get("/component")
async def framed_component(request: Request, asked: Annotated[EmbedSearch, Query()]) -> Response:
    """A page that holds nothing but the web component: its preview."""
    facts = {
        "theme": asked.theme,
        "release": current_release(),
        "attributes": component_attributes(asked, lang=asked.lang),
        "whole_url": asked.reader.link("/", search_pairs(asked)),
    }
    return show_framed(request, "embed_component.html", facts, reader=asked.reader)


@router.get("/kaixu-catalogue-{version}.js")
async def component_file(request: Request, version: str) -> Response:
    """A released file of the web component.

    Raises:
        NoSuchPath: there is no such release.
    """
    release = releases().get(version)
    if release is None:
        raise NoSuchPath("没有这个版本的组件 / there is no such release of the component")
    answer = FileResponse(release.file, media_type="text/javascript", headers=_FOR_EVER)
    return may_be_framed(request, answer)


def _item(view: ListingView, reader: Reader) -> dict[str, Any]:
    return {"one": view, "lines": nine_lines(view, reader)}
