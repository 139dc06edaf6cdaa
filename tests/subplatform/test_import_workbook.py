"""XLSX: cells without loss, and archives that are not what they say."""

import struct
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest
import xlsxwriter

from subplatform.declarations.importing.list_refused import ListRefused, ListTooLarge
from subplatform.declarations.importing.reading import Row, open_list
from subplatform.declarations.importing.workbook import cell_text


def workbook(path: Path, cells: dict[str, object]) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("公示")
    for place, value in cells.items():
        sheet.write(place, value)
    book.close()
    return path


def read_all(path: Path) -> list[object]:
    with open_list(path) as opened:
        assert opened.encoding == "xlsx"
        return list(opened.rows)


def refusal_code(path: Path) -> str:
    with pytest.raises((ListRefused, ListTooLarge)) as refused:
        read_all(path)
    return refused.value.errors[0].code


def test_dates_numbers_and_words_come_as_they_are_shown(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "list.xlsx",
        {
            "A1": "日",
            "B1": "号",
            "C1": "数",
            "D1": "空",
            "A2": date(2024, 12, 31),
            "B2": 2014100422094,
            "C2": 27.87,
        },
    )

    assert read_all(path) == [
        Row(2, {"日": "2024-12-31", "号": "2014100422094", "数": "27.87", "空": ""})
    ]


def test_row_numbers_are_those_of_the_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"A3": "a", "B3": "b", "A5": "1", "B5": "2"})

    assert read_all(path) == [Row(5, {"a": "1", "b": "2"})]


def test_the_sheet_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"A1": "a", "B1": "b"})

    with open_list(path) as opened:
        assert opened.sheet == "公示"


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    book = xlsxwriter.Workbook(path)
    hidden, shown = book.add_worksheet("旧"), book.add_worksheet("新")
    hidden.write("A1", "x")
    shown.write("A1", "a")
    shown.activate()
    shown.set_first_sheet()
    hidden.hide()
    book.close()

    with open_list(path) as opened:
        assert (opened.sheet, opened.columns) == ("新", ("a",))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (201610270273.0, "201610270273"),
        (201610270273.7, "201610270273.7"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (datetime(2024, 12, 31), "2024-12-31"),  # noqa: DTZ001  # cells have no zone
        (datetime(2022, 8, 4, 9, 34, 42), "2022-08-04 09:34:42"),  # noqa: DTZ001
        (time(9, 30), "09:30:00"),
        (7, "7"),
        ("甲", "甲"),
    ],
)
def test_a_cell_is_text_without_loss(value: object, text: str) -> None:
    assert cell_text(value) == text  # type: ignore[arg-type]


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    assert refusal_code(archive(tmp_path / "a.xlsx", {"word/document.xml": b"<x/>"})) == (
        "import.not_xlsx"
    )


def test_a_bomb_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>", "xl/a.xml": b"0" * (80 * 1024 * 1024)}
    )

    assert refusal_code(path) == "import.too_large"


def test_a_ratio_above_a_hundred_is_refused(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>", "xl/a.xml": b"0" * (8 * 1024 * 1024)}
    )

    assert refusal_code(path) == "import.too_large"


def test_a_bomb_that_declares_a_small_size_is_refused(tmp_path: Path) -> None:
    content = b"0" * (8 * 1024 * 1024)
    path = archive(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>", "xl/a.xml": content})
    size = struct.pack("<I", len(content))
    path.write_bytes(path.read_bytes().replace(size, struct.pack("<I", 100)))

    assert refusal_code(path) == "import.damaged"


def test_a_cell_in_the_last_corner_is_refused_before_it_costs_memory(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"A1": "a", "XFD1048576": "x"})

    assert refusal_code(path) == "import.too_large"


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", {"A1": "a"})
    path.write_bytes(path.read_bytes()[:-200])

    assert refusal_code(path) == "import.damaged"


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>"})
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr("xl/workbook.xml", b"<y/>")

    assert refusal_code(path) == "import.damaged"


def test_an_unusual_compression_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("xl/workbook.xml", b"<x/>")

    assert refusal_code(path) == "import.damaged"


def test_a_stored_member_is_measured_like_a_compressed_one(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("xl/workbook.xml", b"<x/>")
        file.writestr("xl/worksheets/sheet1.xml", b'<c r="XFD1048576"/>')

    assert refusal_code(path) == "import.too_large"


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 0x1
    path.write_bytes(content)

    assert refusal_code(path) == "import.encrypted"


def test_a_workbook_whose_parts_are_garbage_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.xlsx", {"xl/workbook.xml": b"<x/>"})

    assert refusal_code(path) in {"import.damaged", "import.no_sheet"}
