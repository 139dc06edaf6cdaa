"""免费 and 一次总付: nothing owed, or one sum within so many days (domain 2.2)."""

import re
from typing import Final

from shared_schema.fee_terms import Free, LumpSum
from subplatform.declarations.importing.clause_refused import ClauseFault, ClauseRefused
from subplatform.declarations.importing.clause_text import (
    EFFECT,
    LEAD,
    REMARK,
    SEP,
    WAY,
    Clause,
    amount,
    days,
)

_FREE: Final = re.compile(
    rf"{LEAD}(?:(?:无偿|免费)(?:使用|许可|提供|实施)?{SEP}){{1,2}}(?:0元?)?|0(?:\.0+)?元?"
)

ONCE: Final = r"(?:一次性?)"
FEE: Final = r"(?:(?:所有|全部|全额)?的?(?:专利)?(?:许可)?(?:使用)?(?:费用|费))"
PAY: Final = rf"(?:{ONCE}?(?:全额|全款|全)?(?:支付|付清|缴纳)?(?:完)?{FEE}?(?:为|:)?)"
_DUE: Final = rf"(?:{EFFECT}?{days('due')},?)"
_AFTER_START: Final = rf"(?P<start>专利设备投入生产后{days('start_due')})"

# The form's sentence, and the short ways of saying it.
_SENTENCE: Final = re.compile(
    rf"{LEAD}(?:采?用?{ONCE}(?:总付|付清){WAY})?(?:{_DUE}|{_AFTER_START},?)?{PAY}"
    rf"(?:{amount('sum')})?(?P<each>/[项件])?{REMARK}(?:{ONCE}总付)?"
)
_SUM_THEN_DAYS: Final = re.compile(
    rf"(?:{ONCE}总付{WAY})?{amount('sum')}{SEP}{_DUE}(?:{ONCE}?支付)?"
)
_NAMED: Final = re.compile(r"一次性?(?:总付|付清|支付|全)|所有使用费|全额")


def read_free(clause: Clause) -> Free | None:
    """免费使用, 无偿提供，免费使用; with the mode stated beside it also an empty clause or 0."""
    if clause.mode == "free" and clause.text in {"", "0"}:
        return Free()
    found = _FREE.fullmatch(clause.text)
    return Free() if found and (clause.mode == "free" or clause.text[:1] != "0") else None


def read_lump_sum(clause: Clause) -> LumpSum | None:
    """One sum, its days where stated; a bare sum only where another column names the mode.

    Raises:
        ClauseRefused: the clause is a lump sum but states no amount, or two different ones.
    """
    if clause.mode != "lump_sum" and not _NAMED.search(clause.text):
        return None
    found = _SUM_THEN_DAYS.fullmatch(clause.text) or _SENTENCE.fullmatch(clause.text)
    if found is None:
        return None
    words = found.groupdict()
    clause.remark(words.get("remark"))
    clause.remark(words.get("each"))
    clause.remark(words.get("start"))
    due_days, working = _due(clause, words)
    return LumpSum(amount_fen=_sum(clause, words["sum"]), due_days=due_days, working_days=working)


def _sum(clause: Clause, words: str | None) -> int:
    """The sum in the clause; another column may state it instead, or again, but not differently.

    Raises:
        ClauseRefused: no sum anywhere, or two that differ.
    """
    if words is None and clause.sum_fen is None:
        raise ClauseRefused(ClauseFault.MISSING_AMOUNT, clause.text)
    if words is None and clause.sum_fen is not None:
        return clause.sum_fen
    stated = clause.fen(words or "")
    if clause.sum_fen is not None and clause.sum_fen != stated:
        raise ClauseRefused(
            ClauseFault.CONTRADICTION, clause.text, found=f"{words} ≠ {clause.sum_fen / 100:.2f}元"
        )
    return stated


def _due(clause: Clause, words: dict[str, str | None]) -> tuple[int | None, bool]:
    """Days, and whether working days; terms in months stay words, a month has no fixed days."""
    number, unit = words.get("due"), words.get("due_unit")
    if number is None or unit is None:
        return None, False
    if unit in {"个月", "年"}:
        clause.notes.append(f"付款期限：{number}{unit}内")
        return None, False
    return clause.integer(number), "工作日" in unit
