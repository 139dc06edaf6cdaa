"""What an offer meets: rule DEC-18 against the other offers, and the sides it names. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from main_platform.review.offers import OtherOffer
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.rules import RuleContext, profile_named
from shared_schema.rules.conflict import dec_18_one_live


@dataclass(frozen=True, slots=True)
class Meeting:
    """One other offer and what DEC-18 says of it."""

    other: OtherOffer
    finding: Finding

    @property
    def differs(self) -> bool:
        """Whether terms or holders differ: then staff decide, never a rule."""
        facts = self.finding.facts
        return not (facts["terms_equal"] and facts["holders_equal"])

    def to_json(self) -> dict[str, Any]:
        """The other side as a review stores it."""
        return {
            "origin": self.other.candidate.origin,
            "listing": str(self.other.listing),
            "version": self.other.version,
            "review": None if self.other.review is None else str(self.other.review),
            "terms_equal": self.finding.facts["terms_equal"],
            "holders_equal": self.finding.facts["holders_equal"],
        }


def meet(
    declaration: Declaration, listing: UUID, others: Sequence[OtherOffer], *, today: date
) -> list[Meeting]:
    """The other offers of the patent, each with its finding; the listing's own are left out."""
    by_listing = {str(other.listing): other for other in others if other.listing != listing}
    if not by_listing:
        return []
    context = RuleContext(
        today=today,
        listing=str(listing),
        live_offers=tuple(other.live for other in by_listing.values()),
    )
    findings = dec_18_one_live(declaration, profile_named(declaration.profile), context)
    return [Meeting(by_listing[finding.facts["listing"]], finding) for finding in findings]
