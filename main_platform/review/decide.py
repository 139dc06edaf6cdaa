"""Decide reviews: one with a claim, or many at once, each recorded singly and bound to its hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.locks import among
from main_platform.nodes.inbox import Message, send
from main_platform.review.approve import approve_cases, check_approvable
from main_platform.review.bench import Bench, Case, open_bench
from main_platform.review.errors import (
    ReviewNotFound,
    ReviewStateConflict,
    SecondPersonRequired,
    StaleReview,
    TooManyReviews,
)
from main_platform.review.opening import reopen_held
from main_platform.review.reason_codes import Reason, check_reasons
from main_platform.review.second_look import SecondLook
from main_platform.review.states import ReviewAction, ReviewState, next_state
from main_platform.review.tables import DecisionRow, ReviewRow
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.catalogue.tables import catalogue_listing
from shared_platform.failpoint import failpoint, failpoint_after_commit
from shared_schema.instants import Instant
from shared_schema.refusal import DomainError

MAX_DECISIONS: Final = 1_000
DECISION: Final = "decision"
Verdict = Literal["approve", "return", "reject"]
_REFUSING: Final = {"return": ReviewAction.RETURN, "reject": ReviewAction.REJECT}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided and why; returns and rejections give at least one coded reason."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """A review, bound to the hash of the statement that was seen (None: whatever it holds)."""

    review: UUID
    statement_hash: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one review: its state now, or why nothing was decided."""

    review: UUID
    state: ReviewState | None = None
    refusal: DomainError | None = None


@dataclass(slots=True)
class _Sorted:
    cases: list[Case] = field(default_factory=list)
    refused: dict[UUID, DomainError] = field(default_factory=dict)


async def decide_review(
    session: AsyncSession,
    target: Target,
    ruling: Ruling,
    *,
    second_look: SecondLook,
    by: str,
    now: Instant,
) -> Decided:
    """Decide a review that `by` has claimed.

    Locks the patent, its listings and the review, so of two examiners exactly one decides. The same
    decision sent again by the same examiner gives the same answer.

    Raises:
        ReasonRefused: the reasons do not fit the verdict.
        ReviewNotFound: there is none of that id.
        StaleReview: a newer version arrived, or another statement was seen.
        ReviewStateConflict: it is not claimed by `by`, or decided already.
        SecondPersonRequired: it waits for the second examiner.
    """
    check_reasons(ruling.reasons, ruling.verdict)
    bench = await open_bench(session, [target.review], by=by, now=now, second_look=second_look)
    return await _decide_one(session, target, ruling, bench=bench)


async def confirm_review(
    session: AsyncSession, target: Target, ruling: Ruling, *, by: str, now: Instant
) -> Decided:
    """Decide, as the second person, a review that another one approved.

    Locks as `decide_review` does; the same decision sent again gives the same answer.

    Raises:
        ReasonRefused: the reasons do not fit the verdict.
        ReviewNotFound: there is none of that id.
        StaleReview: a newer version arrived, or another statement was seen.
        ReviewStateConflict: it waits for no second person.
        SecondPersonRequired: the first approver cannot be the second one.
    """
    check_reasons(ruling.reasons, ruling.verdict)
    bench = await open_bench(session, [target.review], by=by, now=now, confirms=True)
    return await _decide_one(session, target, ruling, bench=bench)


async def decide_many(
    session: AsyncSession,
    targets: Sequence[Target],
    ruling: Ruling,
    *,
    second_look: SecondLook,
    by: str,
    now: Instant,
) -> list[Decided]:
    """Decide up to 1,000 reviews, claiming those that wait; each stands or falls alone.

    Raises:
        ReasonRefused: the reasons do not fit the verdict.
        TooManyReviews: more than one call takes.
    """
    wanted = _checked(targets, ruling)
    bench = await open_bench(session, wanted, by=by, now=now, second_look=second_look)
    return await _decide_each(session, wanted, ruling, bench=bench)


async def confirm_many(
    session: AsyncSession, targets: Sequence[Target], ruling: Ruling, *, by: str, now: Instant
) -> list[Decided]:
    """Decide, as the second person, up to 1,000 reviews that others approved, each alone.

    Raises:
        ReasonRefused: the reasons do not fit the verdict.
        TooManyReviews: more than one call takes.
    """
    wanted = _checked(targets, ruling)
    bench = await open_bench(session, wanted, by=by, now=now, confirms=True)
    return await _decide_each(session, wanted, ruling, bench=bench)


