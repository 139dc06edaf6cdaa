"""What each act of the office on a public listing begins with: the locks and the change itself."""

from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.locks import lock_listings, lock_patents
from main_platform.intake.tables import IntakeListingRow
from main_platform.review.changes import HubChange
from main_platform.review.errors import ListingNotPublished, ListingUnknown
from main_platform.review.reason_codes import Reason


async def lock_listing(session: AsyncSession, listing: UUID) -> IntakeListingRow:
    """The listing with its patent locked, in the order in which everybody locks them.

    Raises:
        ListingUnknown: no node sent it.
    """
    known = await session.get(IntakeListingRow, listing)
    if known is None:
        raise ListingUnknown(detail=f"没有声明 {listing} / there is no listing {listing}")
    await lock_patents(session, [known.application_number])
    return (await lock_listings(session, [listing]))[listing]


def hub_change(
    row: IntakeListingRow,
    kind: Literal["withdraw", "suspend", "resume"],
    *,
    reason: Reason,
    by: str,
) -> HubChange:
    """The change of the version that is public.

    Raises:
        ListingNotPublished: it was never approved, or is withdrawn already.
    """
    if row.offered_version is None or row.withdrawn_at is not None:
        detail = "声明未公示或已撤回 / the listing is not public, or was withdrawn before"
        raise ListingNotPublished(detail)
    return HubChange(
        kind=kind,
        origin=row.origin,
        listing=row.listing,
        number=row.application_number,
        version=row.offered_version,
        reason=reason.code,
        text=reason.text,
        by=by,
    )
