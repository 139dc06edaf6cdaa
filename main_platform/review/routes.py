"""What examiners do: look at the queue, claim, release, decide one or many."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.review.decide import (
    MAX_DECISIONS,
    Target,
    confirm_many,
    confirm_review,
    decide_many,
    decide_review,
)
from main_platform.review.detail import read_review
from main_platform.review.errors import (
    ReasonRefused,
    ReviewNotFound,
    ReviewStateConflict,
    SecondPersonRequired,
    StaleReview,
    TooManyReviews,
)
from main_platform.review.queue import (
    PAGE,
    QueueOrder,
    ReviewFilter,
    claim_review,
    count_reviews,
    list_reviews,
    release_review,
    targets_of,
)
from main_platform.review.reason_codes import reason_codes
from main_platform.review.schemas import (
    DecidedOut,
    DecisionIn,
    DecisionsIn,
    DecisionsOut,
    ReasonCodeOut,
    ReviewDetailOut,
    ReviewOut,
    ReviewPageOut,
    RuleName,
    StateCountOut,
)
from main_platform.review.second_look import SecondLookHere
from main_platform.review.states import ReviewState
from main_platform.staff.permissions import Examiner, ReviewReader, SecondExaminer
from shared_platform.database.transaction import Now, Transaction
from shared_platform.failpoint import failpoint
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.problems import request_id
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.instants import format_instant
from shared_schema.patent_number import ApplicationNumber
from shared_schema.statement import NodeId, WireInstant

STAFF = (NotSignedIn, PermissionDenied)
_DECIDING = (ReasonRefused, ReviewNotFound, ReviewStateConflict, StaleReview, SecondPersonRequired)

router = APIRouter(prefix="/api/v1", tags=["reviews"], route_class=StrictJsonRoute)


async def read_filter(
    state: Annotated[list[ReviewState] | None, Query()] = None,
    origin: NodeId | None = None,
    number: ApplicationNumber | None = None,
    listing: UUID | None = None,
    finding: RuleName | None = None,
    high_risk: bool | None = None,  # noqa: FBT001 - a query parameter
    claimed_by: str | None = None,
    opened_until: WireInstant | None = None,
) -> ReviewFilter:
    """The filter of a list, from the query string."""
    return ReviewFilter(
        states=frozenset(state or ()),
        origin=origin,
        application_number=number,
        listing=listing,
        finding=finding,
        high_risk=high_risk,
        claimed_by=claimed_by,
        opened_until=opened_until,
    )


Wanted = Annotated[ReviewFilter, Depends(read_filter)]


@router.get("/reviews", responses=problems(*STAFF))
async def read_reviews(
    session: Transaction,
    reader: ReviewReader,
    wanted: Wanted,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 50,
    order: QueueOrder = QueueOrder.FAIR,
) -> ReviewPageOut:
    """List reviews: open ones by turns of their nodes unless `order=oldest`; others by age."""
    wanted = replace(wanted, region=reader.region)
    page = await list_reviews(session, wanted, after=after, limit=limit, order=order)
    return ReviewPageOut.of(page)


@router.get("/reviews/counts", responses=problems(*STAFF))
async def read_counts(
    session: Transaction,
    reader: ReviewReader,
) -> list[StateCountOut]:
    """Count reviews by state, with the age of the oldest."""
    counts = await count_reviews(session, region=reader.region)
    return [
        StateCountOut(state=state, count=count, oldest=format_instant(oldest))
        for state, (count, oldest) in sorted(counts.items())
    ]


@router.get("/reviews/reason-codes", responses=problems(*STAFF))
async def read_reason_codes(reader: ReviewReader) -> list[ReasonCodeOut]:  # noqa: ARG001  named caller
    """List the coded reasons of returns, rejections and withdrawals."""
    return [ReasonCodeOut.of(row) for row in reason_codes().values()]


@router.get("/reviews/{review}", responses=problems(*STAFF, ReviewNotFound))
async def read_one_review(
    review: UUID,
    session: Transaction,
    reader: ReviewReader,
) -> ReviewDetailOut:
    """Show one review with terms, findings, other offers and decisions."""
    return ReviewDetailOut.of(await read_review(session, review, region=reader.region))


@router.post(
    "/reviews/{review}/claim",
    responses=problems(*STAFF, ReviewNotFound, ReviewStateConflict, StaleReview),
)
async def claim(review: UUID, session: Transaction, examiner: Examiner, now: Now) -> ReviewOut:
    """Take a waiting review into one's hands."""
    return ReviewOut.of(await claim_review(session, review, by=examiner.name, now=now))


@router.delete(
    "/reviews/{review}/claim",
    responses=problems(*STAFF, ReviewNotFound, ReviewStateConflict, StaleReview),
)
async def release(review: UUID, session: Transaction, examiner: Examiner, now: Now) -> ReviewOut:
    """Put a claimed review back."""
    return ReviewOut.of(await release_review(session, review, by=examiner.name, now=now))


@router.put("/reviews/{review}/decision", responses=problems(*STAFF, *_DECIDING))
async def decide(
    review: UUID,
    body: DecisionIn,
    http: Request,
    session: Transaction,
    examiner: Examiner,
    second_look: SecondLookHere,
    now: Now,
) -> DecidedOut:
    """Approve, return or reject; repeating one's own decision gives the same answer."""
    failpoint("approve.posted")
    target, by = Target(review, body.statement_hash), examiner.name
    decided = await decide_review(
        session, target, body.ruling(), second_look=second_look, by=by, now=now
    )
    return DecidedOut.of(decided, request_id=request_id(http), now=now)


@router.put("/reviews/{review}/confirmation", responses=problems(*STAFF, *_DECIDING))
async def confirm(
    review: UUID,
    body: DecisionIn,
    http: Request,
    session: Transaction,
    examiner: SecondExaminer,
    now: Now,
) -> DecidedOut:
    """Decide as the second person what another one approved."""
    failpoint("approve.posted")
    target = Target(review, body.statement_hash)
    decided = await confirm_review(session, target, body.ruling(), by=examiner.name, now=now)
    return DecidedOut.of(decided, request_id=request_id(http), now=now)


@router.post("/reviews/decisions", responses=problems(*STAFF, ReasonRefused, TooManyReviews))
async def decide_together(
    body: DecisionsIn,
    http: Request,
    session: Transaction,
    examiner: Examiner,
    second_look: SecondLookHere,
    now: Now,
) -> DecisionsOut:
    """Decide many with one verdict, each recorded singly; what waits is claimed on the way."""
    failpoint("approve.posted")
    targets, by = await _targets(session, body), examiner.name
    decided = await decide_many(
        session, targets, body.ruling(), second_look=second_look, by=by, now=now
    )
    return DecisionsOut.of(decided, request_id=request_id(http), now=now)


@router.post("/reviews/confirmations", responses=problems(*STAFF, ReasonRefused, TooManyReviews))
async def confirm_together(
    body: DecisionsIn, http: Request, session: Transaction, examiner: SecondExaminer, now: Now
) -> DecisionsOut:
    """Decide, as the second person, many that others approved; each recorded singly."""
    failpoint("approve.posted")
    targets = await _targets(session, body)
    decided = await confirm_many(session, targets, body.ruling(), by=examiner.name, now=now)
    return DecisionsOut.of(decided, request_id=request_id(http), now=now)


async def _targets(session: AsyncSession, body: DecisionsIn) -> list[Target]:
    if body.filter is None:
        return body.targets()
    found = await targets_of(session, body.filter.wanted(), limit=MAX_DECISIONS)
    return [*body.targets(), *found]
