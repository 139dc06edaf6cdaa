"""The catalogue for people: every state has a page, both languages, nothing from a listing runs."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from types import SimpleNamespace
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI

from shared_platform.database.engine import Database
from shared_platform.public_pages.catalogue_pages import router
from shared_platform.public_pages.words import PAGE_WORDS
from shared_platform.transport.problems import install_problems
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number
from tests.shared_platform.catalogue_copies import follow, make_tables
from tests.shared_platform.hub_log_peer import Federation, a_number, an_offer_of

SETTINGS = SimpleNamespace(name_zh="示例节点", name_en="Example node", today=date(2026, 11, 22))


class Noon:
    def now(self) -> Instant:
        return datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.fixture
async def copy(empty_database: Database) -> Database:
    await make_tables(empty_database)
    return empty_database


@pytest.fixture
async def client(copy: Database) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.sessions, app.state.clock, app.state.settings = copy.sessions, Noon(), SETTINGS
    app.include_router(router)
    install_problems(app, clock=Noon())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.fixture
def federation() -> Federation:
    federation = Federation()
    federation.enrol("gz-exchange")
    federation.enrol("sz-centre")
    return federation


async def test_an_empty_catalogue_says_so(client: httpx.AsyncClient) -> None:
    page = await client.get("/")

    assert page.status_code == 200
    assert PAGE_WORDS["empty"].zh in page.text
    assert "示例节点" in page.text
    assert "2026-11-22" in page.text


async def test_a_listing_is_shown_in_words_in_both_languages(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    offered = federation.offer("gz-exchange", a_number(1))
    await follow(copy, federation.hub)

    chinese = await client.get(f"/listings/{offered.listing}")
    english = await client.get(f"/listings/{offered.listing}?lang=en")

    assert print_patent_number(a_number(1)) in chinese.text
    assert "开放许可中" in chinese.text
    assert "Example node" in english.text
    assert PAGE_WORDS["offer"].en in english.text
    assert offered.last.payload_hash in english.text


async def test_a_number_is_found_however_it_is_typed_and_a_holder_by_name(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    federation.offer("gz-exchange", a_number(1))
    federation.offer("gz-exchange", a_number(2))
    await follow(copy, federation.hub)
    holder = an_offer_of(a_number(1)).holders[0].name

    by_number = await client.get("/", params={"q": print_patent_number(a_number(2))})
    by_holder = await client.get("/", params={"q": holder})
    by_nothing = await client.get("/", params={"q": "没有这个单位"})

    assert print_patent_number(a_number(2)) in by_number.text
    assert print_patent_number(a_number(1)) not in by_number.text
    assert by_holder.text.count('class="card"') == 2
    assert PAGE_WORDS["none"].zh in by_nothing.text


@pytest.mark.parametrize(("change", "word"), [("withdrawn", "已撤回"), ("suspended", "已中止")])
async def test_a_listing_that_ended_keeps_its_page(
    client: httpx.AsyncClient, copy: Database, federation: Federation, change: str, word: str
) -> None:
    offered = federation.offer("gz-exchange", a_number(1))
    federation.hub_change(offered, "withdraw" if change == "withdrawn" else "suspend")
    await follow(copy, federation.hub)

    page = await client.get(f"/listings/{offered.listing}")
    listed = await client.get("/", params={"state": change})

    assert page.status_code == 200
    assert word in page.text
    assert 'class="card"' in listed.text


async def test_another_nodes_offer_leads_to_the_primary_one(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    first = federation.offer("gz-exchange", a_number(1))
    second = federation.offer("sz-centre", a_number(1))
    federation.decide(first, second)
    await follow(copy, federation.hub)

    page = await client.get(f"/listings/{second.listing}")

    assert f'href="/listings/{first.listing}?lang=zh"' in page.text


async def test_pages_follow_each_other(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    for serial in range(23):
        federation.offer("gz-exchange", a_number(serial))
    await follow(copy, federation.hub)

    first = await client.get("/")
    link = first.text.partition('class="pager"><a href="')[2].partition('"')[0]
    second = await client.get(unquote(link.replace("&amp;", "&")))

    assert first.text.count('class="card"') == 20
    assert second.text.count('class="card"') == 3


async def test_what_a_holder_wrote_never_becomes_markup(
    client: httpx.AsyncClient, copy: Database, federation: Federation
) -> None:
    evil = "<script>alert(1)</script>"
    declaration = an_offer_of(a_number(1))
    patent = declaration.patent.model_copy(update={"title": evil})
    offered = federation.offer(
        "gz-exchange", a_number(1), declaration=declaration.model_copy(update={"patent": patent})
    )
    await follow(copy, federation.hub)

    for path in ("/", f"/listings/{offered.listing}"):
        page = await client.get(path)

        assert evil not in page.text
        assert "&lt;script&gt;" in page.text


async def test_a_listing_that_never_was_has_a_page_saying_so(client: httpx.AsyncClient) -> None:
    page = await client.get("/listings/019a0000-0000-7000-8000-000000000001")

    assert page.status_code == 404
    assert PAGE_WORDS["missing"].zh in page.text


async def test_a_forged_cursor_is_refused(client: httpx.AsyncClient) -> None:
    page = await client.get("/", params={"cursor": "AAAA"})

    assert page.status_code == 422


async def test_the_style_sheet_is_our_own(client: httpx.AsyncClient) -> None:
    sheet = await client.get("/static/kaixu.css")

    assert sheet.status_code == 200
    assert "url(" not in sheet.text
