"""Bodies of the API of monthly issues, and the document that an issue's JSON file is."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from main_platform.monthly_issue.errata import Correction, Erratum, ErratumField
from main_platform.monthly_issue.numbering import MONTH_FORM, NUMBER_FORM, shown_number
from main_platform.monthly_issue.read_issues import Issue, IssueState
from main_platform.monthly_issue.tables import IssueEditionRow
from shared_schema.declaration import Sha256Hex
from shared_schema.instants import format_instant
from shared_schema.public_listing import NineItems, Publication
from shared_schema.text import PlainText

IssueNumber = Annotated[str, StringConstraints(pattern=NUMBER_FORM)]
Month = Annotated[str, StringConstraints(pattern=MONTH_FORM)]
Spoken = dict[Literal["zh", "en"], str]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IssueIn(_Body):
    """Which month to freeze; `early` freezes the present month before it is over."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"month": "2026-11"}, {"month": "2026-12", "early": True}]}
    )

    month: Month
    early: bool = False


class ErratumIn(_Body):
    """A correction: the entry (null: the whole issue), the item, what stands there, what should."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "no": 12,
                    "field": "title",
                    "was": "传感器校准装制",
                    "should_be": "传感器校准装置",
                    "reason": "录入错字，与专利登记簿核对后更正",
                }
            ]
        }
    )

    no: Annotated[int, Field(ge=1)] | None = None
    field: ErratumField
    was: Annotated[PlainText, Field(max_length=1_000)]
    should_be: Annotated[PlainText, Field(max_length=1_000)]
    reason: Annotated[PlainText, Field(max_length=500)]

    def correction(self) -> Correction:
        """The correction as the use case takes it."""
        return Correction(self.no, self.field, self.was, self.should_be, self.reason)


class LogPlaceOut(_Body):
    """The place in the log that an issue was frozen at."""

    origin: str
    size: int
    root: Sha256Hex


class IssueFileOut(_Body):
    """One file of an issue; its address keeps the bytes, or answers 410 after an erasure."""

    name: str
    media_type: str
    bytes: int
    sha256: Sha256Hex
    url: str | None = Field(description="null: withheld or removed")


class EditionOut(_Body):
    """One edition: the first, one without what was erased, or one with lost files made again."""

    edition: int
    cause: Literal["frozen", "erased", "restored"]
    made_at: str
    files: list[IssueFileOut]

    @classmethod
    def of(cls, row: IssueEditionRow, *, is_given_out: bool) -> "EditionOut":
        """The edition as readers see it."""
        place = f"/api/v1/issues/{row.number}/files"
        return cls(
            edition=row.edition,
            cause=row.cause,
            made_at=format_instant(row.made_at),
            files=[
                IssueFileOut(**one, url=f"{place}/{one['name']}" if is_given_out else None)
                for one in row.files
            ],
        )


class CountsOut(_Body):
    """How many entries, and how they divide."""

    entries: int
    also_offered: int
    unclassified: int
    erased: int
    by_kind: dict[str, int]
    by_fee_mode: dict[str, int]
    by_section: dict[str, int]


class IssueOut(_Body):
    """A monthly issue: number, day, place in the log, files with their hashes, former editions."""

    number: IssueNumber
    month: Month
    title: Spoken
    state: IssueState
    as_of: str
    early: bool
    frozen_at: str
    log: LogPlaceOut
    checkpoint: str
    counts: CountsOut | None
    edition: int | None
    files: list[IssueFileOut]
    former_editions: list[EditionOut]
    unprintable: list[str]
    renderer: str | None
    errata_url: str

    @classmethod
    def of(cls, issue: Issue) -> "IssueOut":
        """The issue as anybody may see it; who froze it stands in the audit trail."""
        row, latest = issue.row, issue.latest
        name = shown_number(row.number)
        is_whole = issue.state is IssueState.PUBLISHED
        present = EditionOut.of(latest, is_given_out=is_whole) if latest else None
        return cls(
            number=row.number,
            month=row.month,
            title={"zh": name.zh, "en": name.en},
            state=issue.state,
            as_of=row.as_of.isoformat(),
            early=row.is_early,
            frozen_at=format_instant(row.frozen_at),
            log=LogPlaceOut(origin=row.log_origin, size=row.log_size, root=row.log_root.hex()),
            checkpoint=row.checkpoint.decode(),
            counts=CountsOut(**latest.counts) if latest else None,
            edition=latest.edition if latest else None,
            files=present.files if present else [],
            former_editions=[EditionOut.of(one, is_given_out=False) for one in issue.editions[:-1]],
            unprintable=latest.unprintable if latest else [],
            renderer=latest.renderer if latest else None,
            errata_url=f"/api/v1/issues/{row.number}/errata",
        )


class IssuePageOut(_Body):
    """Issues, newest first; `next` is what to pass as `before`, null at the end."""

    items: list[IssueOut]
    next: str | None


class ErratumOut(_Body):
    """A published correction and the hash of its line."""

    seq: int
    sha256: Sha256Hex
    line: dict[str, Any]

    @classmethod
    def of(cls, erratum: Erratum) -> "ErratumOut":
        """The erratum as anybody may see it."""
        return cls(seq=erratum.seq, sha256=erratum.line_hash, line=erratum.facts)


class IssueGroup(_Body):
    """The entries of one industry; `code` null: those that name none."""

    code: str | None
    section: str | None
    title: str
    entries: list[int]


class IssueSubclass(_Body):
    """The entries that name one IPC subclass."""

    subclass: str
    entries: list[int]


class IssueEntry(Publication):
    """One listing under its number, as it stood; `items` null: erased, or of a newer form."""

    no: int
    group: str | None
    erased: bool
    schema_id: Annotated[Literal["public-listing/1"], Field(alias="schema")]
    number: str
    standing: Literal["primary", "also_offered"]
    primary: str | None
    reason: str | None
    needs_newer_reader: bool
    items: NineItems | None


class FrozenLog(LogPlaceOut):
    """The place in the log, and the hub's signed checkpoint of it."""

    checkpoint: str


class IssueDocument(_Body):
    """The JSON file of an issue (schema `monthly-issue/1`): sorted members, no spaces, UTF-8."""

    schema_id: Annotated[Literal["monthly-issue/1"], Field(alias="schema")]
    number: IssueNumber
    month: Month
    title: Spoken
    publisher: dict[Literal["zh", "en", "url"], str]
    as_of: str
    frozen_at: str
    early: bool
    log: FrozenLog
    classification: str
    counts: CountsOut
    groups: list[IssueGroup]
    ipc: list[IssueSubclass]
    entries: list[IssueEntry]
