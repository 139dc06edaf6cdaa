"""The public pages in Chromium: found, filtered, read, verified; and nothing that axe calls bad."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, expect

from shared_platform.database.engine import Database
from shared_platform.public_pages.words import PAGE_WORDS
from tests.browser.browsing import Served, served
from tests.browser.chromium import AXE, PATIENCE, a_page, bad_issues, issues_at
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.search_places import Library

ROYALTY: Final = {
    "payment": {
        "mode": "entry_plus_royalty",
        "entry_fen": 500_000,
        "royalty": {"base": "net_sales", "rate_percent": "3"},
    }
}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def site(empty_database: Database, tmp_path: Path) -> AsyncIterator[Served]:
    await make_tables(empty_database)
    library = Library.at(empty_database, tmp_path)
    free = {"fee": {"payment": {"mode": "free"}}}
    library.offer(a_number(1), "传感器校准装置", fee=ROYALTY)
    library.offer(a_number(2), "传感器外壳", **free)
    ended = library.offer(a_number(3), "水泵")
    library.federation.hub_change(ended, "withdraw", reason="lapse")
    await library.level()
    async with served(library) as site:
        yield site


async def test_somebody_finds_filters_reads_and_verifies(browser: Browser, site: Served) -> None:
    page = await a_page(browser)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.on("pageerror", lambda error: broken.append(str(error)))

    await page.goto(site.node_url)
    await page.fill("#q", "传感器")
    await page.keyboard.press("Enter")
    await expect(page.locator("li.card")).to_have_count(2)
    await page.locator("input[name=fee_mode][value=entry_plus_royalty]").check()
    await page.get_by_role("button", name=PAGE_WORDS["apply"].zh).click()
    await expect(page.locator("li.card")).to_have_count(1)
    await page.get_by_role("link", name="传感器校准装置").click()
    await page.get_by_role("button", name=PAGE_WORDS["verify_button"].zh).click()

    await expect(page.locator("#verify-verdict")).to_have_text(
        PAGE_WORDS["verdict_good"].zh, timeout=PATIENCE
    )
    assert await page.locator("#verify-steps li.passed").count() == 7
    assert broken == []


async def test_a_page_that_shows_other_terms_than_were_signed_is_caught(
    browser: Browser, site: Served
) -> None:
    page = await a_page(browser)
    await page.goto(f"{site.node_url}/?q={a_number(2)}")
    await page.locator("li.card a").first.click()

    async def lie(route: Any) -> None:
        answer = await route.fetch()
        shown = json.loads(await answer.text())
        shown["items"]["fee"]["payment"]["mode"] = "lump_sum"
        await route.fulfill(response=answer, json=shown)

    await page.route("**/api/v1/catalogue/listings/*", lie)
    await page.get_by_role("button", name=PAGE_WORDS["verify_button"].zh).click()

    await expect(page.locator("#verify-verdict")).to_have_text(
        PAGE_WORDS["verdict_bad"].zh, timeout=PATIENCE
    )
    assert await page.locator("li[data-step=terms]").get_attribute("class") == "failed"


async def test_everything_is_reached_by_keyboard_and_without_script(
    browser: Browser, site: Served
) -> None:
    page = await a_page(browser, java_script_enabled=False)
    await page.goto(site.node_url)

    await page.keyboard.press("Tab")
    await expect(page.locator("a.skip")).to_be_focused()
    await page.locator("#q").focus()
    await page.keyboard.type("传感器外壳")
    await page.keyboard.press("Enter")
    await page.locator("li.card a").first.focus()
    await page.keyboard.press("Enter")

    await expect(page.locator("h1")).to_have_text("传感器外壳")
    await expect(page.locator("#verify-now")).to_be_hidden()
    await expect(page.locator(".links a").first).to_be_visible()


async def test_a_bad_page_would_be_found(browser: Browser) -> None:
    page = await a_page(browser)
    await page.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src=''></main>")
    await page.evaluate(AXE)

    assert [issue.partition(":")[0] for issue in await bad_issues(page)] == ["image-alt"]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_no_page_has_a_serious_issue_or_scrolls_sideways(
    browser: Browser, site: Served, lang: str
) -> None:
    scheme = "light" if lang == "zh" else "dark"
    page = await a_page(browser, bypass_csp=True, color_scheme=scheme)
    listings = await site.pages.client.get("/api/v1/catalogue/search?state=all")
    found = {}
    for path in paths([one["listing"] for one in listings.json()["items"]]):
        if issues := await issues_at(page, f"{site.node_url}{path}", lang=lang):
            found[path] = issues

    assert found == {}


def paths(listings: list[str]) -> list[str]:
    own = [f"/listings/{listing}" for listing in (listings[0], listings[-1])]  # ended, open
    fixed = ["/nodes", "/nodes/gz-exchange", "/boards", "/boards/free", "/statistics"]
    searches = ["/", "/?q=传感器&fee_mode=free", "/?q=量子&kind=design", "/holders?name=五邑大学"]
    return [*searches, *own, *fixed, "/about", "/verify", "/api", "/nowhere", "/?colour=red"]
