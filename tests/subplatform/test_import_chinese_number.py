"""Chinese numerals: read where they form one number, refused where they could be two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subplatform.declarations.importing.chinese_number import NUMERALS, chinese_number

DIGITS = "零一二三四五六七八九"


def numeral(value: int) -> str:
    """The plain numeral of 1 to 9,999, as taught: 零 for skipped ranks, 十五 without 一."""
    written, skipped = "", False
    for rank, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // rank % 10
        if digit:
            written += ("零" if skipped and written else "") + DIGITS[digit] + sign
        skipped = not digit
    return written.removeprefix("一") if written.startswith("一十") else written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("五", 5),
        ("两", 2),
        ("十", 10),
        ("十五", 15),
        ("三十", 30),
        ("一百零五", 105),
        ("一百二十", 120),
        ("三千零五十", 3_050),
        ("壹佰万", 1_000_000),
        ("贰拾肆万", 240_000),
        ("壹佰伍拾万", 1_500_000),
        ("五万零三", 50_003),
        ("一亿零五万", 100_050_000),
        ("零", 0),
    ],
)
def test_a_numeral_has_its_value(text: str, value: int) -> None:
    assert chinese_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "一百五", "五万三", "二千五", "一二", "十百", "万", "亿", "一万万", "五零", "甲"]
)
def test_what_could_mean_two_numbers_is_no_number(text: str) -> None:
    assert chinese_number(text) is None


@given(st.integers(1, 9_999))
def test_every_plain_numeral_below_ten_thousand_is_read(value: int) -> None:
    assert chinese_number(numeral(value)) == value


@given(st.integers(1, 9_999), st.integers(1_000, 9_999))
def test_ten_thousands_and_the_rest_add_up(high: int, low: int) -> None:
    assert chinese_number(f"{numeral(high)}万{numeral(low)}") == high * 10_000 + low


@given(st.text(alphabet=NUMERALS, max_size=12))
def test_any_signs_give_a_number_or_none(text: str) -> None:
    value = chinese_number(text)

    assert value is None or value >= 0
