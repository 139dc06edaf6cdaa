from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.instants import (
    SystemClock,
    clock_at,
    format_instant,
    legal_day,
    parse_instant,
    whole_second,
)


def test_the_legal_day_changes_at_midnight_in_shanghai() -> None:
    before = datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)

    assert legal_day(before) == date(2026, 11, 21)
    assert legal_day(before + timedelta(seconds=1)) == date(2026, 11, 22)


_LONG = (datetime(1970, 1, 1), datetime(2999, 1, 1))  # noqa: DTZ001  hypothesis wants naive bounds


@given(st.datetimes(min_value=_LONG[0], max_value=_LONG[1]))
def test_an_instant_is_printed_and_read_back(naive: datetime) -> None:
    instant = whole_second(naive.replace(tzinfo=UTC))

    assert parse_instant(format_instant(instant)) == instant


def test_an_instant_of_another_zone_is_printed_in_utc() -> None:
    noon = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=8)))

    assert format_instant(noon) == "2026-11-22T04:00:00Z"


@pytest.mark.parametrize(
    "text", ["2026-11-22 08:00:00Z", "2026-11-22T08:00:00", "2026-11-22T08:00:00.5Z", "", "now"]
)
def test_no_other_form_is_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)


def test_a_rehearsal_clock_runs_on_its_day() -> None:
    clock = clock_at(date(2023, 6, 1))

    first, second = clock.now(), clock.now()

    assert legal_day(first) == date(2023, 6, 1)
    assert first <= second


def test_without_a_day_the_clock_is_the_machines() -> None:
    assert abs(clock_at(None).now() - SystemClock().now()) < timedelta(seconds=5)
