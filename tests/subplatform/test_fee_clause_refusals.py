"""Clauses that are no definite offer: refused under their rule, with what to write instead."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_schema.fee_terms import FeeTerms
from subplatform.declarations.importing.clause_refused import ClauseFault, ClauseRefused
from subplatform.declarations.importing.clause_text import StatedMode
from subplatform.declarations.importing.fee_clause import read_clause


def fault(text: str, *, mode: StatedMode | None = None, sum_fen: int | None = None) -> ClauseFault:
    with pytest.raises(ClauseRefused) as refused:
        read_clause(text, mode=mode, sum_fen=sum_fen)
    return refused.value.fault


@pytest.mark.parametrize(
    "text", ["价格面议", "面议", "入门费+按件（套）提成，具体事项一事一议", "费用双方协商"]
)
def test_a_price_left_open_breaks_dec_06(text: str) -> None:
    assert fault(text) is ClauseFault.NEGOTIABLE


@pytest.mark.parametrize(
    "text",
    [
        "3万元+销售额提成（协商确定）合同生效后满一年",
        "15万元（可谈）",
        "1.首年免费许可\n2.次年至2025年12月31日一次性支付许可费用10万（或议价）",
        (
            "150000 元/年,具体费用可面谈。采用一次付清的方式，在合同生效后 14 天内一次全"
            "额支付所有费用。"
        ),
        "根据行业内平均水平，许可年限3年，许可金额15万元/年，根据协商许可金额可在20%内上浮。",
    ],
)
def test_a_price_reserved_for_negotiation_breaks_dec_06(text: str) -> None:
    assert fault(text) is ClauseFault.RESERVED


@pytest.mark.parametrize(
    "text",
    [
        (
            "采用入门费和提成费相结合的方式，其中入门费为 50000 元，提成费按当年度合同产"
            "品净销售额的 1-30 %提取。"
        ),
        (
            "采用入门费和提成费相结合的方式，其中入门费为10万元，提成费按当年度合同产品净"
            "销售额的1-5%提取。"
        ),
        "入门费为30万元，提成费按当年度合同产品净销售额的3.3-5%提取",
        "一次总付，1万元至3万元",
        "一次总付1～3万元",
    ],
)
def test_a_range_breaks_dec_06(text: str) -> None:
    assert fault(text) is ClauseFault.RANGE


@pytest.mark.parametrize(
    "text",
    [
        "具体在成交合同内约定",
        "见合同",
        "以合同约定为准",
        "首期（交易总价款的16%）在合同订立之日起5个工作日内支付；剩余价款具体在成交合同中约定。",
    ],
)
def test_a_price_left_to_a_contract_breaks_dec_06(text: str) -> None:
    assert fault(text) is ClauseFault.SEE_CONTRACT


@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        ("8", "lump_sum", ClauseFault.MISSING_UNIT),
        ("20,10日内", "lump_sum", ClauseFault.MISSING_UNIT),
        ("30000<br/>", "lump_sum", ClauseFault.MISSING_UNIT),
        ("50+1%销售额提成", "entry_plus_royalty", ClauseFault.MISSING_UNIT),
        ("总额内分期支付：9000每年/共27000", "instalments", ClauseFault.MISSING_UNIT),
        (
            "采用一次总付的方式，在合同生效后 5 日内一次性全额支付所有使用费",
            "lump_sum",
            ClauseFault.MISSING_AMOUNT,
        ),
        ("其他明确合理的许可使用费标准", None, ClauseFault.MISSING_AMOUNT),
        ("", "lump_sum", ClauseFault.MISSING_AMOUNT),
        ("", None, ClauseFault.MISSING_AMOUNT),
        ("入门费2000元，提成费按2%提取", None, ClauseFault.MISSING_BASE),
        ("10万+10%", "entry_plus_royalty", ClauseFault.MISSING_BASE),
        ("入门（200万元）+提成（2%）", None, ClauseFault.MISSING_BASE),
        ("15%提成费", "entry_plus_royalty", ClauseFault.MISSING_BASE),
        ("500万元", "entry_plus_royalty", ClauseFault.MISSING_ROYALTY),
        ("5万元", None, ClauseFault.MISSING_MODE),
        ("提成支付1%", "lump_sum", ClauseFault.CONTRADICTION),
        ("免费使用", "lump_sum", ClauseFault.CONTRADICTION),
        ("一次总付5万元", "free", ClauseFault.CONTRADICTION),
        ("首次4个模块或4万千瓦装机免费。", None, ClauseFault.UNINTELLIGIBLE),
        (
            "采用一次总付的方式，在合同生效后20 3日内一次性全额支付所有使用费5万元",
            None,
            ClauseFault.UNINTELLIGIBLE,
        ),
        ("一次总付，一百五元", None, ClauseFault.UNINTELLIGIBLE),
        (
            "其中第1年免费试用,第2年2.6888万元，第3年及以后按以当年度合同产品净销售额的8.0％提取",
            None,
            ClauseFault.CONDITIONAL,
        ),
        (
            (
                "在合同生效后5日内一次性全额支付所有费用3000元。如本专利获得副省级以上政"
                "府专利奖，获奖之后签订合同的，"
                "在合同生效后5日内一次性全额支付所有使用费5000元。"
            ),
            None,
            ClauseFault.CONDITIONAL,
        ),
        (
            "提成费按应用面积提取，应用面积<30万亩，为0.50元/亩；30≤应用面积≤50万亩，为1.00元/亩",
            None,
            ClauseFault.CONDITIONAL,
        ),
        ("入门费1万元，提成费按当年度合同产品净销售额的300%提取", None, ClauseFault.OUT_OF_RANGE),
        ("一次总付99999999999万元", None, ClauseFault.OUT_OF_RANGE),
        ("第一年1000元，第三年5000元", None, ClauseFault.MISSING_SCHEDULE),
    ],
)
def test_what_is_missing_is_named(
    text: str, mode: StatedMode | None, expected: ClauseFault
) -> None:
    assert fault(text, mode=mode) is expected


def test_two_columns_may_not_state_two_sums() -> None:
    text = "采用一次总付的方式，在合同生效后2工作日内一次性全额支付所有使用费1000000元"

    assert fault(text, mode="lump_sum", sum_fen=5_000_000) is ClauseFault.CONTRADICTION


def test_a_clause_of_any_length_is_answered_at_once() -> None:
    assert fault("一次总付" + "5" * 100_000 + "元") is ClauseFault.UNINTELLIGIBLE


def test_a_refusal_says_rule_fault_and_what_to_write_in_both_languages() -> None:
    with pytest.raises(ClauseRefused) as refused:
        read_clause("价格面议")

    error = refused.value.errors[0]
    assert (error.code, error.pointer) == ("DEC-06", "/fee")
    assert "价格面议" in error.message
    assert " / " in error.message
    assert error.source is not None
    assert refused.value.hint


@pytest.mark.parametrize("found", list(ClauseFault))
def test_every_fault_names_a_rule_and_both_languages(found: ClauseFault) -> None:
    assert found.value.rule in {"DEC-05", "DEC-06", "DEC-19"}
    assert all([found.value.zh, found.value.en, found.value.hint_zh, found.value.hint_en])


CLAUSE_WORDS = st.lists(
    st.sampled_from(
        [
            "采用",
            "一次总付",
            "的方式",
            "在合同生效后",
            "15",
            "日内",
            "一次性全额支付所有使用费",
            "2万",
            "元",
            "入门费",
            "提成费",
            "按当年度合同产品净销售额的",
            "5%",
            "提取",
            "总付额内分期支付",
            "支付第一批次",
            "后在每个会计年度",
            "截止前的",
            "分",
            "批次支付",
            "每次支付",
            "总共支付",
            "次",
            "共计",
            "第一年",
            "第二年",
            "免费",
            "半年",
            "每年",
            "/年",
            "，",
            "。",
            "+",
            "（",
            "）",
            "三十",
            "壹佰万",
            "0",
            "99999999999999999999",
            "千",
            "‰",
            "/件",
            "面议",
            "-",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=500)
@given(
    st.one_of(st.text(max_size=200), CLAUSE_WORDS),
    st.sampled_from([None, "free", "lump_sum", "instalments", "entry_plus_royalty"]),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 10**15)),
)
def test_any_text_gives_terms_or_a_refusal(
    text: str,
    mode: StatedMode | None,
    pay_after_use: bool,
    sum_fen: int | None,
) -> None:
    read = terms_or_refusal(text, mode=mode, pay_after_use=pay_after_use, sum_fen=sum_fen)

    if isinstance(read, ClauseRefused):
        assert read.errors[0].code in {"DEC-05", "DEC-06", "DEC-19"}
    else:
        assert FeeTerms.model_validate_json(read.model_dump_json()) == read


def terms_or_refusal(text: str, **stated: Any) -> FeeTerms | ClauseRefused:
    try:
        return read_clause(text, **stated)
    except ClauseRefused as refused:
        return refused
