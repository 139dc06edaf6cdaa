"""20,000 rows in one import: real terms of a published list under numbers made from real ones."""

import csv
from collections.abc import Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import URL

from shared_schema.patent_number import check_character
from tests.federation.federation import HUB, OPERATOR, node_service
from tests.federation.ledger import SUPPLIED
from tests.subplatform.node_builders import HEADER

LISTS: Final = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "published_listings"
ROWS: Final = 20_000

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not LISTS.is_dir(), reason="the published lists are not here"),
]


def varied(number: str, turn: int) -> str:
    """Another patent of the same year and kind, with its own check character."""
    serial = (int(number[5:12]) + turn * 7_919) % 10_000_000
    digits = f"{number[:5]}{serial:07d}"
    return digits + check_character(digits)


def made_rows() -> Iterator[dict[str, str]]:
    """The rows of the real list again and again, each time under other numbers, without end."""
    with (LISTS / "guangdong.csv").open(encoding="utf-8-sig", newline="") as file:
        real = [row for row in csv.DictReader(file) if len(row["patent_id"]) == 13]
    written: set[str] = set()
    for turn, row in ((turn, row) for turn in count() for row in real):
        number = varied(row["patent_id"], turn)
        if number not in written:
            written.add(number)
            yield row | {"patent_id": number}


def write_list(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(islice(made_rows(), ROWS))


async def test_20_000_rows_are_imported_and_progress_is_shown(
    tmp_path: Path, databases: Mapping[str, URL]
) -> None:
    path = tmp_path / "guangdong.csv"
    write_list(path)
    node = node_service(tmp_path, databases[HUB])
    await node.run("init", "--operator", OPERATOR)

    ran = await node.run("import", str(path), "--profile", "guangdong", *SUPPLIED)

    outcomes = ran.answer["outcomes"]
    assert ran.answer["rows_read"] == sum(outcomes.values()) == ROWS
    assert outcomes["refused"] < ROWS // 50
    assert len(ran.progress) >= 10
