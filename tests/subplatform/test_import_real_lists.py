"""What six provincial platforms really published, read whole; skipped where the lists are absent.

The counts are facts about those files (docs/import-profiles.md): a changed count is a changed
reading.
"""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from shared_schema.amount import parse_fen
from shared_schema.rules import RuleContext
from subplatform.declarations.importing.clause_refused import ClauseRefused
from subplatform.declarations.importing.clause_text import spelled
from subplatform.declarations.importing.fee_columns import fee_column, read_fee
from subplatform.declarations.importing.profile_files import check_columns, load_profile
from subplatform.declarations.importing.published_list import check_drafts, read_drafts
from subplatform.declarations.importing.reading import Row, open_list
from subplatform.declarations.importing.report import ImportReport, Outcome
from subplatform.declarations.importing.row_problem import RowRefusal
from subplatform.declarations.importing.supplied import NOTHING

LISTS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "published_listings"
NAMES = ("beijing", "fujian", "guangdong", "hainan", "shaanxi", "zhejiang")

pytestmark = pytest.mark.skipif(not LISTS.is_dir(), reason="the published lists are not here")


def imported(name: str, today: date = date(2023, 6, 1)) -> ImportReport:
    profile = load_profile(name)
    path = LISTS / f"{name}.csv"
    with open_list(path) as opened:
        unread = check_columns(profile, opened.columns)
        report = ImportReport(name, path.name, opened.encoding, unread)
        drafts = read_drafts(opened.rows, profile, NOTHING)
        for row in check_drafts(drafts, context=RuleContext(today=today)):
            if isinstance(row, RowRefusal):
                report.add_refusal(row)
            else:
                report.add_draft(row.draft, outcome=Outcome.NEW, findings=row.findings)
    return report


def findings(report: ImportReport) -> Counter[str]:
    counted: Counter[str] = Counter()
    for (rule, _severity), drafts in report.findings.items():
        counted[rule] += drafts
    return counted


@pytest.mark.parametrize(
    ("name", "rows", "drafts"),
    [
        ("guangdong", 1_916, 1_898),
        ("beijing", 3_094, 1_443),
        ("zhejiang", 6_157, 4_073),
        ("shaanxi", 911, 147),
        ("fujian", 450, 437),
        ("hainan", 322, 321),
    ],
)
def test_every_row_is_a_draft_or_a_refusal(name: str, rows: int, drafts: int) -> None:
    report = imported(name)

    assert (report.rows_read, report.drafts) == (rows, drafts)
    assert report.unread_columns == ()


def test_guangdong_has_the_findings_that_its_list_is_known_for() -> None:
    report = imported("guangdong")

    found = findings(report)
    assert report.refusal_rules["DEC-01"] == 0  # every number has its check digit
    assert (found["DEC-02"], found["DEC-07"], found["DEC-19"]) == (25, 5, 128)
    assert found["DEC-08"] >= 10
    assert report.refusals["fee.negotiable"] == 7


def test_beijing_leaves_prices_open() -> None:
    report = imported("beijing")

    assert report.refusal_rules["DEC-01"] == 17
    assert (report.refusals["fee.range"], report.refusals["fee.reserved"]) == (577, 408)


@pytest.mark.parametrize(("name", "numbers"), [("zhejiang", 1_574), ("fujian", 6), ("hainan", 0)])
def test_damaged_numbers_are_refused_never_repaired(name: str, numbers: int) -> None:
    assert imported(name).refusal_rules["DEC-01"] == numbers


def test_shaanxi_lists_applications_that_are_not_granted() -> None:
    assert imported("shaanxi").refusal_rules["DEC-03"] == 717


def test_hainan_names_no_holder_in_most_rows() -> None:
    assert findings(imported("hainan"))["DEC-04"] == 305


SUMS = re.compile(r"(?<![\d.,])(\d[\d,]*(?:\.\d+)?(?:百万|[千万亿])?元)")


def fen_in(value: object) -> set[int]:
    if isinstance(value, dict):
        own = {number for name, number in value.items() if str(name).endswith("_fen")}
        return own.union(*(fen_in(member) for member in value.values()))
    if isinstance(value, (list, tuple)):
        return set().union(*(fen_in(member) for member in value))
    return set()


@pytest.mark.parametrize("name", NAMES)
def test_no_sum_of_a_clause_that_was_read_is_lost(name: str) -> None:
    profile = load_profile(name)
    with open_list(LISTS / f"{name}.csv") as opened:
        for row in opened.rows:
            assert isinstance(row, Row)
            try:
                fee = read_fee(row.cells, profile.fee)
            except ClauseRefused:
                continue
            clause = spelled(row.cells[fee_column(profile.fee)])
            sums = SUMS.findall(clause)
            stated = {parse_fen(words) for words in sums if words not in (fee.note or "")}
            assert stated <= fen_in(fee.payment.model_dump()), (row.number, clause)
