"""DEC-05, DEC-06, DEC-07 and DEC-19: what is owed, and whether it is definite, low and adds up."""

from typing import Any

import pytest

from shared_schema.amount import parse_fen
from shared_schema.finding import Finding, Severity
from shared_schema.rules import PROFILES
from tests.shared_schema.offers import a_declaration, check, of_rule, paying

BOTH = list(PROFILES)
YUAN = 100


def findings_of(
    code: str, payment: dict[str, Any], profile: str, **changes: object
) -> list[Finding]:
    return of_rule(code, check(a_declaration(**(paying(payment) | changes)), profile))


def instalments(
    first: int, each: int, times: int, *, total: int | None = None, **more: object
) -> dict[str, Any]:
    """Amounts in yuan."""
    total = first + each * times if total is None else total
    return {
        "mode": "instalments",
        "first_fen": first * YUAN,
        "each_fen": each * YUAN,
        "times": times,
        "total_fen": total * YUAN,
    } | more


def a_rate(base: str, percent: str, **more: object) -> dict[str, Any]:
    return {"mode": "royalty", "royalty": {"base": base, "rate_percent": percent} | more}


ZERO = [
    ({"mode": "lump_sum", "amount_fen": 0}, ["amount_fen"]),
    ({"mode": "annual_fixed", "amount_fen": 0}, ["amount_fen"]),
    (instalments(0, 0, 2), ["first_fen", "each_fen", "total_fen"]),
    (instalments(0, 0, 0), ["first_fen", "total_fen"]),
    (a_rate("net_sales", "0"), ["royalty/rate_percent"]),
    (a_rate("net_sales", "5", cap_fen=0), ["royalty/cap_fen"]),
    (
        {"mode": "royalty", "royalty": {"base": "per_unit", "unit": "件", "amount_fen": 0}},
        ["royalty/amount_fen"],
    ),
    (a_rate("net_sales", "5") | {"mode": "entry_plus_royalty", "entry_fen": 0}, ["entry_fen"]),
    ({"mode": "stepped", "steps": [{"year": 1, "amount_fen": 0}]}, ["steps"]),
    ({"mode": "stepped", "steps": [{"year": 2, "amount_fen": 5}]}, ["steps"]),
    (
        {
            "mode": "stepped",
            "steps": [{"year": 1, "amount_fen": 5}, {"year": 1, "amount_fen": 6}],
        },
        ["steps"],
    ),
    ({"mode": "other", "text": "以设备折抵"}, ["maximum_fen"]),
    ({"mode": "other", "text": "以设备折抵", "maximum_fen": 0}, ["maximum_fen"]),
]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(("payment", "members"), ZERO)
def test_dec_05_names_each_amount_that_is_missing(
    payment: dict[str, Any], members: list[str], profile: str
) -> None:
    findings = findings_of("DEC-05", payment, profile)

    assert [finding.pointer for finding in findings] == [f"/fee/payment/{name}" for name in members]
    assert all(finding.severity is Severity.ERROR for finding in findings)


def test_dec_05_suggests_free_for_a_lump_sum_of_nothing() -> None:
    (finding,) = findings_of("DEC-05", {"mode": "lump_sum", "amount_fen": 0}, BOTH[0])

    assert "免费" in finding.hint_zh


def test_dec_05_suggests_a_royalty_for_an_entry_fee_of_nothing() -> None:
    payment = a_rate("profit", "5") | {"mode": "entry_plus_royalty", "entry_fen": 0}

    (finding,) = findings_of("DEC-05", payment, BOTH[0])

    assert "提成" in finding.hint_zh


