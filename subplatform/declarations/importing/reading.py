"""Lists as files: CSV or XLSX into rows of named cells, one at a time.

Nothing is guessed silently: the encoding that was found is reported, and a row that is ragged, or
holds NUL or other control characters, becomes a refusal with its number as in the file (the header
is row 1).
"""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_core import PydanticCustomError

from shared_schema.text import MAX_PLAIN_TEXT, fold, plain, shown
from subplatform.declarations.importing.list_refused import ListRefused, ListTooLarge
from subplatform.declarations.importing.row_problem import RowProblem, RowRefusal, problem
from subplatform.declarations.importing.workbook import MAX_UNPACKED, sheet_rows

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHUNK: Final = 1 << 16
_OTHER_DELIMITERS: Final = {";": "；", "\t": "Tab", "|": "|"}

csv.field_size_limit(MAX_PLAIN_TEXT * 4)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, and its cells by column, as text."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A list being read. `encoding` is what was found: utf-8-sig, utf-8, gb18030 or xlsx."""

    columns: tuple[str, ...]
    encoding: str
    sheet: str | None
    rows: Iterator[Row | RowRefusal]


@contextmanager
def open_list(path: Path) -> Iterator[OpenedList]:
    """Open a CSV or XLSX file by what it contains, not by its name.

    Raises:
        ListRefused: not a list: other format, no header, unnamed or repeated columns.
        ListTooLarge: more bytes than are read.
    """
    if path.stat().st_size > MAX_UNPACKED:
        raise ListTooLarge(
            f"文件超过 {MAX_UNPACKED >> 20} MB；分成几个文件",
            f"the file has more than {MAX_UNPACKED >> 20} MB; split it",
        )
    with path.open("rb") as raw:
        start = raw.read(8)
    if start.startswith(_OLE):
        raise ListRefused(
            "xls", "旧的 .xls 格式或加密文件；另存为 .xlsx", "an old .xls; save it as .xlsx"
        )
    if start.startswith(_ZIP):
        sheet, lines = sheet_rows(path)
        yield _opened(lines, encoding="xlsx", sheet=sheet)
        return
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        yield _opened(_csv_lines(file), encoding=encoding, sheet=None)


def encoding_of(path: Path) -> str:
    """utf-8-sig, utf-8 or gb18030: the first in which the whole file decodes.

    Raises:
        ListRefused: none of them.
    """
    with path.open("rb") as raw:
        start = raw.read(4)
    if start.startswith(codecs.BOM_UTF8):
        candidates: tuple[str, ...] = ("utf-8-sig",)
    elif start.startswith(_UTF16):
        candidates = ()
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise ListRefused(
        "encoding",
        "既不是 UTF-8 也不是 GB18030 文本；另存为 CSV UTF-8 或 .xlsx",
        "neither UTF-8 nor GB18030 text; save it as CSV UTF-8 or .xlsx",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)(errors="strict")
    try:
        with path.open("rb") as raw:
            while chunk := raw.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


_Line = list[str] | RowProblem


def _csv_lines(file: Iterator[str]) -> Iterator[_Line]:
    reader = csv.reader(file, strict=True)
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield problem(
                "",
                "",
                "import.csv",
                message=f"这一行不是合格的 CSV（{error}） / not well-formed CSV ({error})",
                hint="检查引号是否成对 / check that quotation marks are paired",
            )


def _opened(lines: Iterator[_Line], *, encoding: str, sheet: str | None) -> OpenedList:
    numbered = enumerate(lines, start=1)
    for _, line in numbered:
        if isinstance(line, RowProblem):
            raise ListRefused("header", "表头不是合格的 CSV", "the header is not well-formed CSV")
        if any(cell.strip() for cell in line):
            columns = _columns(line)
            return OpenedList(columns, encoding, sheet, _rows(numbered, columns))
    raise ListRefused("empty", "文件是空的", "the file is empty")


def _columns(line: list[str]) -> tuple[str, ...]:
    columns = tuple(fold(cell) for cell in line)
    while columns and not columns[-1]:
        columns = columns[:-1]
    shown_columns = "、".join(shown(column) for column in columns)
    if "" in columns:
        raise ListRefused(
            "unnamed_column",
            f"第 {columns.index('') + 1} 列没有列名；表头为：{shown_columns}",
            f"column {columns.index('') + 1} has no name; the header is: {shown_columns}",
        )
    repeated = [column for column, count in Counter(columns).items() if count > 1]
    if repeated:
        raise ListRefused(
            "repeated_column",
            f"列名重复：{'、'.join(repeated)}；表头为：{shown_columns}",
            f"column names repeat: {', '.join(repeated)}; the header is: {shown_columns}",
        )
    _refuse_other_delimiter(line)
    return columns


def _refuse_other_delimiter(line: list[str]) -> None:
    if len(line) > 1:
        return
    for sign, name in _OTHER_DELIMITERS.items():
        if sign in line[0]:
            raise ListRefused(
                "delimiter",
                f"各列以“{name}”分隔；请用逗号分隔",
                f"columns are separated by “{name}”; separate them by commas",
            )


def _rows(
    numbered: Iterator[tuple[int, _Line]], columns: tuple[str, ...]
) -> Iterator[Row | RowRefusal]:
    """Rows with a value; wholly blank lines are no rows, but count in the numbers of others."""
    for number, line in numbered:
        if isinstance(line, RowProblem):
            yield RowRefusal(number, (line,))
        elif any(cell.strip() for cell in line):
            yield _row(number, line, columns)


def _row(number: int, line: list[str], columns: tuple[str, ...]) -> Row | RowRefusal:
    surplus = [cell for cell in line[len(columns) :] if cell.strip()]
    if len(line) < len(columns) or surplus:
        counted = len(columns) + len(surplus) if surplus else len(line)
        return RowRefusal(number, (_ragged(line, counted, len(columns)),))
    cells, problems = {}, []
    for column, cell in zip(columns, line, strict=False):
        try:
            cells[column] = plain(cell.replace("\r\n", "\n"))
        except PydanticCustomError as error:
            problems.append(_forbidden(column, cell, error))
        if len(cell) > MAX_PLAIN_TEXT:
            problems.append(_too_long(column, cell))
    return RowRefusal(number, tuple(problems)) if problems else Row(number, cells)


def _ragged(line: list[str], found: int, expected: int) -> RowProblem:
    return problem(
        "",
        ",".join(line),
        "import.ragged_row",
        message=(
            f"这一行有 {found} 列，表头有 {expected} 列"
            f" / this row has {found} columns, the header {expected}"
        ),
        hint=(
            "含逗号或换行的内容要放在引号里"
            " / put values that hold commas or line breaks in quotation marks"
        ),
    )


def _forbidden(column: str, cell: str, error: PydanticCustomError) -> RowProblem:
    return problem(
        column,
        cell,
        "import.control_character",
        message=error.message(),
        hint="删去不可见字符后再导入 / remove the invisible character and import again",
    )


def _too_long(column: str, cell: str) -> RowProblem:
    return problem(
        column,
        cell,
        "import.cell_too_long",
        message=(
            f"内容超过 {MAX_PLAIN_TEXT} 字 / the cell has more than {MAX_PLAIN_TEXT} characters"
        ),
    )
