"""Exports: the right columns, every listing once, and nothing that a spreadsheet would run."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from shared_platform.export.columns import COLUMNS, headings, row_of
from shared_platform.export.files import csv_lines, harmless, write_workbook
from shared_schema.public_listing import NineItems
from tests.shared_schema.offers import INVENTION, a_declaration

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", '=HYPERLINK("http://x")')


def shown(title: str = "装置") -> dict[str, object]:
    declaration = a_declaration(
        patent={"application_number": INVENTION, "kind": "invention", "title": title}
    )
    items = NineItems.from_declaration(declaration).model_dump_json()
    return {
        "listing": "019a0000-0000-7000-8000-000000000001",
        "origin": "gz-exchange",
        "number": INVENTION,
        "state": "published",
        "approved_at": "2026-11-20T02:30:00Z",
        "provenance": {"statement_hash": "5f" * 32},
        "items": orjson.loads(items),
    }


def test_the_nine_items_come_first_and_then_only_the_facts_of_publication() -> None:
    names = [column.name for column in COLUMNS["nine"]]

    assert names[:9] == [
        "number",
        "holders",
        "title",
        "fee",
        "period_end",
        "technical_field",
        "territory",
        "contact",
        "report",
    ]
    assert names[9:] == ["kind", "state", "origin", "approved_at", "listing", "statement_hash"]


def test_the_plans_minimum_has_six_columns() -> None:
    assert headings("cnipa-min", "zh") == [
        "专利号",
        "专利权人",
        "发明名称",
        "许可使用费支付方式和标准",
        "许可期限届满日",
        "联系方式",
    ]


def test_a_row_says_what_people_read_in_either_language() -> None:
    zh, en = (row_of(shown(), "nine", language) for language in ("zh", "en"))

    assert zh[0] == "ZL 2021 1 0978289.4"
    assert (zh[6], en[6]) == ("全国", "nationwide")
    assert zh[7] == "张* 138****5678"
    assert "30000" in zh[3].replace(",", "")


def test_a_tombstone_is_a_row_with_what_is_left() -> None:
    row = row_of(shown() | {"items": None, "state": "withdrawn"}, "nine", "zh")

    assert (row[0], row[1], row[10]) == ("ZL 2021 1 0978289.4", "", "已撤回")


@pytest.mark.parametrize("cell", FORMULAS)
def test_what_looks_like_a_formula_is_text_in_csv(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_lines([[cell]]).decode()))

    assert row == [f"'{cell}"]


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"))), max_size=5
    )
)
def test_csv_gives_back_every_cell(rows: list[list[str]]) -> None:
    rows = [row for row in rows if row]

    read = list(csv.reader(io.StringIO(csv_lines(rows).decode(), newline="")))

    assert read == [[harmless(cell) for cell in row] for row in rows]


async def test_a_workbook_holds_text_and_no_formula(tmp_path: Path) -> None:
    async def pages() -> AsyncIterator[list[list[str]]]:
        yield [[cell] for cell in FORMULAS]
        yield [["00123"], ["http://example.org"]]

    file = tmp_path / "exported.xlsx"
    written = await write_workbook(file, ["列"], pages())

    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert written == len(FORMULAS) + 2
    assert [row[0] for row in rows][-2:] == ["00123", "http://example.org"]
    assert str(rows[1][0]) == "=1+1"
