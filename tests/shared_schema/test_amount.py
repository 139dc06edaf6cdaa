"""Money and rates: forms seen on platforms, and what is refused as indefinite."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.amount import MAX_FEN, AmountUnit, parse_fen, parse_percent, yuan_text
from shared_schema.identifier_refusal import IdentifierRefused


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("2万元", 2_000_000),
        ("2 万", 2_000_000),
        ("27.87万元", 27_870_000),
        ("3.5千", 350_000),
        ("（3.5千）", 350_000),
        ("（3.5千）元", 350_000),
        ("20,000元", 2_000_000),
        ("２０，０００元", 2_000_000),
        ("￥20000元", 2_000_000),
        ("人民币2万元整", 2_000_000),
        ("叁万", 3_000_000),
        ("十万元", 10_000_000),
        ("1.5亿元", 15_000_000_000),
        ("545000万元", 545_000_000_000),  # implausible, which a rule tells, not the reader
        ("0元", 0),
        ("0.01元", 1),
    ],
)
def test_a_sum_with_its_unit_is_read(text: str, fen: int) -> None:
    assert parse_fen(text) == fen


@pytest.mark.parametrize(
    ("text", "unit", "fen"),
    [
        ("5000", "元", 500_000),
        ("0.5", "万元", 500_000),
        ("2.5万", "元", 2_500_000),
        ("5000元", "万元", 500_000),
        ("2万", "万元", 2_000_000),
    ],
)
def test_the_callers_unit_counts_only_where_the_text_has_none(
    text: str, unit: AmountUnit, fen: int
) -> None:
    assert parse_fen(text, unit) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5000", "unit_missing"),
        ("面议", "negotiable"),
        ("价格面议", "negotiable"),
        ("150000 元/年,具体费用可面谈", "negotiable"),
        ("5-10万元", "range"),
        ("5万元至10万元", "range"),
        ("5000～8000元", "range"),
        ("-5元", "negative"),
        ("100万美元", "currency"),
        ("$100", "currency"),
        ("0.005元", "fraction_of_fen"),
        ("0.0000000001万元", "fraction_of_fen"),
        ("100001亿元", "too_large"),
        ("1" * 21 + "元", "too_long"),
        ("2万元" + " " * 2_000 + "/年", "too_long"),
        ("NaN", "unreadable"),
        ("inf元", "unreadable"),
        ("1e5元", "unreadable"),
        ("2,0000元", "unreadable"),
        ("10%", "unreadable"),
        ("5(1)万", "unreadable"),
        ("(3)5千", "unreadable"),
        ("100万（中国同族）", "unreadable"),
        ("5万元+2%销售额", "unreadable"),
        ("免费", "unreadable"),
        ("", "unreadable"),
    ],
)
def test_what_is_not_one_definite_sum_is_refused(text: str, code: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_fen(text)

    assert caught.value.code == f"amount.{code}"


@given(st.integers(0, MAX_FEN))
def test_reading_a_printed_sum_gives_it_back(fen: int) -> None:
    assert parse_fen(yuan_text(fen) + "元") == fen
    assert parse_fen(yuan_text(fen), "元") == fen


@given(st.integers(0, MAX_FEN))
def test_wan_and_yuan_name_the_same_sum(fen: int) -> None:
    assert parse_fen(f"{Decimal(fen) / 1_000_000:f}万元") == fen


@given(st.text(max_size=30))
def test_any_text_is_a_sum_or_refused(text: str) -> None:
    try:
        fen = parse_fen(text, "元")
    except IdentifierRefused:
        return
    assert 0 <= fen <= MAX_FEN


def test_sums_are_printed_without_a_unit() -> None:
    assert [yuan_text(27_870_000), yuan_text(50), yuan_text(0)] == ["278,700", "0.50", "0"]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("10%", "10"),
        ("10", "10"),
        ("10.00％", "10"),
        ("5‰", "0.5"),
        ("百分之10", "10"),
        ("千分之 5", "0.5"),
        ("（3.3%）", "3.3"),
        ("100%", "100"),
        ("0", "0"),
    ],
)
def test_a_rate_is_read_as_a_percentage(text: str, rate: str) -> None:
    assert str(parse_percent(text)) == rate


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1-30%", "range"),
        ("3.3-5%", "range"),
        ("1%-30%", "range"),
        ("面议", "negotiable"),
        ("-1%", "negative"),
        ("150%", "rate_out_of_bounds"),
        ("0.0000001%", "rate_out_of_bounds"),
        ("2000元", "rate_unreadable"),
        ("", "rate_unreadable"),
    ],
)
def test_what_is_not_one_definite_rate_is_refused(text: str, code: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_percent(text)

    assert caught.value.code == f"amount.{code}"


def test_a_rate_without_any_unit_is_refused() -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_percent("10", None)

    assert caught.value.code == "amount.unit_missing"


@given(st.decimals(0, 100, places=6))
def test_reading_a_printed_rate_gives_it_back(rate: Decimal) -> None:
    assert parse_percent(f"{rate:f}%") == rate
    assert parse_percent(f"{rate:f}", "%") == rate
