"""Examples of cost: never beyond the offer's period, official fees from the table."""

from datetime import date

import pytest

from shared_platform.public_pages.reader import Reader
from shared_platform.public_pages.terms_view import TermsView, terms_view
from shared_schema.annual_fee import annual_fee
from shared_schema.public_listing import NineItems
from tests.shared_schema.offers import a_declaration, paying

TODAY = date(2026, 11, 22)
NUMBER = "2019100000023"


def viewed(end: str, payment: dict[str, object]) -> TermsView:
    declaration = a_declaration(**paying(payment), period={"end": end})
    nine = NineItems.from_declaration(declaration)
    return terms_view(nine, NUMBER, Reader(), today=TODAY)


@pytest.mark.parametrize(
    ("end", "years"),
    [
        ("2027-11-21", (1,)),
        ("2027-11-20", (1,)),
        ("2028-12-31", (1, 2)),
        ("2029-11-21", (1, 3)),
        ("2033-01-01", (1, 3, 5, 6)),
    ],
)
def test_no_example_reaches_beyond_the_period(end: str, years: tuple[int, ...]) -> None:
    view = viewed(end, {"mode": "annual_fixed", "amount_fen": 100_00})

    assert view.years == years
    assert view.rows[0].totals == tuple(str(100 * one) for one in years)
    assert end in view.note


def test_less_than_a_year_is_said_to_be_reckoned_as_one() -> None:
    assert "不足一年" in viewed("2027-01-31", {"mode": "free"}).note


def test_a_fee_equal_to_the_annual_fee_is_reckoned_from_the_table() -> None:
    view = viewed("2029-12-31", {"mode": "annual_fee_equal"})

    fees = [annual_fee("invention", year).official_fen // 100 for year in (8, 9, 10)]
    assert view.years == (1, 3)
    assert view.rows[0].totals == (f"{fees[0]:,}", f"{sum(fees):,}")
    assert (view.is_maximum, "年费标准" in view.note) == (True, True)
