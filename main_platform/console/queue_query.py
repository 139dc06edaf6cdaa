"""The queue's filter as it stands in the address: everything about a list is in its link."""

from dataclasses import dataclass, replace
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Depends, Query

from main_platform.review.backlog import Promise
from main_platform.review.queue import QueueOrder, ReviewFilter
from main_platform.review.states import ReviewState
from shared_platform.public_pages.reader import Pairs
from shared_schema.finding import Severity
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.instants import Instant
from shared_schema.patent_number import PatentKind, parse_application_number

Lane = Literal["free", "mine", "claimed", "second", "conflict", "open", "decided"]
_STATES: Final[dict[str, frozenset[ReviewState]]] = {
    "free": frozenset({ReviewState.WAITING}),
    "mine": frozenset({ReviewState.CLAIMED}),
    "claimed": frozenset({ReviewState.CLAIMED}),
    "second": frozenset({ReviewState.SECOND_REVIEW}),
    "conflict": frozenset({ReviewState.CONFLICT_HOLD}),
    "open": frozenset(
        {
            ReviewState.WAITING,
            ReviewState.CLAIMED,
            ReviewState.SECOND_REVIEW,
            ReviewState.CONFLICT_HOLD,
        }
    ),
    "decided": frozenset(
        {
            ReviewState.APPROVED,
            ReviewState.SEQUENCED,
            ReviewState.RETURNED,
            ReviewState.REJECTED,
        }
    ),
}
_KINDS: Final[dict[str, PatentKind]] = {
    "invention": "invention",
    "utility_model": "utility_model",
    "design": "design",
}


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What somebody asked to see; an empty text narrows nothing."""

    lane: Lane = "free"
    node: str = ""
    kind: Literal["", "invention", "utility_model", "design"] = ""
    severity: Literal["", "warning", "conflict", "error", "high"] = ""
    age: Literal["", "due", "late"] = ""
    version: Literal["", "first", "next"] = ""
    number: str = ""
    finding: str = ""
    order: Literal["fair", "oldest"] = "fair"
    after: UUID | None = None

    def pairs(self) -> Pairs:
        """The query as an address keeps it, without the page."""
        kept = ("lane", "node", "kind", "severity", "age", "version", "number", "finding", "order")
        values = [(name, str(getattr(self, name))) for name in kept]
        return [pair for pair in values if pair[1] and pair != ("order", "fair")]

    def at(self, lane: Lane) -> "QueueQuery":
        """The same narrowing in another lane, from its beginning."""
        return replace(self, lane=lane, after=None)

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the lane was chosen."""
        return bool(
            self.node
            or self.kind
            or self.severity
            or self.age
            or self.version
            or self.number
            or self.finding
        )

    @property
    def queue_order(self) -> QueueOrder:
        """In which order."""
        return QueueOrder(self.order)

    def number_sought(self) -> str | None:
        """The patent number in plain form; None: none was typed.

        Raises:
            IdentifierRefused: what was typed is no patent number; it says why.
        """
        return parse_application_number(self.number) if self.number.strip() else None

    def wanted(
        self, *, by: str, region: str | None, promise: Promise, now: Instant
    ) -> ReviewFilter:
        """The filter for readers; a number that cannot be one finds nothing."""
        before = {"due": promise.due_before(now), "late": promise.late_before(now)}
        weighs = self.severity if self.severity != "high" else ""
        try:
            number = self.number_sought()
        except IdentifierRefused:
            number = "?"
        return ReviewFilter(
            states=_STATES[self.lane],
            origin=self.node or None,
            application_number=number,
            high_risk=True if self.severity == "high" else None,
            claimed_by=by if self.lane == "mine" else None,
            opened_until=before.get(self.age),
            region=region,
            finding=self.finding or None,
            kind=_KINDS.get(self.kind),
            severity=Severity(weighs) if weighs else None,
            is_new={"first": True, "next": False}.get(self.version),
        )


async def read_queue_query(  # noqa: PLR0917, PLR0913 - the fields of a filter
    lane: Annotated[Lane, Query()] = "free",
    node: Annotated[str, Query(max_length=64)] = "",
    kind: Annotated[Literal["", "invention", "utility_model", "design"], Query()] = "",
    severity: Annotated[Literal["", "warning", "conflict", "error", "high"], Query()] = "",
    age: Annotated[Literal["", "due", "late"], Query()] = "",
    version: Annotated[Literal["", "first", "next"], Query()] = "",
    number: Annotated[str, Query(max_length=60)] = "",
    finding: Annotated[str, Query(max_length=20, pattern="^[A-Z0-9-]*$")] = "",
    order: Annotated[Literal["fair", "oldest"], Query()] = "fair",
    after: UUID | None = None,
) -> QueueQuery:
    """The filter in the address."""
    return QueueQuery(lane, node, kind, severity, age, version, number, finding, order, after)


AskedQueue = Annotated[QueueQuery, Depends(read_queue_query)]
