"""What those who settle conflicts do."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from main_platform.review.conflicts import list_conflicts
from main_platform.review.decide import Target
from main_platform.review.errors import (
    ReasonRefused,
    ReviewNotFound,
    ReviewStateConflict,
    SecondPersonRequired,
    StaleReview,
)
from main_platform.review.resolve import resolve_conflict
from main_platform.review.routes import STAFF
from main_platform.review.schemas import ConflictOut, DecidedOut, ResolutionIn
from main_platform.staff.permissions import ConflictResolver, ReviewReader
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.problems import request_id
from shared_platform.transport.strict_json import StrictJsonRoute

_REFUSALS = (ReasonRefused, ReviewNotFound, ReviewStateConflict, StaleReview, SecondPersonRequired)

router = APIRouter(prefix="/api/v1", tags=["conflicts"], route_class=StrictJsonRoute)


@router.get("/conflicts", responses=problems(*STAFF))
async def read_conflicts(
    session: Transaction,
    reader: ReviewReader,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[ConflictOut]:
    """List held offers, oldest first, each with both sides' terms."""
    held = await list_conflicts(session, after=after, limit=limit, region=reader.region)
    return [ConflictOut.of(one) for one in held]


@router.post("/conflicts/{review}/resolution", responses=problems(*STAFF, *_REFUSALS))
async def resolve(
    review: UUID,
    body: ResolutionIn,
    http: Request,
    session: Transaction,
    resolver: ConflictResolver,
    now: Now,
) -> DecidedOut:
    """Keep the existing offer, replace it (two people), or return the held one."""
    target = Target(review, body.statement_hash)
    decided = await resolve_conflict(session, target, body.resolution(), by=resolver.name, now=now)
    return DecidedOut.of(decided, request_id=request_id(http), now=now)
