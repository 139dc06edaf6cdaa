"""Import profiles: which column of a platform's list is which member of a declaration, as data.

A new platform needs a new TOML file and no code. A profile says everything about its list: what
each column means, which labels stand for which kind, unit and home region, which members the list
lacks (`missing`), and which columns are left unread on purpose (`ignored`).
"""

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared_schema.amount import AmountUnit
from shared_schema.declaration import HolderKind
from shared_schema.fee_terms import ShortText
from shared_schema.patent_number import PatentKind
from shared_schema.region import RegionCode
from shared_schema.rules import PROFILES
from subplatform.declarations.importing.clause_text import StatedMode
from subplatform.declarations.importing.form_fee import FormMode

Column = Annotated[str, Field(min_length=1, max_length=100)]
Separator = Annotated[str, Field(min_length=1, max_length=5)]
Label = Annotated[str, Field(max_length=100)]

Member = Literal[
    "title",
    "publication_number",
    "grant_date",
    "holder_kind",
    "credit_code",
    "consent",
    "fee_reason",
    "period_start",
    "territory",
    "technical_field",
    "abstract",
    "contact",
    "evaluation_report",
    "commitments",
]
OPTIONAL_MEMBERS: Final[frozenset[str]] = frozenset(Member.__args__)  # type: ignore[attr-defined]


def _known_rule_profile(name: str) -> str:
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        raise ValueError(f"没有这个规则版本；可用 / no such rule profile; known: {known}")
    return name


