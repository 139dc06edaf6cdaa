"""Official annual fees and the best reduction."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.annual_fee import (
    OPEN_LICENCE,
    NoAnnualFee,
    annual_fee,
    fee_bands,
    licence_years_fees,
    patent_year,
    reductions,
)
from shared_schema.patent_number import PatentKind

LAST: dict[PatentKind, int] = {"invention": 20, "utility_model": 10, "design": 15}
# Typed in from the design: first year of a band, yuan.
BANDS: dict[PatentKind, dict[int, int]] = {
    "invention": {1: 900, 4: 1_200, 7: 2_000, 10: 4_000, 13: 6_000, 16: 8_000},
    "utility_model": {1: 600, 4: 900, 6: 1_200, 9: 2_000},
    "design": {1: 600, 4: 900, 6: 1_200, 9: 2_000, 11: 3_000},
}


@pytest.mark.parametrize("kind", list(BANDS))
def test_every_year_of_a_patent_has_its_fee(kind: PatentKind) -> None:
    expected = 0
    for year in range(1, LAST[kind] + 1):
        expected = BANDS[kind].get(year, expected)
        assert annual_fee(kind, year).payable_fen == expected * 100


@pytest.mark.parametrize("kind", list(BANDS))
def test_there_is_no_fee_outside_the_term(kind: PatentKind) -> None:
    for year in (0, LAST[kind] + 1):
        with pytest.raises(NoAnnualFee):
            annual_fee(kind, year)


def test_year_eleven_of_an_invention_under_an_open_licence_costs_3_400_yuan() -> None:
    fee = annual_fee("invention", 11, entitled=[OPEN_LICENCE])

    assert (fee.official_fen, fee.payable_fen) == (400_000, 340_000)
    assert fee.reduction == reductions()[OPEN_LICENCE]


def test_the_better_reduction_is_taken_and_they_never_add_up() -> None:
    fee = annual_fee("invention", 5, entitled=[OPEN_LICENCE, "fee_relief_single"])

    assert fee.payable_fen == 18_000  # 180 yuan; the open licence alone would leave 1,020
    assert fee.reduction is not None
    assert fee.reduction.percent == Decimal(85)
    assert annual_fee("invention", 5, entitled=[OPEN_LICENCE]).payable_fen == 102_000


def test_an_unknown_reduction_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NoAnnualFee, match="open_licence"):
        annual_fee("design", 1, entitled=["friendship"])


def test_every_row_names_its_source() -> None:
    assert all(band.source for band in fee_bands())
    assert all(reduction.source for reduction in reductions().values())
    assert reductions()["fee_relief_joint"].max_years == 10
    assert reductions()[OPEN_LICENCE].max_years is None


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2016, 2, 29), 1),
        (date(2017, 2, 27), 1),
        (date(2017, 2, 28), 2),
        (date(2020, 2, 28), 4),
        (date(2020, 2, 29), 5),
    ],
)
def test_patent_years_begin_on_the_anniversary_of_filing(day: date, year: int) -> None:
    assert patent_year(date(2016, 2, 29), day) == year


def test_there_is_no_patent_year_before_filing() -> None:
    with pytest.raises(NoAnnualFee):
        patent_year(date(2016, 2, 29), date(2016, 2, 28))


def test_licence_years_end_with_the_patent() -> None:
    fees = licence_years_fees(
        "utility_model", filing_date=date(2018, 5, 1), licence_start=date(2026, 11, 22), years=5
    )

    assert fees == (200_000, 200_000)


@given(
    kind=st.sampled_from(list(BANDS)),
    grounds=st.sets(st.sampled_from(list(reductions()))),
    share=st.floats(0, 0.999),
)
def test_more_grounds_never_cost_more(kind: PatentKind, grounds: set[str], share: float) -> None:
    year = 1 + int(share * LAST[kind])

    fee = annual_fee(kind, year, entitled=grounds)

    assert 0 < fee.payable_fen <= annual_fee(kind, year).payable_fen
    assert all(
        fee.payable_fen <= annual_fee(kind, year, entitled=[one]).payable_fen for one in grounds
    )
