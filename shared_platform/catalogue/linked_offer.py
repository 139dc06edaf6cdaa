"""A listing as linked data for search engines: a schema.org Offer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared_schema.fee_terms import Free, LumpSum
from shared_schema.fee_text import describe_fee
from shared_schema.patent_number import print_patent_number
from shared_schema.public_listing import NineItems


def offer_of(shown: Mapping[str, Any], *, base: str) -> dict[str, Any]:
    """One listing as a schema.org Offer; with a price where the terms are one sum."""
    nine = NineItems.model_validate(shown["items"]) if shown["items"] else None
    number = print_patent_number(str(shown["number"]))
    page = f"{base}/listings/{shown['listing']}"
    offer: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Offer",
        "@id": page,
        "url": page,
        "identifier": number,
        "availability": _AVAILABILITY.get(str(shown["state"]), "https://schema.org/Discontinued"),
    }
    if nine is None:
        return offer
    return offer | {
        "name": nine.title or number,
        "description": describe_fee(nine.fee, "zh"),
        "offeredBy": [{"@type": "Organization", "name": holder} for holder in nine.holders],
        "validThrough": str(nine.period.end),
        "itemOffered": {
            "@type": "CreativeWork",
            "name": nine.title or number,
            "identifier": number,
        },
        **_price(nine),
    }


_AVAILABILITY = {
    "published": "https://schema.org/InStock",
    "suspended": "https://schema.org/OutOfStock",
}


def _price(nine: NineItems) -> dict[str, Any]:
    match nine.fee.payment:
        case Free():
            return {"price": "0", "priceCurrency": "CNY"}
        case LumpSum(amount_fen=fen):
            return {"price": str(Decimal(fen).scaleb(-2)), "priceCurrency": "CNY"}
        case _:
            return {}
