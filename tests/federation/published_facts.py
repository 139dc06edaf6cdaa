"""Facts of real published lists, typed in: some sound, some with the defects they were found with.

Source: the Guangdong main platform's list (numbers, holders, fees, ends, scopes) and, for patents
offered there and in Beijing, the list of the China Technology Exchange.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.subplatform.node_builders import a_list, a_row

_INSTALMENTS: Final = (
    "采用总付额内分期支付的方式,在合同生效后30日内支付第一批次{first}，后在每个会计年度截止前的30日内，"
    "分{times}批次支付，每次支付{each}。包括第一次在内总共支付{total}。"
)


def _lump(days: int, yuan: int) -> str:
    return f'{{"type":"2","value1":"{days}","value2":"{yuan}"}}'


def _row(number: str, kind: str, holder: str, **changes: str) -> dict[str, str]:
    return a_row(number, patent_type=kind, patent_owner=holder, **changes)


SOUND: Final = (
    _row("2014100422094", "发明", "五邑大学", license_deadline="2024-12-31"),
    _row("201810417272X", "发明", "广州大学", license_deadline="2023-12-31",
         license_location="广东"),
    _row("2016101436642", "发明", "南方医科大学", license_fee_type=_lump(30, 20_000),
         license_deadline="2023-12-31"),
    _row("2018207777113", "实用新型", "广州大学", license_deadline="2023-12-31",
         license_location="广东"),
    _row("2018303255783", "外观设计", "台山市永鸿光电有限公司", patent_owner_type="其他",
         license_fee_type=_lump(15, 5_000), license_deadline="2024-12-31"),
    _row("2019302566224", "外观设计", "广州工程技术职业学院",
         license_fee_type='{"type":"1","value1":"5000","value2":"10%"}',
         license_deadline="2023-12-31", license_location="广东"),
    _row("2018200322653", "实用新型", "东莞市创丰科技发展有限公司", patent_owner_type="其他",
         license_fee_type='{"type":"1","value1":"500000","value2":"10"}',
         license_deadline="2024-06-30", license_location="东莞"),
    _row("2016111995173", "发明", "暨南大学", license_deadline="2027-08-09",
         license_fee_type="采用一次总付的方式,在合同生效后（10）日内一次性全额支付所有使用费（4万）元"),
    _row("2021109782894", "发明", "深圳市城市交通规划设计研究中心股份有限公司",
         patent_owner_type="国有企业", license_deadline="2025-12-31",
         license_location="全国（除深圳市）",
         license_fee_type=_INSTALMENTS.format(
             first="50万元", times=3, each="50万元", total="4次，共计200万元")),
    _row("2017100902907", "发明", "广东省农业科学院动物科学研究所", patent_owner_type="科研院所",
         license_deadline="2025-05-17",
         license_fee_type='{"type":"4","value1":"每年使用费 50000元。采用一次付清的方式，'
                          '在合同生效后 14 天内一次全额支付所有费用。"}'),
)  # fmt: skip
DEFECTIVE: Final[Mapping[str, dict[str, str]]] = {
    "DEC-08": _row(
        "2017216795065", "实用新型", "深圳市水务科技有限公司", patent_owner_type="国有企业",
        license_deadline="2028-12-31",
        license_fee_type=_INSTALMENTS.format(
            first="40000元", times=5, each="40000元", total="240000元")),
    "DEC-02": _row("201721791505X", "发明", "广州大学", license_deadline="2023-12-31"),
    "DEC-05": _row(
        "2019110291699", "发明", "深圳市建筑设计研究总院有限公司", patent_owner_type="国有企业",
        license_deadline="2027-12-31",
        license_fee_type="采用入门费和提成费相结合的方式,其中入门费为0元，"
        "提成费按当年度合同产品净销售额的35%提取。"),
    "DEC-19": _row(
        "2019101462299", "发明", "华南理工大学", license_deadline="2024-12-31",
        license_fee_type="采用总付额内分期支付的方式，在合同生效后5日内支付第批次9000元，"
        "后在每个会计年度截止前的5日内，分1批次支付，每次支付9000元。总费用27000."),
}  # fmt: skip
NEGOTIABLE: Final = _row(
    "2022101037883", "发明", "深圳湾实验室", patent_owner_type="科研院所",
    license_fee_type="价格面议", license_deadline="2026-07-08",
)  # fmt: skip

# Above the ceiling of 20 % of net sales; the list also states an entry fee of 0 yuan.
ABOVE_CEILING: Final = "2019110297746"
ABOVE_CEILING_TERMS: Final = {
    "holders": [{"name": "深圳市建筑设计研究总院有限公司", "kind": "state_enterprise"}],
    "fee": {
        "payment": {
            "mode": "royalty",
            "royalty": {"base": "net_sales", "rate_percent": "35"},
        }
    },
    "period": {"end": "2027-12-31"},
}

# Offered in Guangdong and in Beijing on other terms: 15 or 30 days, 30 September or 19 October.
BEES: Final = "2021112860210"
BEES_HOLDER: Final = {"name": "中国农业科学院蜜蜂研究所", "kind": "institute"}
BEES_IN_GUANGDONG: Final = {
    "holders": [BEES_HOLDER],
    "fee": {"payment": {"mode": "lump_sum", "amount_fen": 20_000_000, "due_days": 15}},
    "period": {"end": "2025-09-30"},
    "territory": {"include": ["44"]},
}
BEES_IN_BEIJING: Final = {
    "holders": [BEES_HOLDER],
    "fee": {"payment": {"mode": "lump_sum", "amount_fen": 20_000_000, "due_days": 30}},
    "period": {"end": "2025-10-19"},
    "territory": {"include": ["CN"]},
}

# Offered in both on the same terms: 8,000 yuan twice, until the end of 2023, nationwide.
SCUT: Final = ("2014100607601", "2012103180793")
SCUT_TERMS: Final = {
    "holders": [{"name": "华南理工大学", "kind": "university"}],
    "fee": {
        "payment": {
            "mode": "instalments",
            "first_fen": 800_000,
            "first_due_days": 5,
            "each_fen": 800_000,
            "times": 1,
            "interval": "year",
            "due_days_before": 5,
            "total_fen": 1_600_000,
        }
    },
    "period": {"end": "2023-12-31"},
    "territory": {"include": ["CN"]},
}


def whole_list(path: Path) -> tuple[Path, int]:
    """The list as a file, and its number of rows."""
    rows = (*SOUND, *DEFECTIVE.values(), NEGOTIABLE)
    return a_list(path, *rows), len(rows)


def register_file(path: Path, facts: Sequence[Mapping[str, str]]) -> Path:
    """A patent register: a row for each patent, valid and paid unless a fact says otherwise."""
    columns = (
        "application_number", "as_of", "source", "granted", "status", "holders", "annual_fee",
        "transfers",
    )  # fmt: skip
    usual = {
        "as_of": "2023-06-01",
        "source": "登记簿副本",
        "granted": "是",
        "status": "有效",
        "annual_fee": "已缴",
        "transfers": "",
    }
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(usual | dict(one) for one in facts)
    return draft.replace(path)
