"""DEC-03 and DEC-10 to DEC-13: what the register says against an open licence (Rules 85, 86).

All of them are silent without register facts; `unchecked_rules` names them then.
"""

from datetime import date
from typing import Final

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.register_facts import RecordedLicence, RegisterFacts, Suspension
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.number import NUMBER_POINTER
from shared_schema.rules.profile import RuleProfile

_STATUS_TITLES: Final = {
    "valid": Words("有效", "valid"),
    "lapsed": Words("已终止", "lapsed"),
    "invalidated": Words("已宣告无效", "invalidated"),
    "pending": Words("申请待审", "pending"),
    "expired": Words("期限届满", "expired"),
}
_LICENCE_TITLES: Final = {
    "exclusive": Words("独占", "exclusive"),
    "sole": Words("排他", "sole"),
    "ordinary": Words("普通", "ordinary"),
}
_CAUSE_TITLES: Final = {
    "ownership": Words("权属纠纷", "an ownership dispute"),
    "preservation": Words("财产保全", "a preservation order"),
}
_FEE_TITLES: Final = {
    "in_grace": Words("处于滞纳期", "in its surcharge period"),
    "unpaid": Words("未缴纳", "unpaid"),
}


def dec_03_in_force(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """Granted and valid; and the register facts are of this very patent."""
    register = context.register
    if register is None:
        return []
    number = declaration.patent.application_number
    if register.application_number != number:
        message = Words(
            f"登记信息属于 {register.application_number}，不是 {number}。",
            f"The register facts are of {register.application_number}, not of {number}.",
        )
        hint = Words("重新查询本专利的登记信息。", "Look this patent up in the register.")
    elif not register.granted or register.status != "valid":
        status = _STATUS_TITLES[register.status if register.granted else "pending"]
        message = Words(
            f"登记簿 {register.as_of} 显示该专利{status.zh}。",
            f"On {register.as_of} the register shows the patent as {status.en}.",
        )
        hint = None
    else:
        return []
    facts = _facts(register, granted=register.granted, status=register.status)
    return [found("DEC-03", profile, NUMBER_POINTER, message=message, hint=hint, facts=facts)]


def _facts(register: RegisterFacts, **facts: object) -> dict[str, object]:
    return facts | {
        "register_as_of": register.as_of.isoformat(),
        "register_source": register.source,
    }


def _in_force(fact: RecordedLicence | Suspension, first: date, last: date) -> bool:
    """Whether it holds on some day from `first` to `last`, both included; None is open."""
    return (fact.since is None or fact.since <= last) and (
        fact.until is None or fact.until >= first
    )


def dec_10_exclusive(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """No exclusive or sole licence on any day from today to the offer's end."""
    register = context.register
    if register is None:
        return []
    first, last = context.today, max(context.today, declaration.period.end)
    return [
        found(
            "DEC-10",
            profile,
            NUMBER_POINTER,
            message=Words(
                f"有{_LICENCE_TITLES[licence.kind].zh}许可在有效期内"
                f"（至 {licence.until or '期限未载明'}）。",
                f"An {_LICENCE_TITLES[licence.kind].en} licence is in force"
                f" (until {licence.until or 'no stated end'}).",
            ),
            facts=_facts(
                register,
                kind=licence.kind,
                until=licence.until.isoformat() if licence.until else None,
            ),
        )
        for licence in register.licences
        if licence.kind != "ordinary" and _in_force(licence, first, last)
    ]


def dec_11_suspended(
    _declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """Procedures are not suspended today."""
    register, today = context.register, context.today
    if register is None:
        return []
    return [
        found(
            "DEC-11",
            profile,
            NUMBER_POINTER,
            message=Words(
                f"因{_CAUSE_TITLES[suspension.cause].zh}中止程序。",
                f"Procedures are suspended by {_CAUSE_TITLES[suspension.cause].en}.",
            ),
            facts=_facts(register, cause=suspension.cause),
        )
        for suspension in register.suspensions
        if _in_force(suspension, today, today)
    ]


def dec_12_annual_fee(
    _declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """The annual fee is neither unpaid nor in its surcharge period; merely due is fine."""
    register = context.register
    if register is None or register.annual_fee not in _FEE_TITLES:
        return []
    state = _FEE_TITLES[register.annual_fee]
    return [
        found(
            "DEC-12",
            profile,
            NUMBER_POINTER,
            message=Words(f"年费{state.zh}。", f"The annual fee is {state.en}."),
            facts=_facts(register, annual_fee=register.annual_fee),
        )
    ]


def dec_13_pledged(
    _declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """Every pledgee has consented."""
    register = context.register
    if register is None:
        return []
    return [
        found(
            "DEC-13",
            profile,
            NUMBER_POINTER,
            message=Words(
                f"已质押给“{pledge.pledgee}”，未见其同意。",
                f"The patent is pledged to “{pledge.pledgee}”, whose consent is missing.",
            ),
            facts=_facts(register, pledgee=pledge.pledgee),
        )
        for pledge in register.pledges
        if not pledge.consent
    ]