RuleProfileId = Annotated[ShortText, AfterValidator(_known_rule_profile)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NumberSection(_Section):
    """The column of the patent number."""

    column: Column


class KindSection(_Section):
    """The column of the patent's kind; `not_granted` lists labels of mere applications (DEC-03)."""

    column: Column
    labels: Annotated[dict[Label, PatentKind], Field(min_length=1)]
    not_granted: tuple[Label, ...] = ()


class HoldersSection(_Section):
    """The column of the holders, how several are separated, and the columns about each of them.

    Cells of `kind_column`, `credit_code_column` and `consent_column` hold one value for all holders
    or one for each, separated in the same way.
    """

    column: Column
    separators: Annotated[tuple[Separator, ...], Field(min_length=1)] = ("；", ";")
    kind_column: Column | None = None
    kinds: dict[Label, HolderKind] = {}
    credit_code_column: Column | None = None
    consent_column: Column | None = None
    consent_labels: tuple[Label, ...] = ("是",)


class BareSum(_Section):
    """What a cell that holds nothing but a sum means on this platform.

    `assumed` says that the platform names no unit and `unit` is our reading; the terms' note then
    says so too. `zero` says whether 0 is printed for free use.
    """

    unit: AmountUnit
    assumed: bool = False
    zero: Literal["free", "refused"] = "refused"


class ClauseFee(_Section):
    """One column of words; with `bare_sum` also of mere sums, read as lump sums."""

    strategy: Literal["clause"]
    column: Column
    bare_sum: BareSum | None = None


class FormFee(_Section):
    """One column with the form's blanks as JSON; other text in it is read as a clause."""

    strategy: Literal["form"]
    column: Column
    type_member: Label = "type"
    modes: Annotated[dict[Label, FormMode], Field(min_length=1)]


StatedLabel = StatedMode | Literal["pay_after_use", "other"]


class ColumnsFee(_Section):
    """A column that names the mode, one with the clause, perhaps one with the sum.

    The mode column may hold several labels separated by commas.
    """

    strategy: Literal["columns"]
    mode_column: Column
    modes: Annotated[dict[Label, StatedLabel], Field(min_length=1)]
    clause_column: Column
    sum_column: Column | None = None
    sum_unit: AmountUnit | None = None

    @model_validator(mode="after")
    def _sums_have_a_unit(self) -> Self:
        if (self.sum_column is None) != (self.sum_unit is None):
            raise ValueError("sum_column 与 sum_unit 须同时写 / must be given together")
        return self


FeeSection = Annotated[ClauseFee | FormFee | ColumnsFee, Field(discriminator="strategy")]


class PeriodSection(_Section):
    """The last day, or years from a start. With both, the years only must not be 0 (DEC-08)."""

    end_column: Column | None = None
    start_column: Column | None = None
    years_column: Column | None = None

    @model_validator(mode="after")
    def _has_an_end(self) -> Self:
        if self.end_column is None and (self.years_column is None or self.start_column is None):
            raise ValueError(
                "须有 end_column，或 years_column 与 start_column"
                " / needs end_column, or years_column with start_column"
            )
        return self


class TerritorySection(_Section):
    """The column of the scope; `home` is what 全省 and 全市 mean on this platform."""

    column: Column | None = None
    constant: Label | None = None
    home: RegionCode | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("column 与 constant 二选一 / either column or constant")
        return self


class TextSections(_Section):
    """Columns read as they stand; lists in a cell are separated by `；` or `;`."""

    title: Column | None = None
    publication_number: Column | None = None
    grant_date: Column | None = None
    fee_reason: Column | None = None
    abstract: Column | None = None
    ipc: Column | None = None
    industries: Column | None = None
    field_text: Column | None = None
    contact_name: Column | None = None
    contact_phone: Column | None = None
    contact_email: Column | None = None
    report_kind: Column | None = None
    report_number: Column | None = None
    report_date: Column | None = None
    commitments_signer: Column | None = None
    commitments_date: Column | None = None
    commitments_version: Column | None = None


class ImportProfile(_Section):
    """One platform's list. `rule_profile` is the regime its declarations are checked under.

    `notes` explain columns in the template that is filled in by hand.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title_zh: ShortText
    title_en: ShortText
    source: ShortText
    rule_profile: RuleProfileId
    number: NumberSection
    kind: KindSection
    holders: HoldersSection
    fee: FeeSection
    period: PeriodSection
    territory: TerritorySection
    texts: TextSections = TextSections()
    missing: tuple[Member, ...] = ()
    ignored: tuple[Column, ...] = ()
    notes: dict[Column, Label] = {}

    @model_validator(mode="after")
    def _says_what_is_missing(self) -> Self:
        unsaid = OPTIONAL_MEMBERS - self.mapped() - set(self.missing)
        if unsaid:
            raise ValueError(
                "没有列对应、也没有写进 missing / neither mapped nor listed in missing: "
                + ", ".join(sorted(unsaid))
            )
        both = self.mapped() & set(self.missing)
        if both:
            raise ValueError(
                "既有列对应又写在 missing / both mapped and missing: " + ", ".join(sorted(both))
            )
        return self

    def mapped(self) -> frozenset[str]:
        """The optional members of a declaration that some column or constant of the list fills."""
        sources = {
            "title": self.texts.title,
            "publication_number": self.texts.publication_number,
            "grant_date": self.texts.grant_date,
            "holder_kind": self.holders.kind_column,
            "credit_code": self.holders.credit_code_column,
            "consent": self.holders.consent_column,
            "fee_reason": self.texts.fee_reason,
            "period_start": self.period.start_column,
            "territory": self.territory.column,
            "technical_field": self.texts.ipc or self.texts.industries or self.texts.field_text,
            "abstract": self.texts.abstract,
            "contact": self.texts.contact_name,
            "evaluation_report": self.texts.report_kind,
            "commitments": self.texts.commitments_signer,
        }
        return frozenset(member for member, column in sources.items() if column)

    def columns(self) -> tuple[str, ...]:
        """The columns the list must have, in the order of the profile."""
        sections = (
            self.number,
            self.kind,
            self.holders,
            self.fee,
            self.period,
            self.territory,
            self.texts,
        )
        named = (
            value
            for section in sections
            for member, value in section
            if isinstance(value, str) and (member.endswith("column") or section is self.texts)
        )
        return tuple(dict.fromkeys(named))
