"""Open reviews for offers that came in, and open held ones again when their conflict is gone.

All in bulk: the number of SQL statements does not depend on the number of offers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.locks import among
from main_platform.intake.ports import Received
from main_platform.intake.tables import SubmissionRow
from main_platform.nodes.tables import NodeRow
from main_platform.review.compare import Meeting, meet
from main_platform.review.offers import OtherOffer, open_offer, public_offers, read_terms
from main_platform.review.placement import Candidate
from main_platform.review.places import places_of
from main_platform.review.states import OPEN, ReviewAction, ReviewState, next_state
from main_platform.review.tables import ReviewRow
from main_platform.review.turns import next_turn
from main_platform.tables import HubTable
from shared_schema.instants import Instant, legal_day
from shared_schema.rules import is_high_risk, profile_named

_REVIEW: Final = HubTable.metadata.tables[ReviewRow.__tablename__]  # Core: rows, not objects


@dataclass(frozen=True, slots=True)
class OpenReview:
    """An open review, locked, with what it is about."""

    row: ReviewRow
    envelope: bytes


@dataclass(slots=True)
class _Arrival:
    """What new offers meet, and the rows that are made of them."""

    today: date
    reviews: Mapping[UUID, OpenReview]
    others: Mapping[str, Sequence[OtherOffer]]
    node_regions: Sequence[str]
    first_turn: int = 0
    opened: list[dict[str, Any]] = field(default_factory=list)


async def open_reviews(session: AsyncSession, received: Sequence[Received], now: Instant) -> None:
    """Open a review for each offer; what the offer replaces is superseded, what it meets is held.

    Another node's open review of the same patent on other terms is held as well: it is not the one
    that came first who wins (protocol §10). The listings are locked.
    """
    if not received:
        return
    newest = {one.statement.listing: one for one in received}
    versions = {listing: one.statement.version for listing, one in newest.items()}
    numbers = {one.statement.subject.application_number for one in received}
    reviews = await lock_open(session, listings=versions, numbers=numbers)
    ended = _supersede(reviews, versions, now=now)
    await session.flush()  # before the inserts: one open review for each listing
    living = [one for one in reviews if one.row not in ended]
    others = await _all_offers(session, living, numbers, today=legal_day(now))
    origin = received[0].statement.origin
    turn = await next_turn(session, origin)
    scope = await session.scalar(select(NodeRow.scope).where(NodeRow.id == origin)) or {}
    regions = scope.get("regions", [])
    open_now = {one.row.id: one for one in living}
    arrival = _Arrival(legal_day(now), open_now, others, regions, first_turn=turn)
    for one in received:
        _open(arrival, one, is_newest=newest[one.statement.listing] is one)
    await session.execute(insert(_REVIEW), arrival.opened)
    if ended:
        await reopen_held(session, numbers, now=now)


async def supersede(session: AsyncSession, versions: Mapping[UUID, int], *, now: Instant) -> bool:
    """End the open reviews of these listings that are older than these versions; if there were any.

    The listings are locked.
    """
    reviews = await lock_open(session, listings=versions, numbers=())
    return bool(_supersede(reviews, versions, now=now))


async def reopen_held(session: AsyncSession, numbers: Iterable[str], *, now: Instant) -> None:
    """Let held reviews of these patents wait again where no differing offer is left."""
    wanted = set(numbers)
    await session.flush()  # what was decided just now must be seen below
    held = await session.scalar(
        select(func.count())
        .select_from(ReviewRow)
        .where(
            among(ReviewRow.application_number, wanted),
            ReviewRow.state == ReviewState.CONFLICT_HOLD,
        )
    )
    if not held:
        return
    reviews = await lock_open(session, listings=(), numbers=wanted)
    others = await _all_offers(session, reviews, wanted, today=legal_day(now))
    for one in reviews:
        if one.row.state == ReviewState.CONFLICT_HOLD:
            _reopen(one, others[one.row.application_number], today=legal_day(now))


async def lock_open(
    session: AsyncSession, *, listings: Iterable[UUID], numbers: Iterable[str]
) -> list[OpenReview]:
    """The open reviews of these listings and of these patents, locked in the order of their ids."""
    found = await session.execute(
        select(ReviewRow, SubmissionRow.envelope)
        .join(SubmissionRow, SubmissionRow.id == ReviewRow.id)
        .where(
            ReviewRow.state.in_(OPEN),
            or_(among(ReviewRow.listing, listings), among(ReviewRow.application_number, numbers)),
        )
        .order_by(ReviewRow.id)
        .with_for_update(of=ReviewRow)
        .execution_options(populate_existing=True)
    )
    return [OpenReview(row, envelope) for row, envelope in found]


def _supersede(
    reviews: Iterable[OpenReview], versions: Mapping[UUID, int], *, now: Instant
) -> list[ReviewRow]:
    ended = [one.row for one in reviews if one.row.version < versions.get(one.row.listing, 0)]
    for row in ended:
        row.state = next_state(ReviewState(row.state), ReviewAction.SUPERSEDE)
        row.decided_at = now
    return ended


async def _all_offers(
    session: AsyncSession, reviews: Iterable[OpenReview], numbers: Iterable[str], *, today: date
) -> Mapping[str, Sequence[OtherOffer]]:
    """Public offers first, then those under review."""
    others = await public_offers(session, numbers, today=today)
    for one in reviews:
        others[one.row.application_number].append(open_offer(one.row, one.envelope))
    return others


def _open(arrival: _Arrival, received: Received, *, is_newest: bool) -> None:
    said, declaration = received.statement, received.declaration
    assert declaration is not None  # the intake hands over offers only
    number = said.subject.application_number
    others = arrival.others.get(number, ())
    meetings = meet(declaration, said.listing, others, today=arrival.today)
    findings = [*received.findings, *(one.finding for one in meetings)]
    state = ReviewState.WAITING
    if any(one.differs for one in meetings):
        state = ReviewState.CONFLICT_HOLD
    arrival.opened.append(
        {
            "id": received.id,
            "origin": said.origin,
            "listing": said.listing,
            "version": said.version,
            "application_number": number,
            "statement_hash": received.signed.payload_hash,
            "title": declaration.patent.title,
            "holder_names": [holder.name for holder in declaration.holders],
            "state": state if is_newest else ReviewState.SUPERSEDED,
            "high_risk": is_high_risk(findings, profile=profile_named(declaration.profile)),
            "findings": [one.to_json() for one in findings],
            "finding_codes": sorted({one.code for one in findings}),
            "unchecked_rules": list(received.unchecked),
            "conflicts": [one.to_json() for one in meetings],
            "regions": places_of(declaration.holders, arrival.node_regions),
            "turn": arrival.first_turn + len(arrival.opened),
            "opened_at": received.at,
        }
    )
    if is_newest:
        _hold_others(arrival, received, meetings)


def _hold_others(arrival: _Arrival, received: Received, meetings: Sequence[Meeting]) -> None:
    """Hold the open reviews that the newcomer differs from, and name the newcomer there."""
    said = received.statement
    candidate = Candidate(said.origin, said.listing, 0, legal_day(said.issued_at), None)
    number = said.subject.application_number
    newcomer = OtherOffer(candidate, said.version, number, received.signed.raw, received.id)
    for other in (one.other for one in meetings if one.differs):
        if other.review is None:
            continue
        row = arrival.reviews[other.review].row
        if row.state != ReviewState.CONFLICT_HOLD:
            row.state = next_state(ReviewState(row.state), ReviewAction.HOLD)
        (mirrored,) = meet(other.declaration, other.listing, [newcomer], today=arrival.today)
        note_conflicts(row, [mirrored])


def note_conflicts(row: ReviewRow, meetings: Sequence[Meeting]) -> None:
    """Write newly seen other offers beside the findings; they need a second pair of eyes."""
    known = {(one["listing"], one["version"]) for one in row.conflicts}
    fresh = [one for one in meetings if (str(one.other.listing), one.other.version) not in known]
    if fresh:
        row.conflicts = [*row.conflicts, *(one.to_json() for one in fresh)]
        row.findings = [*row.findings, *(one.finding.to_json() for one in fresh)]
        row.finding_codes = sorted({*row.finding_codes, *(one.finding.code for one in fresh)})
        row.high_risk = True


def _reopen(held: OpenReview, others: Sequence[OtherOffer], *, today: date) -> None:
    """Take the hold away where nothing differs any more; whoever had claimed it lets go."""
    row = held.row
    meetings = meet(read_terms(held.envelope), row.listing, others, today=today)
    if any(one.differs for one in meetings):
        return
    row.state = next_state(ReviewState(row.state), ReviewAction.REOPEN)
    row.claimed_by = row.claimed_at = row.first_approver = row.resolution = None
    row.second_approver = None
    note_conflicts(row, meetings)
