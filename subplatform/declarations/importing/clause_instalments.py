"""总付额内分期支付: a first payment and equal later ones within a total (domain 2.2, 6.4).

What 分（n）批次 means. In the published texts n is the number of payments after the first:
wherever a text states n, the count including the first (m) and a total, m = n + 1 and first + n x
each = total, save for those of the next paragraph. So n is read as `times`; where first + n x each
is not the stated total, both stay as stated and DEC-19 asks the holder.

Where m is stated it is the plainer count and wins: `times` = m - 1. Two kinds of texts need that:
those whose first payment has no sum of its own (the first is then one of the m equal payments, said
in the note), and the form's JSON of Guangdong, which has one batch a year and five payments in all.
"""

import re
from typing import Final, Literal

from shared_schema.fee_terms import Instalments, Stepped
from subplatform.declarations.importing.clause_refused import ClauseFault, ClauseRefused
from subplatform.declarations.importing.clause_text import (
    EFFECT,
    LEAD,
    NUMBER,
    SEP,
    SUM,
    WAY,
    Clause,
    amount,
    days,
)
from subplatform.declarations.importing.clause_yearly import steps_in

Interval = Literal["month", "quarter", "year"]

_NAME: Final = rf"(?:采?用?(?:总付?|总付款)额内分期支付{WAY})"
_FIRST: Final = (
    rf"(?:{EFFECT}|到期之日起)?{days('first_due')}{SEP}支付第一?(?:批次?)?"
    rf"(?:{amount('first')})?{SEP}"
)
_INTERVAL: Final = r"(?P<interval>[√✓☑R]?月份?/?第?[√✓☑R]?季度/?[√✓☑R]?年度|1?年度?|季度|月份?)"
_THEN: Final = rf"(?:而|之)?后?在?每个?(?:会计)?{_INTERVAL}截?止?前的?{days('before')}{SEP}"
_BATCHES: Final = rf"(?:分(?P<batches>{NUMBER})批次?支付{SEP})?"
_EACH: Final = rf"每次支付{amount('each')}{SEP}"
_TOTAL: Final = (
    rf"(?:包括第一次在内)?(?:总?共?支付(?P<payments>{NUMBER})次{SEP})?"
    rf"(?:(?:总?共计?|合计|总计|总费用)(?:支付)?{amount('total')})?"
)
_SENTENCE: Final = re.compile(rf"{LEAD}{_NAME}*{_FIRST}{_THEN}{_BATCHES}{_EACH}{_TOTAL}")
_UNEVEN: Final = re.compile(
    rf"{LEAD}{_NAME}*{_FIRST}{_THEN}{_BATCHES}(?P<steps>(?:第{NUMBER}年{SUM}{SEP})+){_TOTAL}"
)
# After a free first year every payment falls on a year's end, so none is named the first.
_AFTER_FREE: Final = re.compile(rf"{LEAD}{_NAME}*{_THEN}{_BATCHES}{_EACH}{_TOTAL}")
_PER_YEAR: Final = re.compile(
    rf"{LEAD}{_NAME}*{amount('each')}(?:/年|每年){SEP}/?(?:总?共计?|合计|总计){amount('total')}"
)
_ANY: Final = re.compile(r"分期|批次|分\d+次")


def read_instalments(clause: Clause) -> Instalments | Stepped | None:
    """Equal instalments, or a first payment followed by a stated sum for each year.

    Raises:
        ClauseRefused: the clause is about instalments but leaves sums, number or interval open.
    """
    for shape, read in ((_SENTENCE, _equal), (_AFTER_FREE, _equal), (_UNEVEN, _uneven)):
        found = shape.fullmatch(clause.text)
        if found:
            return read(clause, found.groupdict())
    found = _PER_YEAR.fullmatch(clause.text)
    if found:
        return _per_year(clause, found["each"], found["total"])
    if clause.mode == "instalments" or _ANY.search(clause.text):
        if re.search(rf"第{NUMBER}年{SUM}", clause.text):
            return None
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, clause.text)
    return None


