"""What examiners do: look at the queue, claim, release, decide one or many."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from main_platform.review.decide import (
    MAX_DECISIONS,
    Target,
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
from main_platform.review.states import ReviewState
from main_platform.staff.permissions import Examiner, ReviewReader
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
    reader: ReviewReader,  # noqa: ARG001  named caller
    wanted: Wanted,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 50,
    order: QueueOrder = QueueOrder.FAIR,
) -> ReviewPageOut:
    """List reviews: open ones by turns of their nodes unless `order=oldest`; others by age."""
    page = await list_reviews(session, wanted, after=after, limit=limit, order=order)
    return ReviewPageOut.of(page)


@router.get("/reviews/counts", responses=problems(*STAFF))
async def read_counts(
    session: Transaction,
    reader: ReviewReader,  # noqa: ARG001  named caller
) -> list[StateCountOut]:
    """Count reviews by state, with the age of the oldest."""
    return [
        StateCountOut(state=state, count=count, oldest=format_instant(oldest))
        for state, (count, oldest) in sorted((await count_reviews(session)).items())
    ]


@router.get("/reviews/reason-codes", responses=problems(*STAFF))
async def read_reason_codes(reader: ReviewReader) -> list[ReasonCodeOut]:  # noqa: ARG001  named caller
    """List the coded reasons of returns, rejections and withdrawals."""
    return [ReasonCodeOut.of(row) for row in reason_codes().values()]


@router.get("/reviews/{review}", responses=problems(*STAFF, ReviewNotFound))
async def read_one_review(
    review: UUID,
    session: Transaction,
    reader: ReviewReader,  # noqa: ARG001  named caller
) -> ReviewDetailOut:
    """Show one review with terms, findings, other offers and decisions."""
    return ReviewDetailOut.of(await read_review(session, review))


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
    now: Now,
) -> DecidedOut:
    """Approve, return or reject; repeating one's own decision gives the same answer."""
    failpoint("approve.posted")
    target = Target(review, body.statement_hash)
    decided = await decide_review(session, target, body.ruling(), by=examiner.name, now=now)
    return DecidedOut.of(decided, request_id=request_id(http), now=now)


@router.post("/reviews/decisions", responses=problems(*STAFF, ReasonRefused, TooManyReviews))
async def decide_together(
    body: DecisionsIn,
    http: Request,
    session: Transaction,
    examiner: Examiner,
    now: Now,
) -> DecisionsOut:
    """Decide many with one verdict, each recorded singly; what waits is claimed on the way."""
    failpoint("approve.posted")
    targets = body.targets()
    if body.filter is not None:
        targets += await targets_of(session, body.filter.wanted(), limit=MAX_DECISIONS)
    decided = await decide_many(session, targets, body.ruling(), by=examiner.name, now=now)
    reference = request_id(http)
    return DecisionsOut(
        results=[DecidedOut.of(one, request_id=reference, now=now) for one in decided],
        decided=sum(one.refusal is None for one in decided),
        refused=sum(one.refusal is not None for one in decided),
    )
