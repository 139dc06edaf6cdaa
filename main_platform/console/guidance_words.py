"""Words of the fee guidance."""

from collections.abc import Mapping
from typing import Final

from shared_schema.bilingual import Words

PLACE_WORDS: Final[Mapping[str, Words]] = {
    "below_quarter": Words("低于四分之一位", "in the lowest quarter"),
    "below_median": Words("在四分之一位与中位数之间", "between the lowest quarter and the median"),
    "above_median": Words("在中位数与四分之三位之间", "between the median and the highest quarter"),
    "above_three_quarters": Words("高于四分之三位", "in the highest quarter"),
}
GUIDANCE_WORDS: Final[Mapping[str, Words]] = {
    "guidance": Words("费用参考", "Fee guidance"),
    "annual_fees": Words("官方年费（元）", "Official annual fees (yuan)"),
    "patent_years": Words("专利年度", "Patent years"),
    "official_fee": Words("年费", "Fee"),
    "reduced_fee": Words("开放许可实施期间（减 15 %）", "While openly licensed (15 % less)"),
    "now": Words("当前", "now"),
    "years_now": Words(
        "按专利号中的年份，今年为第 {0} 或第 {1} 年度（申请日未知）。",
        "By the year in the number this is patent year {0} or {1}; the filing date is not known.",
    ),
    "fee_source": Words("来源：{0}", "Source: {0}"),
    "benchmark": Words("同类公开报价", "What others ask"),
    "benchmark_place": Words(
        "本声明{0}（四分之一位 {1}，中位数 {2}，四分之三位 {3}；样本 {4} 件，{5}；来源：{6}）。",
        "This offer is {0} (quartiles {1}, {2}, {3}; {4} offers, {5}; source: {6}).",
    ),
    "benchmark_empty": Words(
        "没有可比的数据：参考表中无此类型和收费方式的记录，本系统不编造行业数值。",
        "Nothing to compare with: the reference table has no row for this kind and mode, and no"
        " figures are made up.",
    ),
}
