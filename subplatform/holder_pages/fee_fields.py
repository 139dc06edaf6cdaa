"""The fields of fee terms: nine modes, each with its own amounts, and two modifiers around them."""

from collections.abc import Callable
from functools import singledispatch
from typing import Any, Final

from shared_schema.bilingual import Words
from shared_schema.fee_terms import (
    AnnualFixed,
    EntryPlusRoyalty,
    FeeTerms,
    Instalments,
    LumpSum,
    Other,
    Royalty,
    RoyaltyOnly,
    Stepped,
    UnitRoyalty,
)
from shared_schema.fee_text import percent_text
from subplatform.holder_pages.field_reading import FieldReading

STEPS: Final = 10
MODES: Final = {
    "free": Words("免费", "Free of charge"),
    "lump_sum": Words("一次总付", "One lump sum"),
    "instalments": Words("总付额内分期支付", "A total in instalments"),
    "entry_plus_royalty": Words("入门费加提成", "Entry fee and royalty"),
    "royalty": Words("提成", "Royalty"),
    "annual_fixed": Words("按年付费", "The same sum each year"),
    "annual_fee_equal": Words("等于当年专利年费", "Equal to the official annual fee"),
    "stepped": Words("分年阶梯", "A stated sum for each year"),
    "other": Words("其他明确标准", "Another definite standard"),
}
BASES: Final = {
    "net_sales": Words("净销售额", "Net sales"),
    "sales": Words("销售额", "Sales"),
    "profit": Words("利润", "Profit"),
    "per_unit": Words("每件（台、套）金额", "A sum for each unit"),
}
INTERVALS: Final = {
    "year": Words("每年", "Each year"),
    "quarter": Words("每季度", "Each quarter"),
    "month": Words("每月", "Each month"),
}
PLACES: Final = {
    "/fee/payment/mode": "mode",
    "/fee/payment/amount_fen": "amount",
    "/fee/payment/due_days": "due_days",
    "/fee/payment/first_fen": "first",
    "/fee/payment/first_due_days": "first_days",
    "/fee/payment/each_fen": "each",
    "/fee/payment/times": "times",
    "/fee/payment/total_fen": "total",
    "/fee/payment/entry_fen": "entry",
    "/fee/payment/royalty/rate_percent": "rate",
    "/fee/payment/royalty/amount_fen": "unit_amount",
    "/fee/payment/royalty/unit": "unit",
    "/fee/payment/royalty/cap_fen": "cap",
    "/fee/payment/royalty": "base",
    "/fee/payment/steps": "step_1",
    "/fee/payment/text": "other_text",
    "/fee/payment/maximum_fen": "maximum",
    "/fee/payment": "mode",
    "/fee/free_period": "free_months",
    "/fee/pay_after_use/due_days": "later_days",
    "/fee/pay_after_use": "later_months",
    "/fee/note": "fee_note",
    "/fee": "mode",
}
"""Where a place in the declaration stands in the form."""
NAMES: Final = frozenset(PLACES.values()) | {
    "days_before",
    "interval",
    "entry_yearly",
    "years",
    *(f"step_{year}" for year in range(1, STEPS + 1)),
}


def read_fee(reading: FieldReading) -> dict[str, Any] | None:
    """The fee as members of a declaration; None where no mode was chosen."""
    mode = reading.text("mode", required=True)
    read = _PAYMENTS.get(mode or "")
    if read is None:
        return None
    fee: dict[str, Any] = {"payment": {"mode": mode} | _given(read(reading))}
    months = reading.count("free_months")
    if months:
        fee["free_period"] = {"months": months}
    trial, days = reading.count("later_months"), reading.count("later_days")
    if trial or days:
        fee["pay_after_use"] = _given({"trial_months": trial or None, "due_days": days})
    return fee | _given({"note": reading.text("fee_note")})


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _lump_sum(reading: FieldReading) -> dict[str, Any]:
    return {"amount_fen": reading.fen("amount"), "due_days": reading.count("due_days")}


def _instalments(reading: FieldReading) -> dict[str, Any]:
    """A total that is left out is what the parts come to; one that is stated is compared."""
    first, each = reading.fen("first"), reading.fen("each")
    times = reading.count("times", required=True)
    total = reading.fen("total", required=False)
    if total is None and None not in {first, each, times}:
        total = (first or 0) + (each or 0) * (times or 0)
    return {
        "first_fen": first,
        "first_due_days": reading.count("first_days"),
        "each_fen": each,
        "times": times,
        "interval": reading.text("interval") or "year",
        "due_days_before": reading.count("days_before"),
        "total_fen": total,
    }


