"""What pages tell besides their content: languages, how to go on, what was wrong."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from shared_platform.public_pages.words import PAGE_WORDS
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import Offered, a_number
from tests.shared_platform.page_places import Pages, pages_of
from tests.shared_platform.search_places import Library
from tests.shared_schema.offers import paying

FREE = paying({"mode": "free"})


@pytest.fixture
async def pages(empty_database: Database, tmp_path: Path) -> AsyncIterator[Pages]:
    await make_tables(empty_database)
    pages = pages_of(Library.at(empty_database, tmp_path))
    async with pages.client:
        yield pages


async def published(pages: Pages) -> Offered:
    offered = pages.library.offer(a_number(1), "传感器校准装置", **FREE)
    await pages.library.level()
    return offered


async def test_a_page_names_itself_in_each_language_for_search_engines(pages: Pages) -> None:
    page = await pages.get("/", q="传感器")

    named = {one.get("hreflang"): one.get("href") for one in page.all("//link[@hreflang]")}
    assert named.keys() == {"zh-CN", "en", "x-default"}
    assert named["en"].startswith("https://pages.example/?")
    assert "lang=en" in named["en"]
    assert "lang" not in named["x-default"]


async def test_an_open_offer_says_how_to_reach_its_holder_and_that_the_statement_tells(
    pages: Pages,
) -> None:
    offered = await published(pages)

    page = await pages.get(f"/listings/{offered.listing}")

    section = page.texts("//section[@aria-labelledby='accept']")[0]
    assert PAGE_WORDS["reach_why"].zh in section
    assert PAGE_WORDS["reach_statement"].zh in section
    links = [one.get("href") for one in page.all("//section[@aria-labelledby='accept']//a")]
    assert any(link.startswith("/nodes/") for link in links)
    assert any("/objects/sha256/" in link for link in links)


async def test_a_refused_address_names_the_parameter(pages: Pages) -> None:
    page = await pages.get("/?kind=nonsense&lang=zh")

    assert page.status == 422
    said = page.texts("//main//li")
    assert any(text.startswith("kind：") and "invention" in text for text in said)


async def test_programs_get_problems_in_english_and_a_holder_without_offers_as_one(
    pages: Pages,
) -> None:
    fields = {"accept": "application/json", "accept-language": "en"}

    holder = await pages.client.get("/holders?name=无此单位", headers=fields)
    search = await pages.client.get("/api/v1/catalogue/search?limit=0", headers=fields)

    assert holder.headers["content-type"] == "application/problem+json"
    assert (holder.status_code, search.status_code) == (404, 422)
    for answer in (holder, search):
        said = answer.json()
        texts = [said["title"], said["detail"], *(one["message"] for one in said["errors"])]
        assert all(text.isascii() for text in texts), texts


async def test_what_is_typed_leads_on_from_results_and_from_nothing(pages: Pages) -> None:
    await published(pages)

    filtered = await pages.get("/", q="免费")
    respelt = await pages.get("/", q="传感器教准")
    number = await pages.get("/", q=f"专利号：{a_number(30)}")

    assert any("start=free" in link for link in filtered.links())
    assert "传感器校准" in respelt.texts("//div[@class='empty']//li")[0]
    said = " ".join(number.texts("//div[@class='empty']"))
    assert PAGE_WORDS["number_next"].zh in said
    assert "是有效的专利号" in said


async def test_all_values_of_a_filter_have_a_page_that_narrows_the_search(pages: Pages) -> None:
    await published(pages)

    page = await pages.get("/facets/scope", q="传感器")
    (link,) = [one for one in page.links() if "scope=CN" in one]
    narrowed = await pages.get(link)
    missing = await pages.get("/facets/colour")

    assert narrowed.cards == ["传感器校准装置"]
    assert missing.status == 404


async def test_a_withdrawn_offer_says_since_when(pages: Pages) -> None:
    offered = await published(pages)
    pages.library.federation.hub_change(offered, "withdraw", reason="lapse")
    await pages.library.level()

    page = await pages.get(f"/listings/{offered.listing}")

    notice = page.texts("//p[contains(@class, 'warn')]")[0]
    assert "已撤回" in notice
    assert "(UTC+8)" in notice


async def test_the_page_for_programs_names_every_way_and_its_limits(pages: Pages) -> None:
    page = await pages.get("/api")

    limits = page.texts("//section[@aria-labelledby='limits']")[0]
    assert str(pages.app.state.settings.search_limit) in limits
    assert "kaixu_portal_" in limits


async def test_the_code_to_embed_has_a_button_that_only_a_script_shows(pages: Pages) -> None:
    await published(pages)

    page = await pages.get("/embed")

    (button,) = page.all("//button[@data-copies]")
    assert button.get("hidden") is not None
    assert button.text_content() == PAGE_WORDS["copy_code"].zh
    assert page.all(f"//code[@id='{button.get('data-copies')}']")
    assert (await pages.client.get("/static/copy.js")).status_code == 200


async def test_what_is_framed_speaks_the_language_of_the_page_around_it(pages: Pages) -> None:
    offered = await published(pages)
    english = {"accept-language": "en"}

    for address in (f"/embed/listings/{offered.listing}", "/embed/catalogue"):
        answer = await pages.client.get(address, headers=english)

        assert answer.headers["content-language"] == "zh-CN"
        assert answer.headers["vary"] == "accept-encoding"


def test_no_word_has_the_name_of_what_a_template_would_take_for_a_method() -> None:
    assert not [name for name in PAGE_WORDS if hasattr(dict, name)]