COMPLETE = [
    {"mode": "free"},
    {"mode": "annual_fee_equal"},
    {"mode": "lump_sum", "amount_fen": 1},
    {"mode": "annual_fixed", "amount_fen": 1},
    instalments(1, 0, 0),
    instalments(50_000, 50_000, 4, stated_payments=5),
    a_rate("net_sales", "0.000001"),
    a_rate("sales", "5", cap_fen=1),
    {"mode": "royalty", "royalty": {"base": "per_unit", "unit": "台", "amount_fen": 1_000_000}},
    a_rate("profit", "40") | {"mode": "entry_plus_royalty", "entry_fen": 500_000},
    {
        "mode": "stepped",
        "steps": [{"year": 1, "amount_fen": 0}, {"year": 2, "amount_fen": 500_000}],
    },
    {"mode": "other", "text": "每年用水处理药剂10吨折抵", "maximum_fen": 1},
]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("payment", COMPLETE)
def test_complete_and_definite_terms_pass_every_fee_rule(
    payment: dict[str, Any], profile: str
) -> None:
    assert check(a_declaration(**paying(payment)), profile) == []


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("价格面议", "面议"),
        ("可议价", "议价"),
        ("由双方协商确定", "协商"),
        ("净销售额的1-30%", "1-30%"),
        ("净销售额的１％～３０％", "1%~30%"),
        ("5万元至10万元", "5万元至10万元"),
        ("5万元起", "5万元起"),
        ("详见合同", "详见合同"),
        ("以双方签订的合同为准", "合同为准"),
        ("按许可协议约定支付", "协议约定"),
    ],
)
def test_dec_06_refuses_a_price_that_is_not_one_price(text: str, words: str, profile: str) -> None:
    payment = {"mode": "other", "text": text, "maximum_fen": 1_000_000}

    (finding,) = findings_of("DEC-06", payment, profile)

    assert finding.severity is Severity.ERROR
    assert finding.pointer == "/fee/payment/text"
    assert finding.facts == {"words": words}


@pytest.mark.parametrize(
    "text",
    [
        "2024-12-31前支付1万元",
        "第1至3年每年5000元",
        "提成费按当年度合同产品净销售额的10%提取",
        "合同生效后15日内支付2万元，争议协商解决",
        "汇至合同约定的账户2万元",
    ],
)
def test_dec_06_lets_definite_words_pass(text: str) -> None:
    payment = {"mode": "other", "text": text, "maximum_fen": 1_000_000}

    assert findings_of("DEC-06", payment, BOTH[0]) == []


def test_dec_06_reads_the_note_for_unmistakable_words_only() -> None:
    haggling = a_declaration(fee={"payment": {"mode": "free"}, "note": "次年起价格面议"})
    negotiating = a_declaration(fee={"payment": {"mode": "free"}, "note": "普通许可可另行协商"})

    (finding,) = of_rule("DEC-06", check(haggling))
    assert finding.pointer == "/fee/note"
    assert of_rule("DEC-06", check(negotiating)) == []


