"""Lists as files: encodings, headers, ragged rows and characters that hide."""

from pathlib import Path

import pytest

from subplatform.declarations.importing.list_refused import ListRefused, ListTooLarge
from subplatform.declarations.importing.reading import Row, encoding_of, open_list
from subplatform.declarations.importing.row_problem import RowRefusal


def list_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_all(path: Path) -> list[Row | RowRefusal]:
    with open_list(path) as opened:
        return list(opened.rows)


def codes(path: Path) -> dict[int, list[str]]:
    return {
        row.row: [problem.code for problem in row.problems]
        for row in read_all(path)
        if isinstance(row, RowRefusal)
    }


@pytest.mark.parametrize(
    ("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")]
)
def test_the_encoding_is_found_and_said(tmp_path: Path, encoding: str, found: str) -> None:
    path = list_file(tmp_path, "号,名\n1,五邑大学\n".encode(encoding))

    with open_list(path) as opened:
        assert opened.encoding == found
        assert opened.columns == ("号", "名")
        assert list(opened.rows) == [Row(2, {"号": "1", "名": "五邑大学"})]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x31", b"a,b\n\xff\xff\xff,1\n"])
def test_other_encodings_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ListRefused) as refused:
        encoding_of(list_file(tmp_path, content))

    assert refused.value.errors[0].code == "import.encoding"


def test_rows_keep_their_numbers_over_blank_lines_and_line_breaks(tmp_path: Path) -> None:
    path = list_file(tmp_path, '号,名\n\n1,"甲\r\n乙"\n,\n2,丙\n')

    assert read_all(path) == [
        Row(3, {"号": "1", "名": "甲\n乙"}),
        Row(5, {"号": "2", "名": "丙"}),
    ]


def test_ragged_rows_are_refused_and_the_others_read(tmp_path: Path) -> None:
    path = list_file(tmp_path, "a,b\n1\n1,2,3\n1,2,\n1,2\n")

    assert codes(path) == {2: ["import.ragged_row"], 3: ["import.ragged_row"]}
    assert len(read_all(path)) == 4


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x1b", "\x85", "\u202e", "\u2066"])
def test_control_characters_are_refused_per_row(tmp_path: Path, sign: str) -> None:
    path = list_file(tmp_path, f"a,b\n1,x{sign}y\n2,z\n")

    assert codes(path) == {2: ["import.control_character"]}
    refusal = read_all(path)[0]
    assert isinstance(refusal, RowRefusal)
    assert sign not in refusal.problems[0].value


def test_all_cells_with_control_characters_are_named(tmp_path: Path) -> None:
    path = list_file(tmp_path, "a,b\nx\x01,y\x02\n")

    assert codes(path) == {2: ["import.control_character", "import.control_character"]}


def test_a_broken_quotation_is_a_problem_of_its_row(tmp_path: Path) -> None:
    path = list_file(tmp_path, 'a,b\n"1"x,2\n3,4\n')

    rows = read_all(path)

    assert isinstance(rows[0], RowRefusal)
    assert rows[0].problems[0].code == "import.csv"
    assert rows[-1] == Row(3, {"a": "3", "b": "4"})


def test_an_enormous_cell_is_a_problem_of_its_row(tmp_path: Path) -> None:
    path = list_file(tmp_path, f"a,b\n1,{'x' * 30_000}\n1,2\n")

    assert codes(path) == {2: ["import.cell_too_long"]}


def test_an_unclosed_quotation_does_not_swallow_the_memory(tmp_path: Path) -> None:
    path = list_file(tmp_path, 'a,b\n1,"' + "x,y\n" * 50_000)

    with open_list(path) as opened:
        refusals = sum(isinstance(row, RowRefusal) for row in opened.rows)

    assert refusals > 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "import.empty"),
        ("\n\n", "import.empty"),
        ("a,,b\n1,2,3\n", "import.unnamed_column"),
        ("a,b,a\n1,2,3\n", "import.repeated_column"),
        ("a;b\n1;2\n", "import.delimiter"),
        ("a\tb\n1\t2\n", "import.delimiter"),
        ('"a\n', "import.header"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(tmp_path: Path, content: str, code: str) -> None:
    with pytest.raises(ListRefused) as refused:
        read_all(list_file(tmp_path, content))

    assert refused.value.errors[0].code == code


def test_an_old_workbook_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ListRefused, match="xlsx"):
        read_all(list_file(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))


def test_a_file_beyond_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("wb") as file:
        file.truncate(65 * 1024 * 1024)

    with pytest.raises(ListTooLarge):
        read_all(path)
