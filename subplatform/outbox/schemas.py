"""Bodies of the deliveries API."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared_schema.instants import Instant, format_instant
from shared_schema.problem import ProblemType
from subplatform.outbox.deliveries import OutboxStanding
from subplatform.outbox.tables import OutboxMessageRow

_LISTING: Final = "019a0000-0000-7000-8000-000000000001"
_HASH: Final = "5f" * 32
DELIVERY_EXAMPLE: Final[dict[str, Any]] = {
    "oseq": 17,
    "listing": _LISTING,
    "version": 1,
    "op": "offer",
    "statement_hash": _HASH,
    "state": "dead",
    "attempts": 1,
    "next_attempt_at": None,
    "problem": {
        "code": "rule_violated",
        "status": 422,
        "detail": "违反 1 条规则 / 1 rule is violated",
        "retryable": False,
        "errors": [{"pointer": "/period/end", "code": "DEC-08", "message": "许可期限晚于专利期限"}],
    },
    "remedy": {
        "zh": ProblemType.RULE_VIOLATED.value.remedy_zh,
        "en": ProblemType.RULE_VIOLATED.value.remedy_en,
    },
    "receipt": None,
    "created_at": "2026-11-22T08:00:00Z",
    "sent_at": None,
}
STANDING_EXAMPLE: Final[dict[str, Any]] = {
    "counts": {"waiting": 3, "leased": 0, "sent": 1204, "dead": 1, "cancelled": 0},
    "oldest_waiting_at": "2026-11-22T07:58:00Z",
    "next_due_at": "2026-11-22T08:00:05Z",
    "paused": None,
    "paused_since": None,
    "probe_at": None,
    "reconciled_at": "2026-11-22T07:30:00Z",
    "contiguous_through": 1204,
    "gap_count": 0,
    "foreign_statements": [],
    "conflicting_statements": [],
}


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeliveryOut(_Body):
    """One statement on its way; `problem` is the last one, `receipt` what the hub says it has."""

    model_config = ConfigDict(json_schema_extra={"examples": [DELIVERY_EXAMPLE]})

    oseq: int
    listing: UUID
    version: int
    op: str
    statement_hash: str
    state: str = Field(description="waiting, leased, sent, dead or cancelled")
    attempts: int
    next_attempt_at: str | None
    problem: dict[str, Any] | None
    remedy: dict[str, str] | None = Field(description="what to do about the problem, zh and en")
    receipt: dict[str, Any] | None
    created_at: str
    sent_at: str | None

    @classmethod
    def of(cls, row: OutboxMessageRow) -> "DeliveryOut":
        """The delivery without its bytes."""
        return cls(
            oseq=row.oseq,
            listing=row.listing,
            version=row.version,
            op=row.op,
            statement_hash=row.statement_hash,
            state=row.state,
            attempts=row.attempts,
            next_attempt_at=shown(row.next_attempt_at) if row.state == "waiting" else None,
            problem=row.last_problem,
            remedy=remedy_of(row.last_problem),
            receipt=row.receipt,
            created_at=format_instant(row.created_at),
            sent_at=shown(row.sent_at),
        )


class DeliveriesOut(_Body):
    """A page; `next` is what to pass as `after`, null on the last page."""

    items: list[DeliveryOut]
    next: int | None

    @classmethod
    def of(cls, rows: list[OutboxMessageRow], *, limit: int) -> "DeliveriesOut":
        """The page of at most `limit` rows."""
        following = rows[-1].oseq if len(rows) == limit else None
        return cls(items=[DeliveryOut.of(row) for row in rows], next=following)


class OutboxOut(_Body):
    """The outbox as a whole. While `paused`, everything waits and one probe is made in time."""

    model_config = ConfigDict(json_schema_extra={"examples": [STANDING_EXAMPLE]})

    counts: dict[str, int]
    oldest_waiting_at: str | None
    next_due_at: str | None
    paused: dict[str, Any] | None
    paused_since: str | None
    probe_at: str | None
    reconciled_at: str | None
    contiguous_through: int | None
    gap_count: int | None
    foreign_statements: list[int] = Field(
        description="numbers under which the hub holds what this node knows nothing of"
    )
    conflicting_statements: list[int] = Field(
        description="numbers under which the hub holds another statement than this node"
    )

    @classmethod
    def of(cls, standing: OutboxStanding) -> "OutboxOut":
        """The standing with instants as they are printed."""
        condition = standing.condition
        return cls(
            counts=standing.counts,
            oldest_waiting_at=shown(standing.oldest_waiting_at),
            next_due_at=shown(standing.next_due_at),
            paused=condition.paused,
            paused_since=shown(condition.paused_since),
            probe_at=shown(condition.probe_at),
            reconciled_at=shown(condition.reconciled_at),
            contiguous_through=condition.contiguous_through,
            gap_count=condition.gap_count,
            foreign_statements=list(condition.foreign_statements),
            conflicting_statements=list(condition.conflicting_statements),
        )


class ReplayedOut(_Body):
    """The numbers of the statements that are sent again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"replayed": [17, 23]}]})

    replayed: list[int]


def remedy_of(problem: Mapping[str, Any] | None) -> dict[str, str] | None:
    """What to do about a stored problem; None without one, or when its code is not known here."""
    row = ProblemType.__members__.get(str((problem or {}).get("code", "")).upper())
    return None if row is None else {"zh": row.value.remedy_zh, "en": row.value.remedy_en}


def shown(instant: Instant | None) -> str | None:
    """The instant as printed, None as None."""
    return None if instant is None else format_instant(instant)
