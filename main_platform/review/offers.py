"""The other offers of a patent: what is public or about to be, and what is still under review."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable, Row, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.locks import among
from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from main_platform.nodes.tables import NodeRow
from main_platform.review.placement import Candidate
from main_platform.review.states import ReviewState
from main_platform.review.tables import ListingChangeRow, ReviewRow
from shared_platform.catalogue.tables import catalogue_listing, statement_object
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant, legal_day
from shared_schema.rules import LiveOffer
from shared_schema.statement import declaration_of, read_statement

LEVEL_MEMBER: Final = "verification_level"


@dataclass(frozen=True)
class OtherOffer:
    """An offer with its terms, which are read when asked for; `review`: it is not public yet."""

    candidate: Candidate
    version: int
    number: str
    envelope: bytes
    review: UUID | None = None

    @cached_property
    def declaration(self) -> Declaration:
        """What is offered."""
        return read_terms(self.envelope)

    @property
    def listing(self) -> UUID:
        """Its listing."""
        return self.candidate.listing

    def standing_as(self, *, is_primary: bool) -> "OtherOffer":
        """The same offer with this standing."""
        return replace(self, candidate=replace(self.candidate, is_primary=is_primary))

    @property
    def live(self) -> LiveOffer:
        """The offer as rule DEC-18 compares it."""
        said = self.declaration
        return LiveOffer(
            origin=self.candidate.origin,
            listing=str(self.candidate.listing),
            application_number=self.number,
            holders=tuple(holder.name for holder in said.holders),
            fee=said.fee,
            period=said.period,
            territory=said.territory,
        )


OffersByNumber = dict[str, list[OtherOffer]]


def read_terms(envelope: bytes) -> Declaration:
    """The declaration in an envelope the hub has accepted before."""
    return declaration_of(read_statement(envelope).statement)


async def public_offers(
    session: AsyncSession, numbers: Iterable[str], *, today: date
) -> OffersByNumber:
    """Offers of these patents that are in the catalogue, or approved and on their way there.

    Suspended ones count, withdrawn and expired ones do not. Lock the patents before, if what is
    decided by this must still be true at the commit.
    """
    wanted = sorted(set(numbers))
    approved = await session.execute(_approved(wanted))  # first: approved rows may become logged
    logged = await session.execute(_logged(wanted, today))
    rows = {row.listing: row for row in approved}
    standing = {row.listing: row for row in logged}
    levels = await node_levels(session, {row.origin for row in (rows | standing).values()})
    offers = {
        listing: _offer(row, standing.get(listing), levels)
        for listing, row in (standing | rows).items()
    }
    if offers:
        offers |= await _with_pending_decisions(session, offers)
    found: OffersByNumber = defaultdict(list)
    for offer in offers.values():
        found[offer.number].append(offer)
    return found


def open_offer(row: ReviewRow, envelope: bytes) -> OtherOffer:
    """A review that is still open, as an offer of its patent; it has no standing yet."""
    candidate = Candidate(row.origin, row.listing, 0, legal_day(row.opened_at), None)
    return OtherOffer(candidate, row.version, row.application_number, envelope, row.id)


async def node_levels(session: AsyncSession, nodes: Iterable[str]) -> dict[str, int]:
    """The verification level of each node, as its public scope states it; 0 for none."""
    wanted = sorted(set(nodes))
    if not wanted:
        return {}
    found = await session.execute(
        select(NodeRow.id, NodeRow.scope).where(among(NodeRow.id, wanted))
    )
    return {node: _level(scope.get(LEVEL_MEMBER)) for node, scope in found}


def _level(stated: object) -> int:
    return stated if isinstance(stated, int) and not isinstance(stated, bool) else 0


def _approved(numbers: Sequence[str]) -> Executable:
    review, listing = ReviewRow, IntakeListingRow
    return (
        select(
            review.listing,
            review.origin,
            review.version,
            review.application_number,
            review.standing,
            SubmissionRow.envelope,
            listing.declared_at,
        )
        .join(SubmissionRow, SubmissionRow.id == review.id)
        .join(listing, listing.listing == review.listing)
        .where(
            among(review.application_number, numbers),
            review.state == ReviewState.APPROVED,
            listing.withdrawn_at.is_(None),
        )
        .order_by(review.listing, review.version)
    )


def _logged(numbers: Sequence[str], today: date) -> Executable:
    row = catalogue_listing.c
    return (
        select(
            row.listing,
            row.origin,
            row.version,
            row.application_number,
            row.standing,
            row.first_serial,
            statement_object.c.envelope,
            IntakeListingRow.declared_at,
        )
        .join(statement_object, statement_object.c.object_hash == row.terms_object)
        .join(IntakeListingRow, IntakeListingRow.listing == row.listing)
        .where(
            among(row.application_number, numbers),
            row.state.in_(["published", "suspended"]),
            or_(row.period_end.is_(None), row.period_end >= today),
            statement_object.c.envelope.is_not(None),
            IntakeListingRow.withdrawn_at.is_(None),
        )
    )


def _offer(row: Row[Any], logged: Row[Any] | None, levels: dict[str, int]) -> OtherOffer:
    """An approved version counts before the logged one, whose serial it keeps."""
    declared: Instant = row.declared_at
    candidate = Candidate(
        row.origin,
        row.listing,
        levels[row.origin],
        legal_day(declared),
        logged.first_serial if logged is not None else None,
        is_primary=row.standing == "primary",
    )
    return OtherOffer(candidate, row.version, row.application_number, row.envelope)


async def _with_pending_decisions(
    session: AsyncSession, offers: dict[UUID, OtherOffer]
) -> dict[UUID, OtherOffer]:
    """Standings as decided by entries that are still queued."""
    change = ListingChangeRow
    numbers = {offer.number for offer in offers.values()}
    found = await session.execute(
        select(change.application_number, change.listing)
        .where(
            among(change.application_number, numbers),
            change.kind == "conflict_decided",
            change.serial.is_(None),
            change.needs_entry,
        )
        .order_by(change.at, change.id)
    )
    primary = {row.application_number: row.listing for row in found}
    return {
        listing: offer.standing_as(is_primary=primary[offer.number] == listing)
        for listing, offer in offers.items()
        if offer.number in primary
    }
