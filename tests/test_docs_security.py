"""The security matrix names tests that exist, and answers every threat once."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS: Final = re.findall(r"^\| (S-\d\d) \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
TESTS: Final = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))
}


def test_every_threat_has_one_row() -> None:
    assert [row[0] for row in ROWS] == [f"S-{number:02d}" for number in range(1, 33)]


def test_every_test_that_the_matrix_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", PAGE))

    assert named - TESTS == set()


def test_a_row_without_a_proof_says_none() -> None:
    bare = [row[0] for row in ROWS if not re.search(r"`test_|`tests/|^none$", row[3])]

    assert bare == []
