"""Empty lists to fill in: the columns of an import profile, with a row that explains each.

The row of explanations begins with `NOTE_MARK`, so it may stay when the list is imported.
"""

import csv
import io
from typing import Final

import xlsxwriter

from subplatform.declarations.importing.profile import ImportProfile
from subplatform.declarations.importing.published_list import NOTE_MARK

_WIDTH: Final = 22


def template_rows(profile: ImportProfile) -> tuple[list[str], list[str]]:
    """The header, and beneath it what goes into each column."""
    header = list(profile.columns())
    notes = [profile.notes.get(column, "") for column in header]
    notes[0] = f"{NOTE_MARK} {notes[0]}"
    return header, notes


def template_csv(profile: ImportProfile) -> bytes:
    """The template as UTF-8 with a byte order mark, which spreadsheets need to see Chinese."""
    out = io.StringIO()
    csv.writer(out).writerows(template_rows(profile))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def template_workbook(profile: ImportProfile) -> bytes:
    """The template as a workbook: header fixed, every cell text, so that numbers stay whole."""
    header, notes = template_rows(profile)
    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet()
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@"})
        said = book.add_format({"text_wrap": True, "italic": True, "valign": "top"})
        sheet.set_column(0, len(header) - 1, _WIDTH, text)
        sheet.freeze_panes(1, 1)
        for column, (name, note) in enumerate(zip(header, notes, strict=True)):
            sheet.write_string(0, column, name, bold)
            sheet.write_string(1, column, note, said)
    return made.getvalue()
