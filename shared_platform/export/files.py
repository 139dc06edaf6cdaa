"""Tables as files that a spreadsheet opens without running what is written in them."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter

from shared_schema.instants import Instant

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_WIDTH: Final = 24
MAX_CELL: Final = 32_767  # characters of a cell, by the format of workbooks


def harmless(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_FORMULA) else cell


def csv_lines(rows: Sequence[Sequence[str]]) -> bytes:
    """Rows as CSV (RFC 4180) in UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


async def write_workbook(
    file: Path,
    head: Sequence[str],
    pages: AsyncIterator[list[list[str]]],
    *,
    made_at: Instant | None = None,
) -> int:
    """Write a workbook row by row, every cell as text; the number of rows below the head.

    With `made_at`, the same rows give the same bytes.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    written = 0
    with xlsxwriter.Workbook(str(file), options) as book:
        if made_at is not None:
            book.set_properties({"created": made_at.replace(tzinfo=None)})
        sheet = book.add_worksheet("许可目录")
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(head) - 1, _WIDTH)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, head, bold)
        async for rows in pages:
            for row in rows:
                written += 1
                sheet.write_row(written, 0, [cell[:MAX_CELL] for cell in row])
    return written
