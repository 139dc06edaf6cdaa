"""The two reads that readers make all the time, answered before the framework is asked.

One listing by its id, and the listings of one number: the framework's routing, parameters and
dependencies take longer than the database for them. What is not plainly one of the two goes on to
the routes, which answer the same (`routes.py`): other spellings, filters, pages, conditions,
refusals.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from shared_platform.catalogue.listing_query import ListingQuery, typed_query
from shared_platform.catalogue.reading import (
    Answer,
    NoSuchListing,
    list_listings,
    read_listing,
    reading,
)
from shared_platform.catalogue.routes import CACHING, get_listing, get_listings, router
from shared_platform.database.lending import DriverConnection
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Clock, legal_day

_LISTINGS: Final = f"{router.prefix}/listings"
_LIST: Final = Route(_LISTINGS, get_listings)
_ONE: Final = Route(f"{_LISTINGS}/{{listing}}", get_listing)
_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID_PATH: Final = re.compile(f"{re.escape(_LISTINGS)}/({_UUID})")
_NUMBER_QUERY: Final = re.compile(rb"number=([0-9]{8}(?:[0-9]{4})?[0-9X])")
_CONDITION: Final = b"if-none-match"

_Read = Callable[[DriverConnection, date], Awaitable[Answer]]


class HotReads:
    """The ASGI application around the framework's."""

    def __init__(
        self, app: ASGIApp, *, sessions: async_sessionmaker[AsyncSession], clock: Clock
    ) -> None:
        self.app = app
        self._sessions = sessions
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain read; hand everything else on."""
        wanted = _wanted(scope)
        answer = None if wanted is None else await self._answer(wanted[1])
        if wanted is None or answer is None:
            await self.app(scope, receive, send)
            return
        scope["route"] = wanted[0]  # for the figures of requests
        headers = [
            (b"content-length", b"%d" % len(answer.body)),
            (b"content-type", b"application/json"),
            (b"etag", answer.etag.encode()),
            (b"cache-control", CACHING.encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, read: _Read) -> Answer | None:
        """What was read; None for a refusal, which the routes give in full."""
        today = legal_day(self._clock.now())
        try:
            async with reading(self._sessions) as connection:
                return await read(connection, today)
        except (NoSuchListing, IdentifierRefused):
            return None


def _wanted(scope: Scope) -> tuple[Route, _Read] | None:
    """The route and the read of a request that is plainly one of the two."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path, query = scope["path"], scope["query_string"]
    if not path.startswith(_LISTINGS) or any(name == _CONDITION for name, _ in scope["headers"]):
        return None
    if path == _LISTINGS and (number := _NUMBER_QUERY.fullmatch(query)):
        return _LIST, partial(_by_number, number[1].decode())
    if not query and (listing := _ID_PATH.fullmatch(path)):
        return _ONE, partial(_by_id, UUID(listing[1]))
    return None


async def _by_id(listing: UUID, connection: DriverConnection, today: date) -> Answer:
    return await read_listing(connection, listing, today=today)


async def _by_number(number: str, connection: DriverConnection, today: date) -> Answer:
    query = typed_query(ListingQuery(number))
    return await list_listings(connection, query, today=today)
