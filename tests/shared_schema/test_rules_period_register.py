"""DEC-03, DEC-08 to DEC-14: the days of the offer, and what the register says against it."""

from datetime import date
from typing import Any

import pytest

from shared_schema.finding import Finding, Severity
from shared_schema.rules import PROFILES, RuleContext, check_declaration
from tests.shared_schema.offers import (
    DESIGN,
    INVENTION,
    TODAY,
    UTILITY_MODEL,
    a_declaration,
    a_patent,
    a_register,
    check,
    of_rule,
)

BOTH = list(PROFILES)
PILOT, STATUTORY = BOTH


def lasting(end: date | str, **period: object) -> dict[str, Any]:
    return {"period": {"end": str(end)} | period}


def against(register: dict[str, Any], code: str, profile: str = STATUTORY) -> list[Finding]:
    return of_rule(code, check(a_declaration(), profile, register=a_register(**register)))


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("end", ["2026-11-22", "2023-12-31"])
def test_dec_08_wants_an_end_after_today(end: str, profile: str) -> None:
    (finding,) = of_rule("DEC-08", check(a_declaration(**lasting(end)), profile))

    assert finding.severity is Severity.ERROR
    assert finding.facts == {"end": end, "today": "2026-11-22"}


def test_dec_08_lets_an_offer_end_tomorrow() -> None:
    assert of_rule("DEC-08", check(a_declaration(**lasting("2026-11-23")))) == []


def test_dec_08_wants_the_start_before_the_end() -> None:
    late = a_declaration(**lasting("2028-01-01", start="2028-01-02"))
    same_day = a_declaration(**lasting("2028-01-01", start="2028-01-01"))

    (finding,) = of_rule("DEC-08", check(late))
    assert finding.pointer == "/period/start"
    assert of_rule("DEC-08", check(same_day)) == []


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(
    ("number", "end", "expiry"),
    [
        ("2017216795065", "2028-12-31", "2027-12-31"),  # Guangdong, as published
        ("2019209564563", "2030-03-24", "2029-12-31"),  # Shandong, as published
    ],
)
def test_dec_08_compares_the_end_with_the_latest_possible_expiry(
    *, number: str, end: str, expiry: str, profile: str
) -> None:
    declaration = a_declaration(**(a_patent(number, "utility_model") | lasting(end)))

    (finding,) = of_rule("DEC-08", check(declaration, profile))

    assert finding.facts == {"end": end, "expiry": expiry, "filing_date_known": False}
    assert "至迟" in finding.message_zh
    assert expiry in finding.hint_zh


def test_dec_08_takes_the_filing_date_of_the_register() -> None:
    register = a_register(filing_date=date(2021, 8, 25))
    on_the_day = a_declaration(**lasting("2041-08-25"))
    a_day_later = a_declaration(**lasting("2041-08-26"))

    assert of_rule("DEC-08", check(on_the_day, register=register)) == []
    (finding,) = of_rule("DEC-08", check(a_day_later, register=register))
    assert finding.facts["filing_date_known"] is True
    assert "至迟" not in finding.message_zh


@pytest.mark.parametrize(
    ("period", "short"),
    [
        (lasting("2027-11-21"), False),
        (lasting("2027-11-20"), True),
        (lasting("2027-12-31", start="2027-01-01"), False),
        (lasting("2027-12-30", start="2027-01-01"), True),
        (lasting("2029-02-27", start="2028-02-29"), False),
        (lasting("2029-02-26", start="2028-02-29"), True),
        (lasting("9999-12-31", start="9999-12-31"), False),  # beyond the calendar: DEC-08's
    ],
)
def test_dec_09_counts_a_year_to_the_day_before_its_anniversary(
    period: dict[str, Any], *, short: bool
) -> None:
    findings = of_rule("DEC-09", check(a_declaration(**period), PILOT))

    assert len(findings) == short
    assert all(finding.severity is Severity.WARNING for finding in findings)


def test_dec_09_has_no_minimum_under_the_statute() -> None:
    assert of_rule("DEC-09", check(a_declaration(**lasting("2026-11-23")), STATUTORY)) == []


REFUSED_BY_REGISTER: list[tuple[str, dict[str, Any]]] = [
    ("DEC-03", {"granted": False, "status": "pending"}),
    ("DEC-03", {"granted": False, "status": "valid"}),
    ("DEC-03", {"status": "lapsed"}),
    ("DEC-03", {"status": "invalidated"}),
    ("DEC-03", {"status": "expired"}),
    ("DEC-03", {"application_number": UTILITY_MODEL}),
    ("DEC-10", {"licences": [{"kind": "exclusive"}]}),
    ("DEC-10", {"licences": [{"kind": "sole", "until": "2026-11-22"}]}),
    ("DEC-10", {"licences": [{"kind": "sole", "since": "2028-12-31"}]}),
    ("DEC-11", {"suspensions": [{"cause": "ownership"}]}),
    ("DEC-11", {"suspensions": [{"cause": "preservation", "since": "2026-11-22"}]}),
    ("DEC-11", {"suspensions": [{"cause": "preservation", "until": "2026-11-22"}]}),
    ("DEC-12", {"annual_fee": "unpaid"}),
    ("DEC-12", {"annual_fee": "in_grace"}),
    ("DEC-13", {"pledges": [{"pledgee": "某某银行"}]}),
]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(("code", "register"), REFUSED_BY_REGISTER)
def test_what_the_register_says_stops_the_offer(
    code: str, register: dict[str, Any], profile: str
) -> None:
    (finding,) = against(register, code, profile)

    assert finding.severity is Severity.ERROR
    assert finding.facts["register_as_of"] == TODAY.isoformat()
    assert finding.facts["register_source"] == "登记簿副本"


