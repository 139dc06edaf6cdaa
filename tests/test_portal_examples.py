"""The two tiny portals of docs/examples: they show what the log proves, or leave the page alone."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import html

from shared_platform.database.engine import Database
from shared_schema.fee_text import describe_fee
from shared_schema.log_page import PageEntry
from tests.browser.browsing import bound, listening, log_router, url_of
from tests.shared_platform import served_log
from tests.shared_platform.catalogue_copies import make_tables
from tests.shared_platform.hub_log_peer import Federation, Liar, Offered, a_number
from tests.shared_platform.page_places import PageSettings, pages_of
from tests.shared_platform.search_places import Library
from tests.shared_schema.offers import a_declaration

ROOT: Final = Path(__file__).resolve().parents[1]
EXAMPLES: Final = ROOT / "docs" / "examples"
NODE: Final = shutil.which("node")
HOSTILE: Final = "<script>alert(1)</script> & “装置”"
LASTING: Final = {"end": "2099-12-31"}
RUN: Final = (
    "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)
MOST_LINES: Final = 80

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def offer(federation: Federation, serial: int, title: str) -> Offered:
    patent = {"application_number": a_number(serial), "kind": "invention", "title": title}
    declaration = a_declaration(patent=patent, period=LASTING)
    return federation.offer("gz-exchange", a_number(serial), declaration=declaration)


def a_federation() -> Federation:
    """Two open offers, one of them hostile, and a withdrawn one."""
    federation = Federation()
    federation.enrol("gz-exchange")
    offer(federation, 1, "传感器")
    offer(federation, 2, HOSTILE)
    federation.hub_change(offer(federation, 3, "水泵"), "withdraw", reason="lapse")
    return federation


def altered(entries: list[PageEntry]) -> list[PageEntry]:
    """A page whose last entry lost a letter."""
    last = entries[-1]
    return [*entries[:-1], replace(last, leaf=last.leaf.replace(b"a", b"b", 1))]


def headings(page: Path) -> list[str]:
    tree = html.document_fromstring(page.read_text(encoding="utf-8"))
    assert tree.xpath("//script | //*[@onclick]") == []
    return [" ".join("".join(map(str, one.itertext())).split()) for one in tree.iter("h2")]


def python_portal(liar: Liar, folder: Path) -> "subprocess.CompletedProcess[str]":
    page = folder / "page.html"
    with served_log.listening(served_log.Served(liar), folder) as anchor:
        return subprocess.run(
            [sys.executable, "-c", RUN, EXAMPLES / "portal.py", anchor, folder / "work", page],
            capture_output=True,
            check=False,
            encoding="utf-8",
            cwd=ROOT,  # so that it imports this very checkout
            timeout=120,
        )


def test_each_portal_is_short_and_leaves_the_proving_to_others() -> None:
    for name in ("portal.py", "portal.mjs"):
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        assert len(text.splitlines()) <= MOST_LINES
        assert not [word for word in ("sha256", "ed25519", "leaf") if word in text.lower()]


def test_the_python_portal_shows_what_is_proven_and_keeps_it_when_it_is_not(
    tmp_path: Path,
) -> None:
    federation = a_federation()

    done = python_portal(Liar(federation.hub), tmp_path)
    shown = (tmp_path / "page.html").read_bytes()
    offer(federation, 4, "阀门")
    lied = python_portal(Liar(federation.hub, page=altered), tmp_path)
    kept = (tmp_path / "page.html").read_bytes()
    again = python_portal(Liar(federation.hub), tmp_path)

    assert (done.returncode, lied.returncode, again.returncode) == (0, 5, 0), lied.stderr
    assert kept == shown
    assert headings(tmp_path / "page.html") == ["传感器", HOSTILE, "阀门"]
    assert describe_fee(a_declaration().fee, "zh") in shown.decode()


@asynccontextmanager
async def a_hub(library: Library, liar: Liar, folder: Path) -> AsyncIterator[Path]:
    """A hub with catalogue and log at one address; the anchor file that leads there."""
    with bound() as at:
        url = url_of(at)
        pages = pages_of(library, PageSettings(public_base_url=url))
        pages.app.include_router(log_router(liar))
        async with pages.client, listening(pages.app, at, url):
            yield served_log.anchor_file(liar, folder, url)


async def javascript_portal(library: Library, liar: Liar, folder: Path) -> tuple[int, str]:
    """Its exit status and what it said."""
    async with a_hub(library, liar, folder) as anchor:
        running = await asyncio.create_subprocess_exec(
            *(str(NODE), str(EXAMPLES / "portal.mjs"), str(anchor), str(folder / "page.html")),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        async with asyncio.timeout(120):
            told, wrong = await running.communicate()
    return running.returncode or 0, (told or wrong).decode()


@needs_node
async def test_the_javascript_portal_shows_what_is_proven_and_nothing_else(
    empty_database: Database, tmp_path: Path
) -> None:
    await make_tables(empty_database)
    library = Library.at(empty_database, tmp_path)
    library.federation = a_federation()
    hub = library.federation.hub
    proven = hub.size
    late = offer(library.federation, 4, "阀门")
    await library.level()

    status, said = await javascript_portal(
        library, Liar(hub, note=lambda log: log.note(proven)), tmp_path
    )
    shown = (tmp_path / "page.html").read_bytes()
    lied, why = await javascript_portal(library, Liar(hub, page=altered), tmp_path)
    kept = (tmp_path / "page.html").read_bytes()
    whole, _ = await javascript_portal(library, Liar(hub), tmp_path)

    told: dict[str, Any] = json.loads(said)
    assert (status, told["shown"], told["left"]) == (0, 2, [str(late.listing)])
    assert (lied, kept == shown) == (1, True)
    assert why.startswith("not published:")
    assert whole == 0
    assert headings(tmp_path / "page.html") == ["阀门", HOSTILE, "传感器"]
