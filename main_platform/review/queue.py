"""The examiners' queue: look at it, take from it, put back; and what the intake asks of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.locks import among
from main_platform.review.decide import Target, check_fresh
from main_platform.review.errors import ReviewNotFound, ReviewStateConflict
from main_platform.review.states import OPEN, ReviewAction, ReviewState, next_state
from main_platform.review.tables import ListingChangeRow, ReviewRow
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.finding import Severity
from shared_schema.instants import Instant
from shared_schema.patent_number import PatentKind

PAGE: Final = 200
CLAIM_KEPT: Final = timedelta(hours=8)  # then a colleague may release it
_PACE_OF: Final = 20  # decisions, from which the next one is guessed
_LONG_NUMBER: Final = 13
_DIGITS: Final[dict[PatentKind, tuple[str, ...]]] = {
    "invention": ("1", "8"),
    "utility_model": ("2", "9"),
    "design": ("3",),
}
_WAITS: Final = (
    ReviewState.WAITING,
    ReviewState.CLAIMED,
    ReviewState.SECOND_REVIEW,
    ReviewState.CONFLICT_HOLD,
)


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews; every member narrows. `opened_until` makes what is meant stand still.

    Attributes:
        region: GB/T 2260 code; a holder's place lies in it.
        severity: some finding weighs so much.
        is_new: a first version, or a later one.
        approved_by_others_than: who looks for what to confirm.
    """

    states: frozenset[ReviewState] = field(default_factory=frozenset)
    origin: str | None = None
    application_number: str | None = None
    listing: UUID | None = None
    finding: str | None = None
    high_risk: bool | None = None
    claimed_by: str | None = None
    opened_until: Instant | None = None
    region: str | None = None
    kind: PatentKind | None = None
    severity: Severity | None = None
    is_new: bool | None = None
    approved_by_others_than: str | None = None


class QueueOrder(StrEnum):
    """In which order reviews are listed."""

    FAIR = "fair"  # nodes take turns, each node's own oldest first
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Reviews in the order asked for, and the id to continue after; None when there are no more."""

    rows: Sequence[ReviewRow]
    next: UUID | None


async def list_reviews(
    session: AsyncSession,
    wanted: ReviewFilter,
    *,
    after: UUID | None = None,
    limit: int = 50,
    order: QueueOrder = QueueOrder.FAIR,
) -> ReviewPage:
    """One page; ids and turns never change, so pages neither repeat nor skip.

    In turns only where nothing but open states is asked for; of all others the oldest comes first.
    """
    row, query = ReviewRow, select(ReviewRow).where(*conditions(wanted)).limit(limit + 1)
    if order is QueueOrder.FAIR and wanted.states and wanted.states <= OPEN:
        query = query.order_by(row.turn, row.id)
        if after is not None:
            turn = select(row.turn).where(row.id == after).scalar_subquery()
            query = query.where(tuple_(row.turn, row.id) > tuple_(turn, literal(after)))
    else:
        query = query.order_by(row.id)
        if after is not None:
            query = query.where(row.id > after)
    rows = (await session.execute(query)).scalars().all()
    return ReviewPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


async def read_rows(
    session: AsyncSession, reviews: Sequence[UUID], *, region: str | None = None
) -> Sequence[ReviewRow]:
    """These reviews in the order given, as far as they exist and belong to `region`."""
    found = await session.scalars(
        select(ReviewRow)
        .where(among(ReviewRow.id, reviews), *conditions(ReviewFilter(region=region)))
        .execution_options(populate_existing=True)
    )
    by_id = {row.id: row for row in found}
    return [by_id[review] for review in dict.fromkeys(reviews) if review in by_id]


async def targets_of(session: AsyncSession, wanted: ReviewFilter, *, limit: int) -> list[Target]:
    """The oldest reviews of a filter, to be decided together with the hashes they have now."""
    found = await session.execute(
        select(ReviewRow.id, ReviewRow.statement_hash)
        .where(*conditions(wanted))
        .order_by(ReviewRow.id)
        .limit(limit)
    )
    return [Target(id_, statement_hash) for id_, statement_hash in found]


async def count_reviews(
    session: AsyncSession, *, region: str | None = None
) -> Mapping[str, tuple[int, Instant]]:
    """How many reviews stand in each state, and since when the oldest was opened."""
    found = await session.execute(
        select(ReviewRow.state, func.count(), func.min(ReviewRow.opened_at))
        .where(*conditions(ReviewFilter(region=region)))
        .group_by(ReviewRow.state)
    )
    return {state: (count, oldest) for state, count, oldest in found}


async def claim_review(session: AsyncSession, review: UUID, *, by: str, now: Instant) -> ReviewRow:
    """Take a waiting review into one's hands; claiming one's own again changes nothing.

    Locks the review, so of several examiners exactly one gets it.

    Raises:
        ReviewNotFound: there is none of that id.
        StaleReview: a newer version arrived.
        ReviewStateConflict: somebody has it, or it is past that.
    """
    row = await _lock_review(session, review)
    check_fresh(row, None)
    if row.state == ReviewState.CLAIMED and row.claimed_by == by:
        return row
    if row.state == ReviewState.CLAIMED:
        raise ReviewStateConflict(f"由 {row.claimed_by} 领取 / claimed by {row.claimed_by}")
    row.state = next_state(ReviewState(row.state), ReviewAction.CLAIM)
    row.claimed_by, row.claimed_at = by, now
    await record(session, _record(Act.REVIEW_CLAIMED, row, by), now=now)
    return row


async def release_review(
    session: AsyncSession, review: UUID, *, by: str, now: Instant
) -> ReviewRow:
    """Put a claimed review back; a colleague's only when it was claimed more than 8 hours ago.

    Raises:
        ReviewNotFound: there is none of that id.
        StaleReview: a newer version arrived.
        ReviewStateConflict: it is not claimed, or a colleague is at it.
    """
    row = await _lock_review(session, review)
    check_fresh(row, None)
    after = next_state(ReviewState(row.state), ReviewAction.RELEASE)
    is_abandoned = row.claimed_at is not None and now - row.claimed_at > CLAIM_KEPT
    if row.claimed_by != by and not is_abandoned:
        raise ReviewStateConflict(f"由 {row.claimed_by} 领取 / claimed by {row.claimed_by}")
    row.state, row.claimed_by, row.claimed_at = after, None, None
    await record(session, _record(Act.REVIEW_RELEASED, row, by), now=now)
    return row


async def count_waiting(session: AsyncSession, origin: str, limit: int) -> int:
    """How many of a node's offers nobody has decided yet, at most `limit`; by index."""
    waiting = (
        select(ReviewRow.id)
        .where(ReviewRow.origin == origin, ReviewRow.state.in_(_WAITS))
        .limit(limit)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(waiting)) or 0


