"""Bodies of the verification API."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared_schema.register_facts import RegisterFacts
from shared_schema.text import PlainText
from subplatform.verification.by_hand import DEFAULT_DAYS, MOST_DAYS, Correction, Objection
from subplatform.verification.check import CheckSummary
from subplatform.verification.recheck import RecheckSummary, Stopped
from subplatform.verification.resume import Proof


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckIn(_Body):
    """What to check; without `listings` everything that was not sent yet."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"listings": ["019a0000-0000-7000-8000-000000000000"]}]},
    )

    listings: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=1000)] | None = None


class RuleCount(_Body):
    """How many declarations a rule objects to, with this severity."""

    rule: str
    severity: str
    declarations: int


class CheckOut(_Body):
    """What a check found; `unchecked` counts declarations by rule that nobody could check."""

    checked: int
    verified: int
    correction: int
    moved: int
    unknown_patents: int
    findings: list[RuleCount]
    unchecked: dict[str, int]

    @classmethod
    def of(cls, summary: CheckSummary) -> "CheckOut":
        """The summary, each table in the order of its keys."""
        return cls(
            checked=summary.checked,
            verified=summary.verified,
            correction=summary.correction,
            moved=summary.moved,
            unknown_patents=summary.unknown_patents,
            findings=[
                RuleCount(rule=rule, severity=severity, declarations=count)
                for (rule, severity), count in sorted(summary.findings.items())
            ],
            unchecked=dict(sorted(summary.unchecked.items())),
        )


class StoppedOut(_Body):
    """A listing with the causes against it."""

    listing: UUID
    application_number: str
    codes: tuple[str, ...]

    @classmethod
    def of(cls, stopped: Stopped) -> "StoppedOut":
        """The listing."""
        return cls(
            listing=stopped.listing,
            application_number=stopped.application_number,
            codes=stopped.codes,
        )


class RecheckOut(_Body):
    """What a recheck did; `resumable` listings only wait for a document."""

    checked: int
    unknown_patents: int
    suspended: list[StoppedOut]
    withdrawn: list[StoppedOut]
    still_suspended: list[StoppedOut]
    resumable: list[UUID]

    @classmethod
    def of(cls, summary: RecheckSummary) -> "RecheckOut":
        """The summary."""
        return cls(
            checked=summary.checked,
            unknown_patents=summary.unknown,
            suspended=[StoppedOut.of(one) for one in summary.suspended],
            withdrawn=[StoppedOut.of(one) for one in summary.withdrawn],
            still_suspended=[StoppedOut.of(one) for one in summary.still_suspended],
            resumable=summary.resumable,
        )


class ResumptionIn(_Body):
    """The document that shows the cause is gone."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"document": "年费及滞纳金缴费收据 2026-11-20"}]},
    )

    document: PlainText

    def wanted(self) -> Proof:
        """The use case's form of it."""
        return Proof(self.document)


class ObjectionIn(_Body):
    """One reason by its code (docs/operators.md), and what is said about it."""

    code: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    text: Annotated[PlainText, Field(max_length=500)] | None = None


class CorrectionIn(_Body):
    """What is to be corrected, and within how many calendar days."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"objections": [{"code": "fee_unclear", "text": "请写明付款日"}], "days": 15}
            ]
        },
    )

    objections: Annotated[tuple[ObjectionIn, ...], Field(min_length=1, max_length=30)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = DEFAULT_DAYS

    def wanted(self) -> Correction:
        """The use case's form of it."""
        found = [Objection(one.code, one.text or "") for one in self.objections]
        return Correction(found, self.days)


class ReadingIn(_Body):
    """What the register answered, read by a person; `source` says where."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reading": {
                        "application_number": "2014100422094",
                        "as_of": "2026-11-20",
                        "source": "专利登记簿副本",
                        "granted": True,
                        "status": "valid",
                        "holders": ["五邑大学"],
                        "annual_fee": "paid",
                    }
                }
            ]
        },
    )

    reading: RegisterFacts
