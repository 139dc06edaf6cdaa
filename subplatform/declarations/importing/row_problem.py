"""What one row of a list became: a draft, or a refusal that names every problem of the row."""

from dataclasses import dataclass

from shared_schema.declaration import Declaration
from shared_schema.text import shown


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with a row.

    Attributes:
        column: The column's name as in the file; empty where the whole row is meant.
        value: An excerpt of the cell, one line, without control characters.
        code: Stable code of the finding (`patent_number.check_digit`, `fee.range`, `import.…`).
        rule: The licensing rule it breaks (DEC-…), where one applies.
        message: What is wrong, Chinese / English.
        hint: What to do, Chinese / English.
        source: The rule's source.
    """

    column: str
    value: str
    code: str
    rule: str | None
    message: str
    hint: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """A row that made no draft, with all its problems.

    Attributes:
        row: The row's number in the file, the header being 1.
        problems: What is wrong with it.
        number: The patent number as printed, cut short; empty where it is not known.
    """

    row: int
    problems: tuple[RowProblem, ...]
    number: str = ""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A row that made a draft. It may still break rules: those are findings, not refusals."""

    row: int
    declaration: Declaration


def problem(column: str, value: str, code: str, *, message: str, hint: str = "") -> RowProblem:
    """A problem of the list itself, which breaks no licensing rule."""
    return RowProblem(column, shown(value), code, None, message, hint)
