"""Signing in and the workspace in Chromium: the way in, two widths, two languages, nothing bad."""

from collections.abc import AsyncIterator
from uuid import UUID

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from shared_platform.database.engine import Database
from shared_platform.public_pages import site_pages
from shared_platform.workspace.cookie import cookie_name
from shared_platform.workspace.workspace_words import WORKSPACE_WORDS
from tests.browser.browsing import bound, listening, url_of
from tests.browser.chromium import (
    a_page,
    issues_at,
)
from tests.shared_platform.workspace_places import PASSWORD, SIGNED_IN_AS, Desk, a_desk

pytestmark = pytest.mark.timeout(240)
OPEN = ["/sign-in", "/recovery", "/welcome?link=x"]
OWN = [
    "/workspace",
    "/account",
    "/account/password",
    "/account/second-factor",
    "/account/tokens",
    "/notes",
]


@pytest.fixture
async def desk(hub_committed: Database) -> AsyncIterator[Desk]:
    with bound() as at:
        desk = a_desk(hub_committed.sessions, base_url=url_of(at))
        desk.app.include_router(site_pages.router)
        async with listening(desk.app, at, desk.base_url):
            yield desk


async def come_back(page: Page, desk: Desk, account: UUID) -> None:
    """The browser has a session of that account already."""
    secret = await desk.a_session(account)
    name = cookie_name(desk.base_url)
    await page.context.add_cookies([{"name": name, "value": secret, "url": desk.base_url}])


async def test_somebody_signs_in_sets_up_a_device_and_writes(browser: Browser, desk: Desk) -> None:
    desk.require_second_factor()
    await desk.hire(password=PASSWORD)
    page = await a_page(browser)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.on("pageerror", lambda error: broken.append(str(error)))

    await page.goto(f"{desk.base_url}/notes?lang=en")
    await page.get_by_label(WORKSPACE_WORDS["account_name"].en).fill(SIGNED_IN_AS)
    await page.get_by_label(WORKSPACE_WORDS["password"].en).fill(PASSWORD)
    await page.keyboard.press("Enter")
    secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
    code = pyotp.TOTP(secret).at(desk.clock.now())
    await page.locator("#f-code").fill(code)
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name=WORKSPACE_WORDS["codes_kept"].en).click()
    await page.locator("#f-text").fill("first")
    await page.locator("main button").click()

    await expect(page.locator("div[role=status]")).to_have_text("Note 1 written")
    assert desk.written == ["first"]
    assert broken == []


async def test_an_error_takes_the_reader_to_its_field(browser: Browser, desk: Desk) -> None:
    account = await desk.hire()
    page = await a_page(browser, java_script_enabled=False)
    await come_back(page, desk, account)
    await page.goto(f"{desk.base_url}/notes?lang=en")
    await page.locator("#f-text").fill("ab")
    await page.locator("main button").click()

    await page.locator("div[role=alert] a").click()

    assert page.url.endswith("#f-text")
    await expect(page.locator("#f-text")).to_have_value("ab")


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_no_page_has_a_serious_issue_or_scrolls_sideways(
    browser: Browser, desk: Desk, lang: str
) -> None:
    account = await desk.hire()
    await desk.again(account)  # a second session, so that there is one to end
    scheme = "light" if lang == "zh" else "dark"
    page = await a_page(browser, bypass_csp=True, color_scheme=scheme)
    found = {}
    for path in [*OPEN, *OWN]:
        if path == OWN[0]:
            await come_back(page, desk, account)
        if issues := await issues_at(page, f"{desk.base_url}{path}", lang=lang):
            found[path] = issues

    assert found == {}
