"""Look and keys of a node as an administrator sees and changes them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared_platform.database.engine import Database
from subplatform.operator_pages.key_words import KEY_WORDS
from subplatform.operator_pages.look_words import LOOK_WORDS
from tests.subplatform.node_desk import NodeBrowser, NodeDesk, a_node_desk

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
LOOK = {
    "name_zh": "示范中心",
    "name_en": "Example centre",
    "accent_colour": "#005a9c",
    "icp_record": "粤ICP备12345号",
    "police_record": "",
    "public_contact": "020-12345678",
    "embed_ancestors": "https://portal.example",
}


@pytest.fixture
async def desk(node_committed: Database, tmp_path: Path) -> AsyncIterator[NodeDesk]:
    async with a_node_desk(node_committed, tmp_path) as desk:
        yield desk


async def upload(browser: NodeBrowser, content: bytes) -> int:
    page = await browser.get("/look")
    key = page.all("//input[@name='once']")[0].get("value") or ""
    answer = await browser.client.post(
        "/look/logo", data={"once": key, "act": "store"}, files={"logo": ("x.png", content)}
    )
    return answer.status_code


async def test_a_look_is_previewed_then_saved_and_shown_on_public_pages_at_once(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")

    preview = await browser.fill("/look", LOOK | {"act": "preview"})
    before = await browser.get("/about")
    saved = await browser.fill("/look", LOOK | {"act": "save"})
    after = await browser.get("/about")
    skin = await browser.client.get("/static/skin.css")
    framed = await browser.client.get("/embed/catalogue")

    assert preview.status == 200
    assert LOOK_WORDS["preview_title"].zh in preview.text
    assert LOOK["name_zh"] not in before.text
    assert saved.status == 303
    assert LOOK["name_zh"] in after.text
    assert LOOK["icp_record"] in after.text
    assert "#005a9c" in skin.text
    assert "https://portal.example" in framed.headers["content-security-policy"]


async def test_a_pale_colour_is_refused_at_its_field_and_nothing_typed_is_lost(
    desk: NodeDesk,
) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")

    page = await browser.fill("/look?lang=en", LOOK | {"act": "save", "accent_colour": "#dddddd"})

    assert page.status == 422
    assert page.all("//p[@id='e-accent_colour']")
    assert page.all("//input[@name='icp_record']")[0].get("value") == LOOK["icp_record"]


async def test_a_logo_is_kept_by_its_content_and_can_be_removed(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")

    status = await upload(browser, PNG)
    shown = await browser.client.get("/static/logo")
    hostile = await upload(browser, b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>')
    kept = await browser.client.get("/static/logo")
    await browser.fill("/look", {"act": "remove"}, action="/look/logo")
    gone = await browser.client.get("/static/logo")

    assert (status, hostile) == (303, 422)
    assert shown.headers["content-type"] == "image/png"
    assert kept.content == PNG
    assert gone.status_code == 404


async def test_everything_goes_back_to_the_settings_after_asking(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")
    await browser.fill("/look", LOOK | {"act": "save"})

    await browser.fill("/look/reset", {})

    assert LOOK["name_zh"] not in (await browser.get("/about")).text


async def test_look_and_keys_are_wholly_in_english_for_english_readers(desk: NodeDesk) -> None:
    browser = await desk.a_visitor("sun.li", "administrator")

    pages = [await browser.get(f"{path}?lang=en") for path in ("/keys", "/look", "/look/reset")]

    typed = [one.get("value") for page in pages for one in page.all("//input")]
    shown = [text for page in pages for text in page.untranslated() if text not in typed]
    assert shown == []
    key_id = desk.node.context.keys.statement().key_id
    assert pages[0].texts("//h1") == [KEY_WORDS["keys"].en]  # a word that dictionaries have too
    assert key_id in pages[0].text
