"""A holder at a browser, with a real hub and a real node: from registering to a published offer.

One story, and one walk over the pages: two languages, two widths, nothing that axe calls bad.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy import URL

from deploy.drill.services import Service, eventually
from shared_platform.workspace.workspace_words import WORKSPACE_WORDS
from subplatform.holder_pages.declaration_words import DECLARATION_WORDS, STATES
from subplatform.holder_pages.form_words import FORM_WORDS
from subplatform.holder_pages.registration_words import REGISTRATION_WORDS
from tests.browser.chromium import ARGUMENTS, CHROMIUM, issues_at
from tests.federation.desks import approve, check_and_recommend, decide, review_of
from tests.federation.federation import (
    GUANGDONG,
    HUB,
    OPERATOR,
    a_hub_alone,
    confirm,
    hub_service,
    node_service,
)
from tests.subplatform.node_builders import a_number
from tests.subplatform.organisation_places import a_credit_code

PATIENCE: Final = 60_000.0  # milliseconds; a loaded machine is slow, not wrong
OWNED: Final = a_number(77)
REGISTER: Final = (
    "application_number,as_of,source,granted,status,holders,title,annual_fee\n"
    f"{OWNED},2023-06-01,登记簿副本,是,有效,五邑大学,一种录音方法,已缴\n"
)
PASSWORD: Final = "seven copper kettles"
EMAIL: Final = "zhang@wyu.example"

pytestmark = [
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser: {CHROMIUM} is not there"),
    pytest.mark.timeout(300),
]


@dataclass
class Town:
    """A hub, one node of it, and how much somebody had to do."""

    hub: Service
    node: Service
    fields: int = 0
    clicks: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.node.place.url

    async def fill(self, page: Page, name: str, text: str) -> None:
        self.fields += 1
        await page.fill(f"#f-{name}", text)

    async def choose(self, page: Page, name: str, value: str) -> None:
        self.fields += 1
        await page.check(f"input[name={name}][value={value}]")

    async def click(self, page: Page, words: str, *, role: Any = "button") -> None:
        self.clicks += 1
        await page.get_by_role(role, name=words, exact=True).first.click()


@pytest.fixture(scope="module")
async def town(
    tmp_path_factory: pytest.TempPathFactory, databases: Mapping[str, URL]
) -> AsyncIterator[Town]:
    """An enrolled node that reads a register file, and its hub."""
    folder = tmp_path_factory.mktemp("town")
    register = folder / "register.csv"
    register.write_text(REGISTER, encoding="utf-8")
    hub, node = hub_service(folder, databases[HUB]), node_service(folder, databases[GUANGDONG])
    made, _ = await asyncio.gather(node.run("init", "--operator", OPERATOR), a_hub_alone(hub))
    node.tokens[OPERATOR] = made.answer["token"]
    try:
        asked = await node.run("enrol", "--anchor", str(hub.place.folder / "anchor.json"))
        await confirm(hub, asked.answer)
        node.start(REGISTER_FILE=str(register))
        await node.ready()
        yield Town(hub, node)
    finally:
        await asyncio.gather(node.stop(), hub.stop())


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def a_page(browser: Browser, town: Town, **options: Any) -> Page:
    context = await browser.new_context(locale="zh-CN", **options)
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    page.on("pageerror", lambda error: town.broken.append(str(error)))
    page.on(
        "console",
        lambda said: town.broken.append(said.text) if "Content Security" in said.text else None,
    )
    return page


async def link_in_letter(town: Town) -> str:
    """The link of the letter that the node wrote to the holder."""

    async def look() -> str | None:
        for file in (town.node.place.folder / "mail").glob("*.eml"):
            letter = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
            body = letter.get_body()
            found = re.search(r"http\S+/welcome\?link=\S+", body.get_content() if body else "")
            if EMAIL in str(letter["To"]) and found:
                return found[0]
        return None

    return await eventually("the letter with the link is there", look)


async def register(page: Page, town: Town) -> None:
    """Register, be approved, choose a password."""
    await page.goto(f"{town.url}/register")
    await page.fill("#f-display_name", "张三")
    await page.fill("#f-email", EMAIL)
    await page.fill("#f-credit_code", a_credit_code(1))
    await page.fill("#f-name", "五邑大学")
    await page.get_by_role("button", name=REGISTRATION_WORDS["register_button"].zh).click()
    await expect(page.locator(".notice.done")).to_be_visible()
    waiting = await town.node.told("GET", "/api/v1/organisations?state=waiting", by=OPERATOR)
    path = f"/api/v1/organisations/{waiting['items'][0]['id']}/approval"
    await town.node.told("POST", path, by=OPERATOR)
    await page.goto(await link_in_letter(town))
    await page.fill("#f-password", PASSWORD)
    for again in await page.locator("input[type=password]:not(#f-password)").all():
        await again.fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/workspace")


async def sign_in(page: Page, town: Town) -> None:
    await page.goto(f"{town.url}/sign-in?next=/declarations")
    await town.fill(page, "name", EMAIL)
    await town.fill(page, "password", PASSWORD)
    await town.click(page, WORKSPACE_WORDS["sign_in_title"].zh)


async def declare(page: Page, town: Town) -> str:
    """From the list to a submitted declaration; its listing."""
    await town.click(page, DECLARATION_WORDS["new_declaration"].zh, role="link")
    await town.fill(page, "number", f"ZL{OWNED[:-1]}.{OWNED[-1]}")
    await page.keyboard.press("Tab")
    await expect(page.locator("#f-title")).to_have_value("一种录音方法")
    await town.choose(page, "mode", "lump_sum")
    await town.fill(page, "amount", "3万")
    await town.fill(page, "period_end", "2028-12-31")
    await expect(page.locator("#checks tfoot td")).to_have_text("30,000")
    for box in await page.locator("input[name=commitments]").all():
        town.fields += 1
        await box.check()
    await town.click(page, FORM_WORDS["submit"].zh)
    await page.wait_for_url("**/submitted")
    return page.url.split("/")[-2]


async def is_in_state(page: Page, town: Town, listing: str, state: str) -> None:
    """Wait until the holder's page of the declaration shows the state."""

    async def shows() -> bool:
        await page.goto(f"{town.url}/declarations/{listing}")
        return await page.locator(f".facts .badge.{state}").count() > 0

    await eventually(f"the page says {state}", shows, seconds=90)


