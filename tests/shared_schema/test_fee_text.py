"""Fee terms as sentences in both languages."""

from typing import Any

import pytest

from shared_schema.fee_terms import FeeTerms, ShortText
from shared_schema.fee_text import describe_fee, describe_payment

YUAN = 100
CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"mode": "free"}, "免费。", "Free of charge."),
    (
        {"mode": "lump_sum", "amount_fen": 3_000_000},
        "一次总付 30,000 元。",
        "A lump sum of 30,000 yuan.",
    ),
    (
        {"mode": "lump_sum", "amount_fen": 3_000_050, "due_days": 30},
        "一次总付 30,000.50 元，合同生效后 30 日内付清。",
        "A lump sum of 30,000.50 yuan, due within 30 days of the contract taking effect.",
    ),
    (
        {"mode": "lump_sum", "amount_fen": 400, "due_days": 10, "working_days": True},
        "一次总付 4 元，合同生效后 10 个工作日内付清。",
        "A lump sum of 4 yuan, due within 10 working days of the contract taking effect.",
    ),
    (
        {
            "mode": "instalments",
            "first_fen": 50_000 * YUAN,
            "first_due_days": 10,
            "each_fen": 50_000 * YUAN,
            "times": 4,
            "interval": "year",
            "due_days_before": 30,
            "total_fen": 250_000 * YUAN,
        },
        (
            "分期支付，共 250,000 元：首期 50,000 元，合同生效后 10 日内付清；"
            "此后每年截止前 30 日内支付 50,000 元，共 4 期。"
        ),
        (
            "Instalments, 250,000 yuan in all: first 50,000 yuan, due within 10 days of the"
            " contract taking effect; then 4 payments of 50,000 yuan, one each year, 30 days"
            " before its end."
        ),
    ),
    (
        {
            "mode": "instalments",
            "first_fen": 100,
            "each_fen": 100,
            "times": 2,
            "interval": "quarter",
            "total_fen": 300,
        },
        "分期支付，共 3 元：首期 1 元；此后每季度支付 1 元，共 2 期。",
        "Instalments, 3 yuan in all: first 1 yuan; then 2 payments of 1 yuan, one each quarter.",
    ),
    (
        {
            "mode": "entry_plus_royalty",
            "entry_fen": 5_000 * YUAN,
            "royalty": {"base": "net_sales", "rate_percent": "10"},
        },
        "入门费 5,000 元，另按当年度合同产品净销售额的 10% 提成。",
        (
            "An entry fee of 5,000 yuan, and a royalty of 10 % of the year's net sales"
            " of the licensed products."
        ),
    ),
    (
        {
            "mode": "entry_plus_royalty",
            "entry_fen": 5_000 * YUAN,
            "entry_yearly": True,
            "royalty": {"base": "profit", "rate_percent": "0.50", "cap_fen": 100},
        },
        "入门费 5,000 元（每年），另按当年度合同产品利润的 0.5% 提成，提成累计不超过 1 元。",
        (
            "An entry fee of 5,000 yuan each year, and a royalty of 0.5 % of the year's profit"
            " of the licensed products, up to 1 yuan in all."
        ),
    ),
    (
        {"mode": "royalty", "royalty": {"base": "per_unit", "unit": "件", "amount_fen": 600}},
        "按每件 6 元提成。",
        "A royalty of 6 yuan per 件.",
    ),
    (
        {"mode": "annual_fixed", "amount_fen": 100, "years": 1},
        "每年 1 元，共 1 年。",
        "1 yuan each year, for 1 year.",
    ),
    (
        {"mode": "annual_fixed", "amount_fen": 5_000 * YUAN, "years": 5},
        "每年 5,000 元，共 5 年。",
        "5,000 yuan each year, for 5 years.",
    ),
    ({"mode": "annual_fixed", "amount_fen": 100}, "每年 1 元。", "1 yuan each year."),
    (
        {"mode": "annual_fee_equal"},
        "每年支付与该专利当年官方年费相等的金额。",
        "Each year, the amount of the patent's official annual fee of that year.",
    ),
    (
        {
            "mode": "stepped",
            "steps": [
                {"year": 1, "amount_fen": 1_000 * YUAN},
                {"year": 2, "amount_fen": 5_000 * YUAN},
                {"year": 3, "amount_fen": 10_000 * YUAN},
            ],
        },
        "第 1 年 1,000 元，第 2 年 5,000 元，第 3 年 10,000 元；此后每年 10,000 元。",
        (
            "1,000 yuan in year 1, 5,000 yuan in year 2, 10,000 yuan in year 3;"
            " 10,000 yuan each year after that."
        ),
    ),
    (
        {"mode": "other", "text": "以设备折抵", "maximum_fen": 100},
        "以设备折抵（最高应付 1 元）。",
        "以设备折抵 (at most 1 yuan in all).",
    ),
    (
        {"mode": "other", "text": "价格面议"},
        "价格面议（未写明最高应付总额）。",
        "价格面议 (no maximum is stated).",
    ),
]


@pytest.mark.parametrize(("payment", "zh", "en"), CASES)
def test_every_mode_reads_as_a_sentence_in_both_languages(
    payment: dict[str, Any], zh: str, en: str
) -> None:
    terms = FeeTerms.model_validate({"payment": payment})

    assert describe_fee(terms) == zh
    assert describe_fee(terms, "en") == en


@pytest.mark.parametrize(
    ("modifiers", "zh", "en"),
    [
        ({"free_period": {"months": 12}}, "前 12 个月免费。", "The first 12 months are free."),
        ({"free_period": {"months": 1}}, "前 1 个月免费。", "The first month is free."),
        ({"pay_after_use": {}}, "先使用后付费。", "Use first, pay later."),
        (
            {"pay_after_use": {"trial_months": 3, "due_days": 30}},
            "先使用后付费，试用 3 个月，期满后 30 日内首次付款。",
            "Use first, pay later, a trial of 3 months, the first payment within 30 days after it.",
        ),
        ({"note": "含税"}, "备注：含税", "Note: 含税"),
    ],
)
def test_modifiers_and_note_follow_the_payment(modifiers: dict[str, Any], zh: str, en: str) -> None:
    terms = FeeTerms.model_validate({"payment": {"mode": "free"}} | modifiers)

    assert describe_fee(terms) == f"免费。{zh}"
    assert describe_fee(terms, "en") == f"Free of charge. {en}"


def test_what_is_no_payment_is_not_described() -> None:
    with pytest.raises(TypeError):
        describe_payment(ShortText)