async def seconds_per_decision(session: AsyncSession, origin: str, now: Instant) -> float | None:
    """The mean time between the node's last decisions, up to now; None before the first."""
    last = (
        select(ReviewRow.decided_at)
        .where(ReviewRow.origin == origin, ReviewRow.decided_at.is_not(None))
        .order_by(ReviewRow.decided_at.desc())
        .limit(_PACE_OF)
    )
    decided = (await session.scalars(last)).all()
    if not decided or decided[-1] is None:
        return None
    return (now - decided[-1]).total_seconds() / len(decided)


async def read_states(session: AsyncSession, submissions: Sequence[UUID]) -> dict[UUID, str]:
    """Where submissions stand: offers by their review, other statements by their entry."""
    reviews = await session.execute(
        select(ReviewRow.id, ReviewRow.state).where(among(ReviewRow.id, submissions))
    )
    changes = await session.execute(
        select(
            ListingChangeRow.submission, ListingChangeRow.needs_entry, ListingChangeRow.serial
        ).where(among(ListingChangeRow.submission, submissions))
    )
    states: dict[UUID, str] = {row.id: row.state for row in reviews}
    for row in changes:
        states[row.submission] = _change_state(needs_entry=row.needs_entry, serial=row.serial)
    return states


def conditions(wanted: ReviewFilter) -> list[ColumnElement[bool]]:
    """The filter as SQL conditions."""
    row = ReviewRow
    equal: list[tuple[Any, Any]] = [
        (row.origin, wanted.origin),
        (row.application_number, wanted.application_number),
        (row.listing, wanted.listing),
        (row.high_risk, wanted.high_risk),
        (row.claimed_by, wanted.claimed_by),
    ]
    found: list[ColumnElement[bool]] = [
        column == value for column, value in equal if value is not None
    ]
    if wanted.states:
        found.append(row.state.in_(sorted(wanted.states)))
    if wanted.finding is not None:
        found.append(row.finding_codes.contains([wanted.finding]))
    if wanted.opened_until is not None:
        found.append(row.opened_at <= wanted.opened_until)
    if wanted.region is not None:
        found.append(row.regions.contains([wanted.region]))
    return found + _conditions_on_content(wanted)


def _conditions_on_content(wanted: ReviewFilter) -> list[ColumnElement[bool]]:
    row = ReviewRow
    found: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        found.append(_kind_digit().in_(_DIGITS[wanted.kind]))
    if wanted.severity is not None:
        found.append(row.findings.contains([{"severity": wanted.severity.value}]))
    if wanted.is_new is not None:
        found.append(row.version == 1 if wanted.is_new else row.version > 1)
    if wanted.approved_by_others_than is not None:
        found.append(row.first_approver != wanted.approved_by_others_than)
    return found


def _kind_digit() -> ColumnElement[str]:
    """The digit of the kind: after a year of four digits, in old numbers after one of two."""
    number = ReviewRow.application_number
    is_long = func.length(number) == _LONG_NUMBER
    return case((is_long, func.substr(number, 5, 1)), else_=func.substr(number, 3, 1))


def _change_state(*, needs_entry: bool, serial: int | None) -> str:
    if not needs_entry:
        return "recorded"
    return "queued" if serial is None else "sequenced"


async def _lock_review(session: AsyncSession, review: UUID) -> ReviewRow:
    row = await session.get(ReviewRow, review, with_for_update=True, populate_existing=True)
    if row is None:
        raise ReviewNotFound(detail=f"没有审核 {review} / there is no such review")
    return row


def _record(act: Act, row: ReviewRow, by: str) -> Record:
    facts = {"listing": str(row.listing), "version": row.version}
    return Record(act, Subject("review", str(row.id)), by, facts)
