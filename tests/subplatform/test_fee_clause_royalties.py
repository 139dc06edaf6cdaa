"""Entry fees and royalties that six platforms print, typed in, and the terms they state."""

import pytest

from subplatform.declarations.importing.fee_clause import read_clause
from tests.subplatform.clause_terms import payment, terms


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
