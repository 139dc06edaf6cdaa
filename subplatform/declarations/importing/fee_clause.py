"""Published fee clauses into fee terms: every shape found on six platforms, and nothing guessed.

`read_clause` takes the words of one offer. Each mode has a grammar in a module of its own
(`clause_lump_sum`, `clause_instalments`, `clause_royalty`, `clause_yearly`) that must match the
whole clause; words that no grammar knows make a refusal, never a half-read price.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from pydantic import ValidationError

from shared_schema.fee_terms import FeeTerms, FreePeriod, PayAfterUse, Payment
from subplatform.declarations.importing.clause_instalments import read_instalments
from subplatform.declarations.importing.clause_lump_sum import read_free, read_lump_sum
from subplatform.declarations.importing.clause_refused import (
    ClauseFault,
    ClauseRefused,
)
from subplatform.declarations.importing.clause_royalty import read_entry_alone, read_royalty
from subplatform.declarations.importing.clause_text import (
    MAX_CLAUSE,
    NUMBER,
    REMARK,
    SEP,
    SUM,
    Clause,
    StatedMode,
    spelled,
)
from subplatform.declarations.importing.clause_yearly import read_stepped, read_yearly

__all__ = ["ClauseFault", "ClauseRefused", "StatedMode", "read_clause"]

_SEE_CONTRACT: Final = re.compile(
    r"(?:见|以|在)[^,;。]{0,8}合同[^,;。]{0,4}(?:约定|为准)|合同(?:中|内)?(?:另行)?约定|^见?合同$"
)
_NEGOTIABLE: Final = re.compile(
    r"面议|议价|面谈|可谈|洽谈|协商|商议|商谈|另议|议定|一事一议|待定|上浮|下浮|浮动"
)
_RANGE: Final = re.compile(
    rf"{NUMBER}[%‰]?(?:[千万亿]?元?)[-~\u2010-\u2015至到]{NUMBER}(?:[%‰]|[千万亿]?元|[千万亿])"
)
_DEFINITE: Final = re.compile(rf"{NUMBER}[千万亿]?元|{NUMBER}[%‰]|\d+[千万]|^\d+$")
_CONDITIONAL: Final = re.compile(r"如本专利|若|≤|≥|<|>|小于|大于|获奖|第\d年及以后")

_FREE_FIRST: Final = (
    (re.compile(rf"(?:\d[.、])?(?:首年度?|第[一1]年){SEP}?免费(?:使用|许可|试用)?{SEP}"), 12),
    (re.compile(rf"免费半年{SEP}(?:后续{SEP})?"), 6),
    (
        re.compile(
            rf"合同生效(?:之?日)?(?:后|起)?半年内免费(?:试用|使用)?{SEP}(?:免费期到期后{SEP})?"
        ),
        6,
    ),
    (re.compile(rf"(?:总付额内分期支付的方式{SEP})?在?合同生效后首年度?免(?:收)?许可费{SEP}"), 12),
)
_FREE_MONTHS: Final = re.compile(
    rf"(?:前|免费)(?P<months>{NUMBER})个月(?:内)?(?:免费)?{SEP}(?:后续{SEP})?"
)
_FROM_SECOND: Final = re.compile(r"^(?:第二年|第2年|次年)(?:开始|起)?")
_PAY_AFTER: Final = re.compile(rf"先使用{SEP}后付费{SEP}")
_MONTHS_DUE: Final = re.compile(rf"(?P<months>{NUMBER})个月内")


def read_clause(
    text: str,
    *,
    mode: StatedMode | None = None,
    pay_after_use: bool = False,
    sum_fen: int | None = None,
) -> FeeTerms:
    """The terms that a published fee clause states.

    Args:
        text: The clause as published, in Chinese.
        mode: The mode that another column of the same row states; the clause must agree with it.
        pay_after_use: Whether another column says 先使用后付费.
        sum_fen: The sum that another column states; the clause may repeat it but not differ.

    Raises:
        ClauseRefused: the clause is no definite offer; `fault` and `errors[0].code` say why.
    """
    return _read(text, _Stated(mode, pay_after_use, sum_fen))


class _Stated(NamedTuple):
    """What other columns of the row say about the fee."""

    mode: StatedMode | None
    pay_after_use: bool
    sum_fen: int | None


@lru_cache(maxsize=4096)
def _read(text: str, stated: _Stated) -> FeeTerms:
    if len(text) > MAX_CLAUSE:
        raise ClauseRefused(ClauseFault.UNINTELLIGIBLE, text)
    clause = Clause(spelled(text), mode=stated.mode, sum_fen=stated.sum_fen)
    _refuse_open_price(clause)
    try:
        return _terms(clause, pay_after_use=stated.pay_after_use)
    except ValidationError as error:
        raise ClauseRefused(ClauseFault.OUT_OF_RANGE, clause.text) from error


def _refuse_open_price(clause: Clause) -> None:
    """DEC-06 before any grammar: a price left open anywhere in the clause is no offer.

    Raises:
        ClauseRefused: the price is negotiable, reserved, a range or left to a contract.
    """
    found = _SEE_CONTRACT.search(clause.text)
    if found:
        raise ClauseRefused(ClauseFault.SEE_CONTRACT, clause.text)
    found = _NEGOTIABLE.search(clause.text)
    if found:
        definite = _DEFINITE.search(clause.text)
        fault = ClauseFault.RESERVED if definite else ClauseFault.NEGOTIABLE
        raise ClauseRefused(fault, clause.text)
    found = _RANGE.search(clause.text)
    if found:
        raise ClauseRefused(ClauseFault.RANGE, clause.text, found=found.group())


def _terms(clause: Clause, *, pay_after_use: bool) -> FeeTerms:
    after = _PAY_AFTER.match(clause.text)
    if after:
        clause, pay_after_use = clause.rest(clause.text[after.end() :]), True
    months, clause = _free_period(clause)
    payment = _payment(clause)
    _agree(clause, payment)
    return FeeTerms(
        payment=payment,
        free_period=FreePeriod(months=months) if months else None,
        pay_after_use=_after_use(clause, payment) if pay_after_use else None,
        note="；".join(dict.fromkeys(clause.notes))[:500] or None,
    )


def _free_period(clause: Clause) -> tuple[int | None, Clause]:
    """Take a leading free period off the clause."""
    for shape, months in _FREE_FIRST:
        found = shape.match(clause.text)
        if found and found.end() < len(clause.text):
            return months, clause.rest(_FROM_SECOND.sub("", clause.text[found.end() :]))
    found = _FREE_MONTHS.match(clause.text)
    if found and found.end() < len(clause.text):
        return clause.integer(found["months"]), clause.rest(clause.text[found.end() :])
    return None, clause


_GRAMMARS: Final = (
    read_free,
    read_stepped,
    read_yearly,
    read_royalty,
    read_entry_alone,
    read_instalments,
    read_lump_sum,
)


def _payment(clause: Clause) -> Payment:
    """The first grammar that reads the whole clause.

    Raises:
        ClauseRefused: none does.
    """
    for read in _GRAMMARS:
        payment = read(clause)
        if payment is not None:
            return payment
    refusal = _unread(clause)
    raise refusal


def _unread(clause: Clause) -> ClauseRefused:
    if _CONDITIONAL.search(clause.text):
        return ClauseRefused(ClauseFault.CONDITIONAL, clause.text)
    if re.search(NUMBER, clause.text) is None and clause.sum_fen is None:
        return ClauseRefused(ClauseFault.MISSING_AMOUNT, clause.text)
    if clause.mode == "lump_sum" and "提成" in clause.text:
        return ClauseRefused(ClauseFault.CONTRADICTION, clause.text)
    if re.fullmatch(SUM + REMARK, clause.text):
        return ClauseRefused(ClauseFault.MISSING_MODE, clause.text)
    return ClauseRefused(ClauseFault.UNINTELLIGIBLE, clause.text)


_AGREEING: Final[dict[StatedMode, frozenset[str]]] = {
    "free": frozenset({"free"}),
    "lump_sum": frozenset({"lump_sum", "annual_fixed"}),
    "instalments": frozenset({"instalments", "stepped"}),
    "entry_plus_royalty": frozenset({"entry_plus_royalty", "royalty"}),
}


def _agree(clause: Clause, payment: Payment) -> None:
    if clause.mode is not None and payment.mode not in _AGREEING[clause.mode]:
        raise ClauseRefused(ClauseFault.CONTRADICTION, clause.text)


def _after_use(clause: Clause, payment: Payment) -> PayAfterUse:
    """A payment due within n months of the contract is a payment at the end of an n-month trial."""
    found = _MONTHS_DUE.search(clause.text)
    if found is None or payment.mode != "lump_sum":
        return PayAfterUse()
    return PayAfterUse(trial_months=clause.integer(found["months"]), due_days=0)
