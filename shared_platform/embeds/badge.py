"""The badge: how many offers a search finds, and on which day, as a small picture."""

import asyncio
import unicodedata
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from shared_platform.database.transaction import Now
from shared_platform.embeds.framing import may_be_framed, template
from shared_platform.look.look import shown_settings
from shared_platform.public_pages.search_address import PageSearch
from shared_platform.public_pages.words import page_words
from shared_platform.search.index import IndexBeingMade
from shared_platform.search.search import Searching
from shared_platform.transport.conditional import UNCHANGED
from shared_platform.transport.problem_documents import problems
from shared_schema.instants import legal_day
from shared_schema.text import PlainText

_MEDIA_TYPE: Final = "image/svg+xml"
_CACHING: Final = "public, max-age=300"  # a withdrawal is gone from it within the ten minutes (R7)
_PADDING: Final = 18  # pixels left and right of a text, together
_WIDE, _NARROW = 12.0, 6.8  # pixels of a character at this size
_EXAMPLE: Final = '<svg xmlns="http://www.w3.org/2000/svg">…</svg>'
router = APIRouter(prefix="/embed", tags=["embeds"])


class BadgeSearch(PageSearch):
    """A search to be counted, and what the badge says before the count."""

    label: Annotated[
        PlainText | None, Field(max_length=40, description="左侧文字 / the text on the left")
    ] = None


@router.get(
    "/badge.svg",
    summary="徽章 / badge with count and date",
    response_class=Response,
    responses={
        200: {
            "description": "成功 / found",
            "content": {_MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}},
        },
        **UNCHANGED,
        **problems(IndexBeingMade),
    },
)
async def badge(request: Request, asked: Annotated[BadgeSearch, Query()], now: Now) -> Response:
    """How many listings the search finds today, as an SVG picture that any page may show."""
    today = legal_day(now)
    searching: Searching = request.app.state.searching
    total = await asyncio.to_thread(searching.count, asked.query(), today=today)
    words = page_words(asked.lang)
    count = words["badge_count_one"] if total == 1 else words["badge_count"].format(f"{total:,}")
    colour = shown_settings(request).accent_colour
    picture = draw(asked.label or words["badge_label"], f"{count} · {today}", colour=colour)
    fields = {"cache-control": _CACHING, "cross-origin-resource-policy": "cross-origin"}
    return may_be_framed(request, Response(picture, media_type=_MEDIA_TYPE, headers=fields))


def draw(label: str, value: str, *, colour: str) -> str:
    """The picture; both texts are escaped, and fitted whatever fonts the reader has."""
    label_width, value_width = _width(label), _width(value)
    facts = {
        "label": label,
        "value": value,
        "colour": colour,
        "label_width": label_width,
        "width": label_width + value_width,
        "padding": _PADDING,
    }
    return template("badge.svg").render(facts)


def _width(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return round(wide * _WIDE + (len(text) - wide) * _NARROW) + _PADDING
