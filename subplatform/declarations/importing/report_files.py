"""Import reports as files: CSV for a spreadsheet, JSON for programs, both written row by row."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from subplatform.declarations.importing.report import ImportReport, ReportEntry, ReportLine

_HEADER: Final = (
    "行 row",
    "专利号 number",
    "结果 outcome",
    "程度 severity",
    "规则 rule",
    "代码 code",
    "位置 place",
    "内容 value",
    "说明 message",
    "建议 hint",
    "依据 source",
)
# A cell that starts so is run by spreadsheets; the full-width forms are folded by some of them.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NOTHING: Final = ReportEntry("", "", "", "", "", "", "", "")


def safe_cell(text: str) -> str:
    """The text as a spreadsheet will show it and not run it: an apostrophe before what it runs."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


@contextmanager
def csv_report(path: Path) -> Iterator[Callable[[ReportLine], None]]:
    """A writer of one CSV line for each problem or finding, and one for a row without any.

    The file is UTF-8 with a byte order mark, which spreadsheets need to see Chinese.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)

        def write(line: ReportLine) -> None:
            for entry in line.entries or (_NOTHING,):
                writer.writerow([safe_cell(cell) for cell in _cells(line, entry)])

        yield write


@contextmanager
def json_report(path: Path, report: ImportReport) -> Iterator[Callable[[ReportLine], None]]:
    """A writer of the rows as they come; the report's counts follow when the list has ended."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"rows": [')
        lines = _JsonLines(file)
        yield lines.write
        file.write(f'\n],\n"report": {json.dumps(report.to_json(), ensure_ascii=False)}}}\n')


class _JsonLines:
    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._separator = "\n"

    def write(self, line: ReportLine) -> None:
        """Append one member of `rows`."""
        self._file.write(self._separator + json.dumps(line.to_json(), ensure_ascii=False))
        self._separator = ",\n"


def _cells(line: ReportLine, entry: ReportEntry) -> tuple[str, ...]:
    return (
        str(line.row),
        line.number,
        line.outcome.value,
        entry.severity,
        entry.rule,
        entry.code,
        entry.place,
        entry.value,
        entry.message,
        entry.hint,
        entry.source,
    )
