"""Free use, lump sums and yearly fees that six platforms print, typed in, and their terms."""

import pytest

from subplatform.declarations.importing.fee_clause import read_clause
from tests.subplatform.clause_terms import payment


@pytest.mark.parametrize(
    "text",
    [
        "免费",
        " 免费",
        "免费使用",
        "免费使用。",
        "免费<br/>",
        "<br/>免费",
        "无偿提供，免费使用。",
        "无偿使用",
        "免费许可",
    ],
)
def test_free_use_is_free(text: str) -> None:
    assert payment(text) == {}


@pytest.mark.parametrize(
    ("text", "yuan", "days"),
    [
        (
            "采用一次总付的方式,在合同生效后（30）日内一次性全额支付所有使用费（15000）元",
            15_000,
            30,
        ),
        ("采用一次总付的方式,在合同生效后（10）日内一次性全额支付所有使用费（5万）元", 50_000, 10),
        ("采用一次总付的方式,20.13万元", 201_300, None),
        ("采用一次总付的方式,27.87万元", 278_700, None),
        ("采用一次总付方式，在合同生效后30日内一次性全额支付所有使用费10万元。", 100_000, 30),
        (
            "采用一次总付方式，在合同生效后30日内一次性全额支付所有使用费2，000,000.00元。",
            2_000_000,
            30,
        ),
        ("采用一次总付的方式,一次性全额支付所有使用费60万元", 600_000, None),
        ("一次总付 10日内 4万元", 40_000, 10),
        ("在合同生效后30日内一次性全额支付所有使用费2万元", 20_000, 30),
        ("在合同生效后30日内一次性全额支付10万元", 100_000, 30),
        ("采用一次总付的方式，在合同生效后7日内一次性全额10万元", 100_000, 7),
        ("采用一次总付的方式，在合同生效后30日内一次性全3万元。", 30_000, 30),
        ("在合同生效后7日内一次性支付所有使用费8万元", 80_000, 7),
        ("采用一次总付的方式，在合同生效后3日一次性全额支付所有使用费150万元", 1_500_000, 3),
        ("采用一次总付的方式，在合同生效后5日内一次性全额支付所有使用费138万", 1_380_000, 5),
        ("采用一次总付的方式，在合同生效后10日内一次性全额支付所有费用600元", 600, 10),
        ("采用一次总付的方式，在合同生效10日内一次性全额支付所有使用费20000元。<br/>", 20_000, 10),
        (
            "采用一次总付的方式，在合同生效后     10     日内一次性全额支付所有使用费  5万   元 。",
            50_000,
            10,
        ),
        (
            "采用一次总付的方式，在合同生效后 10 日内一次性全额支付所有使用费 ￥100,000  元 。",
            100_000,
            10,
        ),
        ("一次总付，合同生效后30日内一次性全额支付所有使用费30万元<br/>", 300_000, 30),
        ("一次总付50万元", 500_000, None),
        ("20万 一次总付", 200_000, None),
        ("2.采用一次总付的方式，在合同生效后30日内一次性全额支付所有使用费30万元 。", 300_000, 30),
        (
            "采用一次总付的方式，在合同生效后 三十 日内一次性全额支付所有使用费壹佰万元",
            1_000_000,
            30,
        ),
        (
            "采用一次总付的方式，在合同生效后 30 日内一次性全额支付所有使用费 十万 元 。",
            100_000,
            30,
        ),
        (
            "采用一次总付的方式，在合同生效后_15_日内一次性全额支付所有使用费__12500___元。",
            12_500,
            15,
        ),
        ("采用一次总付的方式,在合同生效后（10）日内一次性全额支付所有使用费（3.5千）元", 3_500, 10),
    ],
)
def test_a_lump_sum_is_one_sum_within_days(text: str, yuan: int, days: int | None) -> None:
    expected = {"mode": "lump_sum", "amount_fen": yuan * 100}

    read = read_clause(text).payment.model_dump(exclude_none=True, exclude={"working_days"})

    assert read == expected | ({} if days is None else {"due_days": days})


@pytest.mark.parametrize(
    ("text", "yuan", "days"),
    [
        ("8万", 80_000, None),
        ("80万元", 800_000, None),
        ("6万，15日内", 60_000, 15),
        ("80万元\t15日内<br/>", 800_000, 15),
        ("60万元，15日内支付", 600_000, 15),
        ("5万元/项", 50_000, None),
        ("100万（中国同族）", 1_000_000, None),
    ],
)
def test_a_bare_sum_is_a_lump_sum_where_another_column_says_so(
    text: str, yuan: int, days: int | None
) -> None:
    read = read_clause(text, mode="lump_sum").payment

    assert (read.mode, getattr(read, "amount_fen", 0)) == ("lump_sum", yuan * 100)
    assert getattr(read, "due_days", None) == days


@pytest.mark.parametrize("unit", ["个工作日", "工作日"])
def test_working_days_are_kept_apart_from_days(unit: str) -> None:
    text = f"采用一次总付的方式，在合同生效后10{unit}内一次性全额支付所有使用费2万元。"

    assert payment(text) == {"amount_fen": 2_000_000, "due_days": 10, "working_days": True}


