"""入门费加提成费: an entry fee, once or yearly, and a share of sales or a sum per unit."""

import re
from typing import Final, Literal

from shared_schema.fee_terms import (
    AnnualFixed,
    EntryPlusRoyalty,
    LumpSum,
    RateRoyalty,
    Royalty,
    RoyaltyOnly,
    UnitRoyalty,
)
from subplatform.declarations.importing.clause_refused import ClauseFault, ClauseRefused
from subplatform.declarations.importing.clause_text import (
    EFFECT,
    LEAD,
    SEP,
    WAY,
    Clause,
    amount,
    days,
    rate,
)

_TERM: Final = rf"(?:(?P<term>许可(?:期限|年限)\d+年){SEP}(?:许可费用?|使用费){SEP})?"
_HEAD: Final = (
    rf"{LEAD}{_TERM}(?:采?用?按?入门费?(?:和|与|加|\+){{1}}提成费?"
    rf"(?:相结合|支付)?(?:的?方式)?(?:收取许可费|支付)?{SEP})?(?:其中{SEP})?"
)
_KIND: Final = r"(?:\((?P<kind_remark>[^()]{1,40})\))?"
_ENTRY: Final = (
    rf"(?:入门费?(?:为|:|\()?)?(?P<yearly>每年)?{amount('entry')}(?P<per_year>/年)?\)?{_KIND}"
    rf"(?:入门费?)?"
)
_JOIN: Final = r"(?:[,。;、+]+(?:以?及|加)?,?|以?及|加|(?=提成|按))"

_PRODUCT: Final = r"(?:按照?|为|以)?(?:当年度?)?(?:的)?(?:合同)?(?:产品)?的?"
_BASE: Final = r"(?P<base>净销售额|销售额|净?利润)"
_ROYALTY_WORD: Final = r"(?:\+?提成(?:费|率|支付)?[:(]?(?:按照?|为)?)"
_TAKEN: Final = r"\)?(?:的?(?:提取|提成)){0,2}"
_CAP: Final = (
    rf"(?:{SEP}(?:提成费?)?(?:累计|合计|总额|总计)*(?:最高)?(?:不超过|上限为?|封顶为?)"
    rf"{amount('cap')})?"
)
_TAIL: Final = (
    rf"(?P<tail>{SEP}许可年限不超过\d+年"
    rf"|{SEP}{EFFECT}{days('entry_due')}支付入门费,而后在每个会计季度截止前的\d+日内,"
    r"支付当季度合同产品净销售额的[\d.]+%)?"
)

_RATE_OF_BASE: Final = (
    rf"{_ROYALTY_WORD}?{_PRODUCT}{_BASE}(?:提成)?的?(?:为|按)?{rate('rate')}{_TAKEN}"
)
_RATE_THEN_BASE: Final = rf"{_ROYALTY_WORD}?{rate('rate')}的?{_BASE}(?:提成|提取)?"
_RATE_OF_SALES: Final = rf"(?P<sales>销售)提成{rate('rate')}"
_RATE_OF_PRICE: Final = (
    rf"{_ROYALTY_WORD}?(?P<price>每[台套件辆][^,;。\d%]{{0,30}}销售价格)的?{rate('rate')}{_TAKEN}"
)
_RATE_ALONE: Final = rf"{_ROYALTY_WORD}?(?P<bare_rate>{rate('rate')})(?:提成|提取)?费?\)?"
_PER_UNIT: Final = (
    rf"{_ROYALTY_WORD}?(?:每[^,;。\d%]{{1,20}}提成)?{amount('each')}"
    r"/(?P<unit>[^,;。/\d%()]{1,12}?)(?:提成|提取){0,2}"
)
_SHAPES: Final = tuple(
    re.compile(shape)
    for royalty in (
        _RATE_OF_BASE,
        _RATE_THEN_BASE,
        _RATE_OF_SALES,
        _RATE_OF_PRICE,
        _PER_UNIT,
        _RATE_ALONE,
    )
    for shape in (rf"{_HEAD}{_ENTRY}{_JOIN}{royalty}{_CAP}{_TAIL}",)
)
_ALONE: Final = tuple(
    re.compile(rf"{LEAD}(?:入门费?(?:和|与|加|\+)提成费?(?:相结合|支付)?{WAY})?{royalty}{_CAP}")
    for royalty in (_RATE_OF_BASE, _RATE_THEN_BASE, _RATE_OF_SALES, _PER_UNIT, _RATE_ALONE)
)
_ENTRY_ALONE: Final = re.compile(rf"{_HEAD}{_ENTRY}")


def read_royalty(clause: Clause) -> EntryPlusRoyalty | RoyaltyOnly | None:
    """An entry fee with a royalty, or a royalty alone.

    Raises:
        ClauseRefused: a rate without a base, or a stated royalty mode without any royalty.
    """
    for shape in _SHAPES:
        found = shape.fullmatch(clause.text)
        if found:
            return _entry_and_royalty(clause, found)
    if clause.mode == "lump_sum":
        return None
    for shape in _ALONE:
        found = shape.fullmatch(clause.text)
        if found and "提成" in clause.text:
            return RoyaltyOnly(royalty=_royalty(clause, found.groupdict()))
    stated = clause.mode == "entry_plus_royalty" or "提成" in clause.text
    if stated and _ENTRY_ALONE.fullmatch(clause.text):
        raise ClauseRefused(ClauseFault.MISSING_ROYALTY, clause.text)
    return None


def read_entry_alone(clause: Clause) -> LumpSum | AnnualFixed | None:
    """入门费5万元 and nothing else: one sum, or one each year; the note keeps its name."""
    found = _ENTRY_ALONE.fullmatch(clause.text)
    if found is None or clause.mode is not None or "入门" not in clause.text:
        return None
    clause.remark(clause.text)
    sum_fen = clause.fen(found["entry"])
    if found["yearly"] or found["per_year"]:
        return AnnualFixed(amount_fen=sum_fen)
    return LumpSum(amount_fen=sum_fen)


def _entry_and_royalty(clause: Clause, found: re.Match[str]) -> EntryPlusRoyalty:
    words: dict[str, str | None] = found.groupdict()
    for kept in ("term", "kind_remark", "tail"):
        clause.remark((words.get(kept) or "").strip(",。;、") or None)
    return EntryPlusRoyalty(
        entry_fen=clause.fen(words["entry"] or ""),
        entry_yearly=bool(words.get("yearly") or words.get("per_year")),
        royalty=_royalty(clause, words),
    )


def _royalty(clause: Clause, words: dict[str, str | None]) -> Royalty:
    cap = words.get("cap")
    cap_fen = clause.fen(cap) if cap else None
    unit, each = words.get("unit"), words.get("each")
    if unit and each:
        return UnitRoyalty(unit=unit, amount_fen=clause.fen(each), cap_fen=cap_fen)
    if words.get("bare_rate"):
        raise ClauseRefused(ClauseFault.MISSING_BASE, clause.text, found=words["bare_rate"] or "")
    clause.remark(words.get("price"))
    return RateRoyalty(
        base=_base(words), rate_percent=clause.rate(words["rate"] or ""), cap_fen=cap_fen
    )


def _base(words: dict[str, str | None]) -> Literal["net_sales", "sales", "profit"]:
    """销售 and 销售价格 are sales; only 净销售额 is net sales."""
    stated = words.get("base") or "销售额"
    if "利润" in stated:
        return "profit"
    return "net_sales" if stated == "净销售额" else "sales"
