"""Fee terms in plain words, and what they come to in examples."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from shared_platform.public_pages.reader import Reader
from shared_schema.annual_fee import licence_years_fees
from shared_schema.bilingual import Words
from shared_schema.fee_cost import CostSchedule, ForecastIncomplete, total_cost
from shared_schema.fee_terms import (
    AnnualFeeEqual,
    EntryPlusRoyalty,
    FeeTerms,
    Other,
    RoyaltyOnly,
    UnitRoyalty,
)
from shared_schema.patent_number import filing_year, kind_of
from shared_schema.public_listing import NineItems
from shared_schema.published_date import anniversary

_YEARS: Final = (1, 3, 5)
_YUAN: Final = 100
_SALES: Final = (0, 1_000_000, 10_000_000)
_PROFITS: Final = (0, 100_000, 1_000_000)
_UNITS: Final = (0, 1_000, 10_000)
_MODES: Final = {
    "free": Words(
        "使用这项专利不用付许可使用费。", "You pay no licence fee for using this patent."
    ),
    "lump_sum": Words(
        "只付一次，以后不按产量或销售额再付。",
        "You pay once; nothing more is owed, however much you make or sell.",
    ),
    "instalments": Words(
        "总额固定，分几次付清；与产量和销售额无关。",
        "The total is fixed and paid in parts, however much you make or sell.",
    ),
    "entry_plus_royalty": Words(
        "先付一笔固定的入门费，之后每年按约定的基数付提成；卖得少付得少。",
        "You pay a fixed entry fee, then a yearly share of the stated base: sell less, pay less.",
    ),
    "royalty": Words(
        "没有固定费用，每年按约定的基数付提成；没有销售就不用付。",
        "There is no fixed fee: you pay a yearly share of the stated base, and nothing without"
        " sales.",
    ),
    "annual_fixed": Words(
        "每年付同样的金额，与产量和销售额无关。",
        "You pay the same sum each year, however much you make or sell.",
    ),
    "annual_fee_equal": Words(
        "每年付与该专利当年官方年费相等的金额；年费随专利年度上升，以国家知识产权局公布的标准为准。",
        "Each year you pay what the patent's official annual fee is; it rises with the patent's"
        " age, as CNIPA publishes.",
    ),
    "stepped": Words(
        "各年金额事先写明，与产量和销售额无关。",
        "The sum of each year is stated in advance, however much you make or sell.",
    ),
    "other": Words("按专利权人写明的标准支付。", "You pay by the standard that the holder states."),
}
_FREE_PERIOD: Final = Words(
    "起始免费期内不产生费用。", "Nothing is owed for the free period at the start."
)
_PAY_LATER: Final = Words(
    "可以先使用，到期再付第一笔；金额不因此增加。",
    "You may use it first: the first payment falls due later, and costs no more for that.",
)
_CAPPED: Final = Words(
    "提成有累计上限，达到后不再付提成。",
    "The royalty is capped: beyond the stated sum nothing more is owed.",
)
_NO_MAXIMUM: Final = Words(
    "声明没有写明最高应付总额，无法举例。",
    "The offer states no maximum, so no example can be given.",
)
_OFFICIAL_FEES: Final = Words(
    "按国家知识产权局公布的年费标准和专利号中的年份推算，取可能的最高值；分案申请请查登记簿。",
    "Reckoned from CNIPA's table of annual fees and the year in the patent number, at the highest"
    " that it can be; for divisional applications ask the register.",
)
_WITHIN: Final = Words(
    "许可不超过公布的期限（至 {0}），因此最长只算到 {1} 年。",
    "A licence ends with the published period ({0}), so {1} years are the most that is reckoned.",
)
_LESS_THAN_A_YEAR: Final = Words(
    "公布的期限（至 {0}）不足一年，这里按一年计，实际只会更少。",
    "Less than a year is left of the published period ({0}): it is reckoned as one, so it can only"
    " be less.",
)
_ONLY: Final = Words("合计", "total")


@dataclass(frozen=True, slots=True)
class CostRow:
    """What is owed in all after each of the view's `years`, under one assumption."""

    assumption: str
    totals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermsView:
    """Plain sentences, and examples or the reason why there are none; `note` says their bounds."""

    sentences: tuple[str, ...]
    base: str = ""
    years: tuple[int, ...] = ()
    rows: tuple[CostRow, ...] = ()
    why_none: str = ""
    note: str = ""
    is_maximum: bool = False


