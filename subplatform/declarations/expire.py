"""Offers end by themselves after the last day of their period."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import SERVICE, Record, record
from shared_schema.instants import Instant, legal_day
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import TRANSITIONS, Action, State
from subplatform.declarations.tables import DeclarationRow

AHEAD_DAYS: Final = 60
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
        .returning(DeclarationRow)
        .execution_options(synchronize_session=False)
    )
    rows = moved.all()
    acts = [Record(Act.LISTING_EXPIRED, subject_of(row.listing), SERVICE) for row in rows]
    await record(session, *acts, now=now)
    await tell(session, *(notice_of(row, "expired") for row in rows), now=now)
    return len(rows)


async def warn_of_expiry(session: AsyncSession, *, now: Instant) -> None:
    """Tell organisations of published offers that end within `AHEAD_DAYS`, each once."""
    today = legal_day(now)
    ending = await session.scalars(
        select(DeclarationRow).where(
            DeclarationRow.state.in_(_EXPIRING),
            DeclarationRow.period_end >= today,
            DeclarationRow.period_end <= today + timedelta(days=AHEAD_DAYS),
            DeclarationRow.organisation_id.is_not(None),
        )
    )
    await tell(session, *(notice_of(row, "expiring") for row in ending), now=now)
