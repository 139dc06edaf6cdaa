"""The import report: counts that add up, lines that a spreadsheet cannot run."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.rules import RuleContext
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.importing.published_list import (
    CheckedDraft,
    check_drafts,
    read_drafts,
)
from subplatform.declarations.importing.reading import Row
from subplatform.declarations.importing.report import ImportReport, Outcome, ReportLine
from subplatform.declarations.importing.report_files import csv_report, json_report, safe_cell
from subplatform.declarations.importing.row_problem import RowRefusal
from subplatform.declarations.importing.supplied import NOTHING

NUMBERS = ("2014100422094", "2019105883297", "201721791505X", "201621195780", "US10667479B2")
FEES = ('{"type":"0"}', "价格面议", "一次总付5万元", "5万元，可分期", '=HYPERLINK("x")')
ENDS = ("2024-12-31", "2020-01-01", "长期")


def a_report() -> ImportReport:
    return ImportReport(profile="guangdong", file="list.csv", encoding="utf-8")


def rows(choices: list[tuple[str, str, str]]) -> list[Row]:
    return [
        Row(
            number,
            {
                "patent_id": patent,
                "patent_type": "发明",
                "patent_owner": "五邑大学",
                "patent_owner_type": "高校",
                "license_fee_type": fee,
                "license_deadline": end,
                "license_location": "全国",
            },
        )
        for number, (patent, fee, end) in enumerate(choices, start=2)
    ]


def report_lines(
    choices: list[tuple[str, str, str]], report: ImportReport, outcome: Outcome = Outcome.NEW
) -> Iterator[ReportLine]:
    drafts = read_drafts(rows(choices), load_profile("guangdong"), NOTHING)
    for row in check_drafts(drafts, context=RuleContext(today=date(2023, 6, 1))):
        if isinstance(row, RowRefusal):
            yield report.add_refusal(row)
        else:
            assert isinstance(row, CheckedDraft)
            yield report.add_draft(row.draft, outcome=outcome, findings=row.findings)


CHOICES = st.lists(
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(FEES), st.sampled_from(ENDS)), max_size=30
)


@given(CHOICES, st.sampled_from([Outcome.NEW, Outcome.UPDATED, Outcome.UNCHANGED]))
def test_the_counts_of_a_report_always_add_up(
    choices: list[tuple[str, str, str]], outcome: Outcome
) -> None:
    report = a_report()

    lines = list(report_lines(choices, report, outcome))

    counts = report.to_json()
    assert counts["rows_read"] == len(choices) == len(lines)
    assert counts["rows_read"] == sum(counts["outcomes"].values())
    assert counts["drafts"] + counts["outcomes"]["refused"] == counts["rows_read"]
    assert counts["outcomes"]["refused"] <= sum(counts["refusals"].values())
    assert all(one["drafts"] <= counts["drafts"] for one in counts["findings"])
    assert [line.row for line in lines] == list(range(2, len(choices) + 2))


def test_a_draft_cannot_be_counted_as_a_refusal() -> None:
    report = a_report()
    (draft,) = read_drafts(
        rows([(NUMBERS[0], FEES[0], ENDS[0])]), load_profile("guangdong"), NOTHING
    )
    assert not isinstance(draft, RowRefusal)

    with pytest.raises(ValueError, match="refusal"):
        report.add_draft(draft, outcome=Outcome.REFUSED, findings=[])


def test_the_csv_report_opens_in_a_spreadsheet_and_runs_nothing(tmp_path: Path) -> None:
    report, path = a_report(), tmp_path / "report.csv"

    with csv_report(path) as write:
        for line in report_lines([(NUMBERS[0], FEES[4], ENDS[0])], report):
            write(line)

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        (line_read,) = csv.DictReader(file)
    assert line_read["内容 value"] == '\'=HYPERLINK("x")'
    assert line_read["行 row"] == "2"
    assert line_read["代码 code"] == "fee.missing_amount"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_is_shown_as_text(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_a_row_without_findings_has_a_line_too(tmp_path: Path) -> None:
    report, path = a_report(), tmp_path / "report.csv"
    (draft,) = read_drafts(
        rows([(NUMBERS[0], FEES[0], ENDS[0])]), load_profile("guangdong"), NOTHING
    )
    assert not isinstance(draft, RowRefusal)

    with csv_report(path) as write:
        write(report.add_draft(draft, outcome=Outcome.UNCHANGED, findings=[]))

    with path.open(encoding="utf-8-sig", newline="") as file:
        (line_read,) = csv.DictReader(file)
    assert (line_read["专利号 number"], line_read["结果 outcome"]) == (NUMBERS[0], "unchanged")


@given(CHOICES)
def test_the_json_report_holds_every_row_and_the_counts(
    tmp_path_factory: pytest.TempPathFactory, choices: list[tuple[str, str, str]]
) -> None:
    report, path = a_report(), tmp_path_factory.mktemp("report") / "report.json"

    with json_report(path, report) as write:
        for line in report_lines(choices, report):
            write(line)

    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["report"] == report.to_json()
    assert len(document["rows"]) == len(choices)
