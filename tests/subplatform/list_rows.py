"""A row of each of six lists and of our own template, typed in, and what reading it makes."""

from collections.abc import Mapping

from shared_schema.declaration import Declaration
from subplatform.declarations.importing.profile_files import load_profile
from subplatform.declarations.importing.reading import Row
from subplatform.declarations.importing.row_problem import DraftRow, RowProblem, RowRefusal
from subplatform.declarations.importing.row_reader import read_row
from subplatform.declarations.importing.supplied import NOTHING, Supplied

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
