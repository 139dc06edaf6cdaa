"""The catalogue on other sites: cards, frames, badge, component file, and the page for snippets."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from lxml import etree, html

from shared_platform.database.engine import Database
from shared_platform.embeds.component import current_release
from shared_platform.embeds.framing import frame_ancestors
from shared_platform.public_pages.words import PAGE_WORDS
from shared_platform.search.index import IndexFolder, IndexReader
from shared_platform.search.search import Searching
from shared_platform.settings import SettingsInvalid, load_settings
from shared_platform.transport.open_reads import OpenReads
from shared_platform.transport.request_guard import RequestGuard
from shared_platform.transport.request_head import GuardPolicy
from shared_schema.identities import SeededIds
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.embed_places import BASE, FREE, a_catalogue, drawn
from tests.shared_platform.hostile_texts import HOSTILE_TEXTS, PRINTABLE_TEXTS
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.page_places import BROWSER, Noon, Page, Pages, PageSettings, pages_of
from tests.shared_platform.search_places import Library

FRAMED = ["/embed/catalogue", "/embed/catalogue?q=量子", "/embed/component", "/embed/badge.svg"]
NOT_FRAMED = ["/", "/embed", "/about", "/nowhere", "/oembed?url=x", "/api/v1/catalogue/cards"]


@pytest.fixture
async def pages(empty_database: Database, tmp_path: Path) -> AsyncIterator[Pages]:
    await make_tables(empty_database)
    pages = pages_of(Library.at(empty_database, tmp_path))
    async with pages.client:
        yield pages


def guarded(pages: Pages) -> httpx.AsyncClient:
    """The same service behind the guard that every service has."""
    app = RequestGuard(OpenReads(pages.app), GuardPolicy(BASE), clock=Noon(), ids=SeededIds(7))
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url=BASE, headers=BROWSER)


async def test_cards_say_what_the_listing_page_says(pages: Pages) -> None:
    listing = (await a_catalogue(pages))[1]

    found = (await pages.client.get("/api/v1/catalogue/cards?q=外壳")).json()
    page = await pages.get(f"/listings/{listing}")

    (one,) = found["items"]
    assert (one["heading"], one["url"]) == ("传感器外壳", f"{BASE}/listings/{listing}")
    said = dict(zip(page.texts("//dl[1]//dt"), page.texts("//dl[1]//dd"), strict=True))
    told = {line["title"]: line["text"] for line in one["items"]}
    assert len(told) == 9
    assert {title: said[title].partition(" (")[0] for title in told} == told
    assert (found["total_text"], one["state_text"]) == ("共 1 项许可", "开放许可中")


async def test_cards_follow_their_pages_to_the_end_and_never_leave_the_filter(pages: Pages) -> None:
    for serial in range(5):
        pages.library.offer(a_number(serial), f"第 {serial} 件", **(FREE if serial % 2 else {}))
    await pages.library.level()
    address = "/api/v1/catalogue/cards?start=free&limit=1&lang=en"

    first = (await pages.client.get(address)).json()
    second = (await pages.client.get(f"{address}&cursor={first['next']}")).json()

    headings = [one["heading"] for one in first["items"] + second["items"]]
    assert headings == ["第 3 件", "第 1 件"]
    assert second["next"] is None
    assert first["catalogue_url"] == f"{BASE}/?start=free&lang=en"
    assert first["total_text"] == "2 offers"


async def test_a_withdrawal_leaves_cards_frames_and_badge_at_once(pages: Pages) -> None:
    offered = pages.library.offer(a_number(1), "传感器校准装置")
    await pages.library.level()
    before = await pages.get("/embed/catalogue")
    pages.library.federation.hub_change(offered, "withdraw", reason="lapse")
    await pages.library.level()

    cards = (await pages.client.get("/api/v1/catalogue/cards")).json()
    frame = await pages.get("/embed/catalogue")
    badge = await pages.client.get("/embed/badge.svg")

    assert len(before.cards) == 1
    assert (cards["items"], cards["total"], frame.cards) == ([], 0, [])
    assert drawn(badge)[1].startswith("0 ")


async def test_unchanged_cards_and_badges_are_not_sent_again(pages: Pages) -> None:
    await a_catalogue(pages)
    for path in ("/api/v1/catalogue/cards", "/embed/badge.svg"):
        first = await pages.client.get(path)

        again = await pages.client.get(path, headers={"if-none-match": first.headers["etag"]})

        assert (again.status_code, again.content) == (304, b"")
        assert "max-age" in again.headers["cache-control"]


async def test_while_the_index_is_made_nothing_outside_the_filter_is_shown(
    pages: Pages, tmp_path: Path
) -> None:
    pages.app.state.searching = Searching(IndexReader(IndexFolder(tmp_path / "none")))

    frame = await pages.get("/embed/catalogue?start=free&lang=en")
    cards = await pages.client.get("/api/v1/catalogue/cards", headers={"accept": "*/*"})
    builder = await pages.get("/embed?start=free")

    assert frame.status == 503
    assert not frame.all("//header")
    assert frame.all(f"//a[text()='{PAGE_WORDS['embed_reload'].en}']")[0].get("href") is not None
    assert (cards.status_code, cards.json()["code"]) == (503, "maintenance")
    assert builder.status == 200
    assert PAGE_WORDS["embed_away"].zh in builder.text


async def test_a_framed_list_searches_pages_and_keeps_its_look_without_script(pages: Pages) -> None:
    await a_catalogue(pages)

    page = await pages.get("/embed/catalogue?limit=1&theme=dark&lang=en&q=传感器")
    following = await pages.get(page.all("//a[@rel='next']")[0].get("href"))
    back = await pages.get(following.all("//nav[@class='pager']/a")[0].get("href"))
    hidden = {one.get("name"): one.get("value") for one in page.all("//input[@type='hidden']")}

    assert [one.cards for one in (page, following, back)] == [
        ["传感器外壳 (new window)"],
        ["传感器校准装置 (new window)"],
        ["传感器外壳 (new window)"],
    ]
    for one in (page, following, back):
        assert one.all("/html")[0].get("class") == "embedded dark"
        assert one.untranslated() == []
        assert one.all("//script") == []
    assert hidden == {"limit": "1", "theme": "dark", "lang": "en"}
    outward = page.all("//li//a") + page.all("//footer//a")
    assert {(one.get("target"), one.get("rel")) for one in outward} == {("_blank", "noopener")}
    assert (await pages.get("/embed/catalogue?box=off")).all("//form") == []


async def test_a_framed_listing_tells_its_state_and_its_nine_items(pages: Pages) -> None:
    offered, _, suspended, withdrawn = await a_catalogue(pages)
    words = {offered: "开放许可中", suspended: "已中止", withdrawn: "已撤回"}

    found = {one: await pages.get(f"/embed/listings/{one}?theme=auto") for one in words}

    for listing, page in found.items():
        assert page.status == 200
        assert words[listing] in page.texts("//p[@class='badges']")[0]
        assert len(page.all("//dl[@class='items']/div")) == 9
        assert page.all("//meta[@name='robots'][@content='noindex']")


async def test_a_frame_of_nothing_says_so_within_the_frame(pages: Pages) -> None:
    await a_catalogue(pages)

    missing = await pages.get("/embed/listings/00000000-0000-7000-8000-000000000000?lang=en")
    wrong = await pages.get("/embed/catalogue?q=传感器&cursor=none")
    none = await pages.get("/embed/catalogue?q=量子")

    assert (missing.status, wrong.status, none.status) == (404, 422, 200)
    assert missing.texts("//h1") == [PAGE_WORDS["problem_404"].en]
    assert not missing.all("//header | //nav | //a[@class='button']")
    assert (await pages.get(wrong.all("//a[@class='button']")[0].get("href"))).cards
    assert PAGE_WORDS["none_title"].zh in none.text


async def test_only_addresses_under_embed_may_be_framed(pages: Pages) -> None:
    listing = (await a_catalogue(pages))[0]
    async with guarded(pages) as client:
        framed = [
            *FRAMED,
            f"/embed/listings/{listing}",
            "/embed/nothing",
            current_release().address,
        ]
        policies = {path: await policy_of(client, path) for path in framed}
        refused = {path: await policy_of(client, path) for path in NOT_FRAMED}

    assert {path for path, one in policies.items() if "frame-ancestors *" not in one} == set()
    assert {path for path, one in policies.items() if "default-src 'none'" not in one} == set()
    assert {path for path, one in refused.items() if "frame-ancestors 'none'" not in one} == set()


async def policy_of(client: httpx.AsyncClient, path: str) -> str:
    return (await client.get(path)).headers["content-security-policy"]


def test_the_sites_that_may_frame_are_a_setting() -> None:
    assert frame_ancestors(PageSettings()) == "*"
    listed = PageSettings(embed_ancestors="https://a.example  https://*.b.example:8443")
    assert frame_ancestors(listed) == "'self' https://a.example https://*.b.example:8443"
    assert frame_ancestors(PageSettings(embed_ancestors="")) == "'self'"


@pytest.mark.parametrize("text", ["a.example; script-src *", "*  https://a.example", "javascript:"])
def test_sites_that_are_none_stop_the_start(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIXU_PAGES_EMBED_ANCESTORS", text)

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(PageSettings)

    assert refused.value.errors[0].pointer == "KAIXU_PAGES_EMBED_ANCESTORS"


async def test_what_is_embedded_may_be_read_from_every_origin(pages: Pages) -> None:
    await a_catalogue(pages)
    open_to_all = ["/api/v1/catalogue/cards", "/embed/badge.svg", current_release().address]
    open_to_all.append(f"/oembed?url={BASE}/")
    async with guarded(pages) as client:
        found = {path: (await client.get(path)).headers for path in open_to_all}
        page = await client.get("/")

    assert {one["access-control-allow-origin"] for one in found.values()} == {"*"}
    assert not [path for path, one in found.items() if "access-control-allow-credentials" in one]
    assert not [path for path, one in found.items() if "set-cookie" in one]
    assert "access-control-allow-origin" not in page.headers


async def test_the_badge_counts_and_names_the_day(pages: Pages) -> None:
    await a_catalogue(pages)

    chinese = await pages.client.get("/embed/badge.svg?q=传感器")
    english = await pages.client.get("/embed/badge.svg?q=外壳&lang=en&label=Our patents")

    assert chinese.headers["content-type"] == "image/svg+xml"
    assert drawn(chinese) == ["专利开放许可", "2 项 · 2026-11-22"]
    assert drawn(english) == ["Our patents", "1 offer · 2026-11-22"]


async def test_what_stands_in_an_address_becomes_no_markup(pages: Pages) -> None:
    await pages.library.level()
    for text in HOSTILE_TEXTS:
        await no_markup_of(pages, text)


async def no_markup_of(pages: Pages, text: str) -> None:
    badge = await pages.client.get("/embed/badge.svg", params={"label": text[:40]})
    frame = await pages.get("/embed/catalogue", q=text)
    builder = await pages.get("/embed", q=text)

    if badge.status_code == 200:
        root = etree.fromstring(badge.content)
        assert {etree.QName(one).localname for one in root.iter()} == {
            *("svg", "title", "rect", "path", "g", "text")
        }
    else:
        assert badge.status_code == 422
    for page in (frame, builder):
        assert page.status in {200, 422}
        assert dangers(page) == []
    if builder.status == 200:
        code = builder.texts("//pre[@class='snippet']")[0]
        assert {one.tag for one in html.fragments_fromstring(code)} == {"script", "kaixu-catalogue"}


async def test_what_a_holder_wrote_becomes_no_markup(pages: Pages) -> None:
    for serial, text in enumerate(PRINTABLE_TEXTS):
        holders = [{"name": f"{text} 公司", "kind": "enterprise"}]
        fee = {"payment": {"mode": "free"}, "note": text}
        pages.library.offer(a_number(serial), text, holders=holders, fee=fee)
    await pages.library.level()
    cards = (await pages.client.get("/api/v1/catalogue/cards?limit=50")).json()["items"]

    lists = [await pages.get(f"/embed/catalogue?limit=50&lang={lang}") for lang in ("zh", "en")]

    assert len(cards) == len(PRINTABLE_TEXTS)
    assert [dangers(page) for page in lists] == [[], []]
    for one in cards:
        assert dangers(await pages.get(f"/embed/listings/{one['listing']}")) == []
        asked = {"url": f"{BASE}/listings/{one['listing']}"}
        told = (await pages.client.get("/oembed", params=asked)).json()
        (frame,) = html.fragments_fromstring(told["html"])
        assert frame.tag == "iframe"
        assert set(frame.keys()) == {"src", "title", "width", "height", "loading", "frameborder"}
        assert str(frame.get("title")).startswith(one["heading"][:5])
        builder = await pages.get(f"/embed?listing={one['listing']}&form=link")
        assert dangers(builder) == []


def dangers(page: Page) -> list[str]:
    """Whatever only markup from outside would bring; preview and copying are our own."""
    found = page.all(
        "//script[not(starts-with(@src, '/static/copy.js?'))] | //object | //embed"
        " | //base | //math | //meta[@http-equiv] | //svg"
        " | //img[not(starts-with(@src, '/embed/'))] | //iframe[not(starts-with(@src, '/embed/'))]"
        " | //*[@*[starts-with(name(), 'on')]] | //*[starts-with(@href, 'javascript:')]"
        " | //form[not(starts-with(@action, '/'))]"
    )
    return [html.tostring(one, encoding="unicode")[:120] for one in found]
