"""An index over a copy of the catalogue, for tests: publish, bring level, search."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared_platform.catalogue.log_position import CATALOGUE_CHANNEL
from shared_platform.database.engine import Database
from shared_platform.database.signals import Signals
from shared_platform.search.counting import Counts
from shared_platform.search.follow import IndexKeeper
from shared_platform.search.index import IndexFolder, IndexReader
from shared_platform.search.search import Found, Searching
from shared_platform.search.search_query import SearchQuery
from tests.shared_platform.catalogue_copies import follow
from tests.shared_platform.hub_log_peer import Federation, Offered
from tests.shared_schema.offers import a_declaration

TODAY = date(2026, 3, 1)


@dataclass
class Library:
    """A federation's log, a copy of it in tables, and the index beside it."""

    database: Database
    federation: Federation
    keeper: IndexKeeper
    searching: Searching

    @classmethod
    def at(cls, database: Database, folder: Path) -> "Library":
        index = IndexFolder(folder)
        keeper = IndexKeeper(database.sessions, index, Signals(), CATALOGUE_CHANNEL)
        library = cls(database, Federation(), keeper, Searching(IndexReader(index)))
        library.federation.enrol("gz-exchange")
        return library

    def offer(self, number: str, title: str, **changes: object) -> Offered:
        patent = {"application_number": number, "kind": "invention", "title": title}
        declaration = a_declaration(**({"patent": patent} | changes))
        return self.federation.offer("gz-exchange", number, declaration=declaration)

    async def level(self) -> int:
        """Follow the log and bring the index level; the listings indexed."""
        await follow(self.database, self.federation.hub)
        return await self.keeper.bring_level()

    def find(
        self, text: str = "", *, cursor: str | None = None, limit: int = 20, **query: object
    ) -> Found:
        asked = SearchQuery(text, **query)  # type: ignore[arg-type]
        return self.searching.find(asked, cursor=cursor, limit=limit, today=TODAY)

    def facets(self, text: str = "", **query: object) -> Counts:
        return self.searching.facets(SearchQuery(text, **query), today=TODAY)  # type: ignore[arg-type]
