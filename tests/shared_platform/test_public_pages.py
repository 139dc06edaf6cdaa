"""The catalogue for people: search, filters, listings in every state, in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared_platform.database.engine import Database
from shared_platform.public_pages.words import PAGE_WORDS
from shared_schema.patent_number import print_patent_number
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import Offered, a_number, an_offer_of
from tests.shared_platform.page_places import Pages, PageSettings, pages_of
from tests.shared_platform.search_places import Library

ROYALTY = {
    "fee": {
        "payment": {
            "mode": "entry_plus_royalty",
            "entry_fen": 500_000,
            "royalty": {"base": "net_sales", "rate_percent": "3"},
        }
    }
}
FREE = {"fee": {"payment": {"mode": "free"}}}


@pytest.fixture
async def pages(empty_database: Database, tmp_path: Path) -> AsyncIterator[Pages]:
    await make_tables(empty_database)
    pages = pages_of(Library.at(empty_database, tmp_path))
    async with pages.client:
        yield pages


async def published(pages: Pages, **changes: Any) -> Offered:
    offered = pages.library.offer(a_number(1), "传感器校准装置", **changes)
    await pages.library.level()
    return offered


def words(name: str, lang: str = "zh") -> str:
    return PAGE_WORDS[name].zh if lang == "zh" else PAGE_WORDS[name].en


async def test_an_empty_catalogue_says_so(pages: Pages) -> None:
    await pages.library.level()

    page = await pages.get("/")

    assert page.status == 200
    assert words("empty") in page.text
    assert "示例平台" in page.text
    assert "2026-11-22" in page.text


async def test_words_filters_and_counts_find_a_listing(pages: Pages) -> None:
    pages.library.offer(a_number(1), "传感器校准装置", **FREE)
    pages.library.offer(a_number(2), "传感器外壳", **ROYALTY)
    pages.library.offer(a_number(3), "水泵")
    await pages.library.level()

    by_word = await pages.get("/", q="传感器")
    filtered = await pages.get("/", q="传感器", start="free")

    assert sorted(by_word.cards) == ["传感器外壳", "传感器校准装置"]
    assert filtered.cards == ["传感器校准装置"]
    box = filtered.all("//input[@name='start'][@value='free']")[0]
    assert box.get("checked") is not None
    assert box.get("form") == "search"
    removing = filtered.all("//a[@class='chip']")[0].get("href")
    assert (await pages.get(removing)).cards == by_word.cards


async def test_the_same_search_is_offered_in_the_forms_that_the_service_has(pages: Pages) -> None:
    await published(pages, **FREE)

    page = await pages.get("/", q="传感器", start="free")
    listing = await pages.get(page.all("//li[@class='card']//a")[0].get("href"))

    alternates = [
        one.get("href")
        for one in page.all("//link[@rel='alternate'][@type][not(contains(@type, 'oembed'))]")
    ]
    assert [one.partition("?")[0] for one in alternates] == ["/api/v1/catalogue/search"]
    found = await pages.client.get(alternates[0])
    assert [one["items"]["title"] for one in found.json()["items"]] == page.cards
    assert not [
        one for one in listing.all("//link[@rel='alternate']") if "jsonld" in one.get("href")
    ]


async def test_a_number_is_found_however_it_is_typed_and_a_holder_by_name(pages: Pages) -> None:
    pages.library.offer(a_number(1), "甲装置")
    pages.library.offer(a_number(2), "乙装置")
    await pages.library.level()

    by_number = await pages.get("/", q=print_patent_number(a_number(2)))
    by_holder = await pages.get("/", q=an_offer_of(a_number(1)).holders[0].name)

    assert by_number.cards == ["乙装置"]
    assert len(by_holder.cards) == 2


async def test_a_search_that_finds_nothing_names_the_word_and_offers_others(pages: Pages) -> None:
    await published(pages)

    page = await pages.get("/", q="传感器 量子", kind="design")

    assert page.cards == []
    assert page.texts("//mark") == ["量子"]
    assert words("try_instead") in page.text
    offers = page.all("//div[@class='empty']//a")
    counts = page.texts("//div[@class='empty']//span[@class='count']")
    assert counts == ["1"] * len(offers)
    assert len((await pages.get(offers[0].get("href"))).cards) == 1


async def test_an_ended_listing_is_offered_where_open_ones_do_not_match(pages: Pages) -> None:
    offered = await published(pages)
    pages.library.federation.hub_change(offered, "withdraw")
    await pages.library.level()

    page = await pages.get("/", q=print_patent_number(a_number(1)))

    links = page.all("//div[@class='empty']//a")
    assert (await pages.get(links[0].get("href"))).cards == ["传感器校准装置"]


async def test_pages_follow_each_other_and_lead_back(pages: Pages) -> None:
    for serial in range(23):
        pages.library.offer(a_number(serial), f"装置 {serial}")
    await pages.library.level()

    first = await pages.get("/")
    second = await pages.get(first.all("//a[@rel='next']")[0].get("href"))

    assert len(first.cards) == 20
    assert len(second.cards) == 3
    assert not set(first.cards) & set(second.cards)
    assert second.all("//nav[@class='pager']/a")[0].get("href") == "/"


async def test_without_an_index_the_tables_are_browsed(pages: Pages) -> None:
    pages.library.offer(a_number(1), "传感器校准装置")
    await pages.library.level()
    bare = pages_of(Library.at(pages.library.database, Path("/nonexistent")))
    async with bare.client:
        page = await bare.get("/")
        by_number = await bare.get("/", q=a_number(1))
        by_word = await bare.get("/", q="没有这个单位")
        board = await bare.get("/boards/free")
        statistics = await bare.get("/statistics")

    assert words("browsing") in page.text
    assert page.cards == by_number.cards == ["传感器校准装置"]
    assert by_word.cards == []
    assert words("browsing") in board.text
    assert words("statistics_none") in statistics.text


async def test_a_listing_is_shown_in_words_in_both_languages(pages: Pages) -> None:
    offered = await published(pages, **ROYALTY)

    chinese = await pages.get(f"/listings/{offered.listing}")
    english = await pages.get(f"/listings/{offered.listing}", lang="en")

    assert print_patent_number(a_number(1)) in chinese.text
    assert "开放许可中" in chinese.text
    assert "Example site" in english.text
    assert words("offer", "en") in english.text
    assert offered.last.payload_hash in english.text
    assert "https://pages.example/listings/" in english.text


async def test_the_cost_of_a_royalty_is_shown_for_three_sales_and_three_spans(
    pages: Pages,
) -> None:
    offered = await published(pages, **ROYALTY, period={"end": "2033-01-01"})

    page = await pages.get(f"/listings/{offered.listing}")

    rows = page.all("//table[@class='costs']/tbody/tr")
    totals = [[cell.text_content() for cell in row.xpath("td")] for row in rows]
    assert totals == [
        ["5,000", "5,000", "5,000", "5,000"],
        ["35,000", "95,000", "155,000", "185,000"],
        ["305,000", "905,000", "1,505,000", "1,805,000"],
    ]


@pytest.mark.parametrize(("change", "word"), [("withdrawn", "已撤回"), ("suspended", "已中止")])
async def test_a_listing_that_ended_keeps_its_page_with_date_and_reason(
    pages: Pages, change: str, word: str
) -> None:
    offered = await published(pages)
    operation = "withdraw" if change == "withdrawn" else "suspend"
    pages.library.federation.hub_change(offered, operation, reason="annual_fee_unpaid")  # type: ignore[arg-type]
    await pages.library.level()

    page = await pages.get(f"/listings/{offered.listing}")
    listed = await pages.get("/", state=change)

    assert page.status == 200
    assert word in page.text
    assert "年费未按时缴纳" in page.text
    assert len(page.all("//ol[@class='timeline']/li")) == 2
    assert words("offer") not in page.text
    assert listed.cards == ["传感器校准装置"]


async def test_another_nodes_offer_leads_to_the_primary_one_and_back(pages: Pages) -> None:
    federation = pages.library.federation
    federation.enrol("sz-centre")
    first = federation.offer("gz-exchange", a_number(1))
    second = federation.offer("sz-centre", a_number(1))
    federation.decide(first, second)
    await pages.library.level()

    page = await pages.get(f"/listings/{second.listing}")
    primary = await pages.get(f"/listings/{first.listing}")

    assert f"/listings/{first.listing}" in page.links()
    assert f"/listings/{second.listing}" in primary.links()


async def test_the_proof_names_the_entry_that_carries_the_statement(pages: Pages) -> None:
    offered = await published(pages)
    serial = pages.library.federation.hub.size - 1
    pages.library.federation.hub_change(offered, "suspend")
    await pages.library.level()

    page = await pages.get(f"/listings/{offered.listing}")

    place = page.all("//div[@id='verify']")[0]
    assert place.get("data-serial") == str(serial)
    assert place.get("data-vkey") == pages.library.federation.hub.anchor.log_vkey
    assert f"/federation/v1/proofs/entries/{serial}" in page.links()


async def test_an_unchanged_page_is_not_sent_again(pages: Pages) -> None:
    offered = await published(pages)
    path = f"/listings/{offered.listing}"
    etag = (await pages.get(path)).answer.headers["etag"]

    again = await pages.client.get(path, headers={"if-none-match": etag})
    pages.library.federation.hub_change(offered, "suspend")
    await pages.library.level()
    changed = await pages.client.get(path, headers={"if-none-match": etag})

    assert again.status_code == 304
    assert again.content == b""
    assert changed.status_code == 200


async def test_a_holder_has_a_page(pages: Pages) -> None:
    offered = await published(pages)
    listing = await pages.get(f"/listings/{offered.listing}")
    link = next(one for one in listing.links() if one.startswith("/holders"))

    page = await pages.get(link)
    unknown = await pages.get("/holders", name="没有这个单位")

    assert page.cards == ["传感器校准装置"]
    assert unknown.status == 404
    assert words("holder_none") in unknown.text


async def test_nodes_boards_and_statistics_count_what_is_open(pages: Pages) -> None:
    await published(pages, **FREE)

    nodes = await pages.get("/nodes")
    node = await pages.get("/nodes/gz-exchange")
    boards = await pages.get("/boards")
    board = await pages.get("/boards/free")
    statistics = await pages.get("/statistics")

    assert nodes.texts("//td[@class='count']") == ["1"]
    assert node.cards == board.cards == ["传感器校准装置"]
    assert "1" in boards.texts("//h2/span[@class='count']")
    assert "/?kind=invention" in statistics.links()


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/nowhere", 404, "problem_404"),
        ("/nodes/nobody", 404, "problem_404"),
        ("/boards/none", 404, "problem_404"),
        ("/listings/019a0000-0000-7000-8000-000000000001", 404, "problem_404"),
        ("/?colour=red", 422, "problem_422"),
        ("/?fee_mode=gift", 422, "problem_422"),
        ("/?cursor=AAAA", 422, "problem_422"),
    ],
)
async def test_refusals_are_pages_for_people_and_problems_for_programs(
    pages: Pages, path: str, status: int, word: str
) -> None:
    await pages.library.level()

    page = await pages.get(path)
    english = await pages.get(f"{path}{'&' if '?' in path else '?'}lang=en")
    program = await pages.client.get(path, headers={"accept": "*/*"})

    assert page.status == program.status_code == status
    assert page.texts("//h1") == [words(word)]
    assert english.texts("//h1") == [words(word, "en")]
    assert english.untranslated() == []
    assert program.headers["content-type"] == "application/problem+json"


async def test_only_own_files_are_served(pages: Pages) -> None:
    sheet = await pages.client.get("/static/kaixu.css")
    script = await pages.client.get("/static/verify.js")
    skin = await pages.client.get("/static/skin.css")
    other = await pages.client.get("/static/..%2fwords.py")
    logo = await pages.client.get("/static/logo")

    assert "url(" not in sheet.text
    assert script.headers["content-type"].startswith("text/javascript")
    assert "--accent:#9c2b1f" in skin.text
    assert ":root.dark{--accent:" in skin.text
    assert [sheet.status_code, skin.status_code] == [200, 200]
    assert [other.status_code, logo.status_code] == [404, 404]


async def test_a_logo_and_a_colour_of_the_service_stand_on_every_page_and_in_frames(
    pages: Pages, tmp_path: Path
) -> None:
    file = tmp_path / "logo.svg"
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', encoding="utf-8")
    settings = PageSettings(logo_file=file, accent_colour="#0b5d3b", icp_record="粤ICP备1号")
    own = pages_of(pages.library, settings)
    await published(pages)
    async with own.client:
        page = await own.get("/")
        frame = await own.get("/embed/catalogue")
        badge = await own.client.get("/embed/badge.svg")
        skin = await own.client.get("/static/skin.css")
        logo = await own.client.get("/static/logo")

    (shown,) = page.all("//header//img")
    (icon,) = page.all("//link[@rel='icon']")
    assert shown.get("alt") == ""
    assert {one.partition("?v=")[0] for one in (shown.get("src"), icon.get("href"))} == {
        "/static/logo"
    }
    assert page.all("//header//span[@class='seal']") == []
    assert "粤ICP备1号" in page.texts("//footer")[0]
    assert (logo.content, logo.headers["content-type"]) == (file.read_bytes(), "image/svg+xml")
    assert "--accent:#0b5d3b" in skin.text
    assert '#0b5d3b"' in badge.text
    assert frame.all("//link[starts-with(@href, '/static/skin.css?v=')]")
