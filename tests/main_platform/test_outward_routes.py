"""Feeds, descriptions, exports and notices of a hub with published and withdrawn listings."""

from collections.abc import AsyncIterator
from pathlib import Path

import feedparser  # type: ignore[import-untyped]
import orjson
import pytest
from lxml import etree

from shared_platform.database.engine import Database
from shared_platform.embeds.component import current_release
from shared_platform.search.here import keeper_of
from shared_platform.syndication.feeds import ATOM, TOMBSTONES
from shared_platform.transport.coded_reads import WORTH_BYTES
from tests.main_platform.hub_places import BASE, OpenHub, an_open_hub
from tests.shared_platform.catalogue_copies import follow
from tests.shared_platform.hub_log_peer import Federation, Offered, a_number
from tests.shared_schema.offers import a_declaration

NAMES = {"a": ATOM, "at": TOMBSTONES, "s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
DEVICE = "<b>装置</b> & =1+1"


@pytest.fixture
def federation() -> Federation:
    """A log with two offers, one of them withdrawn."""
    return Federation()


@pytest.fixture
def offers(federation: Federation) -> list[Offered]:
    node = federation.enrol("gz-exchange")
    made = [
        federation.offer(
            node,
            number,
            declaration=a_declaration(
                patent={"application_number": number, "kind": "invention", "title": title}
            ),
        )
        for number, title in ((a_number(1), DEVICE), (a_number(2), "旧装置"))
    ]
    federation.change(made[1], "withdraw")
    return made


@pytest.fixture
async def hub(
    hub_committed: Database, federation: Federation, offers: list[Offered], tmp_path: Path
) -> AsyncIterator[OpenHub]:
    """A hub whose catalogue shows that log."""
    assert offers
    async with an_open_hub(hub_committed, tmp_path) as opened:
        await follow(hub_committed, federation.hub)
        await keeper_of(opened.context.service).bring_level()
        yield opened


async def test_the_atom_feed_tells_offers_and_withdrawals(
    hub: OpenHub, offers: list[Offered]
) -> None:
    raw = (await hub.ask("GET", "/feeds/catalogue.atom")).content

    feed = etree.fromstring(raw)
    assert [one.text for one in feed.findall("a:entry/a:title", NAMES)] == [DEVICE]
    gone = feed.findall("at:deleted-entry", NAMES)
    assert [one.get("ref") for one in gone] == [f"urn:uuid:{offers[1].listing}"]
    parsed = feedparser.parse(raw)
    assert (parsed.bozo, parsed.version, len(parsed.entries)) == (False, "atom10", 1)


async def test_the_json_feed_names_the_state_of_each(hub: OpenHub) -> None:
    feed = (await hub.ask("GET", "/feeds/catalogue.json?lang=en")).json()

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["_kaixu"]["state"] for item in feed["items"]] == ["withdrawn", "published"]
    assert feed["items"][0]["title"].startswith("〔withdrawn〕")


async def test_a_search_is_a_feed_of_its_own(hub: OpenHub) -> None:
    found = (await hub.ask("GET", "/feeds/catalogue.json?q=旧装置")).json()
    nothing = (await hub.ask("GET", "/feeds/catalogue.json?kind=design")).json()

    assert (len(found["items"]), nothing["items"]) == (1, [])


async def test_the_catalogue_describes_itself_to_data_portals(hub: OpenHub) -> None:
    described = orjson.loads((await hub.ask("GET", "/catalogue.jsonld")).content)

    dataset = described["dcat:dataset"]
    mandatory = {"dct:title", "dct:description"}
    assert mandatory | {"dct:publisher", "dcat:dataset"} <= described.keys()
    assert mandatory <= dataset.keys()
    assert all("dcat:accessURL" in one for one in dataset["dcat:distribution"])


async def test_a_listing_is_an_offer_to_search_engines(hub: OpenHub, offers: list[Offered]) -> None:
    live, gone = [
        orjson.loads((await hub.ask("GET", f"/listings/{one.listing}.jsonld")).content)
        for one in offers
    ]

    assert (live["@type"], live["name"], live["price"]) == ("Offer", DEVICE, "30000.00")
    assert live["availability"] == "https://schema.org/InStock"
    assert gone["availability"] == "https://schema.org/Discontinued"


async def test_an_export_is_a_file_of_the_search(hub: OpenHub) -> None:
    table = await hub.ask("GET", "/api/v1/catalogue/export.csv?columns=cnipa-min")
    book = await hub.ask("GET", "/api/v1/catalogue/export.xlsx?state=all")

    lines = table.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "专利号,专利权人,发明名称,许可使用费支付方式和标准,许可期限届满日,联系方式"
    assert len(lines) == 2
    assert "attachment" in table.headers["content-disposition"]
    assert book.content.startswith(b"PK")


