"""How much came in of a node, counted in the transaction that takes it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import case, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.ports import Received
from main_platform.intake.tables import IntakeCounterRow
from shared_schema.instants import Instant, legal_day

METERED: Final = frozenset({"offer", "resume"})  # withdrawals and suspensions are never bounded


@dataclass(frozen=True, slots=True)
class IntakeCounter:
    """Statements received of a node, the largest oseq among them, and offers of one legal day."""

    received: int = 0
    highest: int = 0
    day: date | None = None
    day_offers: int = 0

    @property
    def missing(self) -> int:
        """Numbers below the largest that never came: on their way, taken back, or lost here."""
        return self.highest - self.received

    def offers_on(self, day: date) -> int:
        """Offers and resumptions that came in on that legal day."""
        return self.day_offers if self.day == day else 0


async def read_counter(session: AsyncSession, origin: str) -> IntakeCounter:
    """The node's counter; zeros before its first statement."""
    row = await session.get(IntakeCounterRow, origin, populate_existing=True)
    if row is None:
        return IntakeCounter()
    return IntakeCounter(row.received, row.highest, row.day, row.day_offers)


async def count_received(
    session: AsyncSession, origin: str, received: Sequence[Received], *, now: Instant
) -> None:
    """Count statements that were just stored; the origin must be locked."""
    metered = sum(one.statement.op in METERED for one in received)
    oseqs = [one.statement.oseq for one in received]
    await count_numbers(session, origin, oseqs, metered=metered, now=now)


async def count_numbers(
    session: AsyncSession, origin: str, oseqs: Sequence[int], *, metered: int = 0, now: Instant
) -> None:
    """Count sequence numbers that are new here; `metered` of them against the quota of the day."""
    if not oseqs:
        return
    row = IntakeCounterRow
    highest = max(oseqs)
    fresh = insert(row).values(
        origin=origin,
        received=len(oseqs),
        highest=highest,
        day=legal_day(now),
        day_offers=metered,
        gap_since=now if highest > len(oseqs) else None,
    )
    new = fresh.excluded
    after = func.greatest(row.highest, new.highest)
    still = after > row.received + new.received
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=[row.origin],
            set_={
                "received": row.received + new.received,
                "highest": after,
                "day": new.day,
                "day_offers": case((row.day == new.day, row.day_offers), else_=0) + new.day_offers,
                "gap_since": case((still, func.coalesce(row.gap_since, literal(now)))),
            },
        )
    )
