"""Every page of the operator desk in Chromium: two widths, two languages, no issue axe names."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from shared_platform.database.engine import Database
from tests.browser.busy_desk import BusyDesk, a_busy_desk
from tests.browser.chromium import AXE, WIDTHS, a_page, bad_issues

pytestmark = pytest.mark.timeout(300)


async def test_no_page_of_the_desk_has_a_serious_issue_or_scrolls_sideways(
    browser: Browser, node_committed: Database, tmp_path: Path
) -> None:
    async with a_busy_desk(node_committed, tmp_path) as busy:
        wide = await a_page(browser, bypass_csp=True, color_scheme="light")
        narrow = await a_page(browser, width=360, bypass_csp=True, color_scheme="dark")
        found = [
            *await _issues(wide, busy, lang="zh", axe_at=1280),
            *await _issues(narrow, busy, lang="en", axe_at=360),
        ]

    assert found == []


async def _issues(page: Page, busy: BusyDesk, *, lang: str, axe_at: int) -> list[str]:
    """What axe says at one width, and what scrolls sideways at either."""
    await busy.sign_in(page)
    found = []
    for path in busy.paths:
        await page.goto(f"{busy.desk.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        assert await page.locator("nav.side").count(), f"{path} shows no menu"
        await page.evaluate(AXE)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 800})
            issues = await bad_issues(page) if width == axe_at else []
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                issues.append("scrolls sideways")
            found += [f"{lang} {path} {width}: {issue}" for issue in issues]
    return found
