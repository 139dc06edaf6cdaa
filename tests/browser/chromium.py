"""Pages in Debian's Chromium, and what axe-core says of them."""

from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

CHROMIUM: Final = Path("/usr/bin/chromium")
AXE: Final = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
ARGUMENTS: Final = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
WIDTHS: Final = (1280, 360)
PATIENCE: Final = 30_000.0  # milliseconds; a loaded machine is slow, not wrong


async def a_page(browser: Browser, width: int = 1280, **options: Any) -> Page:
    """A new window of its own, of a reader whose browser asks for Chinese."""
    viewport = {"width": width, "height": 800}
    context = await browser.new_context(locale="zh-CN", viewport=viewport, **options)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    return await context.new_page()


async def issues_at(page: Page, address: str, *, lang: str) -> dict[int, list[str]]:
    """What is wrong at an address, by the width of the window; the page must bypass its policy."""
    await page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    await page.evaluate(AXE)
    found = {}
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        issues = await bad_issues(page)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            issues.append("scrolls sideways")
        if issues:
            found[width] = issues
    return found


async def bad_issues(page: Page) -> list[str]:
    """What axe calls serious or critical in WCAG 2.2 AA; `AXE` must have been evaluated before."""
    result = await page.evaluate(
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],"
        " resultTypes: ['violations'], preload: false})"
    )
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in result["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
