"""The pages of monthly issues in Chromium: nothing that axe calls bad, nothing scrolls sideways."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page

from shared_platform.database.engine import Database
from tests.browser.chromium import a_page, issues_at
from tests.main_platform.hub_places import BASE
from tests.main_platform.issue_places import NUMBER, IssuingHub, an_issuing_hub

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def place(hub_committed: Database, tmp_path: Path) -> AsyncIterator[IssuingHub]:
    async with an_issuing_hub(hub_committed, tmp_path) as opened:
        yield opened


async def open_page(browser: Browser, place: IssuingHub, scheme: str) -> Page:
    """A page whose every request the hub in this process answers."""
    page = await a_page(browser, bypass_csp=True, color_scheme=scheme)

    async def answer(route: Any) -> None:
        parts = urlsplit(route.request.url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        found = await place.hub.ask("GET", path)
        await route.fulfill(
            status=found.status_code, headers=dict(found.headers), body=found.content
        )

    await page.route("**/*", answer)
    return page


async def test_no_page_of_issues_has_a_serious_issue_or_scrolls_sideways(
    browser: Browser, place: IssuingHub
) -> None:
    found = {}
    for lang, scheme in (("zh", "light"), ("en", "dark")):
        page = await open_page(browser, place, scheme)
        if lang == "zh":
            found["empty"] = await issues_at(page, f"{BASE}/issues", lang=lang)
            await place.frozen()
            await place.correct()
            place.federation.erase(place.offers[1].last)
            await place.publish()
            assert await place.make() == ["erased"]
        for path in ("/issues", f"/issues/{NUMBER}"):
            found[f"{path} {lang}"] = await issues_at(page, f"{BASE}{path}", lang=lang)

    assert {path: issues for path, issues in found.items() if issues} == {}
