"""What examiners are told of a fee, and the words of every reason: pure."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from main_platform.console.declaration_view import items_of
from main_platform.console.desk_words import STATE_WORDS, VERDICT_WORDS
from main_platform.console.fee_guidance import fee_guidance
from main_platform.review.reason_codes import NEEDS_TEXT, reason_codes, reason_texts
from main_platform.review.states import ReviewState
from shared_platform.public_pages.reader import Reader
from shared_schema.fee_benchmark import benchmark_for, fee_benchmarks, read_benchmarks
from tests.main_platform.hub_places import NOW
from tests.shared_schema.offers import UTILITY_MODEL, a_declaration, a_patent, paying

TODAY = date(2026, 11, 22)
ENGLISH = Reader("en")
LUMP_SUM = {"mode": "lump_sum", "amount_fen": 3_000_000, "due_days": 30}
GIVEN_OFTEN = {"return", "reject", "withdraw", "suspend", "resume"}


def a_row(**changes: str) -> dict[str, str]:
    """A row as the reference table has it; its figures are the test's own."""
    return {
        "kind": "invention",
        "mode": "lump_sum",
        "section": "",
        "measure": "yuan",
        "quantile_25": "10000",
        "median": "20000",
        "quantile_75": "50000",
        "sample": "120",
        "period": "2024",
        "source": "test",
    } | changes


def test_the_table_that_ships_invents_nothing() -> None:
    assert fee_benchmarks() == ()
    assert fee_guidance(a_declaration(), ENGLISH, today=TODAY).benchmark is None


@pytest.mark.parametrize(
    ("yuan", "place"),
    [
        (9_000, "in the lowest quarter"),
        (20_000, "between the lowest quarter and the median"),
        (20_001, "between the median and the highest quarter"),
        (50_001, "in the highest quarter"),
    ],
)
def test_a_fee_has_its_place_among_published_ones(yuan: int, place: str) -> None:
    offer = a_declaration(**paying(LUMP_SUM | {"amount_fen": yuan * 100}))

    found = fee_guidance(offer, ENGLISH, today=TODAY, table=read_benchmarks([a_row()])).benchmark

    assert found is not None
    assert (found.place, found.sample, found.quantiles[1]) == (place, 120, "20000 yuan")


def test_the_patents_own_section_counts_before_all_of_them() -> None:
    table = read_benchmarks([a_row(), a_row(section="G", median="7")])

    found = [benchmark_for("invention", "lump_sum", one, table=table) for one in ("G", "A", "")]

    assert [one and one.median for one in found] == [Decimal(7), Decimal(20000), Decimal(20000)]
    assert benchmark_for("design", "lump_sum", "", table=table) is None


def test_a_royalty_is_measured_by_its_rate_and_one_per_unit_not_at_all() -> None:
    table = read_benchmarks([a_row(mode="royalty", measure="percent", quantile_25="1", median="3")])
    rate: dict[str, Any] = {
        "mode": "royalty",
        "royalty": {"base": "net_sales", "rate_percent": "2"},
    }
    unit: dict[str, Any] = {
        "mode": "royalty",
        "royalty": {"base": "per_unit", "unit": "件", "amount_fen": 200},
    }

    by_rate = fee_guidance(a_declaration(**paying(rate)), ENGLISH, today=TODAY, table=table)
    by_unit = fee_guidance(a_declaration(**paying(unit)), ENGLISH, today=TODAY, table=table)

    assert by_rate.benchmark is not None
    assert by_rate.benchmark.place == "between the lowest quarter and the median"
    assert by_unit.benchmark is None


def test_the_annual_fees_are_those_of_the_kind_with_the_present_years_marked() -> None:
    offer = a_declaration(**a_patent(UTILITY_MODEL, "utility_model"))  # of 2022

    found = fee_guidance(offer, ENGLISH, today=TODAY)

    assert found.years_now == (4, 5)
    assert [(one.years, one.official, one.reduced) for one in found.bands if one.is_now] == [
        ("4–5", "900", "765")
    ]


def test_every_item_of_a_declaration_has_words_in_both_languages() -> None:
    for reader in (Reader("zh"), ENGLISH):
        items = items_of(a_declaration(), reader, today=TODAY, now=NOW)
        assert [one.name for one in items if one.is_public] == [
            "number",
            "title",
            "holders",
            "fee",
            "period",
            "territory",
            "technical_field",
            "contact",
            "report",
        ]
        assert all(one.label and one.text for one in items)


def test_reasons_that_are_given_often_have_usual_words_in_both_languages() -> None:
    often = {
        code
        for code, row in reason_codes().items()
        if row.verdicts & GIVEN_OFTEN and "erase" not in row.verdicts
    }

    assert often - NEEDS_TEXT - {"key_revoked"} - reason_texts().keys() == set()
    assert reason_texts().keys() <= reason_codes().keys()
    assert all(words.zh and words.en for words in reason_texts().values())


def test_every_state_and_verdict_has_words() -> None:
    assert STATE_WORDS.keys() == set(ReviewState)
    assert VERDICT_WORDS.keys() == {"approve", "return", "reject"}