def _checked(targets: Sequence[Target], ruling: Ruling) -> dict[UUID, Target]:
    check_reasons(ruling.reasons, ruling.verdict)
    if len(targets) > MAX_DECISIONS:
        raise TooManyReviews(f"每次至多 {MAX_DECISIONS} 件 / at most {MAX_DECISIONS} in one call")
    return {target.review: target for target in targets}


async def _decide_one(
    session: AsyncSession, target: Target, ruling: Ruling, *, bench: Bench
) -> Decided:
    case = bench.cases.get(target.review)
    if case is not None and await _is_repeated(session, case.row, ruling, bench=bench):
        return Decided(target.review, ReviewState(case.row.state))
    check_decidable(target, ruling, bench, claims=False)
    (decided,) = await _apply(session, [bench.cases[target.review]], ruling=ruling, bench=bench)
    return decided


async def _decide_each(
    session: AsyncSession, targets: Mapping[UUID, Target], ruling: Ruling, *, bench: Bench
) -> list[Decided]:
    found = _Sorted()
    for target in targets.values():
        try:
            check_decidable(target, ruling, bench, claims=True)
            found.cases.append(bench.cases[target.review])
        except DomainError as refusal:
            found.refused[target.review] = refusal
    decided = {
        one.review: one for one in await _apply(session, found.cases, ruling=ruling, bench=bench)
    }
    return [
        decided.get(target.review)
        or Decided(target.review, refusal=found.refused.get(target.review))
        for target in targets.values()
    ]


def check_decidable(target: Target, ruling: Ruling, bench: Bench, *, claims: bool) -> None:
    """Whether this person may decide this review so, now; claims what waits if `claims`.

    Raises:
        ReviewNotFound: there is none of that id.
        StaleReview: a newer version arrived, or another statement was seen.
        ReviewStateConflict: its state or its claim does not allow it.
        SecondPersonRequired: the first approver cannot be the second one, nor decide it alone.
    """
    case = bench.cases.get(target.review)
    if case is None:
        raise ReviewNotFound(detail=f"没有审核 {target.review} / there is no such review")
    row = case.row
    check_fresh(row, target.statement_hash)
    _check_seat(row, bench)
    if row.resolution is not None:
        detail = "请在冲突处理中复核 / confirm it where conflicts are resolved"
        raise ReviewStateConflict(detail)
    if row.state == ReviewState.CONFLICT_HOLD:
        raise ReviewStateConflict("与另一声明冲突，请先裁定 / resolve the conflict first")
    if row.state == ReviewState.CLAIMED and row.claimed_by != bench.by:
        detail = f"由 {row.claimed_by} 领取 / claimed by {row.claimed_by}"
        raise ReviewStateConflict(detail)
    before = ReviewState(row.state)
    if before is ReviewState.WAITING and claims:
        before = next_state(before, ReviewAction.CLAIM)
    next_state(before, _REFUSING.get(ruling.verdict, ReviewAction.APPROVE))
    if ruling.verdict == "approve":
        check_approvable(case, bench)
    if row.state == ReviewState.WAITING:
        row.state, row.claimed_by, row.claimed_at = before, bench.by, bench.now


def _check_seat(row: ReviewRow, bench: Bench) -> None:
    """Whoever approves first and whoever confirms have permissions of their own.

    Raises:
        SecondPersonRequired: only the second examiner may, and that must be another person.
        ReviewStateConflict: it waits for no second examiner.
    """
    waits_for_second = row.state == ReviewState.SECOND_REVIEW
    if waits_for_second and not bench.confirms:
        detail = f"{row.first_approver} 已初审，须由复核员复核 / a second examiner must confirm it"
        raise SecondPersonRequired(detail)
    if bench.confirms and not waits_for_second:
        detail = f"审核状态为 {row.state}，无须复核 / it waits for no second examiner"
        raise ReviewStateConflict(detail)
    if bench.confirms and row.first_approver == bench.by:
        detail = f"{bench.by} 已初审，须由另一人复核 / another examiner must look"
        raise SecondPersonRequired(detail)