def _royalty(reading: FieldReading) -> dict[str, Any]:
    base = reading.text("base", required=True)
    if base == "per_unit":
        members: dict[str, Any] = {
            "unit": reading.text("unit", required=True),
            "amount_fen": reading.fen("unit_amount"),
        }
    else:
        rate = reading.percent("rate")
        members = {"rate_percent": None if rate is None else str(rate)}
    return {
        "royalty": _given({"base": base, **members, "cap_fen": reading.fen("cap", required=False)})
    }


def _entry_plus_royalty(reading: FieldReading) -> dict[str, Any]:
    entry = {"entry_fen": reading.fen("entry"), "entry_yearly": reading.ticked("entry_yearly")}
    return entry | _royalty(reading)


def _annual_fixed(reading: FieldReading) -> dict[str, Any]:
    return {"amount_fen": reading.fen("amount"), "years": reading.count("years") or None}


def _stepped(reading: FieldReading) -> dict[str, Any]:
    """The years that have a sum; a gap is for the rules to name."""
    steps = []
    for year in range(1, STEPS + 1):
        fen = reading.fen(f"step_{year}", required=year == 1)
        if fen is not None:
            steps.append({"year": year, "amount_fen": fen})
    return {"steps": steps or None}


def _other(reading: FieldReading) -> dict[str, Any]:
    text = reading.text("other_text", required=True)
    return {"text": text, "maximum_fen": reading.fen("maximum")}


def _nothing(_reading: FieldReading) -> dict[str, Any]:
    return {}


_PAYMENTS: Final[dict[str, Callable[[FieldReading], dict[str, Any]]]] = {
    "free": _nothing,
    "lump_sum": _lump_sum,
    "instalments": _instalments,
    "entry_plus_royalty": _entry_plus_royalty,
    "royalty": _royalty,
    "annual_fixed": _annual_fixed,
    "annual_fee_equal": _nothing,
    "stepped": _stepped,
    "other": _other,
}


def fee_values(fee: FeeTerms) -> dict[str, object]:
    """The fields that say the same as the terms."""
    values: dict[str, object] = {"mode": fee.payment.mode, "fee_note": fee.note}
    if fee.free_period is not None:
        values["free_months"] = fee.free_period.months
    if fee.pay_after_use is not None:
        values["later_months"] = fee.pay_after_use.trial_months
        values["later_days"] = fee.pay_after_use.due_days
    return values | _payment_values(fee.payment)


def yuan(fen: int | None) -> str | None:
    """A sum as it is typed: yuan, with two decimals where there are fen."""
    if fen is None:
        return None
    whole, rest = divmod(fen, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)


@singledispatch
def _payment_values(_payment: object) -> dict[str, object]:
    return {}


@_payment_values.register
def _(payment: LumpSum) -> dict[str, object]:
    return {"amount": yuan(payment.amount_fen), "due_days": payment.due_days}


@_payment_values.register
def _(payment: Instalments) -> dict[str, object]:
    return {
        "first": yuan(payment.first_fen),
        "first_days": payment.first_due_days,
        "each": yuan(payment.each_fen),
        "times": payment.times,
        "interval": payment.interval,
        "days_before": payment.due_days_before,
        "total": yuan(payment.total_fen),
    }


@_payment_values.register
def _(payment: EntryPlusRoyalty) -> dict[str, object]:
    entry = {"entry": yuan(payment.entry_fen), "entry_yearly": payment.entry_yearly or None}
    return entry | _royalty_values(payment.royalty)


@_payment_values.register
def _(payment: RoyaltyOnly) -> dict[str, object]:
    return _royalty_values(payment.royalty)


def _royalty_values(royalty: Royalty) -> dict[str, object]:
    shared: dict[str, object] = {"base": royalty.base, "cap": yuan(royalty.cap_fen)}
    if isinstance(royalty, UnitRoyalty):
        return shared | {"unit": royalty.unit, "unit_amount": yuan(royalty.amount_fen)}
    return shared | {"rate": percent_text(royalty.rate_percent)}


@_payment_values.register
def _(payment: AnnualFixed) -> dict[str, object]:
    return {"amount": yuan(payment.amount_fen), "years": payment.years}


@_payment_values.register
def _(payment: Stepped) -> dict[str, object]:
    return {f"step_{step.year}": yuan(step.amount_fen) for step in payment.steps}


@_payment_values.register
def _(payment: Other) -> dict[str, object]:
    return {"other_text": payment.text, "maximum": yuan(payment.maximum_fen)}
