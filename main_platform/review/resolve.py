"""Settle conflicts: offers of one patent by two nodes, on other terms or for other holders.

Staff decide: the existing offer is kept, the held one replaces it (two people), or the held one
goes back to its holder. What becomes public is told by an entry that names the rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.review.approve import (
    REPLACE,
    check_approvable,
    flush_publishing,
    load_publishing,
    publish_case,
)
from main_platform.review.bench import Bench, Case, open_bench
from main_platform.review.changes import PrimaryDecision, change_of_primary, store_changes
from main_platform.review.compare import Meeting, meet
from main_platform.review.decide import (
    Decided,
    Ruling,
    Target,
    check_fresh,
    note_decisions,
    turn_down,
)
from main_platform.review.errors import ReviewNotFound, ReviewStateConflict
from main_platform.review.offers import OtherOffer, public_offers
from main_platform.review.placement import STAFF_RULE
from main_platform.review.reason_codes import Reason, check_reasons
from main_platform.review.states import ReviewAction, ReviewState, next_state
from main_platform.review.withdraw import withdraw_rows
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant

KEEP_EXISTING: Final = "keep_existing"
Choice = Literal["keep_existing", "replace", "return"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What staff choose; a return gives coded reasons, the others a text at most."""

    choice: Choice
    reasons: tuple[Reason, ...] = ()
    text: str | None = None


async def resolve_conflict(
    session: AsyncSession, target: Target, resolution: Resolution, *, by: str, now: Instant
) -> Decided:
    """Resolve a held review. To replace what is public, a second person must choose the same.

    Locks the patent, its listings and the review.

    Raises:
        ReasonRefused: a return without reasons that fit.
        ReviewNotFound: there is none of that id.
        StaleReview: a newer version arrived, or another statement was seen.
        ReviewStateConflict: the review is not held by a conflict, or its period has ended.
        SecondPersonRequired: the same person chose to replace before.
    """
    bench = await open_bench(session, [target.review], by=by, now=now)
    case = bench.cases.get(target.review)
    if case is None:
        raise ReviewNotFound(detail=f"没有审核 {target.review} / there is no such review")
    check_fresh(case.row, target.statement_hash)
    _check_held(case)
    if resolution.choice == "return":
        check_reasons(resolution.reasons, "return")
        await _turn_down(session, case, ruling=Ruling("return", resolution.reasons), bench=bench)
    elif resolution.choice == KEEP_EXISTING:
        reason = Reason("conflict_existing_kept", resolution.text)
        await _turn_down(session, case, ruling=Ruling("reject", (reason,)), bench=bench)
        await _tell_kept(session, case, bench)
    else:
        await _replace(session, case, bench)
    await record(session, _record(case, resolution, by), now=now)
    return Decided(case.row.id, ReviewState(case.row.state))


def _check_held(case: Case) -> None:
    is_half_replaced = case.row.resolution == REPLACE
    if case.row.state != ReviewState.CONFLICT_HOLD and not is_half_replaced:
        detail = f"审核状态为 {case.row.state}，没有待裁定的冲突 / no conflict to resolve"
        raise ReviewStateConflict(detail)


async def _turn_down(session: AsyncSession, case: Case, *, ruling: Ruling, bench: Bench) -> None:
    await turn_down(session, [case], ruling=ruling, bench=bench)
    await note_decisions(session, [case], ruling=ruling, bench=bench)


async def _tell_kept(session: AsyncSession, case: Case, bench: Bench) -> None:
    """Say in the log that the public offer stays; the one turned down is not named there."""
    number = case.row.application_number
    offers = (await public_offers(session, [number], today=bench.today)).get(number, [])
    primary = next((one.candidate for one in offers if one.candidate.is_primary), None)
    if primary is None:
        return
    others = tuple(one.candidate for one in offers if one.candidate is not primary)
    decided = PrimaryDecision(
        number, primary, others, rule=STAFF_RULE, decision=KEEP_EXISTING, by=bench.by
    )
    await store_changes(session, [change_of_primary(decided, now=bench.now)])


async def _replace(session: AsyncSession, case: Case, bench: Bench) -> None:
    check_approvable(case, bench)
    row = case.row
    ruling = Ruling("approve")
    if row.state == ReviewState.CONFLICT_HOLD:
        row.state = next_state(ReviewState(row.state), ReviewAction.ASK_SECOND)
        row.first_approver, row.resolution = bench.by, REPLACE
        await note_decisions(session, [case], ruling=ruling, bench=bench)
        return
    publishing = await load_publishing(session, [case], bench)
    others = publishing.offers[row.application_number]
    replaced = _differing(case, others, bench)
    await _withdraw(session, replaced, bench)
    gone = {one.other.listing for one in replaced}
    publishing.offers[row.application_number] = [one for one in others if one.listing not in gone]
    row.state = next_state(ReviewState(row.state), ReviewAction.APPROVE)
    row.resolution, row.second_approver = None, bench.by
    placement = publish_case(case, publishing, bench)
    await flush_publishing(session, publishing)
    await note_decisions(session, [case], ruling=ruling, bench=bench)
    if replaced and placement.promoted is None:
        await _tell_replaced(session, case, publishing.offers[row.application_number], bench=bench)


def _differing(case: Case, others: Sequence[OtherOffer], bench: Bench) -> list[Meeting]:
    meetings = meet(case.declaration, case.row.listing, others, today=bench.today)
    return [one for one in meetings if one.differs]


async def _withdraw(session: AsyncSession, replaced: Sequence[Meeting], bench: Bench) -> None:
    rows = [bench.listings[one.other.listing] for one in replaced]
    if rows:
        reason = Reason("conflict_replaced")
        await withdraw_rows(session, rows, reason=reason, by=bench.by, now=bench.now)


async def _tell_replaced(
    session: AsyncSession, case: Case, offers: Sequence[OtherOffer], *, bench: Bench
) -> None:
    number = case.row.application_number
    primary = next(one.candidate for one in offers if one.candidate.is_primary)
    others = tuple(one.candidate for one in offers if one.candidate is not primary)
    decided = PrimaryDecision(
        number, primary, others, rule=STAFF_RULE, decision=REPLACE, by=bench.by
    )
    await store_changes(session, [change_of_primary(decided, now=bench.now)])


def _record(case: Case, resolution: Resolution, by: str) -> Record:
    facts = {
        "choice": resolution.choice,
        "state": case.row.state,
        "application_number": case.row.application_number,
        "statement_hash": case.row.statement_hash,
    }
    return Record(Act.CONFLICT_DECIDED, Subject("review", str(case.row.id)), by, facts)
