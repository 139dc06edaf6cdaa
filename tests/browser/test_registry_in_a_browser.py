"""The registrars' and administrators' desks in Chromium: a node is let in, pages fit for all."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from shared_platform.audit.seal import AuditSealing
from shared_platform.database.engine import Database
from tests.browser.chromium import AXE, WIDTHS, a_page, bad_issues
from tests.browser.staffed_hub import StaffedHub, a_staffed_hub
from tests.main_platform.hub_places import ANode

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def staffed(hub_committed: Database, tmp_path: Path) -> AsyncIterator[StaffedHub]:
    async with a_staffed_hub(hub_committed, tmp_path) as staffed:
        yield staffed


async def a_desk(browser: Browser, staffed: StaffedHub, name: str, *, axe: bool = False) -> Page:
    page = await a_page(browser, bypass_csp=axe)
    await staffed.sign_in(page, name)
    return page


async def hear(page: Page, fingerprint: str) -> None:
    """Type the groups that the page leaves blank, as the operator reads them out, and confirm."""
    groups = fingerprint.split()
    cells = await page.locator("table.dictation td").all_inner_texts()
    blanks = [place for place, text in enumerate(cells) if text.strip().startswith("＿")]
    assert len(blanks) == 2
    for name, place in zip(("first_group", "second_group"), blanks, strict=True):
        await page.locator(f"#f-{name}").fill(groups[place].upper())
    await page.locator("#f-all_heard").check()
    await page.locator("main form button").first.click()


async def test_two_registrars_let_a_node_in(browser: Browser, staffed: StaffedHub) -> None:
    node = ANode(staffed.hub, id="st-centre")
    asked = await node.enrol()
    one = await a_desk(browser, staffed, "reg.one")
    two = await a_desk(browser, staffed, "reg.two")

    await one.goto(f"{staffed.url}/console/nodes")
    await one.get_by_role("link", name="1 个入网申请待确认").click()
    await one.locator("table a").click()
    await hear(one, asked["fingerprint"])
    await expect(one.locator("div.notice.done")).to_contain_text("另一位登记员")
    await expect(one.locator("#f-first_group")).to_have_count(0)
    await two.goto(f"{staffed.url}/console/enrolments/{asked['enrolment']}")
    await hear(two, asked["fingerprint"])

    await expect(two.locator("div.notice.done")).to_have_text("节点 st-centre 已入网。")
    await expect(two.locator("h1 .badge")).to_have_text("在网")
    assert (await node.client().get("/federation/v1/nodes/self")).body


async def pages_of(staffed: StaffedHub) -> dict[str, list[str]]:
    """Every page of these desks, by who opens it, with something to show on each."""
    hub = staffed.hub
    asked = await ANode(hub, id="st-centre").enrol()
    await hub.hire("wu.di", "security_administrator")
    (listing,) = await staffed.fill_queue(1)
    await hub.publish(listing)
    folder = hub.context.settings.data_dir / "audit"
    await AuditSealing(hub.database.sessions, hub.clock, folder).do_all()
    node = "/console/nodes/gz-centre"
    async with hub.client("reg.one") as client:
        keys = (await client.get("/api/v1/nodes/gz-centre")).json()["keys"]
    return {
        "reg.one": [
            "/console/nodes",
            node,
            f"{node}/quota",
            f"{node}/standing?action=suspend",
            f"/console/keys/{keys[0]['key_id']}/revocation",
            "/console/enrolments",
            f"/console/enrolments/{asked['enrolment']}",
            "/console/jobs",
        ],
        "sun.lei": [
            "/console/listings?q=nothing",
            f"/console/listings/{listing.id}",
            "/console/catalogue",
            "/console/catalogue/freeze",
        ],
        "audit": ["/audit", "/audit?check=true&kind=node"],
        "wu.di": [
            "/console/staff",
            "/console/staff/new",
            "/console/staff/li.hua",
            "/console/staff/li.hua/switch_off",
        ],
    }


async def test_no_page_of_these_desks_has_a_serious_issue(
    browser: Browser, staffed: StaffedHub
) -> None:
    found = {}
    views = itertools.cycle((("zh", 360), ("en", 1280)))
    for name, paths in (await pages_of(staffed)).items():
        page = await a_desk(browser, staffed, name, axe=True)
        for path, (lang, width) in zip(paths, views, strict=False):
            found[path] = await seen(page, f"{staffed.url}{path}", lang, width=width)

    assert {path: issues for path, issues in found.items() if issues} == {}


async def seen(page: Page, address: str, lang: str, *, width: int) -> list[str]:
    """What is wrong with a page in one language; whether it scrolls sideways is asked in both."""
    issues = []
    for other, size in itertools.product(("zh", "en"), WIDTHS):
        await page.set_viewport_size({"width": size, "height": 800})
        await page.goto(f"{address}{'&' if '?' in address else '?'}lang={other}")
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            issues.append(f"scrolls sideways at {size} in {other}")
        if (other, size) == (lang, width):
            await page.evaluate(AXE)
            issues += await bad_issues(page)
    return issues
