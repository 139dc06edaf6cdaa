"""What the rules say of declarations, under the circumstances of one day, as columns of their rows.

Circumstances are gathered for many patents at once; judging itself is pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding, blocks
from shared_schema.instants import Instant, legal_day
from shared_schema.public_listing import NineItems
from shared_schema.register_facts import RegisterFacts
from shared_schema.rules import (
    LiveOffer,
    RuleContext,
    check_declaration,
    profile_named,
    unchecked_rules,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings of one check, what it could not check, and the register reading it went by."""

    findings: list[Finding]
    unchecked: list[str]
    register: RegisterFacts | None
    at: Instant

    @property
    def is_blocked(self) -> bool:
        """Whether a finding forbids to recommend."""
        return blocks(self.findings)

    def columns(self) -> dict[str, Any]:
        """The columns of the declaration's row that a check sets."""
        return {
            "findings": [found.to_json() for found in self.findings],
            "finding_codes": sorted({found.code for found in self.findings}),
            "is_blocked": self.is_blocked,
            "unchecked_rules": self.unchecked,
            "checked_at": self.at,
            "status_as_of": self.register.as_of if self.register else None,
            "status_source": self.register.source if self.register else None,
        }


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known about some patents: register readings and other live offers, by number."""

    now: Instant
    facts: Mapping[str, RegisterFacts]
    offers: Mapping[str, tuple[LiveOffer, ...]]

    def judge(
        self, declaration: Declaration, listing: UUID, *, report_demanded: bool = False
    ) -> Verdict:
        """Check one declaration under the profile that it names.

        Raises:
            ProfileUnknown: this version has no such profile.
        """
        number = declaration.patent.application_number
        profile = profile_named(declaration.profile)
        context = RuleContext(
            today=legal_day(self.now),
            register=self.facts.get(number),
            live_offers=self.offers.get(number, ()),
            listing=str(listing),
            report_demanded=report_demanded,
        )
        return Verdict(
            check_declaration(declaration, profile=profile, context=context),
            unchecked_rules(profile, context),
            context.register,
            self.now,
        )


async def circumstances(
    session: AsyncSession,
    numbers: Iterable[str],
    *,
    facts: Mapping[str, RegisterFacts],
    now: Instant,
) -> Circumstances:
    """The circumstances of these patents, with register readings that were made outside."""
    offers = await _live_offers(session, list(numbers), today=legal_day(now))
    return Circumstances(now, facts, offers)


async def _live_offers(
    session: AsyncSession, numbers: list[str], *, today: date
) -> dict[str, tuple[LiveOffer, ...]]:
    """Offers of those patents in this node's copy of the catalogue that are open today."""
    found = await session.execute(
        select(
            catalogue_listing.c.listing,
            catalogue_listing.c.origin,
            catalogue_listing.c.application_number,
            catalogue_listing.c.items_json,
        ).where(
            catalogue_listing.c.application_number.in_(numbers),
            catalogue_listing.c.state.in_(["published", "suspended"]),
            catalogue_listing.c.period_end >= today,
            catalogue_listing.c.items_json.is_not(None),
        )
    )
    offers: dict[str, tuple[LiveOffer, ...]] = {}
    for row in found:
        items = NineItems.model_validate_json(row.items_json)
        offer = LiveOffer(
            origin=row.origin,
            listing=str(row.listing),
            application_number=row.application_number,
            holders=items.holders,
            fee=items.fee,
            period=items.period,
            territory=items.territory,
        )
        offers[row.application_number] = (*offers.get(row.application_number, ()), offer)
    return offers
