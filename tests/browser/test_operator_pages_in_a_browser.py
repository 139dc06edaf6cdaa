"""Every page of the operator desk in Chromium: two widths, two languages, no issue axe names."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from shared_platform.database.engine import Database
from subplatform.operator_pages.import_words import IMPORT_WORDS, JOB_STATES
from tests.browser.busy_desk import BusyDesk, a_busy_desk, import_work
from tests.browser.chromium import AXE, WIDTHS, a_page, bad_issues
from tests.subplatform.node_builders import a_list, a_number, a_row

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


async def test_a_list_is_uploaded_read_and_imported_in_a_browser(
    browser: Browser, node_committed: Database, tmp_path: Path
) -> None:
    numbers = [a_number(place) for place in range(40, 44)]
    file = a_list(tmp_path / "清单.csv", *[a_row(number) for number in numbers])
    async with a_busy_desk(node_committed, tmp_path) as busy:
        page = await a_page(browser)
        await busy.sign_in(page)
        await page.goto(f"{busy.desk.url}/imports?profile=guangdong")
        button = page.get_by_role("button", name=IMPORT_WORDS["read_it"].zh)

        await page.locator("#f-file").set_input_files({"name": "x", "mimeType": "", "buffer": b""})
        await page.locator("#f-signer").evaluate("one => { one.value = '五邑大学' }")
        await button.click()
        await expect(page.locator("div[role=alert]")).to_be_visible()
        await page.locator("#f-signer").fill("")
        await page.locator("#f-file").set_input_files(file)
        await button.click()
        await page.wait_for_url("**/imports/*")
        await expect(page.locator("#state")).to_have_text(JOB_STATES["waiting"].zh)
        await import_work(busy.desk).run_next()
        await expect(page.locator("#state")).to_have_text(JOB_STATES["read"].zh)
        await page.locator("#f-whole").check()
        await page.get_by_role("button", name=IMPORT_WORDS["import_now"].zh.format(4)).click()
        await expect(page.locator("#state")).to_have_text(JOB_STATES["waiting"].zh)
        await import_work(busy.desk).run_next()
        await expect(page.locator("#state")).to_have_text(JOB_STATES["done"].zh)
        await page.get_by_role("link", name=IMPORT_WORDS["open_drafts"].zh).click()

        await expect(page.locator("tr[data-item]")).to_have_count(4)


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
