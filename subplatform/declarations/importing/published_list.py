"""A whole published list: rows into drafts, one draft for each patent, and their findings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from shared_schema.finding import Finding
from shared_schema.rules import RuleContext, check_declaration, profile_named
from subplatform.declarations.importing.profile import ImportProfile
from subplatform.declarations.importing.reading import Row
from subplatform.declarations.importing.row_problem import (
    DraftRow,
    RowProblem,
    RowRefusal,
)
from subplatform.declarations.importing.row_reader import read_row
from subplatform.declarations.importing.supplied import Supplied

NOTE_MARK = "※"
"""What the first cell of a row begins with that is no row of the list but a note about it."""


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A draft with what its profile's rules say about it."""

    draft: DraftRow
    findings: list[Finding]


def read_drafts(
    rows: Iterable[Row | RowRefusal], profile: ImportProfile, supplied: Supplied
) -> Iterator[DraftRow | RowRefusal]:
    """One draft for each patent: a second row of the same patent is refused, naming the first.

    It is `import.duplicate_row` where both rows say the same, and `import.conflicting_row` where
    they differ; which of the two is meant is for the holder to say. Rows that were refused do not
    count as first. Memory grows by one digest for each patent, not by rows.
    """
    first_rows: dict[str, tuple[int, bytes]] = {}
    for row in rows:
        if is_note(row):
            continue
        read = row if isinstance(row, RowRefusal) else read_row(row, profile, supplied)
        if isinstance(read, RowRefusal):
            yield read
            continue
        number = read.declaration.patent.application_number
        digest = blake2b(read.declaration.model_dump_json().encode(), digest_size=16).digest()
        first = first_rows.setdefault(number, (read.row, digest))
        if first[0] == read.row:
            yield read
        else:
            same = first[1] == digest
            yield _repeated(read, profile.number.column, first_row=first[0], same=same)


def is_note(row: Row | RowRefusal) -> bool:
    """Whether the row only explains the columns, as the second one of our template does."""
    if isinstance(row, RowRefusal):
        return False
    return next(iter(row.cells.values()), "").startswith(NOTE_MARK)


def check_drafts(
    drafts: Iterable[DraftRow | RowRefusal], *, context: RuleContext
) -> Iterator[CheckedDraft | RowRefusal]:
    """Each draft with its findings under the rule profile that it names."""
    for draft in drafts:
        if isinstance(draft, RowRefusal):
            yield draft
            continue
        profile = profile_named(draft.declaration.profile)
        findings = check_declaration(draft.declaration, profile=profile, context=context)
        yield CheckedDraft(draft, findings)


def _repeated(draft: DraftRow, column: str, *, first_row: int, same: bool) -> RowRefusal:
    number = draft.declaration.patent.application_number
    if same:
        problem = RowProblem(
            column,
            number,
            "import.duplicate_row",
            None,
            f"与第 {first_row} 行相同 / the same as row {first_row}",
            "删去这一行 / delete this row",
        )
    else:
        problem = RowProblem(
            column,
            number,
            "import.conflicting_row",
            "DEC-18",
            f"与第 {first_row} 行是同一专利，内容不同"
            f" / the same patent as row {first_row}, with other content",
            "请专利权人确认保留哪一行 / ask the holder which row is meant",
        )
    return RowRefusal(draft.row, (problem,), number)
