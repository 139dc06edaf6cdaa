"""Bodies of the declarations API."""

from datetime import date
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared_schema.declaration import Declaration
from shared_schema.extension_items import ExtensionItems
from shared_schema.instants import Instant
from shared_schema.text import PlainText
from subplatform.accounts.scope import Scope
from subplatform.declarations.drafts import NewDraft
from subplatform.declarations.edit import Edit
from subplatform.declarations.read_declarations import Counts, DeclarationLine, Page
from subplatform.declarations.tables import DeclarationRow

DECLARATION_EXAMPLE: Final[dict[str, Any]] = {
    "schema": "licence-declaration/1",
    "profile": "statutory-2024",
    "patent": {
        "application_number": "2014100422094",
        "kind": "invention",
        "title": "一种录音方法",
    },
    "holders": [{"name": "五邑大学", "kind": "university", "consents": True}],
    "fee": {"payment": {"mode": "lump_sum", "amount_fen": 3_000_000, "due_days": 30}},
    "period": {"end": "2028-12-31"},
    "territory": {"include": ["CN"]},
    "contact": {"name": "张三", "phone": "0750-3299000"},
    "commitments": [
        {
            "code": "keep_right_valid",
            "text_version": "2024-1",
            "signer": "五邑大学",
            "signed_at": "2026-11-20T08:00:00Z",
        }
    ],
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DraftIn(_Body):
    """A new draft. It may still break rules; it is stored with what they say."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"declaration": DECLARATION_EXAMPLE, "extension": {"rd_team": "声学实验室"}}
            ]
        },
    )

    declaration: Declaration
    extension: ExtensionItems = ExtensionItems()
    organisation: (
        Annotated[UUID, Field(description="为哪个单位；默认本单位 / whose; by default one's own")]
        | None
    ) = None

    def wanted(self, filer: Scope) -> NewDraft:
        """The use case's form of it, for an organisation that the filer may file for.

        Raises:
            NoOrganisation: the filer has none of their own and names none.
            OrganisationNotFound: the filer may not file this for that organisation.
        """
        number = self.declaration.patent.application_number
        whose = filer.filing_for(self.organisation, number)
        return NewDraft(self.declaration, self.extension, organisation=whose)


class EditIn(_Body):
    """A change; `row_version` is that of the declaration as it was read."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"row_version": 1, "declaration": DECLARATION_EXAMPLE}]},
    )

    row_version: Annotated[int, Field(ge=1)]
    declaration: Declaration | None = None
    extension: ExtensionItems | None = None
    renews: Annotated[bool, Field(description="已公布声明的下一版 / of a published offer")] = False

    def wanted(self) -> Edit:
        """The use case's form of it."""
        return Edit(self.row_version, self.declaration, self.extension, renews=self.renews)


class ReasonIn(_Body):
    """Why; the holder reads it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "专利权已转让"}]}
    )

    reason: PlainText


class RegisterReading(_Body):
    """Which reading of the register the findings go by."""

    as_of: date
    source: str


class DeclarationOut(_Body):
    """A declaration as the people of its node see it."""

    listing: UUID
    organisation_id: UUID | None = None
    state: str
    version: int
    row_version: int
    declaration: dict[str, Any]
    extension: dict[str, Any]
    findings: list[dict[str, Any]]
    is_blocked: bool
    unchecked_rules: list[str]
    report_demanded: bool
    checked_at: Instant
    register_reading: RegisterReading | None
    source: dict[str, Any]
    return_reasons: list[dict[str, Any]]
    correction_due: date | None
    suspension: dict[str, Any] | None
    serial: int | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, row: DeclarationRow) -> "DeclarationOut":
        """The whole declaration."""
        reading = None
        if row.status_as_of is not None and row.status_source is not None:
            reading = RegisterReading(as_of=row.status_as_of, source=row.status_source)
        same = {name: getattr(row, name) for name in cls.model_fields if name in _ROW_NAMES}
        return cls(declaration=row.body, register_reading=reading, **same)


_ROW_NAMES: Final = frozenset(DeclarationOut.model_fields) - {"declaration", "register_reading"}


class LineOut(_Body):
    """A declaration in a list."""

    listing: UUID
    state: str
    version: int
    application_number: str
    kind: str
    title: str | None
    holder_names: list[str]
    profile: str
    period_end: date
    finding_codes: list[str]
    is_blocked: bool
    unchecked_rules: list[str]
    row_version: int
    updated_at: Instant

    @classmethod
    def of(cls, line: DeclarationLine) -> "LineOut":
        """The line."""
        return cls(**{name: getattr(line, name) for name in cls.model_fields})


class PageOut(_Body):
    """A page, the newest first; `next` is the `before` of the next page, null at the end."""

    items: list[LineOut]
    next: UUID | None

    @classmethod
    def of(cls, page: Page) -> "PageOut":
        """The page."""
        return cls(items=[LineOut.of(line) for line in page.lines], next=page.next)


class CountsOut(_Body):
    """Declarations by state and by the rule that objects."""

    states: dict[str, int]
    findings: dict[str, int]
    blocked: int

    @classmethod
    def of(cls, counts: Counts) -> "CountsOut":
        """The counts."""
        return cls(states=counts.states, findings=counts.findings, blocked=counts.blocked)
