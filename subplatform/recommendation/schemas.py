"""Bodies of the recommendations API."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared_schema.instants import format_instant
from shared_schema.statement import ReasonCode
from shared_schema.text import PlainText
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.schemas import shown
from subplatform.recommendation.recommend import PAGE, Recommendation, Wanted
from subplatform.recommendation.suspend import Suspension
from subplatform.recommendation.tables import HubMessageRow
from subplatform.recommendation.timeline import EntryLine, StatementLine, Timeline
from subplatform.recommendation.withdraw import Withdrawal

_LISTING: Final = "019a0000-0000-7000-8000-000000000001"
_HASH: Final = "5f" * 32
RECOMMENDATION_EXAMPLE: Final[dict[str, Any]] = {
    "recommended": [
        {
            "listing": _LISTING,
            "application_number": "2014100422094",
            "oseq": 17,
            "version": 1,
            "statement_hash": _HASH,
        }
    ],
    "refused": [
        {
            "pointer": "/listings/019a0000-0000-7000-8000-000000000002",
            "code": "recommendation.unchecked",
            "message": "以下规则未核查：DEC-03 / these rules were not checked: DEC-03",
        }
    ],
    "next": None,
}
TIMELINE_EXAMPLE: Final[dict[str, Any]] = {
    "listing": _LISTING,
    "state": "published",
    "version": 1,
    "serial": 120,
    "statements": [
        {
            "oseq": 17,
            "version": 1,
            "op": "offer",
            "statement_hash": _HASH,
            "made_at": "2026-11-22T08:00:00Z",
            "delivery": "sent",
            "received_at": "2026-11-22T08:00:01Z",
            "problem": None,
            "intake": "verified",
            "decision": {"verdict": "approved", "serial": 120},
            "serial": 120,
            "inclusion": "verified",
        }
    ],
    "messages": [
        {
            "seq": 4,
            "kind": "decision",
            "at": "2026-11-22T09:00:00Z",
            "outcome": "noted",
            "body": {"verdict": "approved", "serial": 120},
        }
    ],
    "entries": [
        {
            "serial": 120,
            "kind": "listing_offered",
            "at": "2026-11-22T09:00:00Z",
            "by": "origin",
            "version": 1,
            "reason": None,
        }
    ],
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecommendIn(_Body):
    """What to recommend: the listings named, or all that are verified.

    `accept_unchecked`: the caller answers for the rules that no register reading could check, which
    only the pilot's profile allows; it is recorded.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"listings": [_LISTING]}, {"accept_unchecked": True}]}
    )

    listings: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=PAGE)] | None = None
    accept_unchecked: bool = False
    after: UUID | None = Field(None, description="`next` of the answer before")

    def wanted(self) -> Wanted:
        """The use case's form."""
        return Wanted(self.listings, self.accept_unchecked, self.after)


class RecommendedOut(_Body):
    """One signed offer on its way to the hub."""

    listing: UUID
    application_number: str
    oseq: int
    version: int
    statement_hash: str


class RefusedOut(_Body):
    """Why one declaration was not recommended."""

    pointer: str
    code: str
    message: str


class RecommendationOut(_Body):
    """What was signed and what was not; ask again with `after` = `next` while it is not null."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECOMMENDATION_EXAMPLE]})

    recommended: list[RecommendedOut]
    refused: list[RefusedOut]
    next: UUID | None

    @classmethod
    def of(cls, made: Recommendation) -> "RecommendationOut":
        """The result as JSON members."""
        return cls(
            recommended=[
                RecommendedOut(
                    listing=one.listing,
                    application_number=one.application_number,
                    oseq=one.oseq,
                    version=one.version,
                    statement_hash=one.statement_hash,
                )
                for one in made.recommended
            ],
            refused=[
                RefusedOut(pointer=one.pointer, code=one.code, message=one.message)
                for one in made.refused
            ],
            next=made.next,
        )


class WithdrawalIn(_Body):
    """Why the holders withdraw; code and text become public. Licences granted are untouched."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"code": "holder_wish", "text": "专利权人申请撤回", "all_owners_consent": True}
            ]
        }
    )

    code: ReasonCode
    text: PlainText
    all_owners_consent: bool = Field(
        default=False, description="the written consent of all co-owners is on file"
    )

    def wish(self) -> Withdrawal:
        """The use case's form."""
        return Withdrawal(self.code, self.text, self.all_owners_consent)