CEILING = 20_000_000 * YUAN
FIXED = [
    ({"mode": "lump_sum", "amount_fen": CEILING}, "amount_fen"),
    (instalments(10_000_000, 5_000_000, 2), "total_fen"),
    (a_rate("sales", "5") | {"mode": "entry_plus_royalty", "entry_fen": CEILING}, "entry_fen"),
    ({"mode": "annual_fixed", "amount_fen": CEILING // 4, "years": 4}, "amount_fen"),
    ({"mode": "annual_fixed", "amount_fen": CEILING}, "amount_fen"),
    ({"mode": "stepped", "steps": [{"year": 1, "amount_fen": CEILING}]}, "steps"),
    ({"mode": "other", "text": "一次付清", "maximum_fen": CEILING}, "maximum_fen"),
]
AMOUNTS = ("amount_fen", "total_fen", "entry_fen", "maximum_fen", "first_fen")


def one_fen_more(payment: dict[str, Any]) -> dict[str, Any]:
    if payment["mode"] == "stepped":
        return payment | {"steps": [{"year": 1, "amount_fen": CEILING + 1}]}
    if payment["mode"] == "instalments":
        return payment | {"first_fen": payment["first_fen"] + 1}
    return payment | {name: payment[name] + 1 for name in AMOUNTS if name in payment}


@pytest.mark.parametrize(("payment", "member"), FIXED)
def test_dec_07_begins_one_fen_above_the_ceiling(payment: dict[str, Any], member: str) -> None:
    assert findings_of("DEC-07", payment, BOTH[0]) == []

    (finding,) = findings_of("DEC-07", one_fen_more(payment), BOTH[0])
    assert finding.pointer == f"/fee/payment/{member}"
    assert finding.facts["fixed_fen"] > CEILING
    assert "suspected_fen" not in finding.facts


@pytest.mark.parametrize(
    ("base", "allowed", "above"),
    [("net_sales", "20", "20.000001"), ("sales", "20", "35"), ("profit", "40", "41")],
)
def test_dec_07_knows_the_ceiling_of_each_base(base: str, allowed: str, above: str) -> None:
    assert findings_of("DEC-07", a_rate(base, allowed), BOTH[1]) == []

    (finding,) = findings_of("DEC-07", a_rate(base, above), BOTH[1])
    assert finding.pointer == "/fee/payment/royalty/rate_percent"
    assert finding.facts["rate_percent"] == above
    assert finding.facts["ceiling_percent"] == allowed


@pytest.mark.parametrize(
    ("profile", "reason", "severity"),
    [
        ("pilot-gd-2022", None, Severity.WARNING),
        ("pilot-gd-2022", "首台套设备，独立评估", Severity.WARNING),
        ("statutory-2024", None, Severity.ERROR),
        ("statutory-2024", "首台套设备，独立评估", Severity.WARNING),
    ],
)
def test_dec_07_weighs_a_high_royalty_by_profile_and_reason(
    profile: str, reason: str | None, severity: Severity
) -> None:
    (finding,) = findings_of("DEC-07", a_rate("net_sales", "35"), profile, fee_reason=reason)

    assert finding.severity is severity
    assert finding.facts["justified"] is (reason is not None)
    assert "理由" in finding.hint_zh


@pytest.mark.parametrize(
    ("published", "meant"),
    [("545000万元", "545,000"), ("763000万元", "763,000"), ("3000万元", "3,000")],
)
@pytest.mark.parametrize("reason", [None, "确为此价"])
def test_dec_07_suspects_a_slip_of_unit(published: str, meant: str, reason: str | None) -> None:
    payment = {"mode": "lump_sum", "amount_fen": parse_fen(published)}

    (finding,) = findings_of("DEC-07", payment, "statutory-2024", fee_reason=reason)

    assert f"Did you mean {meant} yuan" in finding.hint_en
    assert f"是否应为 {meant} 元" in finding.hint_zh


@pytest.mark.parametrize("fen", [20_000_001 * YUAN, 300_000_000_000 * YUAN])
def test_dec_07_suspects_no_slip_where_the_smaller_sum_is_implausible(fen: int) -> None:
    (finding,) = findings_of("DEC-07", {"mode": "lump_sum", "amount_fen": fen}, BOTH[0])

    assert "suspected_fen" not in finding.facts


@pytest.mark.parametrize("profile", BOTH)
def test_dec_19_asks_how_many_payments_reach_the_total(profile: str) -> None:
    # 201910146229.9 as published: first 9,000 + 1 x 9,000, "total 27000"
    payment = instalments(9_000, 9_000, 1, total=27_000)

    (finding,) = findings_of("DEC-19", payment, profile)

    assert finding.severity is Severity.ERROR
    assert finding.message_zh == "9,000 + 1 × 9,000 = 18,000 元，而所填总额为 27,000 元。"
    assert "几期" in finding.hint_zh
    assert "9,000 + 2 × 9,000 = 27,000" in finding.hint_zh
    assert finding.facts["proposed_times"] == 2


@pytest.mark.parametrize(
    "payment",
    [
        instalments(9_000, 7_000, 1, total=27_000),
        instalments(9_000, 9_000, 1, total=5_000),
        instalments(9_000, 0, 1, total=27_000),
    ],
)
def test_dec_19_proposes_nothing_where_no_whole_number_fits(payment: dict[str, Any]) -> None:
    (finding,) = findings_of("DEC-19", payment, BOTH[0])

    assert finding.facts["proposed_times"] is None
    assert "凑不成" in finding.hint_zh


@pytest.mark.parametrize("profile", BOTH)
def test_dec_19_counts_the_first_payment_in_the_published_number(profile: str) -> None:
    payment = instalments(50_000, 50_000, 4, stated_payments=4)

    (finding,) = findings_of("DEC-19", payment, profile)

    assert finding.pointer == "/fee/payment/stated_payments"
    assert finding.facts == {"stated_payments": 4, "counted_payments": 5}


def test_dec_19_can_find_both_the_sum_and_the_count_wrong() -> None:
    payment = instalments(9_000, 9_000, 1, total=27_000, stated_payments=3)

    assert len(findings_of("DEC-19", payment, BOTH[0])) == 2
