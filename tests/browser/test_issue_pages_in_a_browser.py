"""The pages of monthly issues in Chromium: nothing that axe calls bad, nothing scrolls sideways."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, async_playwright

from shared_platform.database.engine import Database
from tests.browser.test_public_pages_in_a_browser import (
    ARGUMENTS,
    AXE,
    CHROMIUM,
    PATIENCE,
    WIDTHS,
    bad_issues,
)
from tests.main_platform.hub_places import BASE
from tests.main_platform.issue_places import NUMBER, IssuingHub, an_issuing_hub

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not there"),
    pytest.mark.timeout(240),
]


@pytest.fixture
async def place(hub_committed: Database, tmp_path: Path) -> AsyncIterator[IssuingHub]:
    async with an_issuing_hub(hub_committed, tmp_path) as opened:
        yield opened


async def open_page(browser: Any, place: IssuingHub, scheme: str) -> Page:
    """A page whose every request the hub in this process answers."""
    context = await browser.new_context(locale="zh-CN", bypass_csp=True, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page: Page = await context.new_page()

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
    place: IssuingHub,
) -> None:
    found: dict[tuple[str, int], list[str]] = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for lang, scheme in (("zh", "light"), ("en", "dark")):
            page = await open_page(browser, place, scheme)
            if lang == "zh":
                found |= await issues_of(page, "/issues?lang=zh")
                await place.frozen()
                await place.correct()
                place.federation.erase(place.offers[1].last)
                await place.publish()
                assert await place.make() == ["erased"]
            for path in (f"/issues?lang={lang}", f"/issues/{NUMBER}?lang={lang}"):
                found |= await issues_of(page, path)
        await browser.close()

    assert found == {}


async def issues_of(page: Page, path: str) -> dict[tuple[str, int], list[str]]:
    found = {}
    await page.goto(f"{BASE}{path}")
    await page.evaluate(AXE)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        issues = await bad_issues(page) if width == min(WIDTHS) else []
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            issues.append("scrolls sideways")
        if issues:
            found[path, width] = issues
    return found
