"""Everything that makes a row a refusal, and what a declaration can say but a rule objects to."""

from collections.abc import Iterable
from datetime import date

import pytest

from shared_schema.rules import RuleContext
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.importing.published_list import (
    CheckedDraft,
    check_drafts,
    read_drafts,
)
from subplatform.declarations.importing.reading import Row
from subplatform.declarations.importing.row_problem import DraftRow, RowRefusal
from subplatform.declarations.importing.supplied import NOTHING
from tests.subplatform.list_rows import GUANGDONG, draft, problem, problems


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


def test_an_empty_holder_is_a_draft_with_a_finding() -> None:
    (checked,) = check_drafts(
        [DraftRow(2, draft("hainan"))], context=RuleContext(today=date(2023, 6, 1))
    )

    assert isinstance(checked, CheckedDraft)
    assert "DEC-04" in {found.code for found in checked.findings}


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
