"""Listings as those see them who may withdraw or suspend them, and what was changed of late."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.tables import IntakeListingRow
from main_platform.review.errors import ListingUnknown
from main_platform.review.office_hold import suspended_by_office
from main_platform.review.tables import ListingChangeRow, ReviewRow
from shared_platform.catalogue.tables import catalogue_listing

_KINDS = ("withdraw", "suspend", "resume")


@dataclass(frozen=True, slots=True)
class ListingStanding:
    """One listing: its newest title, its public state (None: never public), who suspended it."""

    row: IntakeListingRow
    title: str | None
    holder_names: Sequence[str]
    state: str | None
    by_office: bool

    @property
    def allowed(self) -> tuple[str, ...]:
        """What the office may do to it now."""
        if self.row.offered_version is None or self.row.withdrawn_at is not None:
            return ()
        return ("withdraw", "resume" if self.by_office else "suspend")


async def listings_of_patent(
    session: AsyncSession, number: str, *, region: str | None = None
) -> list[ListingStanding]:
    """All listings of a patent, whoever's, as far as they belong to `region`."""
    found = await session.scalars(
        select(IntakeListingRow)
        .where(IntakeListingRow.application_number == number)
        .order_by(IntakeListingRow.listing)
    )
    standings = [await _standing(session, row, region) for row in found.all()]
    return [one for one in standings if one is not None]


async def read_standing(
    session: AsyncSession, listing: UUID, *, region: str | None = None
) -> ListingStanding:
    """One listing.

    Raises:
        ListingUnknown: no node sent it, or it does not belong to `region`.
    """
    row = await session.get(IntakeListingRow, listing)
    standing = await _standing(session, row, region) if row is not None else None
    if standing is None:
        raise ListingUnknown(detail=f"没有声明 {listing} / there is no listing {listing}")
    return standing


async def list_changes(
    session: AsyncSession,
    *,
    only_waiting: bool,
    before: int | None,
    limit: int,
    region: str | None = None,
) -> Sequence[ListingChangeRow]:
    """Withdrawals, suspensions and resumptions, the latest first; `before` is the last id seen."""
    row = ListingChangeRow
    query = select(row).where(row.kind.in_(_KINDS)).order_by(row.id.desc()).limit(limit)
    if only_waiting:
        query = query.where(row.serial.is_(None), row.needs_entry)
    if before is not None:
        query = query.where(row.id < before)
    if region is not None:
        own = (ReviewRow.listing == row.listing) & ReviewRow.regions.contains([region])
        query = query.where(exists().where(own))
    return (await session.scalars(query)).all()


async def _standing(
    session: AsyncSession, row: IntakeListingRow, region: str | None
) -> ListingStanding | None:
    found = await session.scalars(
        select(ReviewRow).where(ReviewRow.listing == row.listing).order_by(ReviewRow.version.desc())
    )
    reviews = found.all()
    newest = reviews[0] if reviews else None
    if region is not None and not any(region in one.regions for one in reviews):
        return None
    state = await session.scalar(
        select(catalogue_listing.c.state).where(catalogue_listing.c.listing == row.listing)
    )
    held = await suspended_by_office(session, [row.listing])
    return ListingStanding(
        row,
        newest.title if newest else None,
        newest.holder_names if newest else (),
        state,
        by_office=row.listing in held,
    )