async def test_site_maps_name_every_listing(hub: OpenHub, offers: list[Offered]) -> None:
    index = etree.fromstring((await hub.ask("GET", "/sitemap.xml")).content)
    first = etree.fromstring((await hub.ask("GET", "/sitemap-0.xml")).content)

    assert len(index.findall("s:sitemap", NAMES)) == 1
    places = [str(one.text).rpartition("/")[2] for one in first.findall("s:url/s:loc", NAMES)]
    assert places == [str(one.listing) for one in offers]


async def test_robots_and_finders_of_weaknesses_are_told_what_they_need(hub: OpenHub) -> None:
    robots = (await hub.ask("GET", "/robots.txt")).text
    security = (await hub.ask("GET", "/.well-known/security.txt")).text

    assert "Disallow: /api/" in robots
    assert "Contact: mailto:" in security
    assert "Expires: " in security


READS = (
    "/",
    "/?lang=en&q=装置",
    "/about",
    "/statistics",
    "/nodes",
    "/boards",
    "/embed",
    "/embed/catalogue",
    "/embed/badge.svg",
    "/api/v1/catalogue/search?q=装置",
    "/api/v1/catalogue/facets",
    "/api/v1/catalogue/cards",
    "/api/v1/catalogue/changes",
    "/api/v1/catalogue/export.csv",
    "/api/v1/catalogue/export.xlsx",
    "/feeds/catalogue.atom",
    "/feeds/catalogue.json",
    "/catalogue.jsonld",
    "/sitemap.xml",
    "/sitemap-0.xml",
    "/robots.txt",
    "/.well-known/security.txt",
    "/openapi.json",
    "/static/kaixu.css",
    current_release().address,
)


async def test_every_public_read_knows_head_conditions_and_codings(
    hub: OpenHub, offers: list[Offered]
) -> None:
    listing = f"/listings/{offers[0].listing}"
    own = (listing, f"{listing}.jsonld", f"/oembed?url={BASE}{listing}")

    for address in (*READS, *own):
        whole = await hub.ask("GET", address, headers={"accept-encoding": "gzip"})
        head = await hub.ask("HEAD", address, headers={"accept-encoding": "gzip"})
        held = {"if-none-match": whole.headers["etag"]}
        again = await hub.ask("GET", address, headers=held)

        assert (whole.status_code, head.status_code, again.status_code) == (200, 200, 304), address
        assert head.headers["etag"] == whole.headers["etag"], address
        assert "accept-encoding" in again.headers["vary"], address
        assert again.headers["cache-control"] == whole.headers["cache-control"], address
        is_long_text = len(whole.content) > WORTH_BYTES
        is_coded = whole.headers.get("content-encoding") == "gzip"
        assert is_coded or not is_long_text or address.endswith(".xlsx"), address


async def test_what_was_held_is_given_anew_when_the_catalogue_moved(
    hub: OpenHub, federation: Federation, offers: list[Offered], hub_committed: Database
) -> None:
    addresses = ("/", "/api/v1/catalogue/search", "/api/v1/catalogue/export.csv", "/statistics")
    held = {one: (await hub.ask("GET", one)).headers["etag"] for one in addresses}

    federation.change(offers[0], "withdraw")
    await follow(hub_committed, federation.hub)
    await keeper_of(hub.context.service).bring_level()

    for address, etag in held.items():
        again = await hub.ask("GET", address, headers={"if-none-match": etag})
        assert (again.status_code, again.headers["etag"] != etag) == (200, True), address


async def test_pages_follow_the_browser_unless_the_address_says_a_language(hub: OpenHub) -> None:
    english, chinese = {"accept-language": "en-GB,zh;q=0.5"}, {"accept-language": "zh-CN,en"}

    first = await hub.ask("GET", "/about", headers=english)
    asked = await hub.ask("GET", "/about?lang=zh", headers=english)
    home = await hub.ask("GET", "/", headers=chinese)
    etag = {"if-none-match": home.headers["etag"]}
    other = await hub.ask("GET", "/", headers=english | etag)

    assert (first.headers["content-language"], asked.headers["content-language"]) == ("en", "zh-CN")
    assert 'href="/about?lang=zh"' in first.text, "the way to the other language says so"
    assert "accept-language" in first.headers["vary"]
    assert "accept-language" not in asked.headers["vary"]
    assert (other.status_code, other.headers["content-language"]) == (200, "en")
