"""Fee terms in plain words, and what they come to in examples."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from shared_platform.public_pages.reader import Reader
from shared_schema.bilingual import Words
from shared_schema.fee_cost import ForecastIncomplete, total_cost
from shared_schema.fee_terms import (
    AnnualFeeEqual,
    EntryPlusRoyalty,
    FeeTerms,
    Other,
    RoyaltyOnly,
    UnitRoyalty,
)

YEARS: Final = (1, 3, 5)
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
_NO_EXAMPLE: Final = {
    AnnualFeeEqual: Words(
        "金额随官方年费逐年变化，此处不举例。",
        "The sums follow the official annual fees; no example is given here.",
    ),
    Other: Words(
        "声明没有写明最高应付总额，无法举例。",
        "The offer states no maximum, so no example can be given.",
    ),
}
_ONLY: Final = Words("合计", "total")


@dataclass(frozen=True, slots=True)
class CostRow:
    """What is owed in all after each of `YEARS`, under one assumption."""

    assumption: str
    totals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermsView:
    """Plain sentences, and examples or the reason why there are none."""

    sentences: tuple[str, ...]
    base: str
    rows: tuple[CostRow, ...]
    why_none: str
    is_maximum: bool


def terms_view(fee: FeeTerms, reader: Reader) -> TermsView:
    """The terms explained; examples come from the same calculation that contracts use."""
    sentences = tuple(reader.says(words) for words in _sentences(fee))
    try:
        base, rows = _examples(fee, reader)
    except ForecastIncomplete:
        why = _NO_EXAMPLE.get(type(fee.payment), _NO_EXAMPLE[Other])
        return TermsView(sentences, "", (), reader.says(why), is_maximum=False)
    return TermsView(sentences, base, rows, "", is_maximum=isinstance(fee.payment, Other))


def _sentences(fee: FeeTerms) -> list[Words]:
    found = [_MODES[fee.payment.mode]]
    if fee.free_period is not None:
        found.append(_FREE_PERIOD)
    if fee.pay_after_use is not None:
        found.append(_PAY_LATER)
    if isinstance(fee.payment, EntryPlusRoyalty | RoyaltyOnly):
        found += [] if fee.payment.royalty.cap_fen is None else [_CAPPED]
    return found


def _examples(fee: FeeTerms, reader: Reader) -> tuple[str, tuple[CostRow, ...]]:
    """The title of the first column, and the rows.

    Raises:
        ForecastIncomplete: the terms are not definite enough for a sum.
    """
    payment = fee.payment
    if not isinstance(payment, EntryPlusRoyalty | RoyaltyOnly):
        totals = tuple(_money(total_cost(fee, years=years).total_fen) for years in YEARS)
        return "", (CostRow(reader.says(_ONLY), totals),)
    if isinstance(payment.royalty, UnitRoyalty):
        unit = payment.royalty.unit
        title = Words("假设每年生产或销售", "Assumed output or sales a year")
        rows = [(f"{units:,} {unit}", partial(total_cost, fee, units=units)) for units in _UNITS]
    elif payment.royalty.base == "profit":
        title = Words("假设每年利润", "Assumed profit a year")
        rows = [
            (_yuan(one, reader), partial(total_cost, fee, yearly_profit_fen=one * _YUAN))
            for one in _PROFITS
        ]
    else:
        title = Words("假设每年销售额", "Assumed sales a year")
        rows = [
            (_yuan(one, reader), partial(total_cost, fee, yearly_net_sales_fen=one * _YUAN))
            for one in _SALES
        ]
    return reader.says(title), tuple(
        CostRow(word, tuple(_money(cost(years=years).total_fen) for years in YEARS))
        for word, cost in rows
    )


def _yuan(yuan: int, reader: Reader) -> str:
    return reader.says(Words(f"{yuan:,} 元", f"¥{yuan:,}"))


def _money(fen: int) -> str:
    yuan, rest = divmod(fen, _YUAN)
    return f"{yuan:,}.{rest:02d}" if rest else f"{yuan:,}"
