"""The list as it was uploaded, with a last column that says what is wrong with each row.

It can be corrected and imported as it is: the added column is one that no profile reads. Every cell
is written as text, so nothing in it is run as a formula.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import xlsxwriter

from subplatform.declarations.importing.reading import open_list
from subplatform.declarations.importing.row_problem import RowRefusal

MARK_COLUMN: Final = "问题 problems"
_WIDTH: Final = 22
_MARK_WIDTH: Final = 80
_MOST: Final = 32_000  # characters of one cell (ECMA-376)


def write_marked(list_file: Path, marked: Path, problems: Mapping[int, str]) -> None:
    """Write the workbook; `problems` by the row's number in the file, the header being 1.

    Raises:
        ListRefused: the file is no list; then no row has problems either.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(marked), options) as book, open_list(list_file) as opened:
        sheet = book.add_worksheet()
        bold, wrong = book.add_format({"bold": True}), book.add_format({"bg_color": "#FFE3DE"})
        columns = [name for name in opened.columns if name != MARK_COLUMN]
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        sheet.set_column(len(columns), len(columns), _MARK_WIDTH)
        sheet.freeze_panes(1, 0)
        for place, name in enumerate((*columns, MARK_COLUMN)):
            sheet.write_string(0, place, name, bold)
        for row in opened.rows:
            number = row.row if isinstance(row, RowRefusal) else row.number
            said = problems.get(number, "")
            cells = {} if isinstance(row, RowRefusal) else row.cells
            for place, name in enumerate(columns):
                style = wrong if said else None
                sheet.write_string(number - 1, place, cells.get(name, "")[:_MOST], style)
            sheet.write_string(number - 1, len(columns), said[:_MOST])
