"""The profiles' severities against the table typed in from the design, and the documentation."""

import re
from datetime import date
from pathlib import Path

import pytest

from shared_schema.finding import Severity, blocks
from shared_schema.rules import (
    PROFILES,
    RULE_TABLE,
    ProfileUnknown,
    RuleContext,
    profile_named,
    unchecked_rules,
)
from shared_schema.rules.check import RULES
from tests.shared_schema.offers import TODAY, a_declaration, a_register, check

BOTH = list(PROFILES)
SEVERITIES = {  # code: pilot, statutory
    "DEC-01": ("error", "error"),
    "DEC-02": ("error", "error"),
    "DEC-03": ("error", "error"),
    "DEC-04": ("error", "error"),
    "DEC-05": ("error", "error"),
    "DEC-06": ("error", "error"),
    "DEC-07": ("warning", "error"),  # pilot: and a reason; statutory: unless justified
    "DEC-08": ("error", "error"),
    "DEC-09": ("warning", "warning"),  # left to the profile; see docs/rules.md
    "DEC-10": ("error", "error"),
    "DEC-11": ("error", "error"),
    "DEC-12": ("error", "error"),
    "DEC-13": ("error", "error"),
    "DEC-14": ("error", "error"),  # pilot: on demand only
    "DEC-15": ("warning", "error"),
    "DEC-16": ("error", "error"),
    "DEC-17": ("error", "error"),  # pilot: list of regions; statutory: nationwide
    "DEC-18": ("conflict", "conflict"),
    "DEC-19": ("error", "error"),
    "DEC-20": ("error", "error"),
}


def test_the_severities_are_those_of_the_design() -> None:
    pilot, statutory = PROFILES["pilot-gd-2022"], PROFILES["statutory-2024"]

    assert {
        code: (pilot.severity[code].value, statutory.severity[code].value) for code in RULE_TABLE
    } == SEVERITIES


def test_rules_texts_and_severities_cover_the_same_twenty_codes_in_order() -> None:
    codes = [f"DEC-{number:02d}" for number in range(1, 21)]

    assert list(RULES) == list(RULE_TABLE) == codes
    assert all(list(profile.severity) == codes for profile in PROFILES.values())


@pytest.mark.parametrize("profile", BOTH)
def test_a_complete_declaration_has_no_findings(profile: str) -> None:
    findings = check(a_declaration(), profile, register=a_register())

    assert findings == []
    assert not blocks(findings)


def test_a_profile_is_found_by_the_name_a_declaration_gives() -> None:
    assert profile_named("pilot-gd-2022").title_zh.startswith("广东省")


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ProfileUnknown) as refused:
        profile_named("pilot-zj-2021")

    assert refused.value.errors[0].pointer == "/profile"
    assert "statutory-2024" in refused.value.detail


def test_profiles_are_in_effect_from_their_first_to_their_last_day() -> None:
    pilot, statutory = PROFILES["pilot-gd-2022"], PROFILES["statutory-2024"]

    assert not pilot.in_effect(date(2022, 4, 30))
    assert pilot.in_effect(date(2022, 5, 1))
    assert pilot.in_effect(date(2023, 12, 31))
    assert not pilot.in_effect(date(2024, 1, 1))
    assert not statutory.in_effect(date(2024, 1, 19))
    assert statutory.in_effect(date(2024, 1, 20))
    assert statutory.in_effect(TODAY)


def test_without_register_facts_the_caller_learns_what_was_not_checked() -> None:
    pilot, statutory = PROFILES["pilot-gd-2022"], PROFILES["statutory-2024"]
    asked_of_register = ["DEC-03", "DEC-04", "DEC-10", "DEC-11", "DEC-12", "DEC-13"]

    assert unchecked_rules(pilot, RuleContext(today=TODAY)) == asked_of_register
    assert unchecked_rules(statutory, RuleContext(today=TODAY)) == [*asked_of_register, "DEC-14"]
    demanded = RuleContext(today=TODAY, report_demanded=True)
    assert unchecked_rules(statutory, demanded) == asked_of_register
    assert unchecked_rules(statutory, RuleContext(today=TODAY, register=a_register())) == []


def test_the_documentation_prints_the_table() -> None:
    document = Path(__file__).parents[2] / "docs" / "rules.md"
    printed = [line for line in document.read_text("utf-8").splitlines() if "| DEC-" in line]

    assert printed == [_row(code) for code in RULE_TABLE]


def _row(code: str) -> str:
    row = RULE_TABLE[code]
    pilot, statutory = (PROFILES[name].severity[code].value for name in BOTH)
    cells = [
        code,
        f"{row.check_zh}<br>{row.check_en}",
        row.source,
        pilot,
        statutory,
        f"{row.hint_zh}<br>{row.hint_en}",
    ]
    return f"| {' | '.join(cells)} |"


def test_every_finding_reads_in_both_languages() -> None:
    declaration = a_declaration(holders=[], contact=None, commitments=[], period={"end": TODAY})

    for finding in check(declaration):
        assert re.search("[一-鿿]", finding.message_zh + finding.hint_zh)
        assert not re.search("[一-鿿]", finding.message_en + finding.hint_en)
        assert finding.source
        assert finding.severity is Severity.ERROR
