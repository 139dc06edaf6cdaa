"""What the hub knows about the listings and numbers in a batch: loaded at once, kept up in memory.

Statements of one batch follow each other, so each one is judged against the tables and against
those before it.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.allowance import Allowance
from main_platform.intake.locks import among, lock_listings
from main_platform.intake.ports import Received
from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from shared_schema.instants import Instant
from shared_schema.statement import Statement

DATED: Final = ("offer", "resume")
"""Operations whose time decides conflicts; withdrawals and suspensions stand whatever it is."""
# The nearest accepted one before each number, by the partial index over exactly these.
_DATED_BEFORE: Final = text(
    "SELECT DISTINCT before.oseq, before.issued_at FROM unnest(:oseqs) AS given (oseq)"
    " CROSS JOIN LATERAL (SELECT oseq, issued_at FROM submission"
    " WHERE origin = :origin AND op IN ('offer', 'resume') AND oseq < given.oseq"
    " ORDER BY oseq DESC LIMIT 1) AS before ORDER BY before.oseq"
).bindparams(bindparam("oseqs", type_=ARRAY(BigInteger)))


@dataclass(frozen=True, slots=True)
class Accepted:
    """A statement that was accepted: what a later one under its numbers is compared with."""

    oseq: int
    statement_hash: str
    receipt: bytes


@dataclass(slots=True)
class KnownListing:
    """Where a listing stands; mirrors `IntakeListingRow`."""

    listing: UUID
    origin: str
    application_number: str
    declared_at: Instant
    version: int = 0
    statement_hash: str | None = None
    live: bool = False
    period_end: date | None = None
    withdrawn_at: Instant | None = None


@dataclass(slots=True)
class Known:
    """All that judging statements of one origin needs.

    `live` is listing by application number; `dated` are accepted offers and resumptions, number
    and time, in order: those of the batch, and for each of its numbers the one before it.
    """

    origin: str
    by_oseq: dict[int, Accepted] = field(default_factory=dict)
    by_version: dict[tuple[UUID, int], Accepted] = field(default_factory=dict)
    listings: dict[UUID, KnownListing] = field(default_factory=dict)
    live: dict[str, UUID] = field(default_factory=dict)
    dated: list[tuple[int, Instant]] = field(default_factory=list)
    allowance: Allowance = field(default_factory=Allowance)

    def dated_before(self, oseq: int) -> Instant | None:
        """The time of the nearest earlier offer or resumption; None where there is none."""
        place = bisect_left(self.dated, oseq, key=lambda one: one[0])
        return self.dated[place - 1][1] if place else None

    def note(self, received: Received) -> None:
        """Count a statement that was just accepted."""
        said, statement_hash = received.statement, received.signed.payload_hash
        accepted = Accepted(said.oseq, statement_hash, received.receipt)
        self.by_oseq[said.oseq] = self.by_version[said.listing, said.version] = accepted
        known = self.listings.setdefault(said.listing, _first(said))
        known.version, known.statement_hash = said.version, statement_hash
        if said.op == "withdraw":
            known.withdrawn_at, known.live = received.at, False
            if self.live.get(known.application_number) == said.listing:
                del self.live[known.application_number]
        if received.declaration is not None:
            known.live, known.period_end = True, received.declaration.period.end
            self.live[known.application_number] = said.listing
        if said.op in DATED:
            insort(self.dated, (said.oseq, said.issued_at))
        self.allowance.note(said.op)


async def load_known(
    session: AsyncSession, statements: Sequence[Statement], *, origin: str, today: date
) -> Known:
    """Load what there is, five statements; locks the listings. The origin must be locked.

    Listings whose offer has run out make room for a new one of the same patent.
    """
    listings = {said.listing for said in statements}
    numbers = {said.subject.application_number for said in statements}
    known = Known(origin)
    rows = await lock_listings(session, sorted(listings))
    known.listings = {listing: _listing(row) for listing, row in rows.items()}
    await _expire(session, numbers, origin=origin, today=today)
    await _load_accepted(session, known, statements)
    found = await session.execute(
        select(IntakeListingRow.application_number, IntakeListingRow.listing).where(
            IntakeListingRow.origin == origin,
            IntakeListingRow.live,
            among(IntakeListingRow.application_number, numbers),
        )
    )
    known.live = {row.application_number: row.listing for row in found}
    oseqs = [said.oseq for said in statements if said.op in DATED]
    if oseqs:
        before = await session.execute(_DATED_BEFORE, {"oseqs": oseqs, "origin": origin})
        known.dated = [(row.oseq, row.issued_at) for row in before]
    return known


async def _expire(session: AsyncSession, numbers: set[str], *, origin: str, today: date) -> None:
    await session.execute(
        update(IntakeListingRow)
        .where(
            IntakeListingRow.origin == origin,
            IntakeListingRow.live,
            IntakeListingRow.period_end < today,
            among(IntakeListingRow.application_number, numbers),
        )
        .values(live=False)
        .execution_options(synchronize_session=False)
    )


async def _load_accepted(
    session: AsyncSession, known: Known, statements: Sequence[Statement]
) -> None:
    row = SubmissionRow
    found = await session.execute(
        select(
            row.origin, row.oseq, row.listing, row.version, row.statement_hash, row.receipt
        ).where(
            or_(
                (row.origin == known.origin) & among(row.oseq, [one.oseq for one in statements]),
                among(row.listing, known.listings),
            )
        )
    )
    for origin, oseq, listing, version, statement_hash, receipt in found:
        accepted = Accepted(oseq, statement_hash, receipt)
        known.by_version[listing, version] = accepted
        if origin == known.origin:
            known.by_oseq[oseq] = accepted


def _listing(row: IntakeListingRow) -> KnownListing:
    return KnownListing(
        row.listing,
        row.origin,
        row.application_number,
        row.declared_at,
        version=row.version,
        statement_hash=row.statement_hash,
        live=row.live,
        period_end=row.period_end,
        withdrawn_at=row.withdrawn_at,
    )


def _first(said: Statement) -> KnownListing:
    number = said.subject.application_number
    return KnownListing(said.listing, said.origin, number, said.issued_at)
