"""Rows of the six lists and of our own template into declarations."""

from datetime import UTC, date, datetime

import pytest

from shared_schema.declaration import Contact, Declaration
from subplatform.declarations.importing.supplied import Supplied, all_commitments
from tests.subplatform.list_rows import LISTS, draft


@pytest.mark.parametrize("name", list(LISTS))
def test_a_row_of_each_list_is_a_declaration(name: str) -> None:
    read_back = Declaration.model_validate_json(draft(name).model_dump_json(by_alias=True))

    assert read_back == draft(name)


def test_a_guangdong_row_says_all_that_the_list_says() -> None:
    declaration = draft("guangdong", license_fee_type='{"type":"2","value1":"30","value2":"3万"}')

    assert declaration.profile == "pilot-gd-2022"
    assert declaration.patent.application_number == "2014100422094"
    assert declaration.patent.kind == "invention"
    assert declaration.holders[0].model_dump(exclude_defaults=True) == {
        "name": "五邑大学",
        "kind": "university",
    }
    assert declaration.fee.payment.model_dump(exclude_defaults=True) == {
        "amount_fen": 3_000_000,
        "due_days": 30,
    }
    assert declaration.period.end == date(2024, 12, 31)
    assert declaration.territory.is_nationwide


@pytest.mark.parametrize(
    ("cell", "terms"),
    [
        (
            '{"type":"1","value1":"5000","value2":"10%"}',
            {"entry_fen": 500_000, "royalty": {"base": "net_sales", "rate_percent": "10"}},
        ),
        (
            '{"type":"1","value1":"100万","value2":"2"}',
            {"entry_fen": 100_000_000, "royalty": {"base": "net_sales", "rate_percent": "2"}},
        ),
        ('{"type":"4","value1":"0.6万元/年"}', {"amount_fen": 600_000}),
        ("免费使用", {}),
        ("采用一次总付的方式,27.87万元", {"amount_fen": 27_870_000}),
    ],
)
def test_guangdong_fees_are_the_forms_blanks_or_words(cell: str, terms: dict[str, object]) -> None:
    payment = draft("guangdong", license_fee_type=cell).fee.payment

    assert payment.model_dump(mode="json", exclude_defaults=True) == terms


def test_the_form_of_instalments_counts_payments_with_the_first() -> None:
    cell = (
        '{"type":"3","value1":"10","value2":"50000","value3":"03","value4":"","value5":"",'
        '"value6":"10","value7":"1","value8":"50000","value9":"5","value10":"250000"}'
    )

    fee = draft("guangdong", license_fee_type=cell).fee

    assert fee.payment.model_dump(exclude_defaults=True) == {
        "first_fen": 5_000_000,
        "first_due_days": 10,
        "each_fen": 5_000_000,
        "times": 4,
        "due_days_before": 10,
        "stated_payments": 5,
        "total_fen": 25_000_000,
    }
    assert fee.note == "原文“分1批次”，“总共支付5次”，按总次数读取"


@pytest.mark.parametrize(
    ("name", "cell", "holders"),
    [
        ("guangdong", "深圳湾实验室；  \n深圳湾实验室坪山生物医药研发转化中心", 2),
        ("guangdong", "广东技术师范大学、河源市广师大研究院", 2),
        ("guangdong", "广东省农业科学院动物科学研究所,华南农业大学", 2),
        ("guangdong", "南京西坝码头有限公司      无锡沪联机械设备有限公司", 2),
        (
            "guangdong",
            "广东省科学院微生物研究所(广东省微生物分析检测中心); 广东粤微食用菌技术有限公司",
            2,
        ),
        ("beijing", "中国科学院过程工程研究所 | 北京中科健宇生物科技有限公司", 2),
        ("zhejiang", "浙江省嘉兴市农业科学研究院(所) | 嘉兴市种植技术推广总站", 2),
        (
            "fujian",
            (
                "永春县产品质量检验所（福建省香产品质量检验中心，国家燃香类产品质量监督检"
                "验中心（福建））"
            ),
            1,
        ),
        ("hainan", "个人;个人;", 2),
        ("hainan", "", 0),
    ],
)
def test_holders_are_split_outside_brackets(name: str, cell: str, holders: int) -> None:
    assert len(draft(name, patent_owner=cell).holders) == holders


def test_years_count_from_the_stated_start() -> None:
    period = draft("hainan").period

    assert (period.start, period.end) == (date(2022, 8, 4), date(2025, 8, 4))


def test_a_sum_without_a_unit_is_read_as_the_profile_says_and_says_so() -> None:
    assert draft("hainan").fee.note == "原表未写单位，按元读取"


@pytest.mark.parametrize(
    ("cell", "mode"),
    [
        ("0", "free"),
        ("0.00", "free"),
        ("10000", "lump_sum"),
        ("39万", "lump_sum"),
        ("100万（中国同族 ）", "lump_sum"),
        ("20万+5%销售额提成", "entry_plus_royalty"),
    ],
)
def test_shaanxi_prints_sums_and_clauses_in_one_column(cell: str, mode: str) -> None:
    assert draft("shaanxi", license_fee=cell).fee.payment.mode == mode


def test_beijing_may_use_first_and_pay_later() -> None:
    fee = draft(
        "beijing", license_fee_type="一次总付, 先使用后付费", license_fee_detail="一次总付30万元"
    ).fee

    assert fee.pay_after_use is not None
    assert fee.payment.mode == "lump_sum"


def test_zhejiang_titles_and_sums_are_read() -> None:
    declaration = draft("zhejiang")

    assert declaration.patent.title == "一种鲜切蔬菜加工装置"
    assert declaration.fee.payment.model_dump(exclude_defaults=True) == {
        "amount_fen": 1_000_000,
        "due_days": 15,
        "working_days": True,
    }


@pytest.mark.parametrize("name", ["guangdong", "fujian"])
def test_the_whole_province_is_the_platforms_province(name: str) -> None:
    home = {"guangdong": "44", "fujian": "35"}[name]

    assert draft(name, license_location="全省").territory.include == (home,)


def test_our_own_template_fills_every_member() -> None:
    declaration = draft("kaixu")

    assert declaration.profile == "statutory-2024"
    assert [holder.kind for holder in declaration.holders] == ["university", "enterprise"]
    assert [holder.consents for holder in declaration.holders] == [True, False]
    assert declaration.holders[1].credit_code == "9144030071526726XG"
    assert declaration.contact == Contact(
        name="张三", phone="020-12345678", email="zhang@example.org"
    )
    assert len(declaration.technical_field.ipc) == 2
    assert declaration.evaluation_report is not None
    assert len(declaration.commitments) == 4
    assert declaration.commitments[0].signed_at == datetime(2026, 11, 19, 16, tzinfo=UTC)


SUPPLIED = Supplied(
    contact=Contact(name="转化中心", phone="020-87654321"),
    commitments=all_commitments(
        signer="李四", signed_at=datetime(2026, 11, 20, tzinfo=UTC), text_version="1"
    ),
    holders_consent=True,
)


def test_what_the_operator_supplies_is_used_where_a_row_has_none() -> None:
    declaration = draft("guangdong", SUPPLIED)

    assert declaration.contact == SUPPLIED.contact
    assert declaration.commitments == SUPPLIED.commitments
    assert declaration.holders[0].consents


def test_what_a_row_says_goes_before_what_the_operator_supplies() -> None:
    declaration = draft("kaixu", SUPPLIED)

    assert declaration.contact != SUPPLIED.contact
    assert not declaration.holders[1].consents
