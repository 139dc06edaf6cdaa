"""Instalments as published: what is stated stays, what can be derived is derived and said."""

from typing import Any

import pytest

from shared_schema.fee_terms import Instalments
from subplatform.declarations.importing.clause_refused import ClauseFault, ClauseRefused
from subplatform.declarations.importing.fee_clause import read_clause


def instalments(text: str, **stated: Any) -> Instalments:
    payment = read_clause(text, **stated).payment
    assert isinstance(payment, Instalments)
    return payment


def test_the_form_as_filled_in() -> None:
    read = instalments(
        "采用总付额内分期支付的方式,在合同生效后（5）日内支付第一批次（1000）元,后在"
        "每个会计（）月份第（）季度（√）年度"
        "截止前的（5）日内,分 （1）批次支付,每次支付 （1000）元。包括第一次在内总共支"
        "付 （2）次，共计（2000）元。"
    )

    assert read == Instalments(
        first_fen=100_000,
        first_due_days=5,
        each_fen=100_000,
        times=1,
        interval="year",
        due_days_before=5,
        stated_payments=2,
        total_fen=200_000,
    )


@pytest.mark.parametrize(
    ("text", "first", "each", "times", "total"),
    [
        (
            (
                "采用总付额内分期支付的方式,在合同生效后30日内支付第一批次50万元，后在每"
                "个会计年度截止前的30日内，分3批次支付，每次支付50万元。包括第一次在内总"
                "共支付4次，共计200万元。"
            ),
            50,
            50,
            3,
            200,
        ),
        (
            (
                "采用总付额内分期支付，在合同生效后30日内支付第一批次6万元，后在每个会计"
                "年度截止前的30日内，分2批次支付，每次支付5万元，总共支付16万元"
            ),
            6,
            5,
            2,
            16,
        ),
        (
            (
                "采用总付额内分期支付的方式，在合同生效后5日内支付第一批次人民币50万元整"
                "，后在每个会计年度截止前的5日内，分1批次支付，每次支付人民币50万元整。包"
                "括第一次在内总共支付2次，共计人民币100万元整。"
            ),
            50,
            50,
            1,
            100,
        ),
        (
            (
                "采用总付额内分期支付的方式，在合同生效后 5 日内支付第一批次  人民币叁拾"
                "万  元，后在每个会计月份/季度/R年度截止前的 5 日内，分 5 批次支付，每次"
                "支付 人民币贰拾肆万 元。包括第一次在内总共支付 6 次，共计 人民币壹佰伍拾"
                "万 元。"
            ),
            30,
            24,
            5,
            150,
        ),
        (
            (
                "采用总付额内分期支付的方式，在合同生效后 15 日内支付第一批次 50 万\n元，"
                "后在每个会计年度截止前的 10 日内，分 4 批次支付，每次支\n付 25 万 元。包"
                "括第一次在内总共支付 5 次，共计 150 万 元。"
            ),
            50,
            25,
            4,
            150,
        ),
        (
            (
                "总付额内分期支付，合同生效后 30 日内支付第一批次 200万元，后在每个年度截"
                "止前的 30 日内，分 4 批次支付，每次支付200万元。包括第一次在内总共支付  "
                "5  次，共计  1000万  元<br/>"
            ),
            200,
            200,
            4,
            1000,
        ),
        (
            (
                "采用总付额内分期支付的方式,采用总付额内分期支付的方式，在合同生效后30日"
                "内支付第一批次3万元，后在每个会计年度截止前的30日内，分3批次支付，每次支"
                "付3万元。包括第一次在内总共支付12万元。"
            ),
            3,
            3,
            3,
            12,
        ),
    ],
)
def test_batches_count_the_payments_after_the_first(
    text: str, first: int, each: int, times: int, total: int
) -> None:
    read = instalments(text)

    assert (read.first_fen, read.each_fen, read.times, read.total_fen) == (
        first * 1_000_000,
        each * 1_000_000,
        times,
        total * 1_000_000,
    )
    assert read.first_fen + read.times * read.each_fen == read.total_fen


@pytest.mark.parametrize("total", ["总费用27000.", "总费用27000", "共计27000元。"])
def test_a_total_that_does_not_add_up_stays_as_stated(total: str) -> None:
    read = instalments(
        "采用总付额内分期支付的方式，在合同生效后5日内支付第批次9000元，后在每个会计"
        "年度截止前的5日内，"
        f"分1批次支付，每次支付9000元。{total}"
    )

    assert (read.first_fen, read.times, read.each_fen, read.total_fen) == (
        900_000,
        1,
        900_000,
        2_700_000,
    )


@pytest.mark.parametrize("first", ["第一10000元", "第一批10000元", "第批次10000元"])
def test_without_a_total_the_sum_of_the_payments_is_taken_and_said(first: str) -> None:
    text = (
        f"采用总付额内分期支付的方式,在合同生效后5日内支付{first}，后在每个会计年度截止前的5日内，分1批次支付，"
        "每次支付10000元。"
    )

    read = instalments(text)

    assert (read.total_fen, read.stated_payments) == (2_000_000, None)
    assert read_clause(text).note == "原文未写总额，按首付加各批次合计"


def test_a_first_payment_without_a_sum_is_one_of_the_equal_payments() -> None:
    text = (
        "采用总付额内分期支付的方式,在合同生效后5日内支付第一批次，后在每个会计年度截"
        "止前5日内，分5批次支付，"
        "每次支付10000元。包括第一次在内总共支付5次，共计50000元。"
    )

    read = instalments(text)

    assert (read.first_fen, read.times, read.stated_payments, read.total_fen) == (
        1_000_000,
        4,
        5,
        5_000_000,
    )
    assert "首付为各次等额支付之一" in (read_clause(text).note or "")


