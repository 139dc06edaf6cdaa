"""What is told of answers beforehand: different where they may be, the same where they cannot."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.types import Scope

from shared_platform.database.engine import Database
from shared_platform.search.foretell import CatalogueReads
from shared_platform.search.index import IndexFolder, IndexReader
from shared_platform.search.search import Searching
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.page_places import Noon, PageSettings
from tests.shared_platform.search_places import Library


@pytest.fixture
async def library(empty_database: Database, tmp_path: Path) -> Library:
    await make_tables(empty_database)
    library = Library.at(empty_database, tmp_path)
    library.offer(a_number(1), "装置")
    await library.level()
    return library


def reads(library: Library) -> CatalogueReads:
    return CatalogueReads(PageSettings, library.database.sessions, library.searching, Noon())


def asking(path: str, query: str = "", **fields: str) -> Scope:
    headers = [(name.replace("_", "-").encode(), text.encode()) for name, text in fields.items()]
    return {"type": "http", "path": path, "query_string": query.encode(), "headers": headers}


async def test_address_and_language_tell_answers_apart_where_they_do(library: Library) -> None:
    known = reads(library)
    asked = (
        asking("/"),
        asking("/", "q=a"),
        asking("/", accept_language="en"),
        asking("/", "lang=en", accept_language="en"),
        asking("/api/v1/catalogue/search", "q=a"),
        asking("/api/v1/catalogue/changes"),
        asking("/openapi.json"),
    )

    told = [await known(one) for one in asked]
    again = [await known(one) for one in asked]
    chinese = await known(asking("/", "lang=en", accept_language="zh"))
    answers = [await known(asking("/api/v1/catalogue/search", "q=a", accept_language="en"))]

    assert told == again
    assert len({one.etag for one in told if one}) == len(asked)
    assert chinese == told[3], "where the address says the language, the browser does not matter"
    assert answers == [told[4]]
    assert await known(asking("/about")) is None


async def test_a_change_of_the_log_is_a_change_of_what_is_told(library: Library) -> None:
    known = reads(library)
    before = [await known(asking(path)) for path in ("/", "/catalogue.jsonld", "/openapi.json")]

    library.offer(a_number(2), "另一装置")
    await library.level()

    after = [await known(asking(path)) for path in ("/", "/catalogue.jsonld", "/openapi.json")]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, True]


async def test_without_index_or_database_nothing_is_told_and_the_route_answers(
    library: Library, tmp_path: Path
) -> None:
    nowhere = create_async_engine(f"postgresql+asyncpg://nobody@/none?host={tmp_path}/none")
    away = CatalogueReads(PageSettings, async_sessionmaker(nowhere), library.searching, Noon())
    unmade = Searching(IndexReader(IndexFolder(tmp_path / "unmade")))
    making = CatalogueReads(PageSettings, library.database.sessions, unmade, Noon())

    assert await away(asking("/")) is None
    assert await making(asking("/")) is None
    assert await making(asking("/sitemap.xml")) is not None


async def test_another_look_is_another_page(library: Library) -> None:
    shown = [PageSettings()]
    sessions, searching = library.database.sessions, library.searching
    known = CatalogueReads(lambda: shown[0], sessions, searching, Noon())
    before = await known(asking("/"))

    shown[0] = PageSettings(name_zh="新名称")

    assert await known(asking("/")) != before
