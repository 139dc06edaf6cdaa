"""DEC-05 and DEC-06: the fee is complete and definite (art. 50, 51: an offer states its price)."""

import re
from functools import singledispatch
from typing import Final, NamedTuple

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.fee_terms import (
    AnnualFixed,
    EntryPlusRoyalty,
    Fen,
    Instalments,
    LumpSum,
    Other,
    Royalty,
    RoyaltyOnly,
    Stepped,
    UnitRoyalty,
)
from shared_schema.finding import Finding
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.profile import RuleProfile
from shared_schema.text import fold

PAYMENT_POINTER: Final = "/fee/payment"

_CHOOSE_FREE: Final = Words(
    "如不收费，请选“免费”；否则填写金额。",
    "Choose “free” if nothing is owed; otherwise state the amount.",
)
_CHOOSE_ROYALTY: Final = Words(
    "没有入门费的，请选“提成”。", "Choose “royalty” where there is no entry fee."
)
_NAME_MAXIMUM: Final = Words(
    "填写被许可人最多应付的总额（元）。", "State the most a licensee can ever owe, in yuan."
)
_NUMBER_STEPS: Final = Words(
    "从第1年起逐年各填一次金额。", "State one amount for each licence year, from year 1."
)

_SURE_NEGOTIABLE: Final = re.compile(
    r"面议|议价|另议|(?:详见|参见|见)[^，。；,;]{0,8}(?:合同|协议)"
)
_NEGOTIABLE: Final = re.compile(
    rf"{_SURE_NEGOTIABLE.pattern}|协商(?!解决)|商议|商定|洽谈|待定"
    r"|(?:合同|协议)[^，。；,;]{0,4}(?:为准|约定(?!的(?:账户|时间|方式)))"
)
_AMOUNT: Final = r"\d+(?:\.\d+)?"
_UNIT: Final = r"(?:%|‰|[百千万亿]*元|[千万亿]+)"
_RANGE: Final = re.compile(
    rf"{_AMOUNT}\s?{_UNIT}?\s?(?:-|~|—+|–|至|到)\s?{_AMOUNT}\s?{_UNIT}"
    rf"|{_AMOUNT}\s?{_UNIT}\s?(?:起|左右|上下)"
)


class Gap(NamedTuple):
    """An amount that is missing or contradicts its mode; `member` is below `/fee/payment`."""

    member: str
    message: Words
    hint: Words


def dec_05_amounts(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """Every amount of the chosen mode is there and above zero. The schema admits yuan only."""
    return [
        found(
            "DEC-05",
            profile,
            f"{PAYMENT_POINTER}/{gap.member}",
            message=gap.message,
            hint=gap.hint,
            facts={"mode": declaration.fee.payment.mode},
        )
        for gap in gaps_in(declaration.fee.payment)
    ]


@singledispatch
def gaps_in(_payment: object) -> list[Gap]:
    """What is missing. Free and annual-fee-equal terms hold no amount that could be."""
    return []


def _zero(member: str, fen: Fen, amount: Words) -> list[Gap]:
    """A gap if the amount is zero; `amount` names it."""
    message = Words(
        f"{amount.zh}为 0，与所选支付方式矛盾。", f"The {amount.en} is 0, against the chosen mode."
    )
    return [] if fen else [Gap(member, message, _CHOOSE_FREE)]


@gaps_in.register
def _(payment: LumpSum) -> list[Gap]:
    return _zero("amount_fen", payment.amount_fen, Words("一次总付金额", "lump sum"))


@gaps_in.register
def _(payment: AnnualFixed) -> list[Gap]:
    return _zero("amount_fen", payment.amount_fen, Words("每年金额", "yearly amount"))


@gaps_in.register
def _(payment: Instalments) -> list[Gap]:
    gaps = _zero("first_fen", payment.first_fen, Words("首期金额", "first payment"))
    if payment.times:
        gaps += _zero("each_fen", payment.each_fen, Words("每期金额", "amount of each payment"))
    return gaps + _zero("total_fen", payment.total_fen, Words("总额", "total"))


@gaps_in.register
def _(payment: EntryPlusRoyalty) -> list[Gap]:
    entry = _zero("entry_fen", payment.entry_fen, Words("入门费", "entry fee"))
    entry = [gap._replace(hint=_CHOOSE_ROYALTY) for gap in entry]
    return entry + _royalty_gaps(payment.royalty)


@gaps_in.register
def _(payment: RoyaltyOnly) -> list[Gap]:
    return _royalty_gaps(payment.royalty)


def _royalty_gaps(royalty: Royalty) -> list[Gap]:
    if isinstance(royalty, UnitRoyalty):
        gaps = _zero("royalty/amount_fen", royalty.amount_fen, Words("每件金额", "amount per unit"))
    else:
        rate = int(royalty.rate_percent > 0)
        gaps = _zero("royalty/rate_percent", rate, Words("提成率", "royalty rate"))
    if royalty.cap_fen is not None:
        gaps += _zero("royalty/cap_fen", royalty.cap_fen, Words("提成上限", "royalty cap"))
    return gaps


@gaps_in.register
def _(payment: Stepped) -> list[Gap]:
    """A step of 0 is a free year and fine, unless all are; the years must run 1, 2, 3 …."""
    if [step.year for step in payment.steps] != list(range(1, len(payment.steps) + 1)):
        message = Words("各年金额有缺漏或重复。", "A licence year has no amount, or two.")
        return [Gap("steps", message, _NUMBER_STEPS)]
    return _zero(
        "steps", max(step.amount_fen for step in payment.steps), Words("各年金额", "yearly sum")
    )


@gaps_in.register
def _(payment: Other) -> list[Gap]:
    if payment.maximum_fen:
        return []
    message = Words("“其他标准”没有写明最高应付总额。", "“Other” terms state no maximum.")
    return [Gap("maximum_fen", message, _NAME_MAXIMUM)]


def dec_06_definite(
    declaration: Declaration, profile: RuleProfile, _context: RuleContext
) -> list[Finding]:
    """No "negotiable", range or "see contract" in `other` terms.

    In the note only the sure words count: it may offer to negotiate an ordinary licence beside the
    open one, which article 51(3) allows.
    """
    fee = declaration.fee
    findings = []
    if isinstance(fee.payment, Other):
        text = fold(fee.payment.text)
        match = _NEGOTIABLE.search(text) or _RANGE.search(text)
        findings += _indefinite(match, f"{PAYMENT_POINTER}/text", profile)
    if fee.note is not None:
        findings += _indefinite(_SURE_NEGOTIABLE.search(fold(fee.note)), "/fee/note", profile)
    return findings


def _indefinite(match: re.Match[str] | None, pointer: str, profile: RuleProfile) -> list[Finding]:
    if match is None:
        return []
    words = match.group()
    return [
        found(
            "DEC-06",
            profile,
            pointer,
            message=Words(f"使用费不确定：“{words}”。", f"The fee is not definite: “{words}”."),
            facts={"words": words},
        )
    ]
