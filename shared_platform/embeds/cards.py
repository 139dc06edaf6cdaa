"""Listings as cards in words: what component and frames show; the words are those of the pages."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict

from shared_platform.catalogue.reading import read_listings, reading
from shared_platform.embeds.parameters import CardSearch
from shared_platform.public_pages.listing_view import ListingView, listing_view
from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.search_address import search_pairs
from shared_platform.public_pages.words import page_words
from shared_platform.search.search import Searching

SOON_DAYS: Final = 30


class Line(BaseModel):
    """One of the nine published items."""

    model_config = ConfigDict(frozen=True)

    title: str
    text: str


class Card(BaseModel):
    """One listing in the reader's language.

    Attributes:
        url: its permanent page.
        notes: short remarks, such as how it starts.
        facts: number, kind, territory, period, as far as the heading does not say them.
        statement_hash: of the statement that says it; a proven log names the same.
        items: the nine published items; none where the statement was erased.
    """

    model_config = ConfigDict(frozen=True)

    listing: str
    url: str
    heading: str
    number: str
    holders: tuple[str, ...]
    fee: str
    fee_note: str
    period: str
    days_left: int | None
    days_left_text: str
    is_ending_soon: bool
    version: int
    serial: int
    statement_hash: str
    state: str
    state_text: str
    notes: tuple[str, ...]
    facts: tuple[str, ...]
    items: tuple[Line, ...]


class CardPage(BaseModel):
    """One page of cards; `next` goes on, `catalogue_url` shows the same in the catalogue."""

    model_config = ConfigDict(frozen=True)

    items: tuple[Card, ...]
    total: int
    total_text: str
    next: str | None
    log_size: int
    catalogue_url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One page of a search as the pages print it."""

    views: Sequence[ListingView]
    total: int
    next: str | None
    log_size: int


async def read_shown(request: Request, asked: CardSearch, *, today: date) -> Shown:
    """The page of the search; never anything that its filters leave out.

    Raises:
        IndexBeingMade: there is no index yet.
        CursorRefused: the cursor is not one of this search.
    """
    state, query = request.app.state, asked.query()
    searching: Searching = state.searching
    found = await asyncio.to_thread(
        searching.find, query, cursor=asked.cursor, limit=asked.limit, today=today
    )
    async with reading(state.sessions) as connection:
        stored = await read_listings(connection, found.serials, today=today)
    items = [orjson.loads(stored[serial]) for serial in found.serials if serial in stored]
    views = [listing_view(one, asked.reader, today=today) for one in items]
    return Shown(views, found.total, found.next, found.log_size)


def card_page(shown: Shown, asked: CardSearch, *, base: str) -> CardPage:
    """The page for a program that only prints."""
    reader = asked.reader
    return CardPage(
        items=tuple(card(one, reader, base=base) for one in shown.views),
        total=shown.total,
        total_text=total_words(shown.total, reader),
        next=shown.next,
        log_size=shown.log_size,
        catalogue_url=base + reader.link("/", search_pairs(asked)),
    )


def card(view: ListingView, reader: Reader, *, base: str) -> Card:
    """One listing in words."""
    words = page_words(reader.lang)
    left = view.days_left
    also = (words["also_offered"],) if view.also_offered else ()
    number = () if view.heading == view.number else (view.number,)
    return Card(
        listing=view.listing,
        url=base + reader.link(f"/listings/{view.listing}"),
        heading=view.heading,
        number=view.number,
        holders=view.holders,
        fee=view.fee,
        fee_note=f"{words['fee_note']}{view.fee_note}" if view.fee_note else "",
        period=view.period,
        days_left=left,
        days_left_text=_days(left, words),
        is_ending_soon=left is not None and left <= SOON_DAYS,
        version=view.facts["version"],
        serial=view.facts["serial"],
        statement_hash=view.facts["provenance"]["statement_hash"],
        state=view.state,
        state_text=view.state_word,
        notes=(*view.starts, *also),
        facts=tuple(one for one in (*number, view.kind, view.territory, view.period) if one),
        items=nine_lines(view, reader),
    )


def nine_lines(view: ListingView, reader: Reader) -> tuple[Line, ...]:
    """The nine published items with their titles; none of a listing without its statement."""
    if not view.facts["items"]:
        return ()
    words = page_words(reader.lang)
    note = f" {words['fee_note']}{view.fee_note}" if view.fee_note else ""
    texts = {
        "number": f"{view.number} · {view.kind}",
        "holders": " · ".join(view.holders),
        "title": view.title,
        "fee": view.fee + note,
        "period": view.period,
        "technical_field": " · ".join(view.technical_field),
        "territory": view.territory,
        "contact": view.contact,
        "report": view.report,
    }
    return tuple(Line(title=words[name], text=text or "—") for name, text in texts.items())


def total_words(total: int, reader: Reader) -> str:
    """How many offers, as a sentence."""
    words = page_words(reader.lang)
    return words["total_one"] if total == 1 else words["total"].format(f"{total:,}")


def _days(left: int | None, words: Mapping[str, str]) -> str:
    if left is None:
        return ""
    return words["last_day"] if left == 1 else words["days_left"].format(left)
