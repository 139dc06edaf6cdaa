"""按年付费: the same sum each year, or a stated sum for each year (domain 2.2)."""

import re
from itertools import count, takewhile
from typing import Final

from shared_schema.fee_terms import AnnualFixed, Step, Stepped
from subplatform.declarations.importing.clause_lump_sum import FEE, ONCE, PAY
from subplatform.declarations.importing.clause_refused import ClauseFault, ClauseRefused
from subplatform.declarations.importing.clause_text import (
    EFFECT,
    LEAD,
    NUMBER,
    REMARK,
    SEP,
    SUM,
    TERM,
    WAY,
    Clause,
    amount,
)

_DUE: Final = rf"(?:{EFFECT}?{TERM},?)"
_ALL_AT_ONCE: Final = rf"(?P<once>采?用?{ONCE}(?:付清|总付){WAY}{_DUE}{PAY}|{_DUE}{PAY})"
_HEAD: Final = rf"{LEAD}(?:采?用?{ONCE}总付{WAY})?(?P<due_first>{_DUE}{PAY})?"
_YEARLY: Final = re.compile(
    rf"{_HEAD}(?:{FEE}(?:为|:)?)?(?P<each>每年的?(?:收取)?(?:许可)?使?用?(?:费用?)?为?)?{amount('sum')}"
    rf"(?P<per_year>/年|每年)?(?P<item>/[项件])?(?:{SEP}周期(?P<years>{NUMBER})年)?{REMARK}"
    rf"(?:{SEP}{_ALL_AT_ONCE})?"
)
_STEP: Final = rf"第{NUMBER}年(?:度)?(?:免费|{SUM})"
_STEPS: Final = re.compile(rf"{LEAD}(?:采?用?总付?额内分期支付{WAY})?(?P<steps>(?:{_STEP}{SEP})+)")
_ONE_STEP: Final = re.compile(rf"第(?P<year>{NUMBER})年(?:度)?(?:免费|{amount('sum')})")


def read_yearly(clause: Clause) -> AnnualFixed | None:
    """每年使用费50000元, 0.5万元/年，周期5年, 50000元/年 with payment of all years at once."""
    found = _YEARLY.fullmatch(clause.text)
    if found is None or bool(found["each"]) == bool(found["per_year"]):
        return None
    for kept in ("once", "due_first", "item", "remark"):
        clause.remark(found[kept])
    years = clause.integer(found["years"]) if found["years"] else None
    return AnnualFixed(amount_fen=clause.fen(found["sum"]), years=years)


def read_stepped(clause: Clause) -> Stepped | None:
    """第一年1000元，第二年5000元，第三年10000元: consecutive years from the first.

    Raises:
        ClauseRefused: years missing, repeated or out of order.
    """
    found = _STEPS.fullmatch(clause.text)
    return Stepped(steps=steps_in(clause, found["steps"])) if found else None


def steps_in(clause: Clause, words: str, *, first_year: int = 1) -> tuple[Step, ...]:
    """The steps that `words` state, from `first_year` without a gap.

    Raises:
        ClauseRefused: years missing, repeated or out of order.
    """
    stated = tuple(
        Step(
            year=clause.integer(step["year"]),
            amount_fen=clause.fen(step["sum"]) if step["sum"] else 0,
        )
        for step in _ONE_STEP.finditer(words)
    )
    expected = tuple(takewhile(lambda year: year < first_year + len(stated), count(first_year)))
    if tuple(step.year for step in stated) != expected:
        raise ClauseRefused(ClauseFault.MISSING_SCHEDULE, clause.text, found=words)
    return stated
