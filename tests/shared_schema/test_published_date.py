"""Days in the forms that provincial platforms print."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.published_date import anniversary, parse_date, years_after

LISTINGS = Path(__file__).parents[3] / "shared" / "data" / "published_listings"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-12-31", date(2024, 12, 31)),
        ("2033年5月31日", date(2033, 5, 31)),
        ("2033 年 5 月 31 日", date(2033, 5, 31)),
        ("2037.11.24", date(2037, 11, 24)),
        ("2026/06/30", date(2026, 6, 30)),
        ("2041-1-7", date(2041, 1, 7)),
        ("２０２６－０６－３０", date(2026, 6, 30)),
        ("2022-11-24 00:00:00", date(2022, 11, 24)),
        ("2022-11-24T08:30:00Z", date(2022, 11, 24)),
        ("1735574400000", date(2024, 12, 31)),  # midnight of that day in Shanghai
        ("1735574399999", date(2024, 12, 30)),
    ],
)
def test_every_form_seen_is_read(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize("text", ["2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01"])
def test_a_day_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_date(text)

    assert caught.value.code == "published_date.no_such_day"


@pytest.mark.parametrize(
    "text", ["", "3年", "长期", "2024-12", "31/12/2024", "2024-12/31", "20241231", "2024-12-31x"]
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_date(text)

    assert caught.value.code == "published_date.unreadable"


def test_an_overlong_text_is_refused_and_not_cut() -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_date("2024-12-31" + " " * 2_000 + "或以后")

    assert caught.value.code == "published_date.too_long"


@given(
    st.dates(date(1000, 1, 1)),
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]),
)
def test_reading_what_is_printed_gives_the_day_back(day: date, form: str) -> None:
    assert parse_date(day.strftime(form)) == day


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        (date(2022, 8, 4), "3年", date(2025, 8, 4)),
        (date(2022, 8, 4), "20年", date(2042, 8, 4)),
        (date(2024, 2, 29), "１年", date(2025, 2, 28)),
        (date(2024, 2, 29), "4 年", date(2028, 2, 29)),
    ],
)
def test_a_period_in_years_ends_on_the_corresponding_day(start: date, text: str, end: date) -> None:
    assert years_after(start, text) == end


@pytest.mark.parametrize("text", ["0年", "100年", "3", "三年", "3个月", ""])
def test_what_is_no_number_of_years_is_refused(text: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        years_after(date(2022, 8, 4), text)

    assert caught.value.code == "published_date.years"


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 99))
def test_an_anniversary_is_in_the_same_month(start: date, years: int) -> None:
    end = anniversary(start, years)

    assert (end.year, end.month) == (start.year + years, start.month)


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="the published listings are not at hand")
def test_all_but_the_two_blank_published_deadlines_are_read() -> None:
    texts = [text for platform in LISTINGS.glob("*.csv") for text in _deadlines(platform)]

    assert len([parse_date(text) for text in texts if text]) == 12_526
    assert texts.count("") == 2


def _deadlines(platform: Path) -> list[str]:
    with platform.open(encoding="utf-8-sig", newline="") as file:
        return [
            row["license_deadline"] for row in csv.DictReader(file) if "license_deadline" in row
        ]
