"""Fee terms as sentences, in Chinese and in English: what pages, contracts and exports print.

The sentences are computed from the terms, so they can never say anything else than what is owed.
"""

from decimal import Decimal
from functools import singledispatch
from typing import Final

from shared_schema.amount import yuan_text
from shared_schema.bilingual import Language, Words
from shared_schema.fee_terms import (
    AnnualFeeEqual,
    AnnualFixed,
    EntryPlusRoyalty,
    FeeTerms,
    Free,
    FreePeriod,
    Instalments,
    LumpSum,
    Other,
    PayAfterUse,
    Royalty,
    RoyaltyOnly,
    Stepped,
    UnitRoyalty,
)

BASE_TITLES: Final = {
    "net_sales": Words("净销售额", "net sales"),
    "sales": Words("销售额", "sales"),
    "profit": Words("利润", "profit"),
}
_INTERVALS: Final = {
    "month": Words("每月", "month"),
    "quarter": Words("每季度", "quarter"),
    "year": Words("每年", "year"),
}


def describe_fee(terms: FeeTerms, language: Language = "zh") -> str:
    """All of the terms: payment, modifiers, then the holder's note as it was written."""
    parts = [describe_payment(terms.payment)]
    if terms.free_period is not None:
        parts.append(_free_period(terms.free_period))
    if terms.pay_after_use is not None:
        parts.append(_pay_after_use(terms.pay_after_use))
    if terms.note is not None:
        parts.append(Words(f"备注：{terms.note}", f"Note: {terms.note}"))
    joint = "" if language == "zh" else " "
    return joint.join(part.spoken(language) for part in parts)


def percent_text(rate: Decimal) -> str:
    """A percentage without trailing zeros and without a sign: `5`, `0.5`."""
    return f"{rate.normalize():f}"


@singledispatch
def describe_payment(payment: object) -> Words:
    """The payment mode as a sentence.

    Raises:
        TypeError: not one of the payment modes of `fee_terms`.
    """
    raise TypeError(payment)


@describe_payment.register
def _(_payment: Free) -> Words:
    return Words("免费。", "Free of charge.")


@describe_payment.register
def _(payment: LumpSum) -> Words:
    amount = yuan_text(payment.amount_fen)
    due = _due(payment.due_days, working=payment.working_days)
    return Words(f"一次总付 {amount} 元{due.zh}。", f"A lump sum of {amount} yuan{due.en}.")


def _due(days: int | None, *, working: bool = False) -> Words:
    if days is None:
        return Words("", "")
    zh = f"，合同生效后 {days} {'个工作日' if working else '日'}内付清"
    span = _counted(days, "working day" if working else "day")
    return Words(zh, f", due within {span} of the contract taking effect")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@describe_payment.register
def _(payment: Instalments) -> Words:
    first, each = yuan_text(payment.first_fen), yuan_text(payment.each_fen)
    total, due = yuan_text(payment.total_fen), _due(payment.first_due_days)
    interval, before = _INTERVALS[payment.interval], payment.due_days_before
    ahead = (
        Words("", "")
        if before is None
        else Words(f"截止前 {before} 日内", f", {_counted(before, 'day')} before its end")
    )
    return Words(
        f"分期支付，共 {total} 元：首期 {first} 元{due.zh}；"
        f"此后{interval.zh}{ahead.zh}支付 {each} 元，共 {payment.times} 期。",
        f"Instalments, {total} yuan in all: first {first} yuan{due.en}; then"
        f" {_counted(payment.times, 'payment')} of {each} yuan, one each {interval.en}{ahead.en}.",
    )


@describe_payment.register
def _(payment: EntryPlusRoyalty) -> Words:
    entry, royalty = yuan_text(payment.entry_fen), _royalty(payment.royalty)
    yearly = Words("（每年）", " each year") if payment.entry_yearly else Words("", "")
    return Words(
        f"入门费 {entry} 元{yearly.zh}，另按{royalty.zh}。",
        f"An entry fee of {entry} yuan{yearly.en}, and a royalty of {royalty.en}.",
    )


@describe_payment.register
def _(payment: RoyaltyOnly) -> Words:
    royalty = _royalty(payment.royalty)
    return Words(f"按{royalty.zh}。", f"A royalty of {royalty.en}.")


def _royalty(royalty: Royalty) -> Words:
    cap = _cap(royalty.cap_fen)
    if isinstance(royalty, UnitRoyalty):
        amount, unit = yuan_text(royalty.amount_fen), royalty.unit
        return Words(f"每{unit} {amount} 元提成{cap.zh}", f"{amount} yuan per {unit}{cap.en}")
    rate, base = percent_text(royalty.rate_percent), BASE_TITLES[royalty.base]
    return Words(
        f"当年度合同产品{base.zh}的 {rate}% 提成{cap.zh}",
        f"{rate} % of the year's {base.en} of the licensed products{cap.en}",
    )


def _cap(cap_fen: int | None) -> Words:
    if cap_fen is None:
        return Words("", "")
    cap = yuan_text(cap_fen)
    return Words(f"，提成累计不超过 {cap} 元", f", up to {cap} yuan in all")


@describe_payment.register
def _(payment: AnnualFixed) -> Words:
    amount, years = yuan_text(payment.amount_fen), payment.years
    span = (
        Words("", "")
        if years is None
        else Words(f"，共 {years} 年", f", for {_counted(years, 'year')}")
    )
    return Words(f"每年 {amount} 元{span.zh}。", f"{amount} yuan each year{span.en}.")


@describe_payment.register
def _(_payment: AnnualFeeEqual) -> Words:
    return Words(
        "每年支付与该专利当年官方年费相等的金额。",
        "Each year, the amount of the patent's official annual fee of that year.",
    )


@describe_payment.register
def _(payment: Stepped) -> Words:
    amounts = [(step.year, yuan_text(step.amount_fen)) for step in payment.steps]
    zh = "，".join(f"第 {year} 年 {amount} 元" for year, amount in amounts)
    en = ", ".join(f"{amount} yuan in year {year}" for year, amount in amounts)
    last = amounts[-1][1]
    return Words(f"{zh}；此后每年 {last} 元。", f"{en}; {last} yuan each year after that.")


@describe_payment.register
def _(payment: Other) -> Words:
    if payment.maximum_fen is None:
        limit = Words("未写明最高应付总额", "no maximum is stated")
    else:
        most = yuan_text(payment.maximum_fen)
        limit = Words(f"最高应付 {most} 元", f"at most {most} yuan in all")
    return Words(f"{payment.text}（{limit.zh}）。", f"{payment.text} ({limit.en}).")


def _free_period(free: FreePeriod) -> Words:
    if free.months == 1:
        return Words("前 1 个月免费。", "The first month is free.")
    return Words(f"前 {free.months} 个月免费。", f"The first {free.months} months are free.")


def _pay_after_use(later: PayAfterUse) -> Words:
    trial = (
        Words("", "")
        if later.trial_months is None
        else Words(
            f"，试用 {later.trial_months} 个月",
            f", a trial of {_counted(later.trial_months, 'month')}",
        )
    )
    due = (
        Words("", "")
        if later.due_days is None
        else Words(
            f"，期满后 {later.due_days} 日内首次付款",
            f", the first payment within {_counted(later.due_days, 'day')} after it",
        )
    )
    return Words(f"先使用后付费{trial.zh}{due.zh}。", f"Use first, pay later{trial.en}{due.en}.")
