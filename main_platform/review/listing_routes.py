"""Where a listing is, and its withdrawal by the hub."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query

from main_platform.nodes.errors import KeyNotFound
from main_platform.review.errors import ListingNotPublished, ListingUnknown, ReasonRefused
from main_platform.review.outlived import suspect_listings
from main_platform.review.reason_codes import Reason
from main_platform.review.routes import STAFF
from main_platform.review.schemas import WithdrawalIn, WithdrawnOut
from main_platform.review.standing_schemas import StandingOut
from main_platform.review.suspect_schemas import SuspectListingsOut
from main_platform.review.suspend import resume_listing, suspend_listing
from main_platform.review.timeline import read_timeline
from main_platform.review.timeline_schemas import TimelineOut
from main_platform.review.withdraw import withdraw_listing
from main_platform.staff.permissions import CatalogueManager, NodeReader, ReviewReader
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute

SUSPECTS: Final = 200
_UNFIT: Final = (ListingUnknown, ListingNotPublished, ReasonRefused)

router = APIRouter(prefix="/api/v1", tags=["listings"], route_class=StrictJsonRoute)


@router.get("/listings/{listing}/timeline", responses=problems(*STAFF, ListingUnknown))
async def read_listing_timeline(
    listing: UUID,
    session: Transaction,
    reader: ReviewReader,
) -> TimelineOut:
    """Tell where a listing is: received, claimed, decided, in the log, for every version."""
    return TimelineOut.of(await read_timeline(session, listing, region=reader.region))


@router.get("/keys/{key_id}/suspect-listings", responses=problems(*STAFF, KeyNotFound))
async def read_suspect_listings(
    key_id: str,
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    after: Annotated[int, Query(ge=-1, le=10**15)] = -1,
    limit: Annotated[int, Query(ge=1, le=SUSPECTS)] = SUSPECTS,
) -> SuspectListingsOut:
    """List what is public and was signed by a revoked key since it is suspect."""
    found = await suspect_listings(session, key_id, after=after, limit=limit)
    return SuspectListingsOut.of(found, limit=limit)


@router.post(
    "/listings/{listing}/withdrawal",
    responses=problems(*STAFF, *_UNFIT),
)
async def withdraw(
    listing: UUID, body: WithdrawalIn, session: Transaction, manager: CatalogueManager, now: Now
) -> WithdrawnOut:
    """Withdraw a public listing: transfer, lapse, court, takedown; its origin is told."""
    reason = Reason(body.reason, body.text)
    gone = await withdraw_listing(session, listing, reason=reason, by=manager.name, now=now)
    return WithdrawnOut(
        listing=gone.listing,
        origin=gone.origin,
        application_number=gone.application_number,
        reason=gone.reason,
    )


@router.post("/listings/{listing}/suspension", responses=problems(*STAFF, *_UNFIT))
async def suspend(
    listing: UUID, body: WithdrawalIn, session: Transaction, manager: CatalogueManager, now: Now
) -> StandingOut:
    """Suspend a public listing for a time; only the office resumes it."""
    reason = Reason(body.reason, body.text)
    return StandingOut.of(
        await suspend_listing(session, listing, reason=reason, by=manager.name, now=now)
    )


@router.post("/listings/{listing}/resumption", responses=problems(*STAFF, *_UNFIT))
async def resume(
    listing: UUID, body: WithdrawalIn, session: Transaction, manager: CatalogueManager, now: Now
) -> StandingOut:
    """Let a listing stand again that the office suspended."""
    reason = Reason(body.reason, body.text)
    return StandingOut.of(
        await resume_listing(session, listing, reason=reason, by=manager.name, now=now)
    )