def test_a_term_in_months_stays_words_because_a_month_has_no_fixed_days() -> None:
    read = read_clause("一次总付的方式，在合同生效后12个月内一次性全额支付所有使用费 300万 元")

    assert getattr(read.payment, "due_days", 0) is None
    assert read.note == "付款期限：12个月内"


def test_thousands_inside_the_amount_are_read_and_flagged() -> None:
    read = read_clause("一次总付，在合同生效后10日内一次性全额支付所有使用费（3.5千）元")

    assert getattr(read.payment, "amount_fen", 0) == 350_000
    assert read.note is not None
    assert "3.5千" in read.note


def test_the_sum_may_stand_in_another_column() -> None:
    text = "采用一次总付的方式，在合同生效后15工作日内一次性全额支付"

    read = read_clause(text, mode="lump_sum", sum_fen=1_000_000).payment

    assert read.model_dump() == {
        "mode": "lump_sum",
        "amount_fen": 1_000_000,
        "due_days": 15,
        "working_days": True,
    }


@pytest.mark.parametrize(
    ("text", "yuan", "years"),
    [
        ("0.6万元/年", 6_000, None),
        ("10000元/年", 10_000, None),
        ("采用一次总付的方式,0.5万元/年，周期5年", 5_000, 5),
        ("采用一次总付的方式,5万元/年", 50_000, None),
        (
            "每年使用费 50000元。采用一次付清的方式，在合同生效后 14 天内一次全额支付所有费用。",
            50_000,
            None,
        ),
        (
            (
                "每年收取使用费 30000 元。采用一次付清的方式，在合同生效后 14 天内一次全"
                "额支付所有费用。"
            ),
            30_000,
            None,
        ),
        (
            "100000 元/年，采用一次付清的方式，在合同生效后 14 天内一次全额支付所有费用。",
            100_000,
            None,
        ),
        ("50000元/年.采用一次付清的方式，在合同生效后 14 天内一次全额支付所有费用。", 50_000, None),
        (
            (
                "许可使用费每年 100000 元，采用一次付清的方式，在合同生效后 14 天内一次全"
                "额支付所有费用。"
            ),
            100_000,
            None,
        ),
        (
            (
                "每年许可使用费用2000元/件，采用一次性总付的方式，在合同生效后的15日内一"
                "次性全款支付所有费用。"
            ),
            2_000,
            None,
        ),
        ("采用一次总付的方式，在合同生效后30日内一次性全额支付所有使用费6万元/年", 60_000, None),
    ],
)
def test_the_same_sum_each_year(text: str, yuan: int, years: int | None) -> None:
    read = read_clause(text).payment

    assert read.model_dump() == {"mode": "annual_fixed", "amount_fen": yuan * 100, "years": years}


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        (
            (
                "首年免费使用，第二年开始每年使用费为3000元，采用一次性总付的方式，在合同"
                "生效后15日内一次性全额支付所有费用。"
            ),
            3_000,
        ),
        (
            "第一年免费，第二年开始每年使用费 10000 元，在合同生效后 14 天内一次全额支付所有费用。",
            10_000,
        ),
        (
            (
                "第一年免费；第二年开始每年使用为 10000 元，在合同生效后 ，14天内一次全额"
                "支付所有费用。"
            ),
            10_000,
        ),
        (
            (
                "第一年免费；第二年每年的使用费为 30000 元，采用一次付清的方式，在合同生"
                "效后 14 天内一次全额支付所有费用。"
            ),
            30_000,
        ),
        (
            (
                "第一年免费；第二年开始每年使用费为 30000 元，采用一次付清的方式在合同生"
                "效后 14 天内一次全额支付所有费用。"
            ),
            30_000,
        ),
    ],
)
def test_a_free_first_year_comes_before_a_yearly_fee(text: str, yuan: int) -> None:
    read = read_clause(text)

    assert (read.payment.mode, getattr(read.payment, "amount_fen", 0)) == (
        "annual_fixed",
        yuan * 100,
    )
    assert read.free_period is not None
    assert read.free_period.months == 12


@pytest.mark.parametrize(
    "text",
    [
        "第一年1000元，第二年5000元，第三年10000元。",
        "采用总付额内分期支付的方式,第一年1000元，第二年5000元，第三年10000元。",
    ],
)
def test_a_sum_for_each_year_is_stepped(text: str) -> None:
    assert payment(text)["steps"] == [
        {"year": 1, "amount_fen": 100_000},
        {"year": 2, "amount_fen": 500_000},
        {"year": 3, "amount_fen": 1_000_000},
    ]


def test_use_first_and_pay_later_wraps_a_lump_sum() -> None:
    read = read_clause("300万，12个月内", mode="lump_sum", pay_after_use=True)

    assert read.pay_after_use is not None
    assert (read.pay_after_use.trial_months, read.pay_after_use.due_days) == (12, 0)
    assert getattr(read.payment, "amount_fen", 0) == 300_000_000


def test_use_first_and_pay_later_may_leave_the_trial_unstated() -> None:
    read = read_clause("先使用后付费，一次总付10万元")

    assert read.pay_after_use is not None
    assert read.pay_after_use.trial_months is None


def test_a_sum_due_after_production_starts_keeps_the_condition_in_words() -> None:
    read = read_clause("专利设备投入生产后10日内一次性支付所有使用费50000元。")

    assert getattr(read.payment, "due_days", 0) is None
    assert read.note == "原文：专利设备投入生产后10日内"
