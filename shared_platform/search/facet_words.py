"""What people read for each facet and value, in both languages."""

from collections.abc import Callable, Mapping
from typing import Final

from shared_platform.search.bands import (
    FEE_BANDS,
    NO_FIXED_PART,
    PER_UNIT,
    PERIODS,
    ROYALTY_BANDS,
    START_WORDS,
    Band,
)
from shared_platform.search.search_query import PERIOD_LEFT
from shared_schema.bilingual import Words
from shared_schema.industry import industries
from shared_schema.region import COUNTRY, regions

FACET_TITLES: Final[Mapping[str, Words]] = {
    "kind": Words("专利类型", "Patent type"),
    "holder_kind": Words("专利权人类型", "Holder type"),
    "holder_region": Words("专利权人所在地", "Holder's region"),
    "fee_mode": Words("收费方式", "Payment mode"),
    "fee_band": Words("固定费用", "Fixed fee"),
    "royalty_band": Words("提成比例", "Royalty"),
    "start": Words("免费使用", "Free use"),
    "scope": Words("许可地域", "Territory"),
    "industry": Words("行业", "Industry"),
    "ipc": Words("国际专利分类", "IPC"),
    "origin": Words("报送节点", "Recommended by"),
    PERIOD_LEFT: Words("剩余期限", "Time left"),
}
_KINDS: Final = {
    "invention": Words("发明", "invention"),
    "utility_model": Words("实用新型", "utility model"),
    "design": Words("外观设计", "design"),
}
_HOLDER_KINDS: Final = {
    "university": Words("高等院校", "university"),
    "institute": Words("科研院所", "research institute"),
    "state_enterprise": Words("国有企业", "state-owned enterprise"),
    "enterprise": Words("企业", "enterprise"),
    "individual": Words("个人", "individual"),
    "other": Words("其他", "other"),
}
FEE_MODES: Final = {
    "free": Words("免费", "free"),
    "lump_sum": Words("一次总付", "lump sum"),
    "instalments": Words("总付额内分期支付", "instalments"),
    "entry_plus_royalty": Words("入门费加提成", "entry fee and royalty"),
    "royalty": Words("提成", "royalty"),
    "annual_fixed": Words("按年付费", "yearly sum"),
    "annual_fee_equal": Words("等于当年专利年费", "the patent's annual fee"),
    "stepped": Words("分年阶梯", "stepped by year"),
    "other": Words("其他", "other"),
}
_IPC_SECTIONS: Final = {  # titles of the eight sections, WIPO IPC
    "A": Words("人类生活必需", "human necessities"),
    "B": Words("作业；运输", "performing operations; transporting"),
    "C": Words("化学；冶金", "chemistry; metallurgy"),
    "D": Words("纺织；造纸", "textiles; paper"),
    "E": Words("固定建筑物", "fixed constructions"),
    "F": Words(
        "机械工程；照明；加热；武器；爆破", "mechanical engineering; lighting; heating; weapons"
    ),
    "G": Words("物理", "physics"),
    "H": Words("电学", "electricity"),
}
_COUNTRY_WORDS: Final = Words("全国", "nationwide")


def facet_words(name: str, value: str) -> Words:
    """The words of one value; the value itself where no table has it."""
    return _WORDS.get(name, _itself)(value)


def _of_table(table: Mapping[str, Words]) -> Callable[[str], Words]:
    return lambda value: table.get(value) or _itself(value)


def _of_bands(*bands: Band) -> Callable[[str], Words]:
    return _of_table({band.name: band.words for band in bands})


def _itself(value: str) -> Words:
    return Words(value, value)


def _region(code: str) -> Words:
    region = regions().get(code)
    if region is None or code == COUNTRY:
        return _COUNTRY_WORDS if code == COUNTRY else _itself(code)
    return Words(region.name_zh, region.name_en or region.name_zh)


def _industry(code: str) -> Words:
    row = industries().get(code)
    return Words(f"{code} {row.title_zh}", f"{code} {row.title_zh}") if row else _itself(code)


def _ipc(symbol: str) -> Words:
    title = _IPC_SECTIONS.get(symbol)
    return Words(f"{symbol} {title.zh}", f"{symbol} {title.en}") if title else _itself(symbol)


_WORDS: Final[Mapping[str, Callable[[str], Words]]] = {
    "kind": _of_table(_KINDS),
    "holder_kind": _of_table(_HOLDER_KINDS),
    "holder_region": _region,
    "fee_mode": _of_table(FEE_MODES),
    "fee_band": _of_bands(*FEE_BANDS, NO_FIXED_PART),
    "royalty_band": _of_bands(*ROYALTY_BANDS, PER_UNIT),
    "start": _of_table(START_WORDS),
    "scope": _region,
    "industry": _industry,
    "ipc": _ipc,
    PERIOD_LEFT: _of_bands(*PERIODS),
}
