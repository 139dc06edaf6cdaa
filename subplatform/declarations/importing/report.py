"""The report of an import: what became of every row, and counts that add up.

The report keeps counts, not rows; each row's line is handed out to be written at once, so that a
list of any length needs the same memory.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shared_schema.finding import Finding
from subplatform.declarations.importing.row_problem import DraftRow, RowProblem, RowRefusal


class Outcome(StrEnum):
    """What became of a row."""

    NEW = "new"  # a draft that was not there
    UPDATED = "updated"  # the patent's draft now has this content
    UNCHANGED = "unchanged"  # the patent's draft had this content already
    REFUSED = "refused"  # no draft


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """One problem or finding of a row, ready to print. `place` is a column or a JSON pointer."""

    severity: str
    rule: str
    code: str
    place: str
    value: str
    message: str
    hint: str
    source: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One row's outcome with its entries."""

    row: int
    number: str
    outcome: Outcome
    entries: tuple[ReportEntry, ...]

    def to_json(self) -> dict[str, Any]:
        """The line as a member of the JSON report."""
        return {
            "row": self.row,
            "number": self.number,
            "outcome": self.outcome.value,
            "entries": [
                {name: getattr(entry, name) for name in ReportEntry.__slots__}
                for entry in self.entries
            ],
        }


@dataclass(slots=True)
class ImportReport:
    """Counts of one import. Rows read are new, updated, unchanged or refused, and nothing else.

    Attributes:
        profile: The import profile's name.
        file: The file's name, without its folder.
        encoding: What the file was found to be.
        unread_columns: Columns that the profile does not mention.
        outcomes: Rows by outcome.
        refusals: Refused rows by code; a row with two problems counts under both.
        refusal_rules: Refused rows by the licensing rule that they break.
        findings: Drafts by rule and severity.
    """

    profile: str
    file: str
    encoding: str
    unread_columns: tuple[str, ...] = ()
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    refusal_rules: Counter[str] = field(default_factory=Counter)
    findings: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def rows_read(self) -> int:
        """Rows of the file with a value in them, without the header."""
        return self.outcomes.total()

    @property
    def drafts(self) -> int:
        """Rows that made a draft."""
        return self.rows_read - self.outcomes[Outcome.REFUSED]

    def add_draft(
        self, draft: DraftRow, *, outcome: Outcome, findings: list[Finding]
    ) -> ReportLine:
        """Count a draft, and its line to write.

        Raises:
            ValueError: the outcome is a refusal, which a draft is not.
        """
        if outcome is Outcome.REFUSED:
            raise ValueError("a draft is not a refusal")
        self.outcomes[outcome] += 1
        self.findings.update({(found.code, found.severity.value) for found in findings})
        number = draft.declaration.patent.application_number
        return ReportLine(draft.row, number, outcome, tuple(map(_of_finding, findings)))

    def add_refusal(self, refusal: RowRefusal) -> ReportLine:
        """Count a refused row, and its line to write."""
        self.outcomes[Outcome.REFUSED] += 1
        self.refusals.update({problem.code for problem in refusal.problems})
        self.refusal_rules.update({problem.rule for problem in refusal.problems if problem.rule})
        entries = tuple(map(_of_problem, refusal.problems))
        return ReportLine(refusal.row, refusal.number, Outcome.REFUSED, entries)

    def to_json(self) -> dict[str, Any]:
        """The counts, each table in the order of its keys."""
        return {
            "profile": self.profile,
            "file": self.file,
            "encoding": self.encoding,
            "unread_columns": list(self.unread_columns),
            "rows_read": self.rows_read,
            "drafts": self.drafts,
            "outcomes": {outcome.value: self.outcomes[outcome] for outcome in Outcome},
            "refusals": dict(sorted(self.refusals.items())),
            "refusal_rules": dict(sorted(self.refusal_rules.items())),
            "findings": [
                {"rule": rule, "severity": severity, "drafts": count}
                for (rule, severity), count in sorted(self.findings.items())
            ],
        }


def _of_finding(found: Finding) -> ReportEntry:
    return ReportEntry(
        severity=found.severity.value,
        rule=found.code,
        code=found.code,
        place=found.pointer,
        value="",
        message=f"{found.message_zh} / {found.message_en}",
        hint=f"{found.hint_zh} / {found.hint_en}" if found.hint_zh else "",
        source=found.source,
    )


def _of_problem(problem: RowProblem) -> ReportEntry:
    return ReportEntry(
        severity="refusal",
        rule=problem.rule or "",
        code=problem.code,
        place=problem.column,
        value=problem.value,
        message=problem.message,
        hint=problem.hint,
        source=problem.source,
    )