ALLOWED_BY_REGISTER: list[tuple[str, dict[str, Any]]] = [
    ("DEC-10", {"licences": [{"kind": "ordinary"}]}),
    ("DEC-10", {"licences": [{"kind": "exclusive", "until": "2026-11-21"}]}),
    ("DEC-10", {"licences": [{"kind": "exclusive", "since": "2029-01-01"}]}),
    ("DEC-11", {"suspensions": [{"cause": "ownership", "until": "2026-11-21"}]}),
    ("DEC-11", {"suspensions": [{"cause": "ownership", "since": "2026-11-23"}]}),
    ("DEC-12", {"annual_fee": "due"}),
    ("DEC-13", {"pledges": [{"pledgee": "某某银行", "consent": True}]}),
]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(("code", "register"), ALLOWED_BY_REGISTER)
def test_what_the_register_says_may_be_harmless(
    code: str, register: dict[str, Any], profile: str
) -> None:
    assert against(register, code, profile) == []


@pytest.mark.parametrize("profile", BOTH)
def test_each_encumbrance_is_told_apart(profile: str) -> None:
    licences = [{"kind": "exclusive", "until": "2027-01-01"}, {"kind": "sole"}]

    findings = against({"licences": licences}, "DEC-10", profile)

    assert [finding.facts["until"] for finding in findings] == ["2027-01-01", None]
    assert "至 2027-01-01" in findings[0].message_zh
    assert "期限未载明" in findings[1].message_zh


def test_an_ungranted_application_is_shown_as_pending() -> None:
    (finding,) = against({"granted": False, "status": "valid"}, "DEC-03")

    assert "申请待审" in finding.message_zh


def test_without_register_facts_these_rules_are_silent() -> None:
    declaration = a_declaration(**a_patent(UTILITY_MODEL, "utility_model"))

    assert check(declaration, STATUTORY) == []


MODELS = [(UTILITY_MODEL, "utility_model"), (DESIGN, "design")]


def report_findings(
    number: str,
    kind: str,
    profile: str,
    *,
    demanded: bool = False,
    made: bool | None = None,
    report: str | None = None,
) -> list[Finding]:
    given = {"evaluation_report": {"kind": report} if report else None}
    declaration = a_declaration(**(a_patent(number, kind) | given))
    register = a_register(application_number=number, evaluation_report=made)
    findings = check(declaration, profile, register=register, report_demanded=demanded)
    return of_rule("DEC-14", findings)


@pytest.mark.parametrize(("number", "kind"), MODELS)
def test_dec_14_is_an_error_under_the_statute(number: str, kind: str) -> None:
    (finding,) = report_findings(number, kind, STATUTORY)

    assert finding.severity is Severity.ERROR
    assert finding.facts == {"accepted_kinds": ["evaluation"], "demanded": False}


@pytest.mark.parametrize(("number", "kind"), MODELS)
def test_dec_14_is_asked_in_the_pilot_only_on_demand(number: str, kind: str) -> None:
    assert report_findings(number, kind, PILOT) == []

    (finding,) = report_findings(number, kind, PILOT, demanded=True)
    assert finding.facts == {"accepted_kinds": ["evaluation", "search"], "demanded": True}
    assert "检索报告" in finding.hint_zh


@pytest.mark.parametrize(
    ("profile", "report", "satisfied"),
    [
        (STATUTORY, "evaluation", True),
        (STATUTORY, "search", False),
        (STATUTORY, "consulting", False),
        (PILOT, "evaluation", True),
        (PILOT, "search", True),
        (PILOT, "consulting", False),
    ],
)
def test_dec_14_accepts_the_reports_of_its_profile(
    profile: str, report: str, *, satisfied: bool
) -> None:
    findings = report_findings(DESIGN, "design", profile, demanded=True, report=report)

    assert (findings == []) is satisfied


@pytest.mark.parametrize(("made", "satisfied"), [(True, True), (False, False), (None, False)])
def test_dec_14_accepts_a_report_that_the_register_shows(
    *, made: bool | None, satisfied: bool
) -> None:
    assert (report_findings(DESIGN, "design", STATUTORY, made=made) == []) is satisfied


def test_dec_14_asks_nothing_of_an_invention() -> None:
    assert report_findings(INVENTION, "invention", STATUTORY, demanded=True) == []


def test_a_demanded_report_is_asked_for_without_register_too() -> None:
    declaration = a_declaration(**a_patent(DESIGN, "design"))

    findings = check(declaration, PILOT, report_demanded=True)

    assert [finding.code for finding in findings] == ["DEC-14"]


def test_the_day_comes_from_the_context() -> None:
    context = RuleContext(today=date(2029, 1, 1))

    findings = check_declaration(a_declaration(), profile=PROFILES[STATUTORY], context=context)

    assert [finding.code for finding in findings] == ["DEC-08"]
