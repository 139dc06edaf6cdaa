"""Official annual fees, and the one reduction that applies (announcement 594 of CNIPA, 2024).

Amounts and reductions are data with their source (`reference_data/annual_fee*.csv`). Reductions
never add up: the best single one is taken. Years are patent years, counted from the filing date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Final

from shared_schema.patent_number import PatentKind
from shared_schema.problem import ProblemType
from shared_schema.published_date import anniversary
from shared_schema.reference_table import read_reference_table
from shared_schema.refusal import DomainError, FieldError

OPEN_LICENCE: Final = "open_licence"
_FEN_PER_YUAN: Final = 100


@dataclass
class NoAnnualFee(DomainError):
    """The patent kind has no such year, or the table has no such reduction."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class FeeBand:
    """One row of the fee table: the same fee for each of the years, both included."""

    kind: str
    year_from: int
    year_to: int
    fee_fen: int
    source: str


@dataclass(frozen=True, slots=True)
class Reduction:
    """A reduction of the annual fee by `percent`; `max_years` None: as long as its ground lasts."""

    id: str
    title_zh: str
    title_en: str
    percent: Decimal
    max_years: int | None
    source: str


@dataclass(frozen=True, slots=True)
class AnnualFee:
    """What is owed for one patent year, with the reduction taken (None: the full fee)."""

    year: int
    official_fen: int
    payable_fen: int
    reduction: Reduction | None
    source: str


@cache
def fee_bands() -> tuple[FeeBand, ...]:
    """The table of official fees."""
    return tuple(
        FeeBand(
            row["kind"],
            int(row["year_from"]),
            int(row["year_to"]),
            int(row["yuan"]) * _FEN_PER_YUAN,
            row["source"],
        )
        for row in read_reference_table("annual_fee")
    )


@cache
def reductions() -> dict[str, Reduction]:
    """The known reductions by their id."""
    return {
        row["id"]: Reduction(
            row["id"],
            row["title_zh"],
            row["title_en"],
            Decimal(row["percent"]),
            int(row["max_years"]) if row["max_years"] else None,
            row["source"],
        )
        for row in read_reference_table("annual_fee_reduction")
    }


def annual_fee(kind: PatentKind, year: int, *, entitled: Iterable[str] = ()) -> AnnualFee:
    """The fee of patent year `year` (from 1) under the best of the reductions one is `entitled` to.

    Whether a ground holds in that year (an open licence being performed; within ten years of
    grant) is for the caller to know.

    Raises:
        NoAnnualFee: no such year for that kind, or an unknown reduction.
    """
    band = next(
        (
            band
            for band in fee_bands()
            if band.kind == kind and band.year_from <= year <= band.year_to
        ),
        None,
    )
    if band is None:
        raise NoAnnualFee(
            *_refused(f"没有第 {year} 年的年费", f"there is no annual fee of year {year}")
        )
    best = max((_reduction(one) for one in entitled), key=lambda one: one.percent, default=None)
    share = Decimal(100) - (best.percent if best else 0)
    payable = (band.fee_fen * share / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return AnnualFee(year, band.fee_fen, int(payable), best, band.source)


def _reduction(reduction_id: str) -> Reduction:
    if reduction_id not in reductions():
        known = ", ".join(reductions())
        raise NoAnnualFee(
            *_refused(f"没有减免“{reduction_id}”", f"no such reduction; there are {known}")
        )
    return reductions()[reduction_id]


def _refused(zh: str, en: str) -> tuple[str, list[FieldError]]:
    message = f"{zh} / {en}"
    return message, [FieldError("", "annual_fee.none", message)]


def patent_year(filing_date: date, day: date) -> int:
    """Which patent year (from 1) the day falls in; years begin on the filing day's anniversary.

    Raises:
        NoAnnualFee: the day lies before filing.
    """
    if day < filing_date:
        raise NoAnnualFee(*_refused(f"{day} 早于申请日", f"{day} is before filing"))
    years = day.year - filing_date.year
    return years + 1 if day >= anniversary(filing_date, years) else years


def licence_years_fees(
    kind: PatentKind, *, filing_date: date, licence_start: date, years: int
) -> tuple[int, ...]:
    """The official fees, in fen, of the patent years in which each licence year begins.

    For fees "equal to the annual fee of the year"; shorter than `years` if the patent ends before.
    """
    first = patent_year(filing_date, licence_start)
    last = max(band.year_to for band in fee_bands() if band.kind == kind)
    until = min(first + years, last + 1)
    return tuple(annual_fee(kind, year).official_fen for year in range(first, until))
