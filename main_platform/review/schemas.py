"""Bodies of the review API."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from main_platform.review.conflicts import HeldOffer
from main_platform.review.decide import MAX_DECISIONS, Decided, Ruling, Target, Verdict
from main_platform.review.detail import ReviewDetail, Side
from main_platform.review.queue import ReviewFilter, ReviewPage
from main_platform.review.reason_codes import Reason, ReasonCode
from main_platform.review.resolve import Choice, Resolution
from main_platform.review.states import ReviewState
from main_platform.review.tables import DecisionRow, ReviewRow
from shared_platform.transport.problem_answer import request_reference
from shared_schema.declaration import Sha256Hex
from shared_schema.instants import Instant, format_instant
from shared_schema.patent_number import ApplicationNumber
from shared_schema.refusal import problem_body
from shared_schema.statement import NodeId, WireInstant
from shared_schema.text import PlainText

HASH: Final = "9f2c6f1d0d1be1b3b0cf1ba5f6d3c9d18f0f6a1f3a5d6c7b8e9f0a1b2c3d4e5f"
REVIEW: Final = "019a8c00-0000-7000-8000-000000000042"
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
RuleName = Annotated[str, StringConstraints(pattern=r"^DEC-[0-9]{2}$")]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _examples(*examples: dict[str, JsonValue]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class ReasonIn(_Body):
    """A coded reason; `text` goes to the origin with it, never to the public."""

    code: Code
    text: PlainText | None = None

    def reason(self) -> Reason:
        """The reason as use cases take it."""
        return Reason(self.code, self.text)


class DecisionIn(_Body):
    """A decision, bound to the hash of the statement that the examiner saw."""

    model_config = _examples(
        {"verdict": "approve", "statement_hash": HASH, "reasons": []},
        {
            "verdict": "return",
            "statement_hash": HASH,
            "reasons": [{"code": "unit_suspected", "text": "30000 元还是 30000 万元？"}],
        },
    )

    verdict: Verdict
    statement_hash: Sha256Hex
    reasons: Annotated[list[ReasonIn], Field(max_length=20)] = []

    def ruling(self) -> Ruling:
        """The decision as use cases take it."""
        return Ruling(self.verdict, tuple(one.reason() for one in self.reasons))


class TargetIn(_Body):
    """A review and the statement that was seen."""

    review: UUID
    statement_hash: Sha256Hex


class FilterIn(_Body):
    """Which reviews; `opened_until` keeps out what arrives while one decides."""

    states: list[ReviewState] = [ReviewState.WAITING]
    origin: NodeId | None = None
    application_number: ApplicationNumber | None = None
    finding: RuleName | None = None
    high_risk: bool | None = None
    opened_until: WireInstant

    def wanted(self) -> ReviewFilter:
        """The filter as use cases take it."""
        return ReviewFilter(
            states=frozenset(self.states),
            origin=self.origin,
            application_number=self.application_number,
            finding=self.finding,
            high_risk=self.high_risk,
            opened_until=self.opened_until,
        )


class DecisionsIn(_Body):
    """One verdict for many reviews: those listed, or the oldest of a filter; 1,000 at most."""

    model_config = _examples(
        {
            "verdict": "approve",
            "reasons": [],
            "reviews": [{"review": REVIEW, "statement_hash": HASH}],
        },
        {
            "verdict": "approve",
            "filter": {
                "states": ["waiting"],
                "origin": "gd-exchange",
                "high_risk": False,
                "opened_until": "2026-11-22T08:00:00Z",
            },
        },
    )

    verdict: Verdict
    reasons: Annotated[list[ReasonIn], Field(max_length=20)] = []
    reviews: Annotated[list[TargetIn], Field(max_length=MAX_DECISIONS)] = []
    filter: FilterIn | None = None

    def ruling(self) -> Ruling:
        """The decision as use cases take it."""
        return Ruling(self.verdict, tuple(one.reason() for one in self.reasons))

    def targets(self) -> list[Target]:
        """The reviews that are listed."""
        return [Target(one.review, one.statement_hash) for one in self.reviews]


class ReviewOut(_Body):
    """A review in the queue."""

    review: UUID
    origin: str
    listing: UUID
    version: int
    application_number: str
    statement_hash: str
    title: str | None
    holder_names: list[str]
    state: ReviewState
    high_risk: bool
    finding_codes: list[str]
    unchecked_rules: list[str]
    claimed_by: str | None
    first_approver: str | None
    second_approver: str | None = None
    regions: list[str] = []
    opened_at: str
    decided_at: str | None
    serial: int | None

    @classmethod
    def of(cls, row: ReviewRow) -> "ReviewOut":
        """The row without findings and terms."""
        same = (
            "origin",
            "listing",
            "version",
            "application_number",
            "statement_hash",
            "title",
            "holder_names",
            "high_risk",
            "finding_codes",
            "unchecked_rules",
            "claimed_by",
            "first_approver",
            "second_approver",
            "regions",
            "serial",
        )
        return cls(
            review=row.id,
            state=ReviewState(row.state),
            opened_at=format_instant(row.opened_at),
            decided_at=shown(row.decided_at),
            **{name: getattr(row, name) for name in same},
        )


class ReviewPageOut(_Body):
    """A page of the queue, oldest first; `next` continues it as `after`."""

    items: list[ReviewOut]
    next: UUID | None

    @classmethod
    def of(cls, page: ReviewPage) -> "ReviewPageOut":
        """The page as JSON members."""
        return cls(items=[ReviewOut.of(row) for row in page.rows], next=page.next)


class DecisionOut(_Body):
    """A decision as recorded."""

    verdict: str
    statement_hash: str
    reasons: list[dict[str, Any]]
    examiner: str
    at: str

    @classmethod
    def of(cls, row: DecisionRow) -> "DecisionOut":
        """The decision as JSON members."""
        return cls(
            verdict=row.verdict,
            statement_hash=row.statement_hash,
            reasons=row.reasons,
            examiner=row.examiner,
            at=format_instant(row.at),
        )


class SideOut(_Body):
    """Another offer of the same patent: what is equal, and its terms."""

    origin: str
    listing: UUID
    version: int
    review: UUID | None
    terms_equal: bool
    holders_equal: bool
    declaration: dict[str, Any] | None

    @classmethod
    def of(cls, side: Side) -> "SideOut":
        """The side as JSON members."""
        return cls(**side.conflict, declaration=side.body)


class ReviewDetailOut(_Body):
    """One review in full. Terms hold contact data: for staff only."""

    review: ReviewOut
    findings: list[dict[str, Any]]
    declaration: dict[str, Any] | None
    public_declaration: dict[str, Any] | None
    sides: list[SideOut]
    decisions: list[DecisionOut]

    @classmethod
    def of(cls, detail: ReviewDetail) -> "ReviewDetailOut":
        """The review as JSON members."""
        return cls(
            review=ReviewOut.of(detail.row),
            findings=detail.row.findings,
            declaration=detail.body,
            public_declaration=detail.public_body,
            sides=[SideOut.of(side) for side in detail.sides],
            decisions=[DecisionOut.of(row) for row in detail.decisions],
        )


class DecidedOut(_Body):
    """What became of one review; `problem` says why nothing was decided about it."""

    review: UUID
    state: ReviewState | None
    problem: dict[str, Any] | None = None

    @classmethod
    def of(cls, decided: Decided, *, request_id: str, now: Instant) -> "DecidedOut":
        """The result as JSON members."""
        problem = None
        if decided.refusal is not None:
            instance = request_reference(request_id)
            problem = problem_body(decided.refusal, instance=instance, now=now)
        return cls(review=decided.review, state=decided.state, problem=problem)


class DecisionsOut(_Body):
    """One result for each review, in their order."""

    results: list[DecidedOut]
    decided: int
    refused: int

    @classmethod
    def of(cls, decided: Sequence[Decided], *, request_id: str, now: Instant) -> "DecisionsOut":
        """The results as JSON members."""
        return cls(
            results=[DecidedOut.of(one, request_id=request_id, now=now) for one in decided],
            decided=sum(one.refusal is None for one in decided),
            refused=sum(one.refusal is not None for one in decided),
        )


class StateCountOut(_Body):
    """How many reviews stand in a state, and when the oldest of them was opened."""

    state: str
    count: int
    oldest: str


class ReasonCodeOut(_Body):
    """A reason that decisions may give."""

    code: str
    verdicts: list[str]
    rule: str | None
    zh: str
    en: str

    @classmethod
    def of(cls, row: ReasonCode) -> "ReasonCodeOut":
        """The code as JSON members."""
        verdicts = sorted(row.verdicts)
        return cls(code=row.code, verdicts=verdicts, rule=row.rule or None, zh=row.zh, en=row.en)


class ConflictOut(_Body):
    """A held offer and the other offers of its patent."""

    review: ReviewOut
    awaits_second: Annotated[bool, Field(description="one person chose to replace")]
    declaration: dict[str, Any] | None
    sides: list[SideOut]

    @classmethod
    def of(cls, held: HeldOffer) -> "ConflictOut":
        """The conflict as JSON members."""
        return cls(
            review=ReviewOut.of(held.row),
            awaits_second=held.row.resolution is not None,
            declaration=held.body,
            sides=[SideOut.of(side) for side in held.sides],
        )


class ResolutionIn(_Body):
    """How a conflict ends. To replace what is public, two people must choose it."""

    model_config = _examples(
        {"choice": "keep_existing", "statement_hash": HASH, "text": "登记簿以原声明为准"},
        {
            "choice": "return",
            "statement_hash": HASH,
            "reasons": [{"code": "conflicting_offer"}],
        },
    )

    choice: Choice
    statement_hash: Sha256Hex
    reasons: Annotated[list[ReasonIn], Field(max_length=20)] = []
    text: PlainText | None = None

    def resolution(self) -> Resolution:
        """The choice as use cases take it."""
        return Resolution(self.choice, tuple(one.reason() for one in self.reasons), self.text)


class WithdrawalIn(_Body):
    """Why the hub withdraws a listing: the code becomes public, the text goes to the origin."""

    model_config = _examples({"reason": "lapse", "text": "2026-11-02 登记簿显示专利权终止"})

    reason: Code
    text: PlainText | None = None


class WithdrawnOut(_Body):
    """The withdrawal is queued and will be in the log within seconds."""

    listing: UUID
    origin: str
    application_number: str
    reason: str
    state: Literal["withdrawn"] = "withdrawn"


def shown(instant: Instant | None) -> str | None:
    """The instant as printed; None stays None."""
    return None if instant is None else format_instant(instant)
