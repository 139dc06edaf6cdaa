"""Offers end by themselves after the last day of their period."""

from datetime import date
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import SERVICE, Record, record
from shared_schema.instants import Instant, legal_day
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.states import TRANSITIONS, Action, State
from subplatform.declarations.tables import DeclarationRow

_EXPIRING: Final = [state for state, action in TRANSITIONS if action is Action.EXPIRE]


async def expire_listings(session: AsyncSession, *, now: Instant) -> int:
    """Mark every published listing whose last day is over; running it twice changes nothing.

    Needs no statement: readers of the catalogue derive the same from the period.
    """
    today: date = legal_day(now)
    ended = (
        select(DeclarationRow.listing)
        .where(DeclarationRow.state.in_(_EXPIRING), DeclarationRow.period_end < today)
        .order_by(DeclarationRow.listing)
        .with_for_update()
    )
    moved = await session.scalars(
        update(DeclarationRow)
        .where(DeclarationRow.listing.in_(ended))
        .values(state=State.EXPIRED, updated_at=now)
        .returning(DeclarationRow.listing)
        .execution_options(synchronize_session=False)
    )
    listings = moved.all()
    acts = [Record(Act.LISTING_EXPIRED, subject_of(listing), SERVICE) for listing in listings]
    await record(session, *acts, now=now)
    return len(listings)
