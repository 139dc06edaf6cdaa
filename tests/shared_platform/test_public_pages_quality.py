"""What holds for every public page: both languages, sound HTML, escaping, and no leak."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from fastapi import FastAPI

from shared_platform.colours import DARK_GROUNDS, LIGHT_GROUNDS, contrast, on_dark, readable_colour
from shared_platform.database.engine import Database
from shared_platform.database.lending import DriverConnection
from shared_platform.public_pages.boards import read_boards
from shared_platform.public_pages.frame import STATIC
from shared_platform.public_pages.markup import CHINESE
from shared_platform.public_pages.site import node_site
from shared_platform.public_pages.words import PAGE_WORDS
from shared_platform.settings import SettingsInvalid
from shared_platform.transport.open_reads import OpenReads
from shared_schema.extension_items import ExtensionItems
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hostile_texts import HOSTILE_TEXTS, PRINTABLE_TEXTS
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.page_places import BROWSER, Page, Pages, PageSettings, pages_of
from tests.shared_platform.search_places import Library

FIXED = ["/", "/?q=量子&kind=design", "/?start=free&state=all", "/nodes", "/nodes/gz-exchange"]
FIXED += ["/boards", "/boards/free", "/statistics", "/about", "/verify", "/api", "/nowhere"]
FIXED += ["/embed", "/embed?q=传感器&form=iframe&embed_lang=zh", "/embed?form=badge"]


@pytest.fixture
async def pages(empty_database: Database, tmp_path: Path) -> AsyncIterator[Pages]:
    await make_tables(empty_database)
    pages = pages_of(Library.at(empty_database, tmp_path))
    async with pages.client:
        yield pages


async def a_catalogue(pages: Pages) -> list[str]:
    """An open, a free and a withdrawn listing; the addresses of their pages."""
    library = pages.library
    free = {"payment": {"mode": "free"}, "note": "以合同为准"}
    field = {"ipc": ["H04W"], "industries": ["C39"], "text": "通信"}
    offers = [
        library.offer(a_number(1), "传感器", technical_field=field),
        library.offer(a_number(2), "水泵", fee=free),
        library.offer(a_number(3), "阀门"),
    ]
    library.federation.hub_change(offers[2], "withdraw", reason="lapse")
    await library.level()
    return [f"/listings/{one.listing}" for one in offers]


async def every_page(pages: Pages, lang: str) -> AsyncIterator[tuple[str, Page]]:
    own = await a_catalogue(pages)
    for path in [*FIXED, *own, "/holders?name=五邑大学"]:
        yield path, await pages.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")


async def test_english_pages_hold_no_chinese_but_what_people_wrote(pages: Pages) -> None:
    found = {path: page.untranslated() async for path, page in every_page(pages, "en")}

    assert {path: texts for path, texts in found.items() if texts} == {}


def test_every_word_is_said_in_both_languages() -> None:
    untranslated = [
        name
        for name, words in PAGE_WORDS.items()
        if not words.zh or not words.en or (CHINESE.search(words.en) and name != "other_language")
    ]

    assert untranslated == []


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_page_is_sound_html(pages: Pages, lang: str) -> None:
    wrong = {path: faults(page, lang) async for path, page in every_page(pages, lang)}

    assert {path: found for path, found in wrong.items() if found} == {}


def faults(page: Page, lang: str) -> list[str]:
    """What breaks a page for somebody who hears it."""
    levels = [int(one.tag[1]) for one in page.all("//h1 | //h2 | //h3 | //h4")]
    ids = Counter(str(one.get("id")) for one in page.all("//*[@id]"))
    unlabelled = page.all(
        "//input[not(@type='hidden') and not(ancestor::label) and not(@id = //label/@for)]"
        " | //select[not(ancestor::label)]"
    )
    checks = {
        "lang": page.all("/html")[0].get("lang") == ("zh-CN" if lang == "zh" else "en"),
        "landmarks": all(len(page.all(f"//{one}")) == 1 for one in ("header", "main", "footer")),
        "one h1": levels.count(1) == 1 and levels[0] == 1,
        "headings in steps": all(lower - upper <= 1 for upper, lower in pairwise(levels)),
        "ids once": not [one for one, count in ids.items() if count > 1],
        "labels": not unlabelled,
        "names of regions": not page.all("//nav[not(@aria-label)]"),
        "nothing inline": not page.all(
            "//script[not(@src or @type='application/ld+json')] | //style | //*[@style]"
            " | //*[@onclick]"
        ),
        "nothing foreign": not page.all(
            "//script[@src][not(starts-with(@src, '/'))] | //img[@srcset]"
        ),
        "a title": bool(page.texts("//title")),
        "all of one language": lang == "zh" or all_lead_on(page),
    }
    return [name for name, holds in checks.items() if not holds]


def all_lead_on(page: Page) -> bool:
    """On an English page every own link to a page stays English, but the one that switches."""
    own = [one for one in page.all("//a[starts-with(@href, '/')]") if not one.get("hreflang")]
    to_pages = [
        one.get("href")
        for one in own
        if not one.get("href").startswith(("/api/", "/federation/", "/openapi", "/.well-known"))
    ]
    return all("lang=en" in href for href in to_pages)


async def test_large_print_stays_through_the_links(pages: Pages) -> None:
    await a_catalogue(pages)

    page = await pages.get("/?size=large")
    back = page.all("//ul[@class='tools']//a")[0].get("href")

    assert page.all("/html")[0].get("class") == "large"
    assert all("size=large" in one.get("href") for one in page.all("//nav[@class='menu']/a"))
    assert "size" not in back


async def test_what_a_holder_wrote_never_becomes_markup(pages: Pages) -> None:
    plain = await pages.get("/about")
    for serial, text in enumerate(PRINTABLE_TEXTS):
        pages.library.offer(
            a_number(serial),
            text,
            holders=[{"name": f"{text} 公司", "kind": "enterprise"}],
            fee={"payment": {"mode": "free"}, "note": text},
            technical_field={"text": text},
        )
    await pages.library.level()
    found = await pages.client.get("/api/v1/catalogue/search?limit=100&facets=false")

    for one in found.json()["items"]:
        for lang in ("zh", "en"):
            page = await pages.get(f"/listings/{one['listing']}?lang={lang}")
            assert dangers(page) == {"/static/verify.js"}, one["items"]["title"]
            assert one["items"]["title"].split()[0] in page.tree.text_content()  # type: ignore[union-attr]
    for path in ("/?limit=100", "/?limit=100&lang=en"):
        assert dangers(await pages.get(path)) == dangers(plain) == set()


def dangers(page: Page) -> set[str]:
    """Scripts by address, and whatever else only markup from outside would bring."""
    scripts = {str(one.get("src")).partition("?")[0] for one in page.all("//script[@src]")}
    for one in page.all("//script[not(@src)]"):  # a block of data, which nothing runs
        assert one.get("type") == "application/ld+json"
        assert orjson.loads(one.text or "")["@type"] == "Offer"
    foreign = page.all(
        "//iframe | //object | //embed | //base | //math | //meta[@http-equiv] | //img"
        " | //*[@*[starts-with(name(), 'on')]] | //@href[contains(., 'javascript:alert')]/.."
        " | //form[not(starts-with(@action, '/'))]"
    )
    harmless = [one for one in foreign if one.tag == "a" and one.get("href").startswith("/")]
    return scripts | {str(one.tag) for one in foreign if one not in harmless}


@pytest.mark.parametrize("query", ["q", "cursor", "origin", "lang"])
async def test_what_stands_in_an_address_never_becomes_markup(pages: Pages, query: str) -> None:
    await pages.library.level()

    for text in HOSTILE_TEXTS:
        page = await pages.get("/", **{query: text})

        assert dangers(page) == set()


async def test_no_contact_is_shown_in_full(pages: Pages) -> None:
    contact = {"name": "王小明", "phone": "13800001234", "email": "wang@example.cn"}
    offered = pages.library.offer(a_number(1), "传感器", contact=contact)
    await pages.library.level()

    for path in ("/", f"/listings/{offered.listing}", "/holders?name=五邑大学"):
        page = await pages.get(path)

        assert page.status == 200
        assert not [secret for secret in contact.values() if secret in page.text]


async def test_a_node_tells_more_of_its_own_listings_and_the_hub_never_does(pages: Pages) -> None:
    library = pages.library
    library.federation.enrol("sz-centre")
    own = library.offer(a_number(1), "传感器")
    other = library.federation.offer("sz-centre", a_number(2))
    await library.level()
    items = ExtensionItems(rd_team="声学实验室", extensions={"gz-exchange:maturity": "中试"})

    async def read(_: DriverConnection, _listing: UUID) -> ExtensionItems:
        return items

    at_hub = await pages.get(f"/listings/{own.listing}")
    settings = PageSettings()
    pages.app.state.site = node_site(
        settings, "gz-exchange", anchor=lambda: library.federation.hub.anchor, read_extension=read
    )
    at_node = await pages.get(f"/listings/{own.listing}")
    of_another = await pages.get(f"/listings/{other.listing}")

    assert "声学实验室" in at_node.text
    assert "中试" in at_node.text
    assert "声学实验室" not in at_hub.text
    assert "声学实验室" not in of_another.text
    policy = at_node.answer.headers["content-security-policy"]
    assert f"connect-src 'self' {library.federation.hub.anchor.hub_url};" in policy


async def test_a_listing_page_costs_one_statement(pages: Pages) -> None:
    """Once the nodes are known."""
    own = await a_catalogue(pages)
    await pages.get(own[0])
    asked: list[Any] = []

    async with pages.library.database.engine.connect() as connection:
        raw = (await connection.get_raw_connection()).driver_connection
        assert raw is not None
        raw.add_query_logger(asked.append)
        sessions = pages.app.state.sessions
        pages.app.state.sessions = sessions.__class__(bind=connection)
        for path in (own[0], "/", "/boards/free"):
            asked.clear()
            page = await pages.get(path)
            await asyncio.sleep(0)  # the driver tells of a statement on the loop's next turn
            assert page.status == 200
            assert len(asked) == 1, path


def test_colours_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(ValueError, match="contrast"):
        readable_colour("#ffcc00")
    with pytest.raises(ValueError, match="#rrggbb"):
        readable_colour("red")

    for colour in ("#9c2b1f", "#1b4f8f", "#000000"):
        assert readable_colour(colour) == colour
        assert all(contrast(on_dark(colour), ground) >= 4.5 for ground in DARK_GROUNDS)


def test_the_grounds_that_colours_are_measured_on_are_those_of_the_style_sheet() -> None:
    sheet = (STATIC / "kaixu.css").read_text(encoding="utf-8")

    for ground in (*LIGHT_GROUNDS, *DARK_GROUNDS):
        assert ground in sheet


@pytest.mark.parametrize(
    ("search", "twice"), [("colour=red", False), ("fee_mode=gift", False), ("start=free", True)]
)
def test_a_wrong_board_stops_the_start_and_is_named(
    tmp_path: Path, search: str, twice: bool
) -> None:
    board = (
        '[[board]]\nid = "one"\ntitle_zh = "甲"\ntitle_en = "A"\nabout_zh = "乙"\nabout_en = "B"\n'
        f'search = "{search}"\n'
    )
    file = tmp_path / "boards.toml"
    file.write_text(board * (2 if twice else 1), encoding="utf-8")

    with pytest.raises(SettingsInvalid) as refused:
        read_boards(file)

    assert refused.value.errors


async def test_any_page_may_read_what_anybody_may_read() -> None:
    app = FastAPI()
    transport = httpx.ASGITransport(OpenReads(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://x", headers=BROWSER) as one:
        open_to_all = await one.get("/federation/v1/log/checkpoint")
        writing = await one.post("/federation/v1/log/checkpoint")
        inbox = await one.get("/federation/v1/inbox")
        staff = await one.get("/api/v1/reviews")

    field = "access-control-allow-origin"
    assert open_to_all.headers[field] == "*"
    assert not [one for one in (writing, inbox, staff) if field in one.headers]
