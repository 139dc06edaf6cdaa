"""What a node sends is text on every page that staff open (S-10)."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from shared_platform.database.engine import Database
from tests.main_platform.console_places import a_desk_of
from tests.main_platform.hub_builders import ReviewingHub, a_number, a_reviewing_hub
from tests.shared_platform.hostile_texts import PRINTABLE_TEXTS, foreign_markup
from tests.shared_schema.offers import a_patent


@pytest.fixture
async def hub(hub_committed: Database, tmp_path: Path) -> AsyncIterator[ReviewingHub]:
    async with a_reviewing_hub(hub_committed, tmp_path) as opened:
        yield opened


async def test_what_a_node_sends_becomes_no_markup_for_staff(hub: ReviewingHub) -> None:
    first, second = await hub.admit("gz-centre"), await hub.admit("sz-centre")
    reviews, seen = [], {}
    for serial, text in enumerate(PRINTABLE_TEXTS):
        offered: dict[str, Any] = {
            **a_patent(a_number(serial), "invention", title=text),
            "holders": [{"name": f"{text} 公司", "kind": "enterprise"}],
            "contact": {"name": text, "phone": "020-00000000"},
        }
        reviews.append((await first.recommend(a_number(serial), **offered), text))
    await hub.publish(reviews[0][0])
    await second.recommend(
        a_number(0), **a_patent(a_number(0), "invention", title=PRINTABLE_TEXTS[1])
    )
    desk = await a_desk_of(hub, "li.hua")

    for path in ("/console", "/console/reviews", "/console/conflicts", "/console/withdrawals"):
        seen[path] = await desk.get(path)
    for review in dict.fromkeys(
        path.partition("?")[0]
        for page in list(seen.values())
        for path in page.links()
        if path.startswith(("/console/reviews/", "/console/conflicts/"))
    ):
        seen[review] = await desk.get(review)
    for _, text in reviews[:3]:
        seen[text] = await desk.get(f"/console/reviews?number={text}")

    shown = {path: page for path, page in seen.items() if page.text}  # a redirect shows nothing

    assert len(shown) > len(PRINTABLE_TEXTS) / 2
    assert {path: page.status for path, page in seen.items() if page.status >= 500} == {}
    assert [path for path, page in shown.items() if foreign_markup(page)] == []
    assert any(
        "<script>alert(1)</script>" in "".join(page.texts("//main")) for page in shown.values()
    )
