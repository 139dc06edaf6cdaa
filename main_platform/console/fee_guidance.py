"""What an examiner may hold a fee against: the official annual fees, and what others ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from main_platform.console.guidance_words import PLACE_WORDS
from shared_platform.public_pages.reader import Reader
from shared_schema.amount import yuan_text
from shared_schema.annual_fee import OPEN_LICENCE, annual_fee, fee_bands
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.fee_benchmark import FeeBenchmark, benchmark_for
from shared_schema.fee_terms import EntryPlusRoyalty, FeeTerms, RateRoyalty, RoyaltyOnly
from shared_schema.patent_number import PatentKind, filing_year, kind_of
from shared_schema.rules.ceiling import fixed_part_fen

_YUAN: Final = 100


@dataclass(frozen=True, slots=True)
class BandView:
    """Annual fees of some patent years: official, and with the reduction for open licences."""

    years: str
    official: str
    reduced: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class BenchmarkView:
    """Where the fee stands among published ones."""

    place: str
    quantiles: tuple[str, str, str]
    sample: int
    period: str
    source: str


@dataclass(frozen=True, slots=True)
class FeeGuidance:
    """All guidance for one offer. `years_now`: the patent year, known to within one."""

    bands: tuple[BandView, ...]
    years_now: tuple[int, int]
    source: str
    benchmark: BenchmarkView | None


def fee_guidance(
    declaration: Declaration,
    reader: Reader,
    *,
    today: date,
    table: tuple[FeeBenchmark, ...] | None = None,
) -> FeeGuidance:
    """The guidance for this offer today; `table` replaces the reference table that ships."""
    number = declaration.patent.application_number
    kind, elapsed = kind_of(number), today.year - filing_year(number)
    years_now = (max(elapsed, 1), max(elapsed, 0) + 1)
    bands = [one for one in fee_bands() if one.kind == kind]
    return FeeGuidance(
        tuple(_band(kind, one.year_from, one.year_to, years_now=years_now) for one in bands),
        years_now,
        bands[0].source,
        _benchmark(declaration, kind, reader, table=table),
    )


def _band(kind: PatentKind, first: int, last: int, *, years_now: tuple[int, int]) -> BandView:
    owed = annual_fee(kind, first, entitled=[OPEN_LICENCE])
    is_now = first <= years_now[1] and years_now[0] <= last
    return BandView(
        f"{first}–{last}", yuan_text(owed.official_fen), yuan_text(owed.payable_fen), is_now
    )


def _benchmark(
    declaration: Declaration,
    kind: PatentKind,
    reader: Reader,
    *,
    table: tuple[FeeBenchmark, ...] | None,
) -> BenchmarkView | None:
    fee = declaration.fee
    row = benchmark_for(kind, fee.payment.mode, _sections(declaration), table=table)
    value = None if row is None else _measured(fee, row.measure)
    if row is None or value is None:
        return None
    unit = Words(" 元", " yuan") if row.measure == "yuan" else Words(" %", " %")
    shown = [
        f"{one:f}{reader.says(unit)}" for one in (row.quantile_25, row.median, row.quantile_75)
    ]
    return BenchmarkView(
        reader.says(PLACE_WORDS[row.place_of(value)]),
        (shown[0], shown[1], shown[2]),
        row.sample,
        row.period,
        row.source,
    )


def _sections(declaration: Declaration) -> Iterable[str]:
    return dict.fromkeys(symbol[0] for symbol in declaration.technical_field.ipc)


def _measured(fee: FeeTerms, measure: str) -> Decimal | None:
    """The figure of the terms that the benchmark is about; None where they have none."""
    payment = fee.payment
    if measure == "yuan":
        _, fen = fixed_part_fen(payment)
        return Decimal(fen) / _YUAN
    if isinstance(payment, EntryPlusRoyalty | RoyaltyOnly):
        royalty = payment.royalty
        return royalty.rate_percent if isinstance(royalty, RateRoyalty) else None
    return None
