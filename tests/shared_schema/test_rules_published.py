"""The rules over what platforms really published; skipped where that data is not beside us."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shared_schema.patent_number import parse_application_number
from shared_schema.published_date import parse_date
from shared_schema.rules import PROFILES, RuleContext, check_declaration
from shared_schema.rules.number import check_number
from shared_schema.rules.scope import limiting_words
from shared_schema.rules.words import advertising_words
from shared_schema.text import fold
from tests.shared_schema.offers import a_declaration, a_patent

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "published_listings"
PILOT = PROFILES["pilot-gd-2022"]
THE_PILOTS_FIRST_DAY = RuleContext(today=date(2022, 5, 1))
KINDS = {"发明": "invention", "实用新型": "utility_model", "外观设计": "design"}

pytestmark = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published listings are not beside the repository"
)


def rows(province: str) -> Iterator[dict[str, str]]:
    with (PUBLISHED / f"{province}.csv").open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def test_guangdong_s_numbers_types_and_periods_give_the_known_findings() -> None:
    codes: Counter[str] = Counter()
    for row in rows("guangdong"):
        assert check_number(row["patent_id"], profile=PILOT) == []
        number = parse_application_number(row["patent_id"])
        declaration = a_declaration(
            **a_patent(number, KINDS[row["patent_type"]]),
            period={"end": parse_date(row["license_deadline"])},
            fee={"payment": {"mode": "other", "text": words_of(row), "maximum_fen": 100}},
        )
        findings = check_declaration(declaration, profile=PILOT, context=THE_PILOTS_FIRST_DAY)
        codes.update({finding.code for finding in findings})

    assert codes == {"DEC-02": 25, "DEC-06": 10, "DEC-08": 10, "DEC-09": 5}


def words_of(row: dict[str, str]) -> str:
    """The fee cell as it was published, JSON or words, cut to what a draft may hold."""
    return row["license_fee_type"][:500]


def test_fujian_s_scope_for_one_licensee_a_province_is_not_open() -> None:
    assert sum(limiting_words(row["license_location"]) is not None for row in rows("fujian")) == 2


@pytest.mark.parametrize("province", ["zhejiang", "shaanxi", "hainan", "beijing", "guangdong"])
def test_nothing_else_that_was_published_is_taken_for_advertising_or_a_limit(
    province: str,
) -> None:
    cells = [fold(cell) for row in rows(province) for cell in row.values() if cell]

    assert [cell for cell in cells if limiting_words(cell) is not None] == []
    assert [c for c in cells if any(word.plain_use(c) for word in advertising_words())] == []
