"""The latest changes, newest first: what feeds tell; withdrawals are among them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.changes import Changed, read_latest, read_these
from shared_platform.catalogue.listing_query import ShownState
from shared_platform.catalogue.reading import reading
from shared_platform.catalogue.state_words import STATE_WORDS
from shared_platform.search.search import Searching
from shared_platform.search.search_query import SearchQuery, Sort
from shared_schema.bilingual import Language
from shared_schema.fee_text import describe_fee
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number
from shared_schema.public_listing import NineItems
from shared_schema.territory import describe


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One change as a feed tells it; `page` is the listing's permanent address."""

    listing: str
    page: str
    title: str
    summary: str
    state: str
    changed_at: Instant
    approved_at: str
    holders: tuple[str, ...]
    is_gone: bool


async def latest_changes(
    sessions: async_sessionmaker[AsyncSession], *, limit: int, today: date
) -> Sequence[Changed]:
    """The listings that changed last, newest change first."""
    async with reading(sessions) as connection:
        return await read_latest(connection, limit=limit, today=today)


async def latest_of(
    sessions: async_sessionmaker[AsyncSession],
    searching: Searching,
    query: SearchQuery,
    *,
    limit: int,
    today: date,
) -> Sequence[Changed]:
    """The newest listings of a search, in whatever state, newest first.

    Raises:
        IndexBeingMade: there is no index yet.
    """
    wanted = replace(query, state=ShownState.ALL, sort=Sort.NEWEST)
    found = await asyncio.to_thread(searching.find, wanted, cursor=None, limit=limit, today=today)
    async with reading(sessions) as connection:
        return await read_these(connection, found.serials, today=today)


def feed_item(changed: Changed, *, base: str, language: Language) -> FeedItem:
    """The change in words."""
    shown: dict[str, Any] = orjson.loads(changed.body)
    nine = NineItems.model_validate(shown["items"]) if shown["items"] else None
    number = print_patent_number(str(shown["number"]))
    name = (nine.title if nine else None) or number
    word = STATE_WORDS[changed.state].spoken(language)
    prefix = "" if changed.state == "published" else f"〔{word}〕"
    return FeedItem(
        listing=str(changed.listing),
        page=f"{base}/listings/{changed.listing}",
        title=f"{prefix}{name}",
        summary=number if nine is None else _summary(nine, number, language),
        state=changed.state,
        changed_at=changed.at,
        approved_at=str(shown["approved_at"]),
        holders=nine.holders if nine else (),
        is_gone=changed.state == "withdrawn",
    )


def _summary(nine: NineItems, number: str, language: Language) -> str:
    joint = "；" if language == "zh" else "; "
    parts = (
        number,
        "、".join(nine.holders),
        describe_fee(nine.fee, language),
        describe(nine.territory, language),
        str(nine.period.end),
    )
    return joint.join(parts)
