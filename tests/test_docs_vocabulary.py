"""The glossary binds words to identifiers, and each decision names what enforces it."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("shared_schema", "shared_platform", "main_platform", "subplatform")
GLOSSARY: Final = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS: Final = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.splitlines()
    if line.startswith("| ") and "`" in line
]
DECISIONS: Final = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PARTS: Final = ("Context.", "Decision.", "Consequences.", "Rejected.", "Enforced by")
PAGE_LINES: Final = 45
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def words_of_the_code() -> set[str]:
    words = set(PACKAGES)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            words.update(_WORD.findall(path.read_text(encoding="utf-8")))
            words.update(path.relative_to(ROOT).with_suffix("").parts)
    return words


def test_every_identifier_of_the_glossary_is_in_the_code() -> None:
    code = words_of_the_code()

    missing = [row[2] for row in ROWS if row[2].strip("`") not in code]

    assert missing == []


def test_every_row_of_the_glossary_has_four_cells() -> None:
    assert {len(row) for row in ROWS} == {4}
    assert all(cell for row in ROWS for cell in row)


@pytest.mark.parametrize("column", [0, 1, 2], ids=["chinese", "english", "identifier"])
def test_no_word_of_the_glossary_means_two_things(column: int) -> None:
    words = [row[column] for row in ROWS]

    assert len(words) == len(set(words))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_five_parts_in_order_and_fits_a_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    places = [text.find(f"**{part}") for part in PARTS]

    assert -1 not in places
    assert places == sorted(places)
    assert len(text.splitlines()) <= PAGE_LINES


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_names_something_that_enforces_it(page: Path) -> None:
    enforced = page.read_text(encoding="utf-8").partition("**Enforced by**")[2]
    paths = re.findall(r"`([\w./*-]+/[\w./*-]+\.\w+|pyproject\.toml)`", enforced)

    assert paths
    assert [path for path in paths if not list(ROOT.glob(path))] == []


def test_decisions_are_numbered_without_gaps_and_titled_by_their_number() -> None:
    numbers = [page.name[:4] for page in DECISIONS]

    assert numbers == [f"{place:04d}" for place in range(1, len(DECISIONS) + 1)]
    assert all(
        page.read_text(encoding="utf-8").startswith(f"# {number} ")
        for number, page in zip(numbers, DECISIONS, strict=True)
    )
