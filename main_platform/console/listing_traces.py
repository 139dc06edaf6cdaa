"""What the hub has of a listing beside its timeline: queue, held entries, erasures, evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import HeldEntryRow, PublishQueueRow
from main_platform.erasure.tables import ErasureRow
from main_platform.intake.tables import EquivocationRow
from main_platform.review.states import ReviewState
from main_platform.review.tables import ReviewRow
from main_platform.review.timeline import Timeline
from shared_platform.catalogue.tables import log_entry
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class Traces:
    """Rows of other desks about one listing; `logged_at` by the position in the log."""

    held: Sequence[HeldEntryRow]
    queued_at: Sequence[Instant]
    erasures: Sequence[ErasureRow]
    evidence: Sequence[EquivocationRow]
    logged_at: Mapping[int, Instant]
    place: int | None


async def read_traces(session: AsyncSession, timeline: Timeline) -> Traces:
    """Six statements, each by an index."""
    listing = timeline.listing.listing
    held = await session.scalars(select(HeldEntryRow).where(HeldEntryRow.listing == listing))
    queued = await session.scalars(
        select(PublishQueueRow.queued_at)
        .where(PublishQueueRow.listing == listing)
        .order_by(PublishQueueRow.id)
    )
    erasures = await session.scalars(
        select(ErasureRow).where(ErasureRow.listing == listing).order_by(ErasureRow.id)
    )
    evidence = await session.scalars(
        select(EquivocationRow).where(
            EquivocationRow.origin == timeline.listing.origin, EquivocationRow.listing == listing
        )
    )
    return Traces(
        held.all(),
        queued.all(),
        erasures.all(),
        evidence.all(),
        await _logged_at(session, timeline),
        await _place_in_turn(session, listing),
    )


async def _logged_at(session: AsyncSession, timeline: Timeline) -> Mapping[int, Instant]:
    told = [one.review or one.change for one in timeline.versions]
    serials = {
        one.serial for one in (*told, *timeline.hub_changes) if one and one.serial is not None
    }
    found = await session.execute(
        select(log_entry.c.serial, log_entry.c.at).where(log_entry.c.serial.in_(serials))
    )
    return dict(found.all())


async def _place_in_turn(session: AsyncSession, listing: UUID) -> int | None:
    """How many wait before it, and itself; None where it does not wait."""
    row, waiting = ReviewRow, ReviewState.WAITING
    own = await session.execute(
        select(row.turn, row.id).where(row.listing == listing, row.state == waiting)
    )
    mine = own.one_or_none()
    if mine is None:
        return None
    before = select(func.count()).where(
        row.state == waiting, tuple_(row.turn, row.id) <= tuple_(mine.turn, mine.id)
    )
    return await session.scalar(before)