async def test_a_holder_registers_declares_is_returned_corrects_and_is_published(
    browser: Browser, town: Town
) -> None:
    page = await a_page(browser, town)
    await register(page, town)
    await page.context.clear_cookies()

    await sign_in(page, town)
    listing = await declare(page, town)
    effort = (town.fields, town.clicks)
    await check_and_recommend(town.node, listing)
    review = await review_of(town.hub, listing)
    await decide(town.hub, review, "return", code="amount_missing", text="请写明付款期限")
    await is_in_state(page, town, listing, "correction")
    await page.reload()  # what waits was counted before the declaration was read
    unread = await page.locator(".side .count").inner_text()
    await page.get_by_role("link", name=DECLARATION_WORDS["correct"].zh, exact=True).click()
    await expect(page.locator("#wizard .notice.warn")).to_contain_text("请写明付款期限")
    await page.fill("#f-due_days", "30")
    await page.get_by_role("button", name=FORM_WORDS["submit"].zh, exact=True).click()
    await page.wait_for_url("**/submitted")
    await check_and_recommend(town.node, listing)
    await approve(town.hub, listing)
    await is_in_state(page, town, listing, "published")

    async def has_all_receipts() -> bool:
        await page.goto(f"{town.url}/declarations/{listing}")
        return await page.locator("ol.timeline > li").first.locator("li.verified").count() == 3

    await eventually("the three receipts are verified", has_all_receipts, seconds=60)
    await page.get_by_role("link", name=DECLARATION_WORDS["public_page"].zh).click()

    await expect(page.locator("h1")).to_have_text("一种录音方法")
    await expect(page.locator(".summary")).to_contain_text("30,000")
    assert unread.startswith("1")
    assert effort == (10, 3)
    assert town.broken == []


async def test_the_holders_pages_are_usable_by_everybody(browser: Browser, town: Town) -> None:
    """Signed in as the holder of the story, or of its first half when run alone."""
    page = await a_page(browser, town, bypass_csp=True)
    if not (town.node.place.folder / "mail").exists():
        await register(page, town)
    else:
        await sign_in(page, town)
    listings = await town.node.told("GET", "/api/v1/declarations", by=OPERATOR)
    own = [f"/declarations/{one['listing']}" for one in listings["items"]]
    paths = [
        "/declarations",
        f"/declarations/new?number={a_number(5)}",
        *own,
        *(f"{one}/form" for one in own),
        *(f"{one}/withdrawal" for one in own),
        "/patents",
        "/notices",
        "/organisation",
    ]
    found = {
        f"{path} {lang}": await issues_at(page, f"{town.url}{path}", lang=lang)
        for path in paths
        for lang in ("zh", "en")
    }

    assert {where: issues for where, issues in found.items() if issues} == {}
    assert town.broken == []


def test_every_state_has_words() -> None:
    assert all(words.zh and words.en for words in STATES.values())
