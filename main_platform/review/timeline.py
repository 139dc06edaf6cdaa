"""Where a listing is: everything the hub did with every version of it, for whoever asks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from main_platform.nodes.cosigned import cosigned_sizes
from main_platform.review.errors import ListingUnknown
from main_platform.review.states import OPEN, ReviewState
from main_platform.review.tables import DecisionRow, ListingChangeRow, ReviewRow
from shared_platform.catalogue.tables import catalogue_listing

_UNTOUCHED: Final = "received"


@dataclass(frozen=True, slots=True)
class VersionHistory:
    """One statement of the listing with what became of it."""

    submission: Row[*tuple[Any, ...]]
    review: ReviewRow | None
    decisions: Sequence[DecisionRow]
    change: ListingChangeRow | None


@dataclass(frozen=True, slots=True)
class Held:
    """By how many of the active nodes the listing's last entry is held, as they cosigned."""

    nodes: int
    active: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """All of one listing. `catalogue` is its public row, once it has one."""

    listing: IntakeListingRow
    versions: Sequence[VersionHistory]
    hub_changes: Sequence[ListingChangeRow]
    catalogue: Row[*tuple[Any, ...]] | None
    held: Held

    @property
    def state(self) -> str:
        """Where it stands now: what is pending first, else what is public, else the last word."""
        pending = next((one for one in reversed(self.versions) if _is_pending(one)), None)
        if self.listing.withdrawn_at is not None and pending is None:
            return "withdrawn"
        if pending is not None and pending.review is not None:
            return pending.review.state
        if self.catalogue is not None:
            return str(self.catalogue.state)
        last = next((one.review for one in reversed(self.versions) if one.review), None)
        return last.state if last is not None else _UNTOUCHED


async def read_timeline(
    session: AsyncSession, listing: UUID, *, region: str | None = None
) -> Timeline:
    """The listing's history, versions in order; seven statements.

    Raises:
        ListingUnknown: no node ever sent it, or none of its versions belongs to `region`.
    """
    known = await session.get(IntakeListingRow, listing)
    reviews = await session.scalars(select(ReviewRow).where(ReviewRow.listing == listing))
    by_id = {row.id: row for row in reviews}
    is_seen = region is None or any(region in row.regions for row in by_id.values())
    if known is None or not is_seen:
        raise ListingUnknown(detail=f"没有声明 {listing} / there is no listing {listing}")
    decisions = await _decisions(session, listing)
    changes = await session.scalars(
        select(ListingChangeRow)
        .where(ListingChangeRow.listing == listing)
        .order_by(ListingChangeRow.id)
    )
    all_changes = changes.all()
    by_submission = {row.submission: row for row in all_changes if row.submission is not None}
    versions = [
        VersionHistory(row, by_id.get(row.id), decisions[row.id], by_submission.get(row.id))
        for row in await _submissions(session, listing)
    ]
    hub_changes = [row for row in all_changes if row.submission is None]
    public = await _public(session, listing)
    sizes = (await cosigned_sizes(session)).values()
    holders = 0 if public is None else sum(size > public.serial for size in sizes)
    return Timeline(known, versions, hub_changes, public, Held(holders, len(sizes)))


def _is_pending(version: VersionHistory) -> bool:
    review = version.review
    return review is not None and (review.state in OPEN or review.state == ReviewState.APPROVED)


async def _submissions(session: AsyncSession, listing: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    row = SubmissionRow
    found = await session.execute(
        select(row.id, row.oseq, row.version, row.op, row.statement_hash, row.received_at)
        .where(row.listing == listing)
        .order_by(row.version)
    )
    return found.all()


async def _decisions(session: AsyncSession, listing: UUID) -> Mapping[UUID, Sequence[DecisionRow]]:
    found = await session.scalars(
        select(DecisionRow)
        .join(ReviewRow, ReviewRow.id == DecisionRow.review)
        .where(ReviewRow.listing == listing)
        .order_by(DecisionRow.id)
    )
    by_review: dict[UUID, list[DecisionRow]] = defaultdict(list)
    for row in found:
        by_review[row.review].append(row)
    return by_review


async def _public(session: AsyncSession, listing: UUID) -> Row[*tuple[Any, ...]] | None:
    row = catalogue_listing.c
    found = await session.execute(
        select(row.state, row.standing, row.version, row.serial, row.first_serial).where(
            row.listing == listing
        )
    )
    return found.one_or_none()
