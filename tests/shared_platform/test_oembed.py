"""oEmbed 1.0: our addresses become frames within bounds; anything else is refused by its status."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from lxml import etree, html

from shared_platform.database.engine import Database
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.page_places import Pages, pages_of
from tests.shared_platform.search_places import Library

BASE = "https://pages.example"
NOT_OURS = (
    "https://elsewhere.example/",
    "https://pages.example.evil.example/",
    "https://pages.exampleevil/",
    "http://pages.example/",
    f"{BASE}/about",
    f"{BASE}/boards/none",
    f"{BASE}/listings/none",
    f"{BASE}/listings/00000000-0000-7000-8000-000000000000",
    f"{BASE}/?colour=red",
    "javascript:alert(1)",
    "",
)
REQUIRED = {"type", "version", "html", "width", "height"}


@pytest.fixture
async def pages(empty_database: Database, tmp_path: Path) -> AsyncIterator[Pages]:
    await make_tables(empty_database)
    library = Library.at(empty_database, tmp_path)
    library.offer(a_number(1), "传感器 <校准> & 装置", fee={"payment": {"mode": "free"}})
    await library.level()
    pages = pages_of(library)
    async with pages.client:
        yield pages


async def ask(pages: Pages, url: str, **params: object) -> httpx.Response:
    return await pages.client.get("/oembed", params={"url": url, **params})  # type: ignore[dict-item]


async def listing_url(pages: Pages) -> str:
    found = (await pages.client.get("/api/v1/catalogue/cards")).json()
    return str(found["items"][0]["url"])


def frame_of(told: dict[str, Any]) -> html.HtmlElement:
    (frame,) = html.fragments_fromstring(told["html"])
    assert frame.tag == "iframe"
    return frame


async def test_a_listing_is_described_and_its_frame_shows_it(pages: Pages) -> None:
    told = (await ask(pages, await listing_url(pages))).json()

    frame = frame_of(told)
    page = await pages.get(frame.get("src").removeprefix(BASE))
    assert told.keys() >= REQUIRED
    assert (told["type"], told["version"]) == ("rich", "1.0")
    assert told["title"] == "传感器 <校准> & 装置"
    assert (frame.get("width"), frame.get("height")) == (str(told["width"]), str(told["height"]))
    assert page.texts("//h1")[0].startswith("传感器 <校准> & 装置")


async def test_searches_and_boards_are_described(pages: Pages) -> None:
    for path in ("/", "", "/?start=free&lang=en&limit=50", "/boards/free"):
        answer = await ask(pages, BASE + path)

        page = await pages.get(frame_of(answer.json()).get("src").removeprefix(BASE))
        assert answer.headers["content-type"] == "application/json"
        (card,) = page.cards
        assert card.startswith("传感器 <校准> & 装置")


async def test_the_frame_keeps_within_the_consumers_bounds(pages: Pages) -> None:
    for width, height in ((320, 240), (1, 1), (5000, 5000)):
        told = (await ask(pages, f"{BASE}/", maxwidth=width, maxheight=height)).json()

        frame = frame_of(told)
        assert told["width"] <= width
        assert told["height"] <= height
        assert [frame.get("width"), frame.get("height")] == [
            str(told["width"]),
            str(told["height"]),
        ]


async def test_the_xml_form_says_the_same(pages: Pages) -> None:
    url = await listing_url(pages)

    told = (await ask(pages, url, format="json")).json()
    answer = await ask(pages, url, format="xml")

    root = etree.fromstring(answer.content)
    assert answer.headers["content-type"].startswith("text/xml")
    assert root.tag == "oembed"
    assert {one.tag: one.text for one in root} == {name: str(one) for name, one in told.items()}


async def test_an_address_that_cannot_be_embedded_is_not_found(pages: Pages) -> None:
    found = {url: await ask(pages, url) for url in NOT_OURS}

    told = {url: (answer.status_code, answer.json()["code"]) for url, answer in found.items()}
    assert told == dict.fromkeys(NOT_OURS, (404, "not_found"))


async def test_another_format_is_not_implemented_and_a_missing_address_malformed(
    pages: Pages,
) -> None:
    other = await ask(pages, f"{BASE}/", format="yaml")
    missing = await pages.client.get("/oembed")
    narrow = await ask(pages, f"{BASE}/", maxwidth=0)

    assert (other.status_code, other.json()["code"]) == (501, "not_implemented")
    assert (missing.status_code, narrow.status_code) == (422, 422)


async def test_pages_lead_to_their_own_description(pages: Pages) -> None:
    listing = urlsplit(await listing_url(pages)).path
    for path in ("/?start=free&lang=en", "/boards/free", listing):
        page = await pages.get(path)
        links = {
            one.get("type"): one.get("href").removeprefix(BASE)
            for one in page.all("//head/link[@rel='alternate'][contains(@type, 'oembed')]")
        }

        described = await pages.client.get(links["application/json+oembed"])
        in_xml = await pages.client.get(links["text/xml+oembed"])

        assert described.json()["provider_url"] == f"{BASE}/"
        assert etree.fromstring(in_xml.content).findtext("html") == described.json()["html"]
        frame = await pages.get(frame_of(described.json()).get("src").removeprefix(BASE))
        assert frame.status == 200
        assert frame.all("/html")[0].get("lang") == page.all("/html")[0].get("lang")
