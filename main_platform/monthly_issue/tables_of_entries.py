"""The issue as tables: CSV and workbook, in the columns of the catalogue's own export."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from main_platform.monthly_issue.compose import Numbered
from shared_platform.export.columns import headings, row_of
from shared_platform.export.files import csv_lines, write_workbook
from shared_schema.instants import Instant

_BOM: Final = b"\xef\xbb\xbf"  # spreadsheets take CSV for another encoding without it
_OWN: Final = ("序号", "行业（GB/T 4754）")
_ROWS: Final = 500
_ERASED: Final = "依法删除"


def csv_of(entries: Sequence[Numbered]) -> bytes:
    """All entries as CSV in UTF-8, one line each."""
    return _BOM + csv_lines([_head(), *map(_row, entries)])


async def write_xlsx(file: Path, entries: Sequence[Numbered], *, made_at: Instant) -> None:
    """All entries as a workbook of text cells; the same entries give the same bytes."""

    async def pages() -> AsyncIterator[list[list[str]]]:
        for page in _pages(entries):
            yield [_row(one) for one in page]

    await write_workbook(file, _head(), pages(), made_at=made_at)


def _pages(entries: Sequence[Numbered]) -> Iterator[Sequence[Numbered]]:
    for first in range(0, len(entries), _ROWS):
        yield entries[first : first + _ROWS]


def _head() -> list[str]:
    return [*_OWN, *headings("nine", "zh")]


def _row(one: Numbered) -> list[str]:
    shown: dict[str, Any] = dict(one.standing.shown)
    group = _ERASED if one.standing.is_erased else one.group
    return [str(one.no), group, *row_of(shown, "nine", "zh")]
