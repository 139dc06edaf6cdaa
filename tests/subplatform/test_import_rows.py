"""Rows of the six lists, typed in, into declarations; and everything that makes a row a refusal."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

import pytest

from shared_schema.declaration import Contact, Declaration
from shared_schema.rules import RuleContext
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.importing.published_list import (
    CheckedDraft,
    check_drafts,
    read_drafts,
)
from subplatform.declarations.importing.reading import Row
from subplatform.declarations.importing.row_problem import DraftRow, RowProblem, RowRefusal
from subplatform.declarations.importing.row_reader import read_row
from subplatform.declarations.importing.supplied import NOTHING, Supplied, all_commitments

GUANGDONG = {
    "patent_id": "2014100422094",
    "patent_type": "发明",
    "patent_owner": "五邑大学",
    "patent_owner_type": "高校",
    "license_fee_type": '{"type":"0"}',
    "license_deadline": "2024-12-31",
    "license_location": "全国",
}
BEIJING = {
    "patent_id": "CN201310058928.0",
    "patent_type": "发明",
    "patent_owner": "北京百度网讯科技有限公司",
    "patent_owner_type": "民营企业",
    "license_fee_type": "免费使用",
    "license_fee_detail": "",
    "license_deadline": "2024-12-31",
    "create_time": "2022-11-24 00:00:00",
}
ZHEJIANG = {
    "license_fee": "10000",
    "license_fee_type": "一次性付款",
    "license_fee_detail": "采用一次总付的方式，在合同生效后15工作日内一次性全额支付",
    "license_deadline": "2024-09-30",
    "license_location": "全国范围内",
    "patent_name": "一种鲜切蔬菜加工装置",
    "patent_id": "CN202223328913.5",
    "patent_type": "实用新型",
    "patent_owner": "宁波市农业科学研究院",
}
SHAANXI = {
    "patent_id": "CN201610114057.3",
    "patent_type": "发明授权",
    "patent_owner": "陕西科技大学",
    "license_fee": "10000",
    "license_deadline": "2023-12-31",
    "license_period": "1",
    "license_location": "陕西省",
}
FUJIAN = {
    "patent_id": "201510014223.8",
    "patent_type": "发明",
    "patent_owner": "泉州装备制造研究所",
    "license_deadline": "2025年8月31日",
    "license_fee_type": " 采用一次总付的方式，在合同生效后15日内一次性全额支付所有使用费2万元。",
    "license_location": "全省",
}
HAINAN = {
    "patent_id": "ZL202022199836.2",
    "patent_type": "实用新型",
    "patent_owner": "",
    "license_fee": "190000",
    "license_period": "3年",
    "license_location": "全国",
    "create_time": "2022-08-04 09:34:42",
}
KAIXU = {
    "专利号": "ZL 2017 1 0601862.3",
    "发明名称": "一种装置",
    "专利类型": "发明",
    "授权公告号": "CN108938619B",
    "授权公告日": "2019-03-19",
    "专利权人": "甲大学；乙公司",
    "专利权人类型": "高校；企业",
    "统一社会信用代码": "91110000600037341L；9144030071526726XG",
    "共有人同意": "是；否",
    "许可使用费支付方式和标准": "免费使用",
    "使用费说明": "",
    "许可期限起始日": "2026-12-01",
    "许可期限届满日": "2036/06/30",
    "许可地域": "全国",
    "IPC分类号": "G06F 3/06；H04L 9/32",
    "国民经济行业": "C39",
    "技术领域": "信息存储",
    "联系人": "张三",
    "联系电话": "020-12345678",
    "电子邮箱": "zhang@example.org",
    "报告类型": "评价报告",
    "报告编号": "P2026-1",
    "报告日期": "2026-01-02",
    "摘要": "一种装置。",
    "承诺签署人": "张三",
    "承诺签署日": "2026-11-20",
    "承诺书版本": "1",
}
LISTS = {
    "guangdong": GUANGDONG,
    "beijing": BEIJING,
    "zhejiang": ZHEJIANG,
    "shaanxi": SHAANXI,
    "fujian": FUJIAN,
    "hainan": HAINAN,
    "kaixu": KAIXU,
}


def read(
    name: str, supplied: Supplied = NOTHING, changed: Mapping[str, str] | None = None, **also: str
) -> DraftRow | RowRefusal:
    return read_row(Row(7, LISTS[name] | dict(changed or {}) | also), load_profile(name), supplied)


def draft(
    name: str, supplied: Supplied = NOTHING, changed: Mapping[str, str] | None = None, **also: str
) -> Declaration:
    row = read(name, supplied, changed, **also)
    assert isinstance(row, DraftRow), row
    assert row.row == 7
    return row.declaration


def problems(name: str, **changed: str) -> tuple[RowProblem, ...]:
    row = read(name, changed=changed)
    assert isinstance(row, RowRefusal), row
    assert row.row == 7
    return row.problems


def problem(name: str, **changed: str) -> RowProblem:
    (found,) = problems(name, **changed)
    return found


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
    ("cell", "code"),
    [
        ('{"type":"2","value1":"30","value2":""}', "fee.missing_amount"),
        ('{"type":"2","value1":"30","value2":"面议"}', "fee.negotiable"),
        ('{"type":"1","value1":"30","value2":"1-5%"}', "fee.range"),
        ('{"type":"1","value1":"30","value2":"300"}', "fee.out_of_range"),
        ('{"type":"2","value1":"三","value2":"x"}', "fee.unintelligible"),
        ('{"type":"9"}', "fee.unintelligible"),
        ('{"type":"2","value1":"99999","value2":"1"}', "fee.out_of_range"),
        ('{"type":"2",', "fee.unintelligible"),
        ('{"type":' * 50, "fee.unintelligible"),
        ("价格面议", "fee.negotiable"),
        (
            (
                '{"type":"3","value1":"10","value2":"50000","value3":"02","value6":"10",'
                '"value7":"1","value8":"50000","value9":"5","value10":"250000"}'
            ),
            "fee.missing_schedule",
        ),
    ],
)
def test_a_form_that_is_no_offer_is_refused(cell: str, code: str) -> None:
    found = problem("guangdong", license_fee_type=cell)

    assert (found.column, found.code) == ("license_fee_type", code)
    assert found.rule in {"DEC-05", "DEC-06"}
    assert found.hint


@pytest.mark.parametrize(
    ("cell", "code", "hint"),
    [
        ("201610270273.70001", "patent_number.spreadsheet", "2016102702737"),
        ("'ZL201820858763.3", "patent_number.apostrophe", "2018208587633"),
        ("ZL.201610720078.X", "patent_number.prefix", "201610720078X"),
        ("201621195780", "patent_number.missing_check_digit", "2016211957800"),
        ("US10667479B2", "patent_number.not_chinese", ""),
        ("福建某某科技有限公司", "patent_number.not_a_number", ""),
        ("ZL20191999131.8", "patent_number.length", ""),
        ("ZL201721339772.0", "patent_number.check_digit", ""),
        ("ZL201610695189.X ZL201910243920.9", "patent_number.several", "2019102439209"),
        ("ZL201911227162.8等", "patent_number.several", "2019112271628"),
        ("ZL202110482229.3,ZL202110687610.3", "patent_number.several", "2021106876103"),
        ("", "patent_number.empty", ""),
    ],
)
def test_a_number_that_is_not_one_patents_breaks_dec_01(cell: str, code: str, hint: str) -> None:
    found = problem("beijing", patent_id=cell)

    assert (found.column, found.code, found.rule) == ("patent_id", code, "DEC-01")
    assert hint in found.hint


def test_a_mere_application_breaks_dec_03() -> None:
    found = problem("shaanxi", patent_type="发明申请")

    assert (found.code, found.rule) == ("import.not_granted", "DEC-03")


def test_no_years_at_all_break_dec_08() -> None:
    found = problem("shaanxi", license_period="0")

    assert (found.column, found.rule) == ("license_period", "DEC-08")


def test_every_problem_of_a_row_is_named() -> None:
    found = problems(
        "shaanxi",
        patent_id="CN201610114057.4",
        patent_type="发明申请",
        license_fee="面议",
        license_deadline="长期",
        license_period="0",
        license_location="其他",
    )

    assert [one.rule for one in found] == [
        "DEC-01",
        "DEC-03",
        "DEC-06",
        "DEC-08",
        "DEC-08",
        "DEC-17",
    ]


@pytest.mark.parametrize(
    ("name", "changed", "column", "code"),
    [
        ("fujian", {"patent_type": "无"}, "patent_type", "import.unknown_kind"),
        ("zhejiang", {"patent_type": ""}, "patent_type", "import.missing_value"),
        (
            "guangdong",
            {"patent_owner_type": "国企"},
            "patent_owner_type",
            "import.unknown_holder_kind",
        ),
        (
            "fujian",
            {"license_location": "全国各省份只许可一家"},
            "license_location",
            "territory.not_open",
        ),
        ("zhejiang", {"license_location": "其他"}, "license_location", "territory.not_open"),
        ("zhejiang", {"license_deadline": ""}, "license_deadline", "published_date.unreadable"),
        ("hainan", {"license_period": "长期"}, "license_period", "published_date.years"),
        ("hainan", {"license_fee": "0"}, "license_fee", "fee.missing_amount"),
        ("zhejiang", {"license_fee": "0"}, "license_fee_detail", "fee.contradiction"),
        ("zhejiang", {"license_fee": "x"}, "license_fee_detail", "fee.unintelligible"),
        ("beijing", {"license_fee_type": "另行"}, "license_fee_detail", "fee.unintelligible"),
        (
            "beijing",
            {"license_fee_type": "一次总付,免费使用"},
            "license_fee_detail",
            "fee.contradiction",
        ),
        ("kaixu", {"IPC分类号": "Z99"}, "IPC分类号", "ipc."),
        ("kaixu", {"联系电话": "请来电"}, "联系电话", "import.invalid"),
        ("kaixu", {"电子邮箱": "zhang"}, "电子邮箱", "import.invalid"),
        ("kaixu", {"联系人": ""}, "联系人", "import.invalid"),
        ("kaixu", {"报告类型": "体检报告"}, "报告类型", "import.unknown_report"),
        ("kaixu", {"报告日期": "去年"}, "报告日期", "published_date.unreadable"),
        ("kaixu", {"承诺书版本": ""}, "承诺书版本", "import.missing_value"),
        ("kaixu", {"专利权人类型": "高校；企业；个人"}, "专利权人类型", "import.count_differs"),
        ("kaixu", {"统一社会信用代码": "91440300279426820Y；"}, "统一社会信用代码", ""),
    ],
)
def test_a_cell_that_cannot_be_read_is_named_with_its_column(
    name: str, changed: dict[str, str], column: str, code: str
) -> None:
    found = problems(name, **changed)

    assert {one.column for one in found} == {column}
    assert found[0].code.startswith(code)
    assert " / " in found[0].message


def test_a_missing_kind_is_not_filled_in_but_the_numbers_kind_is_said() -> None:
    assert "实用新型" in problem("zhejiang", patent_type="").hint


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


def test_an_empty_holder_is_a_draft_with_a_finding() -> None:
    (checked,) = check_drafts(
        [DraftRow(2, draft("hainan"))], context=RuleContext(today=date(2023, 6, 1))
    )

    assert isinstance(checked, CheckedDraft)
    assert "DEC-04" in {found.code for found in checked.findings}


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


def numbered(*rows: dict[str, str]) -> list[Row]:
    return [Row(number, row) for number, row in enumerate(rows, start=2)]


def outcomes(rows: Iterable[Row]) -> list[str]:
    read_rows = read_drafts(rows, load_profile("guangdong"), NOTHING)
    return ["draft" if isinstance(row, DraftRow) else row.problems[0].code for row in read_rows]


def test_the_second_row_of_a_patent_is_refused_with_the_first_rows_number() -> None:
    dotted = GUANGDONG | {"patent_id": "ZL201410042209.4"}
    other = GUANGDONG | {"license_deadline": "2025-12-31"}

    rows = list(read_drafts(numbered(GUANGDONG, dotted, other), load_profile("guangdong"), NOTHING))

    assert isinstance(rows[0], DraftRow)
    assert isinstance(rows[1], RowRefusal)
    assert isinstance(rows[2], RowRefusal)
    assert [row.problems[0].code for row in rows[1:] if isinstance(row, RowRefusal)] == [
        "import.duplicate_row",
        "import.conflicting_row",
    ]
    assert "第 2 行" in rows[1].problems[0].message


def test_a_refused_row_is_nobodys_first() -> None:
    negotiable = GUANGDONG | {"license_fee_type": "价格面议"}

    assert outcomes(numbered(negotiable, GUANGDONG)) == ["fee.negotiable", "draft"]


@pytest.mark.parametrize(
    ("name", "changed", "code"),
    [
        ("guangdong", {"patent_id": "201721791505X"}, "DEC-02"),
        (
            "guangdong",
            {
                "patent_id": "2017216795065",
                "patent_type": "实用新型",
                "license_deadline": "2028-12-31",
            },
            "DEC-08",
        ),
        (
            "guangdong",
            {"license_fee_type": "入门费为0元，提成费按当年度合同产品净销售额的35%提取。"},
            "DEC-07",
        ),
        ("fujian", {"license_fee_type": "一次总付545000万元"}, "DEC-07"),
        (
            "guangdong",
            {
                "license_fee_type": "在合同生效后5日内支付第批次9000元，后在每个会计年度截止前的"
                "5日内，分1批次支付，每次支付9000元。总费用27000."
            },
            "DEC-19",
        ),
    ],
)
def test_real_bad_input_that_a_declaration_can_say_is_a_finding(
    name: str, changed: dict[str, str], code: str
) -> None:
    drafts = [DraftRow(2, draft(name, changed=changed))]

    (checked,) = check_drafts(drafts, context=RuleContext(today=date(2023, 6, 1)))

    assert isinstance(checked, CheckedDraft)
    assert code in {found.code for found in checked.findings}
