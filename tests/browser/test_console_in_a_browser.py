"""The review console in Chromium: a queue of fifty by keyboard, a conflict, a withdrawal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from shared_platform.database.engine import Database
from tests.browser.chromium import AXE, PATIENCE, WIDTHS, a_page, bad_issues
from tests.browser.staffed_hub import StaffedHub, a_staffed_hub
from tests.main_platform.hub_builders import costing
from tests.main_platform.test_console_second_looks import A_HELD_ENTRY

pytestmark = pytest.mark.timeout(300)
FIFTY = 50
SHOWN = {"dashboard", "queue", "review", "conflict"}  # in docs/console.md


@pytest.fixture
async def staffed(hub_committed: Database, tmp_path: Path) -> AsyncIterator[StaffedHub]:
    async with a_staffed_hub(hub_committed, tmp_path) as staffed:
        yield staffed


async def a_desk(browser: Browser, staffed: StaffedHub, name: str) -> tuple[Page, list[str]]:
    """A page where somebody is signed in, and what its scripts complain about."""
    page = await a_page(browser)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    page.on("pageerror", lambda error: broken.append(str(error)))
    await staffed.sign_in(page, name)
    return page, broken


async def press(page: Page, *keys: str) -> None:
    """Press keys one after the other."""
    for key in keys:
        await page.keyboard.press(key)


async def decide_by_keyboard(page: Page, verdict: str) -> int:
    """Decide the review that is open; how many keys that took.

    The first key only chooses: the verdict is marked and the next thing to press has the focus.
    """
    before, keys = page.url, [verdict]
    await press(page, verdict)
    if verdict == "r":
        await expect(page.locator("#first-reason")).to_be_focused()
        keys += ["Space", "Enter"]
        await press(page, "Space")
    else:
        await expect(page.locator("#confirm")).to_be_focused()
        keys += ["Enter"]
    await expect(page.locator("input[name=verdict]:checked")).to_have_count(1)
    assert page.url == before
    await press(page, "Enter")
    await expect(page).not_to_have_url(before, timeout=PATIENCE)
    return len(keys)


async def test_a_queue_of_fifty_is_worked_by_keyboard(
    browser: Browser, staffed: StaffedHub
) -> None:
    listings = await staffed.fill_queue(FIFTY)
    page, broken = await a_desk(browser, staffed, "li.hua")
    await page.goto(f"{staffed.url}/console/reviews")
    await expect(page.locator("tr[data-row]")).to_have_count(FIFTY)

    await press(page, "n")
    await page.wait_for_url("**/console/reviews/*")
    pressed = [
        await decide_by_keyboard(page, "r" if place % 5 == 4 else "a") for place in range(10)
    ]
    await press(page, "u")
    await expect(page.locator("tr[data-row]")).to_have_count(FIFTY - 10)
    await page.locator("#all-here").focus()
    await press(page, "Space", "Enter")
    await expect(page.locator("#confirm")).to_contain_text(str(FIFTY - 10))
    await press(page, "a", "Enter")

    await expect(page.locator("div.notice.done")).to_contain_text(f"{FIFTY - 10}")
    states = [await staffed.hub.state_of(one) for one in listings]
    assert {state: states.count(state) for state in set(states)} == {"approved": 48, "returned": 2}
    assert sum(pressed) == 8 * 2 + 2 * 3
    assert broken == []


async def test_the_list_is_walked_claimed_from_and_explained_by_keys(
    browser: Browser, staffed: StaffedHub
) -> None:
    await staffed.fill_queue(3)
    page, broken = await a_desk(browser, staffed, "li.hua")
    await page.goto(f"{staffed.url}/console/reviews")
    rows = page.locator("tr[data-row]")

    await press(page, "?")
    await expect(page.locator("#keys")).to_have_attribute("open", "")
    await page.locator("#f-number").focus()
    await page.keyboard.type("jx?")
    await expect(page.locator("#f-number")).to_have_value("jx?")
    await page.locator("#f-number").fill("")
    await page.locator("h1").click()
    await press(page, "j", "j", "x", "k", "c")

    await expect(page.locator("div.notice.done")).to_be_visible()
    await expect(rows).to_have_count(2)
    await press(page, "j", "o")
    await expect(page.locator("form.decision")).to_be_visible()
    await press(page, "u")
    await expect(rows).to_have_count(2)
    await page.locator("#keys summary").click()
    await page.locator("#keys-on").uncheck()
    await page.locator("h1").click()
    await press(page, "n")
    await expect(rows).to_have_count(2)
    assert broken == []


async def test_staff_resolve_a_conflict_and_withdraw_a_listing(
    browser: Browser, staffed: StaffedHub
) -> None:
    public, held = await staffed.conflict(900)
    page, broken = await a_desk(browser, staffed, "sun.lei")

    await page.goto(f"{staffed.url}/console?lang=en")
    await page.locator("a.tile", has_text="Conflicts").click()
    await page.locator("tr[data-row] a[data-open]").click()
    await expect(page.locator("tr.differs")).to_have_count(1)
    await page.get_by_label("Keep the other offer; refuse this one").check()
    await page.get_by_label("Words to the node").fill("以登记簿为准")
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.locator("div.notice.done")).to_contain_text("the other offer is kept")

    await page.goto(f"{staffed.url}/console/withdrawals?lang=en")
    await page.get_by_role("searchbox", name="Find the listing").fill(f"ZL{public.number}")
    await page.keyboard.press("Enter")
    await page.locator("main a[href*='/withdraw?']").click()
    await page.get_by_role("button", name="Withdraw").click()
    await expect(page.locator("div[role=alert]")).to_be_visible()
    await page.get_by_role("radio", name="The right has lapsed").check()
    await page.get_by_label("I am sure", exact=False).check()
    await page.get_by_role("button", name="Withdraw").click()
    await expect(page.locator("div.notice.done")).to_contain_text("was withdrawn")
    await staffed.hub.sequence()

    assert await staffed.hub.state_of(held) == "rejected"
    assert (await staffed.hub.published(public))["state"] == "withdrawn"
    assert [one for one in broken if "422" not in one] == []  # the refused form is told of


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_no_page_has_a_serious_issue_or_scrolls_sideways(
    browser: Browser, staffed: StaffedHub, screenshots: Path | None, lang: str
) -> None:
    paths = await _everything(staffed)
    # Each language is audited at another width and in another scheme: half the work, all found.
    scheme, audited = ("light", WIDTHS[0]) if lang == "zh" else ("dark", WIDTHS[1])
    page = await a_page(browser, bypass_csp=True, color_scheme=scheme)
    await staffed.sign_in(page, "sun.lei")
    found = {}
    for name, path in paths.items():
        await page.goto(f"{staffed.url}{path}{'&' if '?' in path else '?'}lang={lang}")
        if name == "review":
            await page.keyboard.press("r")
        if screenshots is not None and lang == "zh" and name in SHOWN:
            await page.set_viewport_size({"width": WIDTHS[0], "height": 1_000})
            await page.evaluate("scrollTo(0, 0)")
            await page.screenshot(path=screenshots / f"console-{name}.png")
        await page.evaluate(AXE)
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            issues = await bad_issues(page) if width == audited else []
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                issues.append("scrolls sideways")
            if issues:
                found[path, width] = issues

    assert found == {}


async def _everything(staffed: StaffedHub) -> dict[str, str]:
    """Every page of the console with something on it."""
    hub = staffed.hub
    waiting = await staffed.fill_queue(6)
    _, held = await staffed.conflict(900)
    public = waiting[1]
    await hub.publish(public)
    await staffed.next_offer(public, **costing(25_000_000))
    suspended = waiting[3]
    await hub.publish(suspended)
    await staffed.send(suspended, "suspend")
    async with hub.database.sessions.begin() as session:
        await session.execute(A_HELD_ENTRY)
    review = (await hub.review_of(public))["review"]
    conflict = (await hub.review_of(held))["review"]
    return {
        "dashboard": "/console",
        "queue": "/console/reviews",
        "narrowed": "/console/reviews?number=1&kind=design",
        "review": f"/console/reviews/{review}",
        "results": f"/console/selections/results?review={review}",
        "conflicts": "/console/conflicts",
        "conflict": f"/console/conflicts/{conflict}",
        "second": "/console/second-looks",
        "held": "/console/held-entries/7",
        "withdrawals": f"/console/withdrawals?number={suspended.number}",
        "withdraw": f"/console/withdrawals/{suspended.id}/withdraw",
        "erasure": f"/console/erasures/of/{suspended.id}",
    }
