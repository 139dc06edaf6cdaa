"""XLSX sheets as rows of text, after proving that the archive is what it says and of sane size.

calamine unpacks whatever it is given and lays a sheet out densely, so one cell in the last corner
costs the whole sheet's memory. Declared sizes, real sizes and the outermost cell are therefore
checked first, in a bounded stream.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from shared_schema.text import shown
from subplatform.declarations.importing.list_refused import ListRefused, ListTooLarge

MAX_UNPACKED: Final = 64 * 1024 * 1024  # bytes
MAX_RATIO: Final = 100
MAX_MEMBERS: Final = 2_000
MAX_CELLS: Final = 20_000_000  # laid out, empty ones included
MAX_COLUMNS: Final = 500

_LOCAL_HEADER: Final = 30  # bytes before the member's name
_CHUNK: Final = 1 << 16
_OVERLAP: Final = 64  # longest cell reference attribute
_REFERENCE: Final = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_EXACT_FLOAT: Final = 10**15  # whole numbers below are exact in a double

_TOO_LARGE: Final = (
    f"解压后超过 {MAX_UNPACKED >> 20} MB 或压缩比超过 {MAX_RATIO}；分成几个文件",
    f"unpacks to over {MAX_UNPACKED >> 20} MB, or over {MAX_RATIO} times its size; split it",
)
_DAMAGED: Final = ("damaged", "工作簿已损坏", "the workbook is damaged")

CellValue = int | float | str | bool | time | date | datetime | timedelta


@dataclass(slots=True)
class _Extent:
    rows: int = 0
    columns: int = 0


def sheet_rows(path: Path) -> tuple[str, Iterator[list[str]]]:
    """The name and the rows of the workbook's first visible sheet, cells as text.

    Raises:
        ListRefused: no workbook, damaged, encrypted, or without a sheet.
        ListTooLarge: it unpacks to more than is read.
    """
    _prove(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not names:
            raise ListRefused("no_sheet", "工作簿里没有工作表", "the workbook has no sheet")
        sheet = workbook.get_sheet_by_name(names[0])
    except CalamineError as error:
        raise ListRefused(
            "damaged",
            f"打不开工作簿：{shown(str(error))}",
            f"the workbook cannot be opened: {shown(str(error))}",
        ) from error
    return names[0], ([cell_text(value) for value in row] for row in sheet.iter_rows())


def cell_text(value: CellValue) -> str:
    """A cell as text without loss: whole numbers without a decimal point, days as 2024-12-31."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < _EXACT_FLOAT
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _prove(path: Path) -> None:
    try:
        extent = _unpacked_extent(path)
    except (BadZipFile, zlib.error, struct.error, OSError, ValueError) as error:
        raise ListRefused(*_DAMAGED) from error
    if extent.columns > MAX_COLUMNS or extent.rows * max(extent.columns, 1) > MAX_CELLS:
        raise ListTooLarge(
            f"工作表范围过大（{extent.rows} 行 × {extent.columns} 列）；删去边远的空单元格",
            f"the sheet spans {extent.rows} rows × {extent.columns} columns;"
            " delete stray cells far from the table",
        )


def _unpacked_extent(path: Path) -> _Extent:
    """Unpack all members into nothing; the outermost cell that any of them names.

    Raises:
        ListTooLarge: together they unpack to more than is read.
    """
    extent, unpacked = _Extent(), 0
    with ZipFile(path) as archive, path.open("rb") as raw:
        members = archive.infolist()
        _prove_declared(members, path.stat().st_size)
        for member in members:
            unpacked += _unpacked_size(raw, member, extent)
            if unpacked > MAX_UNPACKED:
                raise ListTooLarge(*_TOO_LARGE)
    return extent


def _prove_declared(members: list[ZipInfo], packed: int) -> None:
    names = [member.filename for member in members]
    if "xl/workbook.xml" not in names:
        raise ListRefused(
            "not_xlsx", "不是 .xlsx 工作簿", "not an .xlsx workbook; save it as .xlsx or .csv"
        )
    if len(names) > MAX_MEMBERS or len(set(names)) != len(names):
        raise ListRefused(*_DAMAGED)
    if any(member.flag_bits & 0x1 for member in members):
        raise ListRefused("encrypted", "工作簿加了密码", "the workbook is encrypted; remove it")
    declared = sum(member.file_size for member in members)
    if declared > MAX_UNPACKED or declared > packed * MAX_RATIO:
        raise ListTooLarge(*_TOO_LARGE)


def _unpacked_size(raw: BinaryIO, member: ZipInfo, extent: _Extent) -> int:
    """Inflate one member, keeping nothing but its size and the outermost cell it names.

    Raises:
        ListRefused: it is not as large as declared.
        ListTooLarge: it unpacks to more than is read.
    """
    raw.seek(member.header_offset)
    name_length, extra_length = struct.unpack("<HH", raw.read(_LOCAL_HEADER)[26:])
    raw.seek(name_length + extra_length, 1)
    size, tail = 0, b""
    for piece in _inflated(raw, member):
        size += len(piece)
        if size > MAX_UNPACKED:
            raise ListTooLarge(*_TOO_LARGE)
        tail = _measure(tail + piece, extent)
    if size != member.file_size:
        raise ListRefused(*_DAMAGED)
    return size


def _inflated(raw: BinaryIO, member: ZipInfo) -> Iterator[bytes]:
    if member.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise ListRefused(*_DAMAGED)
    left = member.compress_size
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0:
        chunk = raw.read(min(_CHUNK, left))
        if not chunk:
            raise ListRefused(*_DAMAGED)
        left -= len(chunk)
        if member.compress_type == ZIP_STORED:
            yield chunk
            continue
        while chunk:
            yield inflater.decompress(chunk, _CHUNK * 16)
            chunk = inflater.unconsumed_tail


def _measure(piece: bytes, extent: _Extent) -> bytes:
    for column, row in _REFERENCE.findall(piece):
        extent.rows = max(extent.rows, int(row))
        extent.columns = max(extent.columns, _column_number(column))
    return piece[-_OVERLAP:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