def test_instalments_may_follow_a_free_half_year() -> None:
    terms = read_clause(
        "合同生效日半年内免费试用；免费期到期后，采用总付额内分期支付的方式，到期之日"
        "起5日内支付第一批次，"
        "后在每个会计年度截止前5日内，分4批次支付，每次支付10000元。包括第一次在内总"
        "共支付5次，共计50000元。"
    )

    assert terms.free_period is not None
    assert terms.free_period.months == 6
    assert isinstance(terms.payment, Instalments)
    assert (terms.payment.times, terms.payment.total_fen) == (4, 5_000_000)


def test_instalments_may_follow_a_free_first_year() -> None:
    terms = read_clause(
        "总付额内分期支付的方式，在合同生效后首年度免许可费，后在每个会计1年度截止前"
        "的 15 日内，分 18批次支付，"
        "每次支付30万元。包括第一次在内总共支付18次，共计540万元"
    )

    assert terms.free_period is not None
    assert isinstance(terms.payment, Instalments)
    assert (terms.payment.times, terms.payment.stated_payments, terms.payment.total_fen) == (
        17,
        18,
        540_000_000,
    )


@pytest.mark.parametrize(
    "text",
    [
        "总额内分期支付：1万每年/共3万",
        "1万元/年\n合计3万元",
        "1万元/年合计3万元",
        "1万元/年共3万",
    ],
)
def test_a_yearly_payment_within_a_total_gives_their_number(text: str) -> None:
    read = instalments(text, mode="instalments")

    assert (read.first_fen, read.times, read.total_fen) == (1_000_000, 2, 3_000_000)


@pytest.mark.parametrize(
    ("words", "interval"),
    [
        ("会计季度", "quarter"),
        ("会计年度", "year"),
        ("会计月份", "month"),
        ("年度", "year"),
        ("会计（√）月份第（）季度（）年度", "month"),
        ("会计（）月份第（√）季度（）年度", "quarter"),
    ],
)
def test_the_interval_is_the_one_named_or_ticked(words: str, interval: str) -> None:
    read = instalments(
        f"在合同生效后5日内支付第一批次1万元，后在每个{words}截止前的5日内，分1批次支付，每次支付1万元。共计2万元"
    )

    assert read.interval == interval


def test_uneven_instalments_are_stepped_when_they_make_the_total() -> None:
    read = read_clause(
        "采用总付额内分期支付的方式,在合同生效后30日内支付第一批次1000元，后在每个会"
        "计年度截止前的30日内，"
        "分四批次支付，第二年1500元、第三年2000元、第四年2500元、第五年3000元。包括第"
        "一次在内总共支付五次，共计10000元。"
    ).payment

    assert [step["amount_fen"] for step in read.model_dump()["steps"]] == [
        100_000,
        150_000,
        200_000,
        250_000,
        300_000,
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            (
                "采用总付额内分期支付的方式，在合同生效后两日内支付第一批次10万元，后在每"
                "个会计季度截止前的五日内，每次支付10万元。"
            ),
            ClauseFault.MISSING_SCHEDULE,
        ),
        ("5万元，可分期", ClauseFault.MISSING_SCHEDULE),
        ("分期付款，分2次，总共20万", ClauseFault.MISSING_SCHEDULE),
        ("分期付款", ClauseFault.MISSING_SCHEDULE),
        ("3万元/年\n合计10万元", ClauseFault.UNEVEN),
        (
            (
                "在合同生效后5日内支付第一批次1万元，后在每个会计月份第季度年度截止前的5"
                "日内，分1批次支付，每次支付1万元。共计2万元"
            ),
            ClauseFault.MISSING_SCHEDULE,
        ),
        (
            (
                "在合同生效后5日内支付第一批次，后在每个会计年度截止前的5日内，分2批次支"
                "付，每次支付1万元。"
            ),
            ClauseFault.MISSING_SCHEDULE,
        ),
        (
            (
                "在合同生效后30日内支付第一批次1000元，后在每个会计年度截止前的30日内，分"
                "2批次支付，第二年1500元、第三年2000元。共计10000元。"
            ),
            ClauseFault.UNEVEN,
        ),
        (
            (
                "在合同生效后30日内支付第一批次1000元，后在每个会计年度截止前的30日内，分"
                "2批次支付，第二年1500元、第四年2000元。共计4500元。"
            ),
            ClauseFault.MISSING_SCHEDULE,
        ),
        (
            (
                "在合同生效后5日内支付第一批次1万元，后在每个会计年度截止前的5日内，分900"
                "批次支付，每次支付1万元。"
            ),
            ClauseFault.OUT_OF_RANGE,
        ),
    ],
)
def test_instalments_that_leave_something_open_are_refused(text: str, fault: ClauseFault) -> None:
    with pytest.raises(ClauseRefused) as refused:
        read_clause(text)

    assert refused.value.fault is fault


def test_terms_in_working_days_stay_words() -> None:
    terms = read_clause(
        "在合同生效后5个工作日内支付第一批次1万元，后在每个会计年度截止前的5日内，分1批次支付，"
        "每次支付1万元。共计2万元"
    )

    assert isinstance(terms.payment, Instalments)
    assert terms.payment.first_due_days is None
    assert terms.note == "付款期限：5个工作日内"


def test_a_sum_alone_is_no_schedule() -> None:
    with pytest.raises(ClauseRefused) as refused:
        read_clause("30万元", mode="instalments")

    assert refused.value.fault is ClauseFault.MISSING_SCHEDULE
