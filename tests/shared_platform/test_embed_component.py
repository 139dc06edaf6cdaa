"""The component of embedded lists, and the snippets that are offered."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from lxml import html

from shared_platform.database.engine import Database
from shared_platform.embeds.component import current_release, releases
from shared_platform.public_pages.frame import STATIC
from shared_platform.public_pages.words import PAGE_WORDS
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.embed_places import BASE, a_catalogue, drawn
from tests.shared_platform.page_places import Page, Pages, pages_of
from tests.shared_platform.search_places import Library


@pytest.fixture
async def pages(empty_database: Database, tmp_path: Path) -> AsyncIterator[Pages]:
    await make_tables(empty_database)
    pages = pages_of(Library.at(empty_database, tmp_path))
    async with pages.client:
        yield pages


def test_a_released_component_never_changes() -> None:
    """A change is a new file with the next number in releases.toml."""
    assert {one.version: one.actual() for one in releases().values()} == {
        one.version: one.integrity for one in releases().values()
    }


def test_the_component_is_small_and_touches_neither_markup_nor_storage() -> None:
    text = current_release().file.read_text(encoding="utf-8")

    assert len(text.encode()) <= 10_000
    forbidden = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|Storage"
    assert re.findall(rf"{forbidden}|cookie =|\.cookie|indexedDB|\bimport |\.style\b", text) == []
    assert re.findall(r"https?://", text) == []


def test_the_component_has_the_colours_and_the_words_of_the_pages() -> None:
    text = current_release().file.read_text(encoding="utf-8")
    sheet = (STATIC / "kaixu.css").read_text(encoding="utf-8").replace(": ", ":")
    names = r"--(?:ink|muted|paper|card|line|edge|accent|link|good|warn):#[0-9a-f]{6}"

    colours = re.findall(names, text)

    assert len(colours) == 20
    assert [one for one in colours if one not in sheet] == []
    dark = re.findall(r"--ink:#e8eaf0.*?--tint:#\w+", " ".join(sheet.split()))
    assert (len(dark), len(set(dark))) == (2, 1)  # by the device and by choice: one palette
    shared = ("catalogue", "search", "next", "all_items", "see_in_catalogue", "new_window")
    assert [one for one in shared for said in PAGE_WORDS[one] if f'"{said}"' not in text] == []


async def test_the_component_is_served_for_ever_under_its_hash(pages: Pages) -> None:
    answer = await pages.client.get(current_release().address)
    unknown = await pages.client.get("/embed/kaixu-catalogue-0.js")

    assert answer.content == current_release().file.read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")
    assert unknown.status_code == 404


async def test_the_snippet_is_what_the_form_says(pages: Pages) -> None:
    await a_catalogue(pages)

    page = await pages.get(
        "/embed?q=传感器&start=free&embed_lang=en&theme=dark&limit=5&box=off&form=component"
    )
    code = page.texts("//pre[@class='snippet']")[0]
    script, element = html.fragments_fromstring(code)

    assert script.get("src") == BASE + current_release().address
    assert script.get("integrity") == current_release().integrity
    assert script.get("crossorigin") == "anonymous"
    assert dict(element.items()) == {
        "search": "q=%E4%BC%A0%E6%84%9F%E5%99%A8&start=free",
        "lang": "en",
        "theme": "dark",
        "limit": "5",
        "search-box": "off",
    }
    (link,) = element
    shown = await pages.get(str(link.get("href")).removeprefix(BASE))
    assert shown.cards == ["传感器外壳"]
    assert f"script-src {BASE}; connect-src {BASE}" in page.text


async def test_every_address_in_a_snippet_leads_to_what_it_promises(pages: Pages) -> None:
    await a_catalogue(pages)
    for form in ("iframe", "badge", "link"):
        await keeps_its_promise(pages, await pages.get(f"/embed?q=外壳&form={form}"))


async def keeps_its_promise(pages: Pages, page: Page) -> None:
    code = html.fragments_fromstring(page.texts("//pre[@class='snippet']")[0])
    found = [one.get(name) for part in code for one in part.iter() for name in ("href", "src")]
    addresses = [address for address in found if address]

    assert addresses
    for address in addresses:
        answer = await pages.client.get(address.removeprefix(BASE))
        assert answer.status_code == 200
        assert "外壳" in answer.text or drawn(answer)[1].startswith("1 ")


async def test_a_search_and_a_listing_lead_to_their_own_snippets(pages: Pages) -> None:
    listing = (await a_catalogue(pages))[1]
    word = PAGE_WORDS["embed_this_list"].zh

    search = await pages.get("/?start=free")
    board = await pages.get("/boards/free")
    single = await pages.get(f"/listings/{listing}")
    (of_search,) = search.all(f"//a[text()='{word}']")
    (of_board,) = board.all(f"//a[text()='{word}']")
    (of_listing,) = single.all(f"//a[text()='{PAGE_WORDS['embed_this_listing'].zh}']")

    assert of_search.get("href") == "/embed?start=free"
    assert of_board.get("href") == "/embed?sort=newest&start=free"
    page = await pages.get(of_listing.get("href"))
    frame = page.all("//iframe")[0].get("src")
    assert (await pages.get(frame)).texts("//h1")[0].startswith("传感器外壳")
    assert {one.get("value") for one in page.all("//input[@type='radio']")} == {"iframe", "link"}