class SuspensionIn(_Body):
    """Why the listing may not be accepted for now; code and text become public."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "holder_wish", "text": "专利权人申请暂停"}]}
    )

    code: ReasonCode
    text: PlainText

    def reason(self) -> Suspension:
        """The use case's form."""
        return Suspension(self.code, self.text)


class ListingStandingOut(_Body):
    """Where the declaration stands now, and its last signed version (0: nothing was signed)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "listing": _LISTING,
                    "state": "withdrawal_requested",
                    "version": 2,
                    "oseq": 18,
                    "return_reasons": [],
                }
            ]
        }
    )

    listing: UUID
    state: str
    version: int
    oseq: int | None
    return_reasons: list[dict[str, Any]]

    @classmethod
    def of(cls, row: DeclarationRow) -> "ListingStandingOut":
        """The declaration's standing."""
        return cls(
            listing=row.listing,
            state=row.state,
            version=row.version,
            oseq=row.last_oseq,
            return_reasons=row.return_reasons,
        )


class StatementOut(_Body):
    """One statement with its receipts, each `verified`, `missing` or `invalid`."""

    oseq: int
    version: int
    op: str
    statement_hash: str
    made_at: str
    delivery: str
    received_at: str | None
    problem: dict[str, Any] | None
    intake: str = Field(description="the hub's signed receipt")
    decision: dict[str, Any] | None
    serial: int | None
    inclusion: str = Field(description="the proof that the log's checkpoint covers it")

    @classmethod
    def of(cls, line: StatementLine) -> "StatementOut":
        """The line with instants as they are printed."""
        return cls(
            oseq=line.oseq,
            version=line.version,
            op=line.op,
            statement_hash=line.statement_hash,
            made_at=format_instant(line.made_at),
            delivery=line.delivery,
            received_at=shown(line.received_at),
            problem=None if line.problem is None else dict(line.problem),
            intake=line.intake,
            decision=None if line.decision is None else dict(line.decision),
            serial=line.serial,
            inclusion=line.inclusion,
        )


class MessageOut(_Body):
    """One message from the hub, and what it changed here."""

    seq: int
    kind: str
    at: str
    outcome: str
    body: dict[str, Any]

    @classmethod
    def of(cls, row: HubMessageRow) -> "MessageOut":
        """The message as it came."""
        return cls(seq=row.seq, kind=row.kind, at=row.at, outcome=row.outcome, body=row.body)


class EntryOut(_Body):
    """One entry of the public log about the listing."""

    serial: int
    kind: str
    at: str | None
    by: str
    version: int
    reason: str | None

    @classmethod
    def of(cls, line: EntryLine) -> "EntryOut":
        """The entry's public facts."""
        return cls(
            serial=line.serial,
            kind=line.kind,
            at=shown(line.at),
            by=line.by,
            version=line.version,
            reason=line.reason,
        )


class TimelineOut(_Body):
    """Where a listing is, and the proofs of it that this node holds."""

    model_config = ConfigDict(json_schema_extra={"examples": [TIMELINE_EXAMPLE]})

    listing: UUID
    state: str
    version: int
    serial: int | None
    statements: list[StatementOut]
    messages: list[MessageOut]
    entries: list[EntryOut]

    @classmethod
    def of(cls, timeline: Timeline) -> "TimelineOut":
        """The timeline as JSON members."""
        row = timeline.declaration
        return cls(
            listing=row.listing,
            state=row.state,
            version=row.version,
            serial=row.serial,
            statements=[StatementOut.of(line) for line in timeline.statements],
            messages=[MessageOut.of(message) for message in timeline.messages],
            entries=[EntryOut.of(line) for line in timeline.entries],
        )
