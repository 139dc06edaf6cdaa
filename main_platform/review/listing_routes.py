"""Where a listing is, and its withdrawal by the hub."""

from uuid import UUID

from fastapi import APIRouter

from main_platform.review.errors import ListingNotPublished, ListingUnknown, ReasonRefused
from main_platform.review.reason_codes import Reason
from main_platform.review.routes import STAFF
from main_platform.review.schemas import WithdrawalIn, WithdrawnOut
from main_platform.review.timeline import read_timeline
from main_platform.review.timeline_schemas import TimelineOut
from main_platform.review.withdraw import withdraw_listing
from main_platform.staff.permissions import CatalogueManager, ReviewReader
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute

router = APIRouter(prefix="/api/v1", tags=["listings"], route_class=StrictJsonRoute)


@router.get("/listings/{listing}/timeline", responses=problems(*STAFF, ListingUnknown))
async def read_listing_timeline(
    listing: UUID,
    session: Transaction,
    reader: ReviewReader,  # noqa: ARG001  named caller
) -> TimelineOut:
    """Tell where a listing is: received, claimed, decided, in the log, for every version."""
    return TimelineOut.of(await read_timeline(session, listing))


@router.post(
    "/listings/{listing}/withdrawal",
    responses=problems(*STAFF, ListingUnknown, ListingNotPublished, ReasonRefused),
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
