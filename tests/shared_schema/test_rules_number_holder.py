"""DEC-01, DEC-02 and DEC-04: whose patent, and which."""

from typing import Any

import pytest

from shared_schema.declaration import Declaration, Holder
from shared_schema.finding import Severity
from shared_schema.rules import PROFILES
from shared_schema.rules.number import check_number
from tests.shared_schema.offers import (
    INVENTION,
    TODAY,
    a_declaration,
    a_patent,
    a_register,
    check,
    of_rule,
)

BOTH = list(PROFILES)
PILOT = PROFILES["pilot-gd-2022"]


@pytest.mark.parametrize(
    "text",
    [
        "US10667479B2",
        "山东某某科技有限公司",
        "201610270273.70001",
        "'ZL201820858763.3",
        "ZL201721339772.0",
        "ZL20191999131.8",
        "ZL.201610720078.X",
        "ZL201510014223.8、ZL201810996007.1",
        "",
    ],
)
@pytest.mark.parametrize("profile", BOTH)
def test_dec_01_refuses_what_is_no_patent_number(text: str, profile: str) -> None:
    (finding,) = check_number(text, profile=PROFILES[profile])

    assert (finding.code, finding.severity) == ("DEC-01", Severity.ERROR)
    assert finding.pointer == "/patent/application_number"
    assert finding.message_zh
    assert finding.message_en


def test_dec_01_offers_a_repair_and_applies_none() -> None:
    (finding,) = check_number("201721339772.0", profile=PILOT)

    assert finding.facts["suggestions"]
    assert finding.facts["suggestions"][0] in finding.hint_zh


def test_dec_01_gives_the_general_hint_where_nothing_can_be_offered() -> None:
    (finding,) = check_number("US10667479B2", profile=PILOT)

    assert finding.facts["suggestions"] == []
    assert "证书" in finding.hint_zh


def test_dec_01_accepts_the_official_ways_of_writing() -> None:
    assert check_number("ZL 2017 1 0601862.3", profile=PILOT) == []


def a_damaged_declaration() -> Declaration:
    """A stored draft whose number was never parsed."""
    sound = a_declaration()
    patent = sound.patent.model_copy(update={"application_number": "2021109782890"})
    return sound.model_copy(update={"patent": patent})


def test_a_bad_number_silences_the_rules_that_compute_with_it() -> None:
    findings = check(a_damaged_declaration(), register=a_register())

    assert [finding.code for finding in findings] == ["DEC-01", "DEC-03"]


@pytest.mark.parametrize("profile", BOTH)
def test_dec_02_compares_the_kind_digit_with_the_stated_type(profile: str) -> None:
    declaration = a_declaration(**a_patent("201721791505X", "invention"))

    (finding,) = of_rule("DEC-02", check(declaration, profile))

    assert finding.severity is Severity.ERROR
    assert "所填类型为发明" in finding.message_zh
    assert "属实用新型" in finding.message_zh
    assert finding.facts == {"stated": "invention", "by_number": "utility_model"}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("201721791505X", "utility_model"),
        ("2018303255783", "design"),
        ("951156 08X".replace(" ", ""), "invention"),
    ],
)
def test_dec_02_is_content_where_both_agree(number: str, kind: str) -> None:
    assert of_rule("DEC-02", check(a_declaration(**a_patent(number, kind)))) == []


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("holders", [[], [{"name": " "}], [{"name": "　"}]])
def test_dec_04_needs_a_holder_even_without_register(
    holders: list[dict[str, Any]], profile: str
) -> None:
    (finding,) = of_rule("DEC-04", check(a_declaration(holders=holders), profile))

    assert finding.severity is Severity.ERROR
    assert finding.message_zh == "没有填写专利权人。"


def test_dec_04_leaves_identity_and_consent_alone_without_register() -> None:
    declaration = a_declaration(holders=[{"name": "甲"}, {"name": "乙"}])

    assert of_rule("DEC-04", check(declaration)) == []


@pytest.mark.parametrize("profile", BOTH)
def test_dec_04_names_who_is_missing_and_who_is_not_registered(profile: str) -> None:
    declaration = a_declaration(holders=[{"name": "广州大学"}])

    (finding,) = of_rule("DEC-04", check(declaration, profile, register=a_register()))

    assert "缺少：五邑大学。" in finding.message_zh
    assert "登记簿无：广州大学。" in finding.message_zh
    assert finding.facts["missing"] == ["五邑大学"]
    assert finding.facts["not_registered"] == ["广州大学"]
    assert finding.facts["register_as_of"] == TODAY.isoformat()


def test_dec_04_sees_a_missing_co_owner() -> None:
    register = a_register(holders=["五邑大学", "广州大学"])

    (finding,) = of_rule("DEC-04", check(a_declaration(), register=register))

    assert finding.facts["missing"] == ["广州大学"]
    assert finding.facts["not_registered"] == []


def test_dec_04_sees_a_holder_who_is_not_registered() -> None:
    holders = [{"name": "五邑大学", "consents": True}, {"name": "广州大学", "consents": True}]

    (finding,) = of_rule("DEC-04", check(a_declaration(holders=holders), register=a_register()))

    assert finding.facts["missing"] == []
    assert finding.facts["not_registered"] == ["广州大学"]


def test_dec_04_asks_each_co_owner_to_consent() -> None:
    holders = [{"name": "五邑大学", "consents": True}, {"name": "广州大学"}]
    register = a_register(holders=["广州大学", "五邑大学"])

    (finding,) = of_rule("DEC-04", check(a_declaration(holders=holders), register=register))

    assert finding.pointer == "/holders/1/consents"
    assert finding.facts == {"holder": "广州大学"}


@pytest.mark.parametrize(
    ("declared", "registered"),
    [
        ("上海市东方医院(同济大学附属东方医院)", "上海市东方医院（同济大学附属东方医院）"),
        ("某某〔广州〕有限公司", "某某（广州）有限公司"),
        ("ＡＢＣ 科技", "abc科技"),
        ("五邑 大学", "五邑大学"),
    ],
)
def test_dec_04_reads_names_past_their_spelling(declared: str, registered: str) -> None:
    declaration = a_declaration(holders=[{"name": declared}])

    assert of_rule("DEC-04", check(declaration, register=a_register(holders=[registered]))) == []


def test_dec_04_lets_credit_codes_decide_where_both_have_one() -> None:
    renamed = a_declaration(holders=[{"name": "旧名", "credit_code": "914403001922038216"}])
    same = a_register(holders=[{"name": "新名", "credit_code": "914403001922038216"}])
    other = a_register(holders=[{"name": "旧名", "credit_code": "9144030071526726XG"}])

    assert of_rule("DEC-04", check(renamed, register=same)) == []
    assert len(of_rule("DEC-04", check(renamed, register=other))) == 1


def test_a_sole_holder_consents_by_declaring() -> None:
    declaration = a_declaration(holders=[{"name": "五邑大学", "consents": False}])

    assert of_rule("DEC-04", check(declaration, register=a_register())) == []
    assert declaration.patent.application_number == INVENTION
    assert isinstance(declaration.holders[0], Holder)
