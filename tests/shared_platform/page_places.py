"""The public pages over a copy of the catalogue and its index, for tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

import httpx
from fastapi import FastAPI
from lxml import html

from shared_platform.embeds import badge, builder_page, card_routes, frame_pages, oembed_routes
from shared_platform.embeds.framing import problem_or_frame
from shared_platform.public_pages import catalogue_pages, facet_pages, network_pages, site_pages
from shared_platform.public_pages.markup import CHINESE
from shared_platform.public_pages.site import Site, hub_site
from shared_platform.search import routes as search_routes
from shared_platform.settings import PlatformSettings
from shared_platform.transport.coded_reads import CodedReads
from shared_platform.transport.problems import install_problems
from shared_schema.instants import Instant
from tests.shared_platform.search_places import Library

BROWSER = {"accept": "text/html,application/xhtml+xml"}
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


class PageSettings(PlatformSettings, frozen=True, env_prefix="KAIXU_PAGES_"):
    name_zh: str = "示例平台"
    name_en: str = "Example site"
    today: date | None = date(2026, 11, 22)
    public_base_url: str | None = "https://pages.example"


class Noon:
    def now(self) -> Instant:
        return NOON


@dataclass
class Pages:
    """A service with pages, asked as a browser asks."""

    library: Library
    app: FastAPI
    client: httpx.AsyncClient

    @property
    def site(self) -> Site:
        site: Site = self.app.state.site
        return site

    async def get(self, path: str, **params: object) -> "Page":
        query = {name: value for name, value in params.items() if value is not None}
        answer = await self.client.get(path, params=query or None)  # type: ignore[arg-type]
        return Page(answer)


def pages_of(library: Library, settings: PlatformSettings | None = None) -> Pages:
    settings = settings or PageSettings()
    app = FastAPI()
    state = app.state
    state.sessions, state.clock, state.settings = library.database.sessions, Noon(), settings
    state.searching = library.searching
    state.site = hub_site(settings, library.federation.hub.anchor)
    state.problem_page = problem_or_frame
    for router in (
        search_routes.router,
        catalogue_pages.router,
        facet_pages.router,
        network_pages.router,
        site_pages.router,
        card_routes.router,
        builder_page.router,
        frame_pages.router,
        badge.router,
        oembed_routes.router,
    ):
        app.include_router(router)
    install_problems(app, clock=Noon())
    transport = httpx.ASGITransport(CodedReads(app))
    client = httpx.AsyncClient(transport=transport, base_url="http://service", headers=BROWSER)
    return Pages(library, app, client)


class Page:
    """An answer as a document."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.text = answer.text
        self.tree = html.document_fromstring(answer.text) if answer.text else None

    def all(self, path: str) -> list[html.HtmlElement]:
        assert self.tree is not None
        return cast(list[html.HtmlElement], self.tree.xpath(path))

    def texts(self, path: str) -> list[str]:
        return [" ".join(one.text_content().split()) for one in self.all(path)]

    def links(self) -> set[str]:
        return {one.get("href") for one in self.all("//a[@href]")}

    @property
    def cards(self) -> list[str]:
        return self.texts("//li[@class='card']//h2 | //li[@class='card']//h3")

    def untranslated(self) -> list[str]:
        """Chinese on an English page that nobody marked as Chinese."""
        return [text for text in self._unmarked() if re.search(CHINESE, text)]

    def _unmarked(self) -> Iterator[str]:
        for one in self.all("//body//*[not(ancestor-or-self::*[starts-with(@lang, 'zh')])]"):
            if isinstance(one.tag, str):
                yield one.text or ""
                yield from (one.get(name, "") for name in ("alt", "title", "aria-label"))
                yield from (child.tail or "" for child in one)
