"""What a holder writes is text on every page of the node's people (S-10)."""

from pathlib import Path

from shared_platform.database.engine import Database
from tests.shared_platform.hostile_texts import PRINTABLE_TEXTS, foreign_markup
from tests.shared_schema.offers import a_patent
from tests.subplatform.node_builders import a_number
from tests.subplatform.node_desk import a_node_desk


async def test_what_a_holder_writes_becomes_no_markup_for_operators(
    node_committed: Database, tmp_path: Path
) -> None:
    async with a_node_desk(node_committed, tmp_path) as desk:
        listings = [
            await desk.handed_in(
                place,
                **a_patent(a_number(place), "invention", title=text),
                contact={"name": text, "phone": "020-00000000"},
            )
            for place, text in enumerate(PRINTABLE_TEXTS, 1)
        ]
        browser = await desk.a_visitor("chen.jie", "operator", "administrator")
        paths = [
            *("/desk", "/verification", "/deliveries", "/mirror", "/imports", "/organisations"),
            *(f"/verification/{listing}" for listing in listings),
            *(f"/audit?actor={text}" for text in PRINTABLE_TEXTS[:3]),
        ]

        seen = {path: await browser.get(path) for path in paths}

    assert {path: page.status for path, page in seen.items() if page.status >= 500} == {}
    assert [path for path, page in seen.items() if foreign_markup(page)] == []
    shown = ["".join(page.texts("//main")) for page in seen.values()]
    assert sum("alert(1)" in text for text in shown) > len(PRINTABLE_TEXTS) / 2
