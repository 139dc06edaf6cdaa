"""The bands by which fees, royalties and the time left are counted and filtered."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from shared_schema.bilingual import Words
from shared_schema.fee_terms import (
    AnnualFixed,
    EntryPlusRoyalty,
    FeeTerms,
    Free,
    Instalments,
    LumpSum,
    Other,
    RateRoyalty,
    RoyaltyOnly,
    Stepped,
)

_FEN: Final = 100
_WAN: Final = 10_000 * _FEN


@dataclass(frozen=True, slots=True)
class Band:
    """A band with its name in addresses; `upper` is the first value beyond it (None: no end)."""

    name: str
    upper: int | None
    words: Words


FEE_BANDS: Final = (
    Band("free", 1, Words("免费", "free")),
    Band("to-1w", _WAN, Words("1 万元以下", "under ¥10,000")),
    Band("to-5w", 5 * _WAN, Words("1–5 万元", "¥10,000–50,000")),
    Band("to-10w", 10 * _WAN, Words("5–10 万元", "¥50,000–100,000")),
    Band("to-50w", 50 * _WAN, Words("10–50 万元", "¥100,000–500,000")),
    Band("to-100w", 100 * _WAN, Words("50–100 万元", "¥500,000–1,000,000")),
    Band("over-100w", None, Words("100 万元及以上", "¥1,000,000 and more")),
)
"""By the fixed part in fen: the lump sum, all instalments, the entry fee, one year's fee."""

NO_FIXED_PART: Final = Band("no-fixed-part", None, Words("无固定费用", "no fixed part"))

ROYALTY_BANDS: Final = (
    Band("to-1", 1_000_001, Words("不超过 1%", "up to 1 %")),
    Band("to-3", 3_000_001, Words("1%–3%", "1–3 %")),
    Band("to-5", 5_000_001, Words("3%–5%", "3–5 %")),
    Band("to-10", 10_000_001, Words("5%–10%", "5–10 %")),
    Band("over-10", None, Words("高于 10%", "over 10 %")),
)
"""By the rate in millionths of a per cent; a band holds its upper end (statutory ceilings do)."""

PER_UNIT: Final = Band("per-unit", None, Words("按件计", "per unit"))

PERIODS: Final = (
    Band("to-6m", 183, Words("半年以内", "under 6 months")),
    Band("to-1y", 366, Words("半年至 1 年", "6–12 months")),
    Band("to-2y", 731, Words("1–2 年", "1–2 years")),
    Band("to-5y", 1_827, Words("2–5 年", "2–5 years")),
    Band("over-5y", None, Words("5 年以上", "over 5 years")),
)
"""By the days left on the day one looks."""

NO_FEE_KNOWN: Final = 2**31 - 1  # sorts after every fee


def band_of(value: int, bands: tuple[Band, ...]) -> Band:
    """The band that holds the value; the last one has no end."""
    return next(band for band in bands if band.upper is None or value < band.upper)


def fixed_part_fen(fee: FeeTerms) -> int | None:
    """What is owed whatever is sold; None where nothing fixed is stated in the terms."""
    match fee.payment:
        case Free():
            fen: int | None = 0
        case LumpSum(amount_fen=amount) | AnnualFixed(amount_fen=amount):
            fen = amount
        case Instalments(total_fen=amount) | EntryPlusRoyalty(entry_fen=amount):
            fen = amount
        case Stepped(steps=steps):
            fen = steps[0].amount_fen
        case Other(maximum_fen=most):
            fen = most
        case _:
            fen = None
    return fen


def fee_band(fee: FeeTerms) -> str:
    """The name of the band of the fixed part."""
    fen = fixed_part_fen(fee)
    return NO_FIXED_PART.name if fen is None else band_of(fen, FEE_BANDS).name


def royalty_band(fee: FeeTerms) -> str | None:
    """The name of the band of the royalty; None where there is none."""
    if not isinstance(fee.payment, EntryPlusRoyalty | RoyaltyOnly):
        return None
    royalty = fee.payment.royalty
    if not isinstance(royalty, RateRoyalty):
        return PER_UNIT.name
    return band_of(int(royalty.rate_percent * Decimal(10**6)), ROYALTY_BANDS).name


def starts(fee: FeeTerms) -> tuple[str, ...]:
    """How one may begin without paying: `free`, `free_period`, `pay_after_use`."""
    found = (
        ("free", isinstance(fee.payment, Free)),
        ("free_period", fee.free_period is not None),
        ("pay_after_use", fee.pay_after_use is not None),
    )
    return tuple(name for name, holds in found if holds)


START_WORDS: Final = {
    "free": Words("免费许可", "free of charge"),
    "free_period": Words("起始免费期", "free at first"),
    "pay_after_use": Words("先使用后付费", "use first, pay later"),
}


def period_range(band: Band, today: date) -> tuple[int, int | None]:
    """The last days of offers in this band: from the first to before the second, as day numbers."""
    at = PERIODS.index(band)
    lower = PERIODS[at - 1].upper if at else 0
    first = day_number(today + timedelta(days=lower or 0))
    return first, None if band.upper is None else day_number(today) + band.upper


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days
