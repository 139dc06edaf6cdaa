"""DEC-18: another live offer of the same patent (protocol §10 decides what becomes of it)."""

from datetime import date

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.rules.context import LiveOffer, RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.holder import folded_name
from shared_schema.rules.profile import RuleProfile
from shared_schema.rules.terms import terms_equal


def dec_18_one_live(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """One finding for each other live offer, in order of origin and listing."""
    others = [
        offer
        for offer in context.live_offers
        if offer.application_number == declaration.patent.application_number
        and offer.listing != context.listing
    ]
    return [
        _conflict(declaration, offer, profile, today=context.today)
        for offer in sorted(others, key=lambda offer: (offer.origin, offer.listing))
    ]


def _conflict(
    declaration: Declaration, offer: LiveOffer, profile: RuleProfile, *, today: date
) -> Finding:
    same_terms = terms_equal(declaration, offer, today=today)
    same_holders = {folded_name(holder.name) for holder in declaration.holders} == {
        folded_name(name) for name in offer.holders
    }
    if same_terms and same_holders:
        verdict = Words("条件相同", "on equal terms")
    elif same_holders:
        verdict = Words("条件不同", "on different terms")
    else:
        verdict = Words("专利权人不同", "by a different holder")
    return found(
        "DEC-18",
        profile,
        "/patent/application_number",
        message=Words(
            f"{offer.origin} 已有该专利的有效声明 {offer.listing}，{verdict.zh}。",
            f"{offer.origin} already offers this patent as {offer.listing}, {verdict.en}.",
        ),
        facts={
            "origin": offer.origin,
            "listing": offer.listing,
            "terms_equal": same_terms,
            "holders_equal": same_holders,
        },
    )