def _equal(clause: Clause, words: dict[str, str | None]) -> Instalments:
    each = clause.fen(words["each"] or "")
    batches = clause.integer(words["batches"]) if words["batches"] else None
    payments = clause.integer(words["payments"]) if words["payments"] else None
    total = clause.fen(words["total"]) if words["total"] else None
    first = clause.fen(words["first"] or "") if words.get("first") else None
    return instalments_of(
        clause,
        first_fen=first,
        each_fen=each,
        batches=batches,
        payments=payments,
        total_fen=total,
        first_due_days=_days(clause, words, "first_due"),
        due_days_before=_days(clause, words, "before"),
        interval=_interval(clause, words["interval"] or ""),
    )


def instalments_of(  # noqa: PLR0913  # one argument for each blank of the form
    clause: Clause,
    *,
    first_fen: int | None,
    each_fen: int,
    batches: int | None,
    payments: int | None,
    total_fen: int | None,
    first_due_days: int | None,
    due_days_before: int | None,
    interval: Interval,
) -> Instalments:
    """Terms from the form's blanks: what is stated stays, what can be derived is derived and noted.

    Raises:
        ClauseRefused: the number of payments, or first payment and total, cannot be derived.
    """
    if payments is None and batches is None:
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, clause.text)
    times = payments - 1 if payments else batches or 0
    if payments is not None and batches is not None and batches != times:
        clause.notes.append(f"原文“分{batches}批次”，“总共支付{payments}次”，按总次数读取")
    if first_fen is None:
        first_fen = _first_of_equal(clause, each_fen, payments=payments)
    if total_fen is None:
        total_fen = first_fen + each_fen * times
        clause.notes.append("原文未写总额，按首付加各批次合计")
    return Instalments(
        first_fen=first_fen,
        first_due_days=first_due_days,
        each_fen=each_fen,
        times=times,
        interval=interval,
        due_days_before=due_days_before,
        stated_payments=payments,
        total_fen=total_fen,
    )


def _first_of_equal(clause: Clause, each_fen: int, *, payments: int | None) -> int:
    if payments is None:
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, clause.text)
    clause.notes.append("原文未另写首付金额，首付为各次等额支付之一")
    return each_fen


def _uneven(clause: Clause, words: dict[str, str | None]) -> Stepped:
    """A first payment in year 1 and a stated sum for each later year; they must make the total.

    Raises:
        ClauseRefused: no first sum, or another total.
    """
    later = steps_in(clause, words["steps"] or "", first_year=2)
    if not words["first"]:
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, clause.text)
    first = clause.fen(words["first"])
    terms = Stepped.model_validate(
        {"steps": [{"year": 1, "amount_fen": first}, *(step.model_dump() for step in later)]}
    )
    total = clause.fen(words["total"]) if words["total"] else None
    if total is not None and total != sum(step.amount_fen for step in terms.steps):
        raise ClauseRefused(ClauseFault.UNEVEN, clause.text, found=words["total"] or "")
    clause.remark(clause.text)
    return terms


def _per_year(clause: Clause, each: str, total: str) -> Instalments:
    """1万每年/共3万: as many equal payments as make the total, one a year.

    Raises:
        ClauseRefused: no whole number of payments makes the total.
    """
    each_fen, total_fen = clause.fen(each), clause.fen(total)
    if each_fen == 0 or total_fen % each_fen:
        raise ClauseRefused(ClauseFault.UNEVEN, clause.text)
    clause.notes.append("原文未写次数，按总额除以每年金额得出")
    return instalments_of(
        clause,
        first_fen=each_fen,
        each_fen=each_fen,
        batches=total_fen // each_fen - 1,
        payments=None,
        total_fen=total_fen,
        first_due_days=None,
        due_days_before=None,
        interval="year",
    )


def _days(clause: Clause, words: dict[str, str | None], name: str) -> int | None:
    number, unit = words.get(name), words.get(f"{name}_unit")
    if number is None or unit is None:
        return None
    if unit not in {"日", "天"}:
        clause.notes.append(f"付款期限：{number}{unit}内")
        return None
    return clause.integer(number)


def _interval(clause: Clause, words: str) -> Interval:
    """The one interval named, or the ticked one where the form's three are all printed.

    Raises:
        ClauseRefused: several are printed and none is ticked.
    """
    ticked = re.search(r"[√✓☑R](月|季|年)", words)
    named = set(re.findall(r"[月季年]", words))
    if ticked is None and len(named) != 1:
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, clause.text, found=words)
    sign = ticked[1] if ticked else named.pop()
    intervals: dict[str, Interval] = {"月": "month", "季": "quarter", "年": "year"}
    return intervals[sign]