@dataclass(frozen=True, slots=True)
class _Example:
    """Whose cost is reckoned, for how many years, with which official fees."""

    fee: FeeTerms
    years: tuple[int, ...]
    annual_fees: tuple[int, ...]
    reader: Reader


def terms_view(nine: NineItems, number: str, reader: Reader, *, today: date) -> TermsView:
    """The terms explained; examples come from the same calculation that contracts use.

    They never reach beyond the offer's period: a licence ends with it.
    """
    fee, end = nine.fee, nine.period.end
    sentences = tuple(reader.says(words) for words in _sentences(fee))
    whole = _whole_years(today, end)
    years = (*(one for one in _YEARS if one < whole), whole) if whole else (1,)
    try:
        example = _Example(fee, years, _annual_fees(number, today, years[-1]), reader)
        base, rows = _examples(example)
    except ForecastIncomplete:
        return TermsView(sentences, why_none=reader.says(_NO_MAXIMUM))
    notes = [(_WITHIN if whole else _LESS_THAN_A_YEAR).spoken(reader.lang).format(end, whole)]
    is_official = isinstance(fee.payment, AnnualFeeEqual)
    notes += [reader.says(_OFFICIAL_FEES)] if is_official else []
    is_maximum = is_official or isinstance(fee.payment, Other)
    return TermsView(sentences, base, years, rows, note=" ".join(notes), is_maximum=is_maximum)


def _whole_years(today: date, end: date) -> int:
    """How many licence years that begin today lie within the period."""
    years = end.year - today.year + 1
    while years > 0 and anniversary(today, years) - timedelta(days=1) > end:
        years -= 1
    return years


def _annual_fees(number: str, today: date, years: int) -> tuple[int, ...]:
    """The official fees of a patent filed as early as its number allows; later ones owe less."""
    earliest = date(filing_year(number), 1, 1)
    if earliest > today:
        return ()
    return licence_years_fees(
        kind_of(number), filing_date=earliest, licence_start=today, years=years
    )


def _sentences(fee: FeeTerms) -> list[Words]:
    found = [_MODES[fee.payment.mode]]
    if fee.free_period is not None:
        found.append(_FREE_PERIOD)
    if fee.pay_after_use is not None:
        found.append(_PAY_LATER)
    if isinstance(fee.payment, EntryPlusRoyalty | RoyaltyOnly):
        found += [] if fee.payment.royalty.cap_fen is None else [_CAPPED]
    return found


def _examples(example: _Example) -> tuple[str, tuple[CostRow, ...]]:
    """The title of the first column, and the rows.

    Raises:
        ForecastIncomplete: the terms are not definite enough for a sum.
    """
    payment, reader = example.fee.payment, example.reader
    cost = partial(total_cost, example.fee, annual_fees=example.annual_fees)
    if not isinstance(payment, EntryPlusRoyalty | RoyaltyOnly):
        return "", (CostRow(reader.says(_ONLY), _totals(cost, example.years)),)
    if isinstance(payment.royalty, UnitRoyalty):
        unit = payment.royalty.unit
        title = Words("假设每年生产或销售", "Assumed output or sales a year")
        rows = [(f"{units:,} {unit}", partial(cost, units=units)) for units in _UNITS]
    elif payment.royalty.base == "profit":
        title = Words("假设每年利润", "Assumed profit a year")
        rows = [
            (_yuan(one, reader), partial(cost, yearly_profit_fen=one * _YUAN)) for one in _PROFITS
        ]
    else:
        title = Words("假设每年销售额", "Assumed sales a year")
        rows = [
            (_yuan(one, reader), partial(cost, yearly_net_sales_fen=one * _YUAN)) for one in _SALES
        ]
    return reader.says(title), tuple(
        CostRow(word, _totals(one, example.years)) for word, one in rows
    )


def _totals(cost: Callable[..., CostSchedule], years: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(_money(cost(years=one).total_fen) for one in years)


def _yuan(yuan: int, reader: Reader) -> str:
    return reader.says(Words(f"{yuan:,} 元", f"¥{yuan:,}"))


def _money(fen: int) -> str:
    yuan, rest = divmod(fen, _YUAN)
    return f"{yuan:,}.{rest:02d}" if rest else f"{yuan:,}"
