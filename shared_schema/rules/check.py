"""Checking a declaration against a profile: all rules, in the order of their codes."""

from collections.abc import Callable, Iterable
from typing import Final

from shared_schema.declaration import Declaration
from shared_schema.finding import Finding, Severity
from shared_schema.rules.ceiling import dec_07_ceiling
from shared_schema.rules.commitments import dec_16_commitments
from shared_schema.rules.conflict import dec_18_one_live
from shared_schema.rules.contact import dec_20_contact
from shared_schema.rules.context import RuleContext
from shared_schema.rules.encumbrance import (
    dec_03_in_force,
    dec_10_exclusive,
    dec_11_suspended,
    dec_12_annual_fee,
    dec_13_pledged,
)
from shared_schema.rules.fee import dec_05_amounts, dec_06_definite
from shared_schema.rules.holder import dec_04_holders
from shared_schema.rules.instalments import dec_19_instalments
from shared_schema.rules.number import dec_01_number, dec_02_kind
from shared_schema.rules.period import dec_08_period, dec_09_minimum
from shared_schema.rules.profile import SECOND_EXAMINER, RuleProfile
from shared_schema.rules.report import dec_14_report
from shared_schema.rules.scope import dec_17_scope
from shared_schema.rules.table import RULE_TABLE
from shared_schema.rules.words import dec_15_advertising

Rule = Callable[[Declaration, RuleProfile, RuleContext], list[Finding]]

RULES: Final[dict[str, Rule]] = {
    "DEC-01": dec_01_number,
    "DEC-02": dec_02_kind,
    "DEC-03": dec_03_in_force,
    "DEC-04": dec_04_holders,
    "DEC-05": dec_05_amounts,
    "DEC-06": dec_06_definite,
    "DEC-07": dec_07_ceiling,
    "DEC-08": dec_08_period,
    "DEC-09": dec_09_minimum,
    "DEC-10": dec_10_exclusive,
    "DEC-11": dec_11_suspended,
    "DEC-12": dec_12_annual_fee,
    "DEC-13": dec_13_pledged,
    "DEC-14": dec_14_report,
    "DEC-15": dec_15_advertising,
    "DEC-16": dec_16_commitments,
    "DEC-17": dec_17_scope,
    "DEC-18": dec_18_one_live,
    "DEC-19": dec_19_instalments,
    "DEC-20": dec_20_contact,
}


def check_declaration(
    declaration: Declaration, *, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """Every rule's findings, ordered by code; the same input always gives the same list.

    Pure: it reads no clock and no register. An empty list is no clean bill of health while
    `unchecked_rules` names something.
    """
    return [finding for rule in RULES.values() for finding in rule(declaration, profile, context)]


def unchecked_rules(profile: RuleProfile, context: RuleContext) -> list[str]:
    """The codes that were not, or not fully, checked because nobody has read the register.

    DEC-04 is among them: existence of a holder is checked, identity and consent are not. DEC-14 is
    listed where the profile requires the report unasked and the verifier has not asked for it.
    """
    if context.register is not None:
        return []
    asks_register = profile.report_required and not context.report_demanded
    return [
        code
        for code, row in RULE_TABLE.items()
        if row.needs_register and (code != "DEC-14" or asks_register)
    ]


def is_high_risk(findings: Iterable[Finding], *, profile: RuleProfile | None = None) -> bool:
    """Whether a second, different examiner must look: a rule the profile names, or any conflict."""
    codes = profile.second_examiner if profile else SECOND_EXAMINER
    return any(
        finding.code in codes or finding.severity is Severity.CONFLICT for finding in findings
    )
