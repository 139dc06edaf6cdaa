"""Why a published offer must not be accepted any more, read off the register by the rules (pure).

The codes stand in `suspend` and `withdraw` statements and so become public.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.register_facts import RegisterFacts
from shared_schema.rules import RuleContext, check_declaration, profile_named


class CauseCode(StrEnum):
    """A reason of the law against an offer that stands."""

    TRANSFERRED = "transferred"
    HOLDER_CHANGED = "holder_changed"  # the register names others, without a recorded transfer
    LAPSED = "lapsed"
    INVALIDATED = "invalidated"
    RIGHT_EXPIRED = "right_expired"
    NOT_GRANTED = "not_granted"
    EXCLUSIVE_LICENCE = "exclusive_licence"
    OWNERSHIP_DISPUTE = "ownership_dispute"
    PRESERVATION_ORDER = "preservation_order"
    ANNUAL_FEE_UNPAID = "annual_fee_unpaid"
    PLEDGED_WITHOUT_CONSENT = "pledged_without_consent"


FOR_GOOD: Final = frozenset(
    {
        CauseCode.TRANSFERRED,
        CauseCode.HOLDER_CHANGED,
        CauseCode.LAPSED,
        CauseCode.INVALIDATED,
        CauseCode.RIGHT_EXPIRED,
    }
)
"""Causes after which the holder must withdraw: the right, or the right to offer it, is gone."""

_STATUS: Final = {
    "lapsed": CauseCode.LAPSED,
    "invalidated": CauseCode.INVALIDATED,
    "expired": CauseCode.RIGHT_EXPIRED,
    "pending": CauseCode.NOT_GRANTED,
}
_SUSPENSIONS: Final = {
    "ownership": CauseCode.OWNERSHIP_DISPUTE,
    "preservation": CauseCode.PRESERVATION_ORDER,
}
_BY_RULE: Final = {
    "DEC-10": CauseCode.EXCLUSIVE_LICENCE,
    "DEC-12": CauseCode.ANNUAL_FEE_UNPAID,
    "DEC-13": CauseCode.PLEDGED_WITHOUT_CONSENT,
}


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason with its sentence, Chinese / English, and the rule's source."""

    code: CauseCode
    text: str
    source: str


def causes(declaration: Declaration, facts: RegisterFacts, *, today: date) -> tuple[Cause, ...]:
    """The reasons in the order of their rules, each code once.

    What the holder declared stays as it was accepted: only the register's side is asked, so a
    missing consent in the declaration is no cause.

    Raises:
        ProfileUnknown: the declaration names a profile of another version.
    """
    profile = profile_named(declaration.profile)
    context = RuleContext(today=today, register=facts)
    found: dict[CauseCode, Cause] = {}
    for finding in check_declaration(declaration, profile=profile, context=context):
        code = _code(finding, facts)
        if code is not None:
            text = f"{finding.message_zh} / {finding.message_en}"
            found.setdefault(code, Cause(code, text, finding.source))
    return tuple(found.values())


def _code(finding: Finding, facts: RegisterFacts) -> CauseCode | None:
    if finding.code == "DEC-03":
        return _STATUS.get(facts.status if facts.granted else "pending", CauseCode.NOT_GRANTED)
    if finding.code == "DEC-04":
        if "missing" not in finding.facts:  # a consent or a name, not the register
            return None
        return CauseCode.TRANSFERRED if facts.transfers else CauseCode.HOLDER_CHANGED
    if finding.code == "DEC-11":
        return _SUSPENSIONS[finding.facts["cause"]]
    return _BY_RULE.get(finding.code)
