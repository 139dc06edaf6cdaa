"""The licence declaration: one form for all nodes and provinces (schema `licence-declaration/1`).

The shape is permissive enough for a draft (a real published row has neither contact nor
commitments); whether a declaration may be recommended or published is decided by the rules of its
profile (`shared_schema.rules`). Members this version does not know are kept by whoever forwards the
signed bytes.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared_schema.credit_code import CreditCode
from shared_schema.fee_terms import FeeTerms, Percent, ShortText
from shared_schema.industry import IndustryCode
from shared_schema.instants import Instant
from shared_schema.ipc import IpcSymbol
from shared_schema.patent_number import ApplicationNumber, PatentKind
from shared_schema.publication_number import PublicationNumber
from shared_schema.territory import Territory
from shared_schema.text import PlainText

DECLARATION_SCHEMA = "licence-declaration/1"

HolderKind = Literal[
    "university", "institute", "state_enterprise", "enterprise", "individual", "other"
]
Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Patent(_Form):
    """The patent on offer. `kind` is what the holder states; DEC-02 compares it with the number."""

    application_number: ApplicationNumber
    kind: PatentKind
    title: PlainText | None = None
    publication_number: PublicationNumber | None = None
    grant_date: date | None = None


class Holder(_Form):
    """A patentee; `share_percent` of the fee where co-owners state one (art. 14)."""

    name: PlainText
    kind: HolderKind = "other"
    credit_code: CreditCode | None = None
    share_percent: Percent | None = None
    consents: bool = False


class Period(_Form):
    """The days the offer is open; `end` is the last day, until midnight Asia/Shanghai."""

    start: date | None = None
    end: date


class TechnicalField(_Form):
    """Where the invention is used: IPC symbols (none for designs), GB/T 4754-2017 codes, words."""

    ipc: Annotated[tuple[IpcSymbol, ...], Field(max_length=20)] = ()
    industries: Annotated[tuple[IndustryCode, ...], Field(max_length=20)] = ()
    text: PlainText | None = None


class Contact(_Form):
    """Whom an enterprise reaches. Personal data: in the statement body, never in the log."""

    name: PlainText
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 \-]{4,24}$")] | None = None
    email: (
        Annotated[
            str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$", max_length=254)
        ]
        | None
    ) = None


class EvaluationReport(_Form):
    """A reference to an evaluation, search or consulting report; the file stays at the node."""

    kind: Literal["evaluation", "search", "consulting"]
    number: ShortText | None = None
    issued_on: date | None = None
    sha256: Sha256Hex | None = None


CommitmentCode = Literal[
    "no_exclusive_licence", "keep_right_valid", "file_every_licence", "withdraw_on_transfer"
]
COMMITMENTS: tuple[CommitmentCode, ...] = (
    "no_exclusive_licence",
    "keep_right_valid",
    "file_every_licence",
    "withdraw_on_transfer",
)


class Commitment(_Form):
    """A ticked promise (DEC-16): which text, in which version, by whom, when."""

    code: CommitmentCode
    text_version: ShortText
    signer: PlainText
    signed_at: Instant


class Declaration(_Form):
    """One holder's offer of one patent to anyone, on these terms, until this day."""

    schema_id: Annotated[Literal["licence-declaration/1"], Field(alias="schema")] = (
        "licence-declaration/1"
    )
    profile: ShortText
    patent: Patent
    holders: Annotated[tuple[Holder, ...], Field(max_length=50)]
    fee: FeeTerms
    fee_reason: PlainText | None = None
    period: Period
    territory: Territory
    technical_field: TechnicalField = TechnicalField()
    contact: Contact | None = None
    evaluation_report: EvaluationReport | None = None
    abstract: PlainText | None = None
    commitments: Annotated[tuple[Commitment, ...], Field(max_length=10)] = ()

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )
