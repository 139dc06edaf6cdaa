"""What fee terms come to over a licence: a schedule of payments for a holder or an enterprise.

A calculator, not an account: yearly bases are forecasts of the caller. Licence years count from the
contract taking effect. A free period waives yearly sums month by month and puts one-off sums off
to its end; pay-after-use only puts the first payments off.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import singledispatch
from typing import Final

from shared_schema.bilingual import Words
from shared_schema.fee_terms import (
    AnnualFeeEqual,
    AnnualFixed,
    EntryPlusRoyalty,
    FeeTerms,
    Free,
    Instalments,
    LumpSum,
    Other,
    PayAfterUse,
    Royalty,
    RoyaltyOnly,
    Stepped,
    UnitRoyalty,
)
from shared_schema.fee_text import BASE_TITLES, percent_text
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

_MONTHS: Final = 12
_DAYS: Final = 365
_INTERVAL_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}


@dataclass
class ForecastIncomplete(DomainError):
    """The terms need a figure that was not given, or the number of years makes no sense."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class DuePayment:
    """A sum falling due in licence year `year` (from 1)."""

    year: int
    amount_fen: int
    why: Words


@dataclass(frozen=True, slots=True)
class CostSchedule:
    """All payments by year; `is_maximum` where the terms only state the most that can be owed."""

    payments: tuple[DuePayment, ...]
    is_maximum: bool = False

    @property
    def total_fen(self) -> int:
        """The sum of the payments."""
        return sum(payment.amount_fen for payment in self.payments)


@dataclass(frozen=True, slots=True)
class _Forecast:
    years: int
    free_months: int
    yearly_net_sales_fen: int | None
    yearly_profit_fen: int | None
    units: int | None
    annual_fees: Sequence[int]

    def owed_share(self, year: int) -> Fraction:
        """Which part of the licence year lies after the free period."""
        free = min(max(self.free_months - _MONTHS * (year - 1), 0), _MONTHS)
        return Fraction(_MONTHS - free, _MONTHS)


@dataclass(frozen=True, slots=True)
class _Charge:
    month: int  # licence month, from 0, in which it is owed
    amount_fen: int
    why: Words


def total_cost(
    terms: FeeTerms,
    *,
    years: int,
    yearly_net_sales_fen: int | None = None,
    yearly_profit_fen: int | None = None,
    units: int | None = None,
    annual_fees: Sequence[int] = (),
) -> CostSchedule:
    """The payments of a licence of `years` years.

    `units` are made or sold a year; `annual_fees` are official fees in fen by licence year
    (`annual_fee.licence_years_fees`), shorter where the patent ends. A fixed total is owed in full,
    also where its instalments reach beyond `years`. Amounts are rounded to the fen, half up.

    Raises:
        ForecastIncomplete: the royalty's base or the annual fees are missing, `other` terms state
            no maximum, or `years` is below 1.
    """
    if years < 1:
        raise ForecastIncomplete(
            *_missing("years", "许可年数须不小于 1", "years must be 1 or more")
        )
    forecast = _Forecast(
        years,
        terms.free_period.months if terms.free_period else 0,
        yearly_net_sales_fen,
        yearly_profit_fen,
        units,
        annual_fees,
    )
    earliest = _first_due_month(terms.pay_after_use)
    due = [
        DuePayment(max(charge.month, earliest) // _MONTHS + 1, charge.amount_fen, charge.why)
        for charge in _charges(terms.payment, forecast)
        if charge.amount_fen
    ]
    due.sort(key=lambda payment: payment.year)
    return CostSchedule(tuple(due), is_maximum=isinstance(terms.payment, Other))


def _missing(figure: str, zh: str, en: str) -> tuple[str, list[FieldError]]:
    message = f"{zh} / {en}"
    return message, [FieldError(f"/{figure}", f"forecast.{figure}", message)]


def _first_due_month(later: PayAfterUse | None) -> int:
    """The licence month, from 0, in which pay-after-use lets the first payment fall due."""
    if later is None:
        return 0
    return (later.trial_months or 0) + (later.due_days or 0) * _MONTHS // _DAYS


def _rounded(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))


def _yearly(forecast: _Forecast, amount: Callable[[int], int], why: Words) -> list[_Charge]:
    """One charge for each licence year, less its free months; `amount` by year, from 1."""
    return [
        _Charge(
            _MONTHS * (year - 1),
            _rounded(amount(year) * forecast.owed_share(year)),
            Words(f"第 {year} 年{why.zh}", f"{why.en}, year {year}"),
        )
        for year in range(1, forecast.years + 1)
    ]


@singledispatch
def _charges(payment: object, _forecast: _Forecast) -> list[_Charge]:
    raise TypeError(payment)


@_charges.register
def _(_payment: Free, _forecast: _Forecast) -> list[_Charge]:
    return []


@_charges.register
def _(payment: LumpSum, forecast: _Forecast) -> list[_Charge]:
    why = Words("一次总付", "lump sum")
    return [_Charge(forecast.free_months, payment.amount_fen, why)]


@_charges.register
def _(payment: Instalments, forecast: _Forecast) -> list[_Charge]:
    """Each later payment is owed before the end of its interval."""
    step, begin = _INTERVAL_MONTHS[payment.interval], forecast.free_months
    first = _Charge(begin, payment.first_fen, Words("首期", "first payment"))
    later = [
        _Charge(
            begin + step * number - 1,
            payment.each_fen,
            Words(f"首期后第 {number} 期", f"instalment {number} after the first"),
        )
        for number in range(1, payment.times + 1)
    ]
    return [first, *later]


@_charges.register
def _(payment: EntryPlusRoyalty, forecast: _Forecast) -> list[_Charge]:
    why = Words("入门费", "entry fee")
    if payment.entry_yearly:
        entry = _yearly(forecast, lambda _: payment.entry_fen, why)
    else:
        entry = [_Charge(forecast.free_months, payment.entry_fen, why)]
    return entry + _royalties(payment.royalty, forecast)


@_charges.register
def _(payment: RoyaltyOnly, forecast: _Forecast) -> list[_Charge]:
    return _royalties(payment.royalty, forecast)


def _royalties(royalty: Royalty, forecast: _Forecast) -> list[_Charge]:
    yearly, why = _royalty_of_a_year(royalty, forecast)
    charges, left = [], royalty.cap_fen
    for charge in _yearly(forecast, lambda _: yearly, why):
        amount = charge.amount_fen if left is None else min(charge.amount_fen, left)
        left = None if left is None else left - amount
        charges.append(_Charge(charge.month, amount, charge.why))
    return charges


def _royalty_of_a_year(royalty: Royalty, forecast: _Forecast) -> tuple[int, Words]:
    """The royalty of a whole year and what it is for. Sales are forecast as net sales.

    Raises:
        ForecastIncomplete: the figure it is computed from is missing.
    """
    if isinstance(royalty, UnitRoyalty):
        if forecast.units is None:
            raise ForecastIncomplete(*_missing("units", "须填每年数量", "units a year are needed"))
        return royalty.amount_fen * forecast.units, Words("按件提成", "royalty per unit")
    figure = "yearly_profit_fen" if royalty.base == "profit" else "yearly_net_sales_fen"
    base_fen = (
        forecast.yearly_profit_fen if royalty.base == "profit" else forecast.yearly_net_sales_fen
    )
    title = BASE_TITLES[royalty.base]
    if base_fen is None:
        raise ForecastIncomplete(
            *_missing(figure, f"须填预计每年{title.zh}", f"yearly {title.en} are needed")
        )
    rate = percent_text(royalty.rate_percent)
    why = Words(f"{title.zh}提成 {rate}%", f"royalty of {rate} % of {title.en}")
    return _rounded(base_fen * Fraction(royalty.rate_percent) / 100), why


@_charges.register
def _(payment: AnnualFixed, forecast: _Forecast) -> list[_Charge]:
    """A stated number of years counts from the first year that is not wholly free."""
    begin = forecast.free_months // _MONTHS
    end = forecast.years if payment.years is None else begin + payment.years
    why = Words("固定费", "fixed fee")
    return _yearly(forecast, lambda year: payment.amount_fen if year <= end else 0, why)


@_charges.register
def _(_payment: AnnualFeeEqual, forecast: _Forecast) -> list[_Charge]:
    if not forecast.annual_fees:
        raise ForecastIncomplete(
            *_missing("annual_fees", "须填各年官方年费", "the official annual fees are needed")
        )
    fees = dict(enumerate(forecast.annual_fees, start=1))
    why = Words("官方年费等额", "equal to the annual fee")
    return _yearly(forecast, lambda year: fees.get(year, 0), why)


@_charges.register
def _(payment: Stepped, forecast: _Forecast) -> list[_Charge]:
    """A year without its own step owes the latest earlier one; none before the first step."""
    steps = sorted((step.year, step.amount_fen) for step in payment.steps)

    def of_year(year: int) -> int:
        reached = [amount for begin, amount in steps if begin <= year]
        return reached[-1] if reached else 0

    return _yearly(forecast, of_year, Words("阶梯费", "stepped fee"))


@_charges.register
def _(payment: Other, forecast: _Forecast) -> list[_Charge]:
    if payment.maximum_fen is None:
        raise ForecastIncomplete(
            *_missing("maximum_fen", "未写明最高应付总额", "the terms state no maximum")
        )
    why = Words("最高应付", "at most")
    return [_Charge(forecast.free_months, payment.maximum_fen, why)]
