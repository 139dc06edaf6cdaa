"""Every clause shape that six platforms print, typed in, and the terms it states."""

from typing import Any

import pytest

from subplatform.declarations.importing.fee_clause import read_clause


def terms(text: str, **stated: Any) -> dict[str, Any]:
    return read_clause(text, **stated).model_dump(
        mode="json", exclude_defaults=True, exclude={"note"}
    )


def payment(text: str, **stated: Any) -> dict[str, Any]:
    found = terms(text, **stated)
    assert set(found) == {"payment"}
    return dict(found["payment"])


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
    ("text", "entry", "base", "rate"),
    [
        (
            (
                "采用入门费和提成费相结合的方式,其中入门费为（3000）元，提成费按当年度合"
                "同产品净销售额的 （1）%提取 。"
            ),
            3_000,
            "net_sales",
            "1",
        ),
        (
            (
                "采用入门费和提成费相结合的方式,其中入门费为（6000）元，提成费按当年度合"
                "同产品净销售额的 （5）\n%提取 。"
            ),
            6_000,
            "net_sales",
            "5",
        ),
        (
            (
                "采用入门费和提成费相结合的方式,其中入门费为10万元，提成费按当年度合同产"
                "品净销售额的2%提取"
            ),
            100_000,
            "net_sales",
            "2",
        ),
        (
            (
                "采用入门费和提成费相结合的方式,其中入门费为（500万）元，提成费按当年度合"
                "同产品净销售额的 （10）%提取 。"
            ),
            5_000_000,
            "net_sales",
            "10",
        ),
        (
            (
                "采用入门费和提成费相结合的方式,其中入门费为0元，提成费按当年度合同产品净"
                "销售额的35%提取。"
            ),
            0,
            "net_sales",
            "35",
        ),
        (
            (
                "采用入门费和提成费相结合的方式，其中入门费为30000元及提成费按当年度合同"
                "产品净销售额的5%提取。<br/>"
            ),
            30_000,
            "net_sales",
            "5",
        ),
        (
            (
                "1.采用入门费和提成费相结合的方式，其中入门费为 15 万 元，提成费按当年度"
                "合同产品净销售额的 10 % 提取。"
            ),
            150_000,
            "net_sales",
            "10",
        ),
        ("入门费为9万元＋提成费按当年度合同产品净销售额的10％提取", 90_000, "net_sales", "10"),
        (
            "入门费＋提成费：30万元，提成费按当年度合同产品净销售额的2％提取",
            300_000,
            "net_sales",
            "2",
        ),
        ("入门费为30万元，提成费净销售额的1.5%。", 300_000, "net_sales", "1.5"),
        ("1万+10%净销售额", 10_000, "net_sales", "10"),
        ("100万+净销售额7%", 1_000_000, "net_sales", "7"),
        ("20万+5%销售额提成", 200_000, "sales", "5"),
        ("5万元+2%销售额", 50_000, "sales", "2"),
        ("10万+销售额提成10%", 100_000, "sales", "10"),
        ("20万入门费+2%销售额提成", 200_000, "sales", "2"),
        ("5万元+当年度合同产品净销售额的3%提取提成", 50_000, "net_sales", "3"),
        ("20万＋当年度合同产品净销售额2%", 200_000, "net_sales", "2"),
        ("20万+提成费按每套汽车座椅安全带系统销售价格的3%提取。", 200_000, "sales", "3"),
        ("入门费5万元，提成费按净利润的20%提取", 50_000, "profit", "20"),
    ],
)
def test_an_entry_fee_and_a_share_of_a_stated_base(
    text: str, entry: int, base: str, rate: str
) -> None:
    assert payment(text) == {
        "entry_fen": entry * 100,
        "royalty": {"base": base, "rate_percent": rate},
    }


