"""The catalogue on a foreign page in Chromium, under a policy that allows next to nothing."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    FrameLocator,
    Locator,
    Page,
    Route,
    expect,
)

from shared_platform.database.engine import Database
from shared_platform.embeds.component import current_release
from shared_platform.public_pages.words import PAGE_WORDS
from tests.browser.browsing import Served, served
from tests.browser.chromium import (
    AXE,
    PATIENCE,
    a_page,
)
from tests.browser.foreign_site import foreign_site
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hostile_texts import PRINTABLE_TEXTS
from tests.shared_platform.hub_log_peer import a_number
from tests.shared_platform.search_places import Library

FREE: dict[str, Any] = {"fee": {"payment": {"mode": "free"}}}
expect.set_options(timeout=PATIENCE)
CARDS = "kaixu-catalogue li"
LISTENING = "window.seen = []; addEventListener('securitypolicyviolation', (event) =>"
LISTENING += " window.seen.push(`${event.violatedDirective} ${event.blockedURI}`));"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
async def library(empty_database: Database, tmp_path: Path) -> Library:
    await make_tables(empty_database)
    return Library.at(empty_database, tmp_path)


async def a_catalogue(library: Library) -> None:
    library.offer(a_number(1), "传感器校准装置")
    library.offer(a_number(2), "传感器外壳", **FREE)
    ended = library.offer(a_number(3), "水泵")
    library.federation.hub_change(ended, "withdraw", reason="lapse")
    await library.level()


async def a_watched_page(browser: Browser, **options: Any) -> tuple[Page, list[str]]:
    """A page, and the list that everything that goes wrong on it is written to."""
    page = await a_page(browser, **options)
    wrong: list[str] = []
    await page.context.add_init_script(LISTENING)
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    return page, wrong


async def violations(page: Page) -> list[str]:
    """What any policy of the page or of its frames has refused."""
    found: list[str] = []
    for frame in page.frames:
        found += await frame.evaluate("window.seen ?? []")
    return found


async def snippet(page: Page, site: Served, query: str) -> str:
    """The code that the page for snippets shows."""
    await page.goto(f"{site.node_url}/embed?{query}")
    return await page.locator("pre.snippet").inner_text()


async def in_frame(page: Page, path: str) -> FrameLocator:
    """The frame that shows this path; it loads when its reader comes near."""
    place = f"iframe[src*='{path}']"
    await page.locator(place).scroll_into_view_if_needed()
    return page.frame_locator(place)


async def test_from_the_search_to_a_foreign_page(browser: Browser, library: Library) -> None:
    await a_catalogue(library)
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page, wrong = await a_watched_page(browser)
        search = await find_and_verify(page, site)
        await page.goto(search)
        await page.get_by_role("link", name=PAGE_WORDS["embed_this_list"].zh).click()
        preview = page.frame_locator("iframe.preview").locator(CARDS)
        await expect(preview).to_have_count(1)
        chosen = page.url.partition("?")[2]
        codes = [
            await snippet(page, site, f"{chosen}&form={form}")
            for form in ("component", "iframe", "badge")
        ]
        await page.goto(foreign.paste("licences", *codes))

        await expect(page.locator(CARDS)).to_have_count(1)
        await expect(page.locator(CARDS).get_by_role("link")).to_contain_text("传感器外壳")
        frame = await in_frame(page, "/embed/catalogue")
        await expect(frame.locator("li.card")).to_have_count(1)
        badge = page.locator("main img")
        await badge.evaluate("(image) => image.decode()")
        assert await badge.evaluate("(image) => image.naturalWidth") > 100
        assert await violations(page) == []
        assert wrong == []
        assert await page.context.cookies() == []
        assert await page.evaluate("localStorage.length + sessionStorage.length") == 0


async def find_and_verify(page: Page, site: Served) -> str:
    """Search, filter, open, verify; the address of the filtered search."""
    await page.goto(site.node_url)
    await page.fill("#q", "传感器")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=**")
    await page.locator("input[name=start][value=free]").check()
    await page.get_by_role("button", name=PAGE_WORDS["apply"].zh).click()
    await expect(page.locator("li.card")).to_have_count(1)
    search = page.url
    await page.get_by_role("link", name="传感器外壳").click()
    await page.get_by_role("button", name=PAGE_WORDS["verify_button"].zh).click()
    await expect(page.locator("#verify-verdict")).to_have_text(PAGE_WORDS["verdict_good"].zh)
    return search


async def test_the_component_by_keyboard(browser: Browser, library: Library) -> None:
    for serial in range(5):
        library.offer(a_number(serial), f"第 {serial} 号装置", **FREE)
    await library.level()
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page, wrong = await a_watched_page(browser)
        code = await snippet(page, site, "form=component&limit=2&start=free&embed_lang=en")
        await page.goto(foreign.paste("keys", code))
        element = page.locator("kaixu-catalogue")
        status, headings = element.get_by_role("status"), element.get_by_role("heading")
        await expect(status).to_have_text("5 offers · page 1")

        await element.get_by_role("button", name="Next page").focus()
        await page.keyboard.press("Enter")
        await expect(status).to_have_text("5 offers · page 2")
        await expect(headings.first).to_contain_text("第 2 号装置")
        await expect(element.get_by_role("list").first).to_be_focused()
        await element.get_by_role("button", name="Previous page").press("Enter")
        await expect(status).to_have_text("5 offers · page 1")
        await search_for("第 3 号", element)
        await expect(status).to_have_text("1 offer")
        await expect(element.locator("dl")).to_be_hidden()
        await element.locator("summary").press("Enter")
        await expect(element.locator("dt")).to_have_count(9)
        await expect(element.locator("dl")).to_be_visible()
        await search_for("量子", element)
        await expect(status).to_have_text("No offer matches")
        await element.get_by_role("button", name="Clear the search").press("Enter")
        await expect(status).to_have_text("5 offers · page 1")
        link = headings.first.get_by_role("link")
        await expect(link).to_have_attribute("rel", "noopener")
        assert wrong == []
        assert await violations(page) == []


async def search_for(words: str, element: Locator) -> None:
    box = element.get_by_role("searchbox")
    await box.fill(words)
    await box.press("Enter")


async def test_the_component_says_what_failed_and_tries_again(
    browser: Browser, library: Library
) -> None:
    await a_catalogue(library)
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page = await a_page(browser)
        code = await snippet(page, site, "form=component")

        async def away(route: Route) -> None:
            await route.abort()

        await page.route("**/api/v1/catalogue/cards*", away)
        await page.goto(foreign.paste("away", code))
        element = page.locator("kaixu-catalogue")
        await expect(element.get_by_role("alert")).to_contain_text("暂时无法载入")
        await expect(element.get_by_role("link", name=PAGE_WORDS["catalogue"].zh)).to_be_visible()
        await page.unroute("**/api/v1/catalogue/cards*")
        await element.get_by_role("button", name="重试").click()
        await expect(page.locator(CARDS)).to_have_count(2)
        await element.evaluate("(one) => one.setAttribute('search', 'colour=red')")
        await expect(element.get_by_role("alert")).to_contain_text("colour")
        for name, value in (("heading", "2"), ("search", "start=free")):
            await element.evaluate(
                "(one, [name, value]) => one.setAttribute(name, value)", [name, value]
            )
        await expect(element.locator("h2")).to_have_count(1)
        await expect(page.locator(CARDS)).to_have_count(1)


async def test_without_script_or_with_another_file_the_link_remains(
    browser: Browser, library: Library
) -> None:
    await a_catalogue(library)
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page = await a_page(browser)
        code = await snippet(page, site, "form=component")
        changed = code.replace(current_release().integrity, f"sha384-{'A' * 64}")
        silent = await a_page(browser, java_script_enabled=False)
        await silent.goto(foreign.paste("silent", code))
        async with page.expect_console_message(lambda one: "integrity" in one.text):
            await page.goto(foreign.paste("changed", changed))

        for one in (silent, page):
            link = one.locator("kaixu-catalogue a")
            await expect(link).to_be_visible()
            assert await link.get_attribute("href") == f"{site.node_url}/"
            await expect(one.locator(CARDS)).to_have_count(0)


async def test_a_site_that_runs_only_its_own_scripts_keeps_a_copy_of_the_file(
    browser: Browser, library: Library
) -> None:
    await a_catalogue(library)
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page, wrong = await a_watched_page(browser)
        code = await snippet(page, site, "form=component")
        own = code.replace(f"{site.node_url}/embed/", f"{foreign.url}/copy/")
        own = own.replace("<kaixu-catalogue", f'<kaixu-catalogue catalogue="{site.node_url}/"')
        foreign.policy = foreign.policy.replace(f"'self' {site.node_url}", "'self'")

        await page.goto(foreign.paste("own", own))

        await expect(page.locator(CARDS)).to_have_count(2)
        assert await violations(page) == []
        assert wrong == []
        await page.goto(foreign.paste("theirs", code))
        await page.wait_for_function("window.seen.some((one) => one.startsWith('script-src'))")
        await expect(page.locator("kaixu-catalogue a")).to_be_visible()
        await expect(page.locator(CARDS)).to_have_count(0)


async def test_only_embed_pages_open_in_a_foreign_frame(browser: Browser, library: Library) -> None:
    await a_catalogue(library)
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page = await a_page(browser)
        frames = [
            f'<iframe title="{path}" src="{site.node_url}{path}"></iframe>'
            for path in ("/", "/embed", "/about", "/embed/catalogue")
        ]
        async with page.expect_event("requestfinished", lambda one: "/embed/catalogue" in one.url):
            await page.goto(foreign.paste("frames", *frames))
        inside = page.frame_locator("iframe[title='/embed/catalogue']")
        await expect(inside.locator("li.card")).to_have_count(2)
        for path in ("/", "/embed", "/about"):
            refused = page.frame_locator(f"iframe[title='{path}']").locator("header.top")
            await expect(refused).to_have_count(0)
        opened = [frame.url for frame in page.frames if frame.url.startswith(site.node_url)]
        assert opened == [f"{site.node_url}/embed/catalogue"]


async def test_hostile_titles_and_holders_run_nowhere(browser: Browser, library: Library) -> None:
    for serial, text in enumerate(PRINTABLE_TEXTS):
        holders = [{"name": f"{text} 公司", "kind": "enterprise"}]
        fee = {"payment": {"mode": "free"}, "note": text}
        library.offer(a_number(serial), text, holders=holders, fee=fee)
    await library.level()
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page, wrong = await a_watched_page(browser)
        codes = [
            await snippet(page, site, f"form={form}&limit=50&embed_lang=en")
            for form in ("component", "iframe")
        ]
        asked = f"{site.node_url}/api/v1/catalogue/cards?limit=3"
        listing = (await (await page.request.get(asked)).json())["items"][0]
        described = f"{site.node_url}/oembed?url={listing['url']}"
        codes.append((await (await page.request.get(described)).json())["html"])
        await page.goto(foreign.paste("hostile", *codes))

        count = len(PRINTABLE_TEXTS)
        await expect(page.locator(CARDS)).to_have_count(count)
        inside = await in_frame(page, "/embed/catalogue")
        await expect(inside.locator("li.card")).to_have_count(count)
        single = await in_frame(page, "/embed/listings/")
        await expect(single.locator("dl.items > div")).to_have_count(9)
        shown = await page.locator("kaixu-catalogue .heading a").all_inner_texts()
        assert any("<script>alert(1)</script>" in text for text in shown)
        assert await page.locator("kaixu-catalogue li :is(script, img, iframe, svg)").count() == 0
        badge = f"{site.node_url}/embed/badge.svg?label=%3Cscript%3Ealert(1)%3C/script%3E"
        assert await violations(page) == []
        assert wrong == []
        await page.goto(badge)
        assert await page.evaluate("document.querySelectorAll('script').length") == 0
        assert not [one for one in wrong if one.startswith("dialog")]


async def test_axe_finds_nothing_at_all_in_what_is_embedded(
    browser: Browser, library: Library
) -> None:
    await a_catalogue(library)
    async with served(library) as site, foreign_site(site.node_url) as foreign:
        page = await a_page(browser, bypass_csp=True)
        listing = await cards_of(page, site)
        addresses = []
        for lang, theme in (("zh", "light"), ("en", "dark")):
            look = f"lang={lang}&theme={theme}"
            codes = [
                await snippet(page, site, f"{look}&form={form}") for form in ("component", "iframe")
            ]
            addresses += [
                foreign.paste(lang, *codes, lang=lang),
                f"{site.node_url}/embed/catalogue?{look}",
            ]
        addresses += [
            f"{site.node_url}/embed/listings/{listing}",
            f"{site.node_url}/embed?form=iframe&lang=en",
        ]
        issues = {address: await issues_of(page, address) for address in addresses}

    assert {address: bad for address, bad in issues.items() if bad} == {}


async def cards_of(page: Page, site: Served) -> str:
    answer = await page.request.get(f"{site.node_url}/api/v1/catalogue/cards")
    return str((await answer.json())["items"][0]["listing"])


async def issues_of(page: Page, address: str) -> list[str]:
    """All that axe finds with every fold open, and whether it scrolls sideways at either width."""
    await page.goto(address)
    if await page.locator("kaixu-catalogue").count():
        await expect(page.locator(CARDS)).to_have_count(2)
    await page.locator("details").evaluate_all(
        "(all) => all.forEach((one) => { one.open = true; })"
    )
    await page.evaluate(AXE)
    found = []
    for width in (1280, 360):
        await page.set_viewport_size({"width": width, "height": 800})
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"scrolls sideways at {width}")
    result = await page.evaluate("axe.run({preload: false})")
    return found + [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in result["violations"]]


async def test_a_printed_listing_has_its_nine_items_address_day_and_hash(
    browser: Browser, library: Library
) -> None:
    await a_catalogue(library)
    async with served(library) as site:
        page = await a_page(browser)
        listing = await cards_of(page, site)
        await page.goto(f"{site.node_url}/listings/{listing}")
        await page.emulate_media(media="print")

        text = await page.locator("body").inner_text()
        shown = page.locator("section[aria-labelledby=items] dt:visible")
        await expect(shown).to_have_count(9)
        assert f"{site.node_url}/listings/{listing}" in text
        assert "2026-11-22" in text
        facts = await (
            await page.request.get(f"{site.node_url}/api/v1/catalogue/listings/{listing}")
        ).json()
        assert facts["provenance"]["statement_hash"] in text
        for hidden in (".menu", ".tools", "#verify", ".crumb", ".foot nav"):
            await expect(page.locator(hidden)).to_be_hidden()
        pages = (await page.pdf()).count(b"/Type /Page\n")
        assert 1 <= pages <= 3