def check_fresh(row: ReviewRow, statement_hash: str | None) -> None:
    """The statement decided about is the one that was seen, and still the listing's newest.

    Raises:
        StaleReview: it is not.
    """
    if statement_hash is not None and row.statement_hash != statement_hash:
        detail = f"审核对象是声明 {row.statement_hash} / the review is of another statement"
        raise StaleReview(detail)
    if row.state == ReviewState.SUPERSEDED:
        raise StaleReview(f"第 {row.version} 版已被取代 / version {row.version} was superseded")


async def turn_down(
    session: AsyncSession, cases: Sequence[Case], *, ruling: Ruling, bench: Bench
) -> None:
    """Return or reject: private to the origin, which is told at once with the coded reasons."""
    for case in cases:
        case.row.state = next_state(ReviewState(case.row.state), _REFUSING[ruling.verdict])
        case.row.decided_at = bench.now
        case.row.resolution = None
        case.listing.live = case.listing.live and case.listing.offered_version is not None
    await _restore_periods(session, [case for case in cases if case.listing.live])
    await send(session, [_message(case.row, ruling) for case in cases], now=bench.now)
    numbers = {case.row.application_number for case in cases}
    await reopen_held(session, numbers, now=bench.now)


async def note_decisions(
    session: AsyncSession, cases: Sequence[Case], *, ruling: Ruling, bench: Bench
) -> None:
    """Write one decision and one audit record for each case."""
    if not cases:
        return
    reasons = [reason.to_json() for reason in ruling.reasons]
    rows = [
        {
            "review": case.row.id,
            "statement_hash": case.row.statement_hash,
            "verdict": ruling.verdict,
            "reasons": reasons,
            "examiner": bench.by,
            "at": bench.now,
        }
        for case in cases
    ]
    await session.execute(insert(DecisionRow), rows)
    await record(session, *(_record(case.row, ruling, bench.by) for case in cases), now=bench.now)


async def _apply(
    session: AsyncSession, cases: Sequence[Case], *, ruling: Ruling, bench: Bench
) -> list[Decided]:
    if not cases:
        return []
    if ruling.verdict == "approve":
        await approve_cases(session, cases, bench)
    else:
        await turn_down(session, cases, ruling=ruling, bench=bench)
    await note_decisions(session, cases, ruling=ruling, bench=bench)
    failpoint("approve.decided")
    failpoint_after_commit(session, "approve.committed")
    return [Decided(case.row.id, ReviewState(case.row.state)) for case in cases]


async def _is_repeated(
    session: AsyncSession, row: ReviewRow, ruling: Ruling, *, bench: Bench
) -> bool:
    """Whether the last decision on it is this very one: a double click, or a retry."""
    undecided = {ReviewState.WAITING, ReviewState.CLAIMED}
    if row.state in undecided or (bench.confirms and row.state == ReviewState.SECOND_REVIEW):
        return False
    last = await session.execute(
        select(DecisionRow.examiner, DecisionRow.verdict, DecisionRow.reasons)
        .where(DecisionRow.review == row.id)
        .order_by(DecisionRow.id.desc())
        .limit(1)
    )
    reasons = [reason.to_json() for reason in ruling.reasons]
    return last.one_or_none() == (bench.by, ruling.verdict, reasons)


async def _restore_periods(session: AsyncSession, cases: Sequence[Case]) -> None:
    """A listing whose new version was turned down ends when its public version does."""
    if not cases:
        return
    row = catalogue_listing.c
    found = await session.execute(
        select(row.listing, row.period_end).where(
            among(row.listing, [case.row.listing for case in cases])
        )
    )
    ends = {one.listing: one.period_end for one in found}
    for case in cases:
        case.listing.period_end = ends.get(case.row.listing, case.listing.period_end)


def _message(row: ReviewRow, ruling: Ruling) -> Message:
    body = {
        "verdict": "returned" if ruling.verdict == "return" else "rejected",
        "listing": str(row.listing),
        "version": row.version,
        "statement_hash": row.statement_hash,
        "reasons": [reason.to_json() for reason in ruling.reasons],
    }
    return Message(row.origin, DECISION, body)


def _record(row: ReviewRow, ruling: Ruling, by: str) -> Record:
    facts = {
        "verdict": ruling.verdict,
        "state": row.state,
        "listing": str(row.listing),
        "version": row.version,
        "statement_hash": row.statement_hash,
        "reasons": [reason.code for reason in ruling.reasons],
    }
    return Record(Act.REVIEW_DECIDED, Subject("review", str(row.id)), by, facts)
