"""What the catalogue's reads will answer, told beforehand: by the log, the index, day and address.

Who holds an answer and asks again costs one statement and no search. The facts are read before the
answer is made, so an answer may be newer than its validator says and never older.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.requests import HTTPConnection
from starlette.types import Scope

from shared_platform.catalogue.reading import reading
from shared_platform.search.follow import read_stand
from shared_platform.search.search import Searching
from shared_platform.settings import PlatformSettings
from shared_platform.transport.coded_reads import Foretold
from shared_platform.transport.preferred_language import preferred_language
from shared_schema.instants import Clock, legal_day

_ASK: Final = "public, no-cache"
_MINUTE: Final = "public, max-age=60"
_PAGES: Final = {"/": _ASK, "/statistics": _ASK}
_SEARCHES: Final = {
    "/api/v1/catalogue/search": _ASK,
    "/api/v1/catalogue/facets": _ASK,
    "/api/v1/catalogue/cards": _MINUTE,
    "/api/v1/catalogue/export.csv": _ASK,
    "/api/v1/catalogue/export.xlsx": _ASK,
    "/embed/catalogue": _ASK,
    "/embed/badge.svg": "public, max-age=300",
    "/feeds/catalogue.atom": _MINUTE,
    "/feeds/catalogue.json": _MINUTE,
} | _PAGES
_TABLES: Final = {
    "/api/v1/catalogue/changes": _ASK,
    "/catalogue.jsonld": _MINUTE,
    "/sitemap.xml": _MINUTE,
}
_PROGRAM: Final = {"/openapi.json": _ASK}
_CACHING: Final = _SEARCHES | _TABLES | _PROGRAM
_ETAG_CHARACTERS: Final = 32
_AWAY: Final = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_SOURCES: Final = (".py", ".html", ".csv", ".toml", ".svg")
_SHOWN_SETTINGS: Final = (
    "name_zh",
    "name_en",
    "base_url",
    "accent_colour",
    "logo_file",
    "today",
    "icp_record",
    "police_record",
    "public_contact",
    "contact_email",
    "embed_ancestors",
)


@dataclass(frozen=True, slots=True)
class CatalogueReads:
    """Foretells the reads of one service.

    `settings` gives them as pages show them now: operators may change a look while it runs.
    """

    settings: Callable[[], PlatformSettings]
    sessions: async_sessionmaker[AsyncSession]
    searching: Searching
    clock: Clock

    async def __call__(self, scope: Scope) -> Foretold | None:
        """The validator of an answer that follows from log, index, day and address alone.

        None for every other address, and while there is no index or no database to ask.
        """
        path = scope["path"]
        caching = _CACHING.get(path)
        if caching is None:
            return None
        facts = [program(), path, scope["query_string"].decode("latin-1"), *self._shown()]
        if path in _SEARCHES:
            found = self.searching.reader.searcher()
            if found is None:
                return None
            facts.append(str(found[1]))
        if path not in _PROGRAM:
            try:
                async with reading(self.sessions) as connection:
                    facts.append(str(await read_stand(connection)))
            except _AWAY:  # the route says so in the terms of its caller
                return None
            facts.append(str(legal_day(self.clock.now())))
        reader = HTTPConnection(scope)
        is_spoken = path in _PAGES and "lang" not in reader.query_params
        if is_spoken:
            facts.append(preferred_language(reader) or "")
        digest = sha256("\x00".join(facts).encode()).hexdigest()[:_ETAG_CHARACTERS]
        return Foretold(f'W/"{digest}"', caching, "accept-language" if is_spoken else "")

    def _shown(self) -> list[str]:
        settings = self.settings()
        return [str(getattr(settings, name)) for name in _SHOWN_SETTINGS]


@cache
def program() -> str:
    """The digest of the program's own files: another release answers anew."""
    digest = sha256()
    for package in ("shared_schema", "shared_platform"):
        (folder,) = import_module(package).__path__
        for file in sorted(Path(folder).rglob("*")):
            if file.suffix in _SOURCES:
                digest.update(file.read_bytes())
    return digest.hexdigest()
