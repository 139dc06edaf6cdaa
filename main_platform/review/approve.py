"""Approve offers: hold what conflicts, ask a second pair of eyes, publish the rest (protocol §10).

The patents are locked, so what is public now is public until the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.review.bench import Bench, Case
from main_platform.review.changes import (
    Change,
    PrimaryDecision,
    change_of_primary,
    store_changes,
)
from main_platform.review.compare import Meeting, meet
from main_platform.review.errors import ReviewStateConflict, SecondPersonRequired
from main_platform.review.offers import OffersByNumber, OtherOffer, node_levels, public_offers
from main_platform.review.opening import note_conflicts
from main_platform.review.placement import AUTOMATIC_RULE, Candidate, Placement, place
from main_platform.review.states import ReviewAction, ReviewState, next_state
from shared_platform.audit.trail import Subject
from shared_schema.catalogue_state import Standing
from shared_schema.entry_parts import OfferDecision
from shared_schema.instants import legal_day, whole_second
from shared_schema.log_entry import ListingOffered

REVIEW: Final = "review"
RANKED_FIRST: Final = "ranked_first"
REPLACE: Final = "replace"


@dataclass(slots=True)
class _Publishing:
    """What approvals of one call put into the log, in order; later ones see earlier ones."""

    offers: OffersByNumber
    levels: dict[str, int]
    queued: list[Queued] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


def check_approvable(case: Case, bench: Bench) -> None:
    """Refuse what nobody may approve now, before anything changes.

    Raises:
        SecondPersonRequired: the second pair of eyes would be the first one's.
        ReviewStateConflict: the period ran out, the key was revoked or the node suspended while
            the offer waited: no reader of the log would accept it.
    """
    row = case.row
    if row.state == ReviewState.SECOND_REVIEW and row.first_approver == bench.by:
        detail = f"{bench.by} 已初审，须由另一人复核 / another examiner must look"
        raise SecondPersonRequired(detail)
    if case.declaration.period.end < bench.today:
        detail = "许可期限已届满，请退回 / the period has ended, return it"
        raise ReviewStateConflict(detail)
    if case.signed.key_id not in bench.keys:
        detail = "签名密钥已吊销或节点已暂停 / its key was revoked, or its node is suspended"
        raise ReviewStateConflict(detail)


async def approve_cases(session: AsyncSession, cases: Sequence[Case], bench: Bench) -> None:
    """Approve each, hold it, or ask for a second pair; the row's state says which it became.

    The cases are claimed by `bench.by` or stand in second review, and `check_approvable`.
    """
    publishing = await load_publishing(session, cases, bench)
    for case in cases:
        meetings = meet(
            case.declaration,
            case.row.listing,
            publishing.offers[case.row.application_number],
            today=bench.today,
        )
        note_conflicts(case.row, meetings)
        action = _action(case, meetings, bench)
        case.row.state = next_state(ReviewState(case.row.state), action)
        if action is ReviewAction.ASK_SECOND:
            case.row.first_approver = bench.by
        elif action is ReviewAction.APPROVE:
            case.row.second_approver = bench.by if bench.confirms else None
            publish_case(case, publishing, bench)
    await flush_publishing(session, publishing)


async def load_publishing(
    session: AsyncSession, cases: Sequence[Case], bench: Bench
) -> _Publishing:
    """What is public now of the cases' patents."""
    numbers = {case.row.application_number for case in cases}
    offers = await public_offers(session, numbers, today=bench.today)
    levels = await node_levels(session, {case.row.origin for case in cases}) if offers else {}
    return _Publishing(offers, levels)


async def flush_publishing(session: AsyncSession, publishing: _Publishing) -> None:
    """Queue the offers, then the decisions about primary listings that follow from them."""
    await session.flush()
    await queue_entries(session, publishing.queued)
    await store_changes(session, publishing.changes)


def publish_case(case: Case, publishing: _Publishing, bench: Bench) -> Placement:
    """Queue the entry of an approved offer and give it its standing."""
    row, others = case.row, publishing.offers[case.row.application_number]
    own = _candidate(case, publishing)
    beside = [other.candidate for other in others if other.listing != row.listing]
    placement = place(own, beside)
    standing = Standing.PRIMARY if placement.primary is None else Standing.ALSO_OFFERED
    row.standing = standing.value
    row.primary_listing = placement.primary.listing if placement.primary else None
    row.decided_at = bench.now
    case.listing.offered_version = row.version
    subject = Subject(REVIEW, str(row.id))
    entry = _entry(case, placement, bench)
    publishing.queued.append(Queued(entry, case.signed.raw, subject))
    if placement.promoted is not None:
        decided = _promotion(case, placement.promoted, [own, *beside], bench=bench)
        publishing.changes.append(change_of_primary(decided, now=bench.now))
    _note(case, own, placement=placement, publishing=publishing)
    return placement


def _action(case: Case, meetings: Sequence[Meeting], bench: Bench) -> ReviewAction:
    row = case.row
    if any(one.differs for one in meetings):
        return ReviewAction.HOLD
    is_first = row.state == ReviewState.CLAIMED
    if is_first and bench.second_look.asks(row.id, high_risk=row.high_risk):
        return ReviewAction.ASK_SECOND
    return ReviewAction.APPROVE


def _candidate(case: Case, publishing: _Publishing) -> Candidate:
    """The case as a candidate: with the serial and standing its listing already has."""
    row, others = case.row, publishing.offers[case.row.application_number]
    before = next((one.candidate for one in others if one.listing == row.listing), None)
    return Candidate(
        row.origin,
        row.listing,
        publishing.levels.get(row.origin, 0),
        legal_day(case.listing.declared_at),
        before.serial if before else None,
        is_primary=before is not None and before.is_primary,
    )


def _entry(case: Case, placement: Placement, bench: Bench) -> ListingOffered:
    said = case.signed.statement
    primary = placement.primary
    return ListingOffered(
        at=whole_second(bench.now),
        origin=said.origin,
        listing=said.listing,
        version=said.version,
        application_number=said.subject.application_number,
        statement_hash=case.signed.payload_hash,
        object_hash=case.signed.object_hash,
        prev_statement_hash=said.prev,
        key_id=case.signed.key_id,
        standing="primary" if primary is None else "also_offered",
        primary=None if primary is None else primary.reference,
        decision=OfferDecision(
            rule=case.declaration.profile, second_pair=case.row.first_approver is not None
        ),
    )


def _promotion(
    case: Case, promoted: Candidate, all_of_them: Sequence[Candidate], *, bench: Bench
) -> PrimaryDecision:
    rest = tuple(one for one in all_of_them if one is not promoted)
    return PrimaryDecision(
        case.row.application_number,
        promoted,
        rest,
        rule=AUTOMATIC_RULE,
        decision=RANKED_FIRST,
        by=bench.by,
    )


def _note(case: Case, own: Candidate, *, placement: Placement, publishing: _Publishing) -> None:
    """Let the next approval of this call see this one, and who is the primary listing now."""
    number = case.row.application_number
    primary = placement.promoted or placement.primary or own
    offer = OtherOffer(own, case.row.version, number, case.signed.raw)
    others = [one for one in publishing.offers[number] if one.listing != own.listing]
    publishing.offers[number] = [
        one.standing_as(is_primary=one.listing == primary.listing) for one in [*others, offer]
    ]
