"""An operator at a real node with a real hub: verify, recommend, outlive an outage, a dead letter.

Two processes and Chromium; nothing is pretended.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.drill.services import Service
from shared_platform.database.embedded import EmbeddedServer
from shared_schema.problem import ProblemType
from subplatform.operator_pages.delivery_words import DELIVERY_STATES, DELIVERY_WORDS, VERDICT_WORDS
from subplatform.operator_pages.desk_words import DESK_WORDS
from subplatform.operator_pages.verification_words import VERIFICATION_WORDS
from tests.browser.chromium import PATIENCE, a_page
from tests.federation.desks import approve, declare, terms
from tests.federation.federation import (
    GUANGDONG,
    HUB,
    OPERATOR,
    Federation,
    a_federation,
)
from tests.shared_platform.workspace_places import PASSWORD
from tests.subplatform.node_builders import a_number

pytestmark = pytest.mark.timeout(300)
LONG = 2 * PATIENCE


@pytest.fixture(scope="module")
async def federation(
    tmp_path_factory: pytest.TempPathFactory, database_server: EmbeddedServer, database_slot: int
) -> AsyncIterator[Federation]:
    """One hub and one enrolled node, running."""
    databases = {}
    for name in (HUB, GUANGDONG):
        database = f"desk_{database_slot}_{name.replace('-', '_')}"
        await database_server.recreate_database(database)
        databases[name] = database_server.url(database)
    folder = tmp_path_factory.mktemp("desk")
    async with a_federation(folder, databases, names=(GUANGDONG,)) as running:
        yield running


async def signed_in(browser: Browser, node: Service) -> Page:
    """The operator opens the invitation, chooses a password, and is at work."""
    invited = await node.run("users", "invite", OPERATOR)
    page = await a_page(browser)
    await page.goto(invited.answer["invitation"])
    for field in await page.locator("input[type=password]").all():
        await field.fill(PASSWORD)
    await page.locator("main button[type=submit]").click()
    await expect(page.locator("nav.side")).to_be_visible()
    return page


async def handed_in(node: Service, place: int, **changes: Any) -> str:
    """A declaration as its holder hands it in."""
    listing = await declare(node, terms(a_number(place), **changes))
    await node.told("POST", f"/api/v1/declarations/{listing}/submission", {}, by=OPERATOR)
    return listing


async def open_in_queue(page: Page, node: Service, place: int) -> None:
    """From the queue to the declaration by keyboard: j to it, o to open."""
    await page.goto(f"{node.place.url}/verification")
    row = page.locator("tr[data-item]", has_text=a_number(place)[-5:-1])
    await expect(row).to_have_count(1)
    await page.keyboard.press("?")
    await page.locator("#keys-on").uncheck()
    await page.keyboard.press("j")
    await expect(row.locator("a")).not_to_be_focused()
    await page.locator("#keys-on").check()
    await page.keyboard.press("j")
    await expect(row.locator("a")).to_be_focused()
    await page.keyboard.press("o")
    await expect(page.locator("button[value=accept_and_recommend]")).to_be_visible()


async def accept_and_recommend(page: Page) -> None:
    """The rules that no register answered are answered for by the operator."""
    await page.locator("#f-answers").check()
    await page.locator("button[value=accept_and_recommend]").click()
    await expect(page.locator("div[role=status]").first).to_be_visible()


async def test_an_operator_verifies_recommends_and_follows_it_through_an_outage(
    browser: Browser, federation: Federation
) -> None:
    hub, node = federation.hub, federation.guangdong
    listing = await handed_in(node, 1)
    page = await signed_in(browser, node)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))

    await hub.stop()
    await open_in_queue(page, node, 1)
    await accept_and_recommend(page)
    await page.goto(f"{node.place.url}/deliveries")
    await page.locator("tr[data-item] a").first.click()
    await expect(page.get_by_text(DELIVERY_WORDS["waits_note"].zh)).to_be_visible(timeout=LONG)
    desk = await page.context.new_page()
    await desk.goto(f"{node.place.url}/desk")
    await expect(desk.get_by_text(DESK_WORDS["hub_away"].zh, exact=True)).to_be_visible()
    hub.start()
    await hub.ready()
    await expect(page.locator("#state")).to_have_text(DELIVERY_STATES["sent"].zh, timeout=LONG)
    await approve(hub, listing)

    receipts = page.locator("ol.receipts")
    approved = receipts.get_by_text(VERDICT_WORDS["approved"].zh)
    await expect(approved).to_be_visible(timeout=LONG)
    proven = receipts.get_by_text(DELIVERY_WORDS["verified"].zh, exact=True)
    await expect(proven).to_have_count(2, timeout=LONG)
    assert broken == []


async def test_a_dead_letter_is_sent_again_and_then_taken_back(
    browser: Browser, federation: Federation
) -> None:
    node = federation.guangdong
    listing = await handed_in(node, 2, territory={"include": ["11"]})  # outside its scope
    page = await signed_in(browser, node)
    await open_in_queue(page, node, 2)
    await accept_and_recommend(page)
    await page.goto(f"{node.place.url}/deliveries?view=dead")
    await _until_listed(page)

    await page.locator("tr[data-item] a").first.click()
    await expect(page.get_by_text(ProblemType.SCOPE_DENIED.value.remedy_zh)).to_be_visible()
    await page.locator("button[value=replay]").click()
    tried = page.get_by_text(f"{DELIVERY_WORDS['tries'].zh}: 2")
    await expect(tried).to_be_visible(timeout=LONG)
    await expect(page.locator("#state")).to_have_text(DELIVERY_STATES["dead"].zh, timeout=LONG)
    await page.locator("button[value=take_back]").click()
    await page.get_by_role("link", name=DELIVERY_WORDS["open_declaration"].zh).click()

    assert page.url.partition("?")[0].endswith(listing)
    await expect(page.get_by_text(VERIFICATION_WORDS["correcting_note"].zh)).to_be_visible()


async def _until_listed(page: Page) -> None:
    """A delivery takes its time; the page of dead letters is opened until one is there."""
    async with asyncio.timeout(LONG / 1000):
        while not await page.locator("tr[data-item]").count():
            await page.wait_for_timeout(500)
            await page.reload()