@pytest.mark.parametrize(
    ("text", "entry", "base", "rate"),
    [
        ("入门费0.5万元/年+销售额提成5%。", 5_000, "sales", "5"),
        ("入门费5000元/年，+销售额提成5%。", 5_000, "sales", "5"),
        ("入门费10万/年+销售额提成5%。", 100_000, "sales", "5"),
        ("入门费0.5万元/年+销售提成5%。", 5_000, "sales", "5"),
        ("许可期限3年，许可费用：入门费3000元/年+销售提成5%。", 3_000, "sales", "5"),
        ("入门费为10万元/年，提成费净销售额的1‰。", 100_000, "net_sales", "0.1"),
        (
            (
                "采用入门费和提成费相结合的方式，其中入门费为 每年20 万元，提成费按当年度"
                "合同产品净销售额的 5% 提取"
            ),
            200_000,
            "net_sales",
            "5",
        ),
    ],
)
def test_an_entry_fee_may_be_owed_each_year(text: str, entry: int, base: str, rate: str) -> None:
    assert terms(text)["payment"] == {
        "entry_fen": entry * 100,
        "entry_yearly": True,
        "royalty": {"base": base, "rate_percent": rate},
    }


@pytest.mark.parametrize(
    ("text", "entry", "unit", "each"),
    [
        ("采用入门费和提成费相结合的方式,入门费：3万元，提成费：6元/件", 30_000, "件", 6),
        ("采用入门费和提成费相结合的方式,入门费：3万元，提成费100元/件", 30_000, "件", 100),
        (
            "采用入门费和提成费相结合的方式,入门费：500万元，提成费：10万元/件",
            5_000_000,
            "件",
            100_000,
        ),
        (
            "采用入门费和提成费相结合的方式,其中入门费为（10000）元，提成费按10000/台提取。",
            10_000,
            "台",
            10_000,
        ),
        ("50万元+10万元/台提成", 500_000, "台", 100_000),
        ("入门费10万元，每销售一副天线提成1000元/天线", 100_000, "天线", 1_000),
        ("入门费50万元，每授权一部终端提成200元/终端·年", 500_000, "终端·年", 200),
    ],
)
def test_a_royalty_may_be_a_sum_for_each_unit(text: str, entry: int, unit: str, each: int) -> None:
    read = read_clause(text).payment.model_dump(exclude_defaults=True)

    assert read["entry_fen"] == entry * 100
    assert read["royalty"] == {"unit": unit, "amount_fen": each * 100}


def test_a_bare_number_takes_the_one_unit_of_its_clause_and_says_so() -> None:
    read = read_clause("入门费和提成费相结合的方式,其中入门费为10000元，提成费按10000/台提取。")

    assert read.note == "“10000”原文未写单位，按同一条款的单位元读取"


def test_a_cap_ends_the_royalty() -> None:
    read = read_clause("入门费1万元，提成费按净销售额的5%提取，累计不超过50万元")

    assert read.payment.model_dump()["royalty"]["cap_fen"] == 50_000_000


def test_a_royalty_may_stand_alone() -> None:
    assert terms("提成费按当年度合同产品净销售额的5%提取")["payment"] == {
        "royalty": {"base": "net_sales", "rate_percent": "5"}
    }


def test_an_entry_fee_alone_is_one_sum_under_its_own_name() -> None:
    read = read_clause("入门费5万元")

    assert (read.payment.mode, read.note) == ("lump_sum", "原文：入门费5万元")


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
        "免费半年，后续入门费为20000元，提成费按当年度合同产品净销售额的10%提取",
        (
            "免费半年，后续按入门费加提成费的方式收取许可费。其中，入门费20000元，按当年"
            "合同产品净销售额10%提成。"
        ),
        "免费6个月，入门费为20000元，提成费按当年度合同产品净销售额的10%提取",
    ],
)
def test_a_free_half_year_comes_before_entry_fee_and_royalty(text: str) -> None:
    assert terms(text) == {
        "payment": {"entry_fen": 2_000_000, "royalty": {"base": "net_sales", "rate_percent": "10"}},
        "free_period": {"months": 6},
    }


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
