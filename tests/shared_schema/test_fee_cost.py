"""What fee terms come to over the years of a licence."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.annual_fee import licence_years_fees
from shared_schema.fee_cost import ForecastIncomplete, total_cost
from shared_schema.fee_terms import FeeTerms

YUAN = 100


class NoPayment(FeeTerms):
    """Terms whose payment no validator has seen."""

    payment: Any = None


def terms(payment: dict[str, Any], **modifiers: object) -> FeeTerms:
    return FeeTerms.model_validate({"payment": payment} | modifiers)


def by_year(
    schedule_of: FeeTerms,
    *,
    years: int,
    yearly_net_sales_fen: int | None = None,
    yearly_profit_fen: int | None = None,
    units: int | None = None,
    annual_fees: tuple[int, ...] = (),
) -> list[tuple[int, int]]:
    schedule = total_cost(
        schedule_of,
        years=years,
        yearly_net_sales_fen=yearly_net_sales_fen,
        yearly_profit_fen=yearly_profit_fen,
        units=units,
        annual_fees=annual_fees,
    )
    return [(payment.year, payment.amount_fen // YUAN) for payment in schedule.payments]


LUMP = {"mode": "lump_sum", "amount_fen": 30_000 * YUAN, "due_days": 30}
INSTALMENTS = {
    "mode": "instalments",
    "first_fen": 50_000 * YUAN,
    "each_fen": 50_000 * YUAN,
    "times": 4,
    "total_fen": 250_000 * YUAN,
}
ENTRY = {
    "mode": "entry_plus_royalty",
    "entry_fen": 5_000 * YUAN,
    "royalty": {"base": "net_sales", "rate_percent": "10"},
}
YEARLY = {"mode": "annual_fixed", "amount_fen": 1_200 * YUAN}


# The three worked examples that the design gives for the estimation guideline.
def test_a_lump_sum_is_owed_once() -> None:
    assert by_year(terms(LUMP), years=5) == [(1, 30_000)]


def test_yearly_instalments_come_to_250_000_yuan_in_five_payments() -> None:
    schedule = total_cost(terms(INSTALMENTS), years=5)

    assert schedule.total_fen == 250_000 * YUAN
    assert len(schedule.payments) == 5
    assert [payment.year for payment in schedule.payments] == [1, 1, 2, 3, 4]
    assert schedule.payments[1].why.zh == "首期后第 1 期"


def test_an_entry_fee_and_ten_percent_of_net_sales_come_to_125_000_yuan() -> None:
    schedule = total_cost(terms(ENTRY), years=1, yearly_net_sales_fen=1_200_000 * YUAN)

    assert schedule.total_fen == 125_000 * YUAN
    assert [payment.why.en for payment in schedule.payments] == [
        "entry fee",
        "royalty of 10 % of net sales, year 1",
    ]
    assert not schedule.is_maximum


def test_free_costs_nothing() -> None:
    assert by_year(terms({"mode": "free"}), years=20) == []


def test_monthly_and_quarterly_instalments_fall_into_their_years() -> None:
    monthly = INSTALMENTS | {"interval": "month", "times": 13}
    quarterly = INSTALMENTS | {"interval": "quarter", "times": 5}

    assert [year for year, _ in by_year(terms(monthly), years=2)] == [1] * 13 + [2]
    assert [year for year, _ in by_year(terms(quarterly), years=2)] == [1] * 5 + [2]


def test_a_fixed_total_is_owed_in_full_beyond_the_forecast() -> None:
    assert by_year(terms(INSTALMENTS), years=1)[-1] == (4, 50_000)


def test_a_yearly_entry_fee_is_owed_each_year() -> None:
    yearly = terms(ENTRY | {"entry_yearly": True})

    assert by_year(yearly, years=2, yearly_net_sales_fen=0) == [(1, 5_000), (2, 5_000)]


def test_profit_and_units_are_bases_of_their_own() -> None:
    profit = terms({"mode": "royalty", "royalty": {"base": "profit", "rate_percent": "40"}})
    unit = {"base": "per_unit", "unit": "台", "amount_fen": 6 * YUAN}
    units = terms({"mode": "royalty", "royalty": unit})

    assert by_year(profit, years=2, yearly_profit_fen=1_000 * YUAN) == [(1, 400), (2, 400)]
    assert by_year(units, years=2, units=100) == [(1, 600), (2, 600)]


def test_a_royalty_ends_at_its_cap() -> None:
    royalty = {"base": "sales", "rate_percent": "5", "cap_fen": 120 * YUAN}
    capped = terms({"mode": "royalty", "royalty": royalty})

    assert by_year(capped, years=4, yearly_net_sales_fen=1_000 * YUAN) == [
        (1, 50),
        (2, 50),
        (3, 20),
    ]


def test_a_yearly_sum_lasts_its_years_or_all_of_them() -> None:
    assert by_year(terms(YEARLY), years=3) == [(1, 1_200), (2, 1_200), (3, 1_200)]
    assert by_year(terms(YEARLY | {"years": 2}), years=3) == [(1, 1_200), (2, 1_200)]


def test_steps_go_on_with_the_last_one() -> None:
    steps = [
        {"year": 1, "amount_fen": 1_000 * YUAN},
        {"year": 2, "amount_fen": 5_000 * YUAN},
        {"year": 3, "amount_fen": 10_000 * YUAN},
    ]
    late = terms({"mode": "stepped", "steps": steps[1:]})

    stepped = terms({"mode": "stepped", "steps": steps})
    assert by_year(stepped, years=4) == [(1, 1_000), (2, 5_000), (3, 10_000), (4, 10_000)]
    assert by_year(late, years=2) == [(2, 5_000)]


def test_terms_equal_to_the_annual_fee_follow_the_patent_s_years() -> None:
    fees = licence_years_fees(
        "invention", filing_date=date(2021, 8, 25), licence_start=date(2026, 11, 22), years=3
    )

    assert by_year(terms({"mode": "annual_fee_equal"}), years=3, annual_fees=fees) == [
        (1, 1_200),
        (2, 2_000),
        (3, 2_000),
    ]
    assert by_year(terms({"mode": "annual_fee_equal"}), years=3, annual_fees=fees[:1]) == [
        (1, 1_200)
    ]


def test_other_terms_cost_at_most_their_maximum() -> None:
    schedule = total_cost(
        terms({"mode": "other", "text": "以设备折抵", "maximum_fen": 100}), years=1
    )

    assert schedule.total_fen == 100
    assert schedule.is_maximum


def test_a_free_first_year_leaves_the_later_ones() -> None:
    free = {"free_period": {"months": 12}}

    assert by_year(terms(YEARLY, **free), years=3) == [(2, 1_200), (3, 1_200)]
    assert by_year(terms(YEARLY | {"years": 2}, **free), years=4) == [(2, 1_200), (3, 1_200)]
    assert by_year(terms(LUMP, **free), years=3) == [(2, 30_000)]
    assert by_year(terms(INSTALMENTS, **free), years=5)[0] == (2, 50_000)


def test_half_a_year_free_halves_the_first_yearly_sum() -> None:
    half = {"free_period": {"months": 6}}

    assert by_year(terms(YEARLY, **half), years=2) == [(1, 600), (2, 1_200)]
    assert by_year(terms(ENTRY, **half), years=1, yearly_net_sales_fen=1_200_000 * YUAN) == [
        (1, 5_000),
        (1, 60_000),
    ]


@pytest.mark.parametrize(
    ("later", "year"),
    [
        ({}, 1),
        ({"trial_months": 11}, 1),
        ({"trial_months": 12}, 2),
        ({"trial_months": 11, "due_days": 30}, 1),
        ({"trial_months": 11, "due_days": 31}, 2),
    ],
)
def test_use_first_pay_later_only_puts_payments_off(later: dict[str, int], year: int) -> None:
    assert by_year(terms(LUMP, pay_after_use=later), years=3) == [(year, 30_000)]


@pytest.mark.parametrize(
    ("payment", "figure"),
    [
        (ENTRY, "yearly_net_sales_fen"),
        (ENTRY | {"royalty": {"base": "profit", "rate_percent": "1"}}, "yearly_profit_fen"),
        (ENTRY | {"royalty": {"base": "per_unit", "unit": "件", "amount_fen": 1}}, "units"),
        ({"mode": "annual_fee_equal"}, "annual_fees"),
        ({"mode": "other", "text": "面议"}, "maximum_fen"),
    ],
)
def test_a_missing_figure_is_asked_for_by_name(payment: dict[str, Any], figure: str) -> None:
    with pytest.raises(ForecastIncomplete) as refused:
        total_cost(terms(payment), years=1)

    assert refused.value.errors[0].pointer == f"/{figure}"


def test_what_is_no_payment_has_no_cost() -> None:
    with pytest.raises(TypeError):
        total_cost(FeeTerms.model_validate(NoPayment()), years=1)


def test_a_licence_has_at_least_one_year() -> None:
    with pytest.raises(ForecastIncomplete):
        total_cost(terms(LUMP), years=0)


@given(
    amount=st.integers(0, 10**15),
    years=st.integers(1, 20),
    months=st.integers(1, 240),
)
def test_a_free_period_never_costs_more(amount: int, years: int, months: int) -> None:
    payment = {"mode": "annual_fixed", "amount_fen": amount}

    plain = total_cost(terms(payment), years=years)
    freed = total_cost(terms(payment, free_period={"months": months}), years=years)

    assert freed.total_fen <= plain.total_fen == amount * years
