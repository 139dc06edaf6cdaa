"""DEC-15 to DEC-18 and DEC-20: words, promises, openness, other offers, and whom to ask."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared_schema.declaration import COMMITMENTS, Declaration, Period
from shared_schema.finding import Finding, Severity
from shared_schema.rules import PROFILES, LiveOffer, is_high_risk, terms_equal
from tests.shared_schema.offers import (
    INVENTION,
    TODAY,
    UTILITY_MODEL,
    a_declaration,
    a_patent,
    a_register,
    check,
    of_rule,
    paying,
)

BOTH = list(PROFILES)
PILOT, STATUTORY = BOTH


def saying(text: str, where: str) -> Declaration:
    if where == "/patent/title":
        return a_declaration(**a_patent(INVENTION, "invention", title=text))
    if where == "/technical_field/text":
        return a_declaration(technical_field={"text": text})
    if where == "/fee/note":
        return a_declaration(fee={"payment": {"mode": "free"}, "note": text})
    return a_declaration(abstract=text)


PLACES = ["/patent/title", "/technical_field/text", "/fee/note", "/abstract"]


@pytest.mark.parametrize(
    ("profile", "severity"), [(PILOT, Severity.WARNING), (STATUTORY, Severity.ERROR)]
)
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("word", ["国家级", "最高级", "最佳"])
def test_dec_15_finds_advertising_wherever_the_public_reads(
    *, word: str, where: str, profile: str, severity: Severity
) -> None:
    (finding,) = of_rule("DEC-15", check(saying(f"效果{word}！", where), profile))

    assert finding.pointer == where
    assert finding.severity is severity
    assert finding.facts["word"] == word
    assert finding.facts["word_source"] == "广告法第9条第(三)项"


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("text", ["在最佳温度下反应", "具有最高级别权限", "符合国家级标准"])
def test_dec_15_only_warns_of_technical_uses(text: str, profile: str) -> None:
    (finding,) = of_rule("DEC-15", check(saying(text, "/abstract"), profile))

    assert finding.severity is Severity.WARNING
    assert finding.facts["technical_use"] is True
    assert "技术表述" in finding.hint_zh


def test_dec_15_counts_one_plain_use_among_technical_ones() -> None:
    (finding,) = of_rule("DEC-15", check(saying("在最佳温度下效果最佳", "/abstract")))

    assert finding.severity is Severity.ERROR


def test_dec_15_lets_plain_technical_language_pass() -> None:
    assert of_rule("DEC-15", check(saying("优选地，温度为八十度", "/abstract"))) == []


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("missing", COMMITMENTS)
def test_dec_16_names_each_promise_that_is_not_signed(missing: str, profile: str) -> None:
    kept = [one for one in a_declaration().commitments if one.code != missing]

    (finding,) = of_rule("DEC-16", check(a_declaration(commitments=kept), profile))

    assert finding.severity is Severity.ERROR
    assert finding.facts == {"missing": missing}


def test_dec_16_takes_a_blank_signer_for_none() -> None:
    first, *others = a_declaration().commitments
    blank = first.model_copy(update={"signer": " "})

    (finding,) = of_rule("DEC-16", check(a_declaration(commitments=[blank, *others])))

    assert finding.facts == {"missing": "no_exclusive_licence"}


@pytest.mark.parametrize(
    "territory",
    [
        {"include": ["44"]},
        {"include": ["441900"]},
        {"include": ["CN"], "exclude": ["440300"]},
    ],
)
def test_dec_17_regions_are_for_the_pilot_only(territory: dict[str, Any]) -> None:
    declaration = a_declaration(territory=territory)

    assert of_rule("DEC-17", check(declaration, PILOT)) == []
    (finding,) = of_rule("DEC-17", check(declaration, STATUTORY))
    assert finding.pointer == "/territory"
    assert finding.severity is Severity.ERROR
    assert finding.facts["include"] == territory["include"]


LIMITS = [
    "全国各省份只许可一家",  # as published in Fujian
    "仅许可给1家企业",
    "可独家许可",
    "排他性实施许可",
    "仅面向本市企业",
]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("text", LIMITS)
def test_dec_17_finds_words_that_close_the_offer(text: str, where: str, profile: str) -> None:
    (finding,) = of_rule("DEC-17", check(saying(text, where), profile))

    assert finding.pointer == where
    assert finding.facts["words"] in text


def test_dec_17_reads_other_fee_terms_too() -> None:
    payment = {"mode": "other", "text": "1万元，只许可一家", "maximum_fen": 1_000_000}

    (finding,) = of_rule("DEC-17", check(a_declaration(**paying(payment))))

    assert finding.pointer == "/fee/payment/text"


@pytest.mark.parametrize("text", ["一种基于排他锁的数据写入方法", "被许可人自行实施", "不限家数"])
def test_dec_17_lets_innocent_words_pass(text: str) -> None:
    assert of_rule("DEC-17", check(saying(text, "/abstract"))) == []


def an_offer(
    listing: str = "L2",
    origin: str = "beijing",
    *,
    holders: tuple[str, ...] = ("五邑大学",),
    period: Period | None = None,
    application_number: str = INVENTION,
) -> LiveOffer:
    declaration = a_declaration()
    return LiveOffer(
        origin=origin,
        listing=listing,
        application_number=application_number,
        holders=holders,
        fee=declaration.fee,
        period=period or declaration.period,
        territory=declaration.territory,
    )


def conflicts(*offers: LiveOffer, listing: str | None = None) -> list[Finding]:
    return of_rule("DEC-18", check(a_declaration(), live_offers=offers, listing=listing))


@pytest.mark.parametrize("profile", BOTH)
def test_dec_18_tells_which_offer_stands_against_this_one(profile: str) -> None:
    (finding,) = of_rule("DEC-18", check(a_declaration(), profile, live_offers=(an_offer(),)))

    assert finding.severity is Severity.CONFLICT
    assert "条件相同" in finding.message_zh
    assert finding.facts == {
        "origin": "beijing",
        "listing": "L2",
        "terms_equal": True,
        "holders_equal": True,
    }


def test_dec_18_tells_different_terms_and_a_different_holder_apart() -> None:
    other_end = a_declaration(period={"end": "2027-10-19"}).period

    (finding,) = conflicts(an_offer(period=other_end))
    assert "条件不同" in finding.message_zh
    (finding,) = conflicts(an_offer(holders=("广州大学",)))
    assert "专利权人不同" in finding.message_zh
    assert finding.facts["terms_equal"] is True


def test_dec_18_lists_every_other_offer_in_one_order() -> None:
    offers = [an_offer("L9", "shanghai"), an_offer("L3", "beijing"), an_offer("L2", "beijing")]

    listings = [finding.facts["listing"] for finding in conflicts(*offers)]

    assert listings == ["L2", "L3", "L9"]


def test_dec_18_is_no_conflict_with_itself_or_with_another_patent() -> None:
    assert conflicts(an_offer("L1"), listing="L1") == []
    assert conflicts(an_offer(application_number=UTILITY_MODEL)) == []


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("contact", [None, {"name": "张三"}, {"name": " ", "phone": "13812345678"}])
def test_dec_20_wants_somebody_to_ask(contact: dict[str, Any] | None, profile: str) -> None:
    (finding,) = of_rule("DEC-20", check(a_declaration(contact=contact), profile))

    assert finding.severity is Severity.ERROR
    assert finding.pointer == "/contact"
    assert finding.facts == {}


@pytest.mark.parametrize("way", [{"phone": "020-38351234"}, {"email": "kj@example.cn"}])
def test_dec_20_is_content_with_phone_or_mail(way: dict[str, str]) -> None:
    assert of_rule("DEC-20", check(a_declaration(contact={"name": "张三"} | way))) == []


def terms(
    payment: dict[str, Any], *, modifiers: dict[str, Any] | None = None, **changes: object
) -> Declaration:
    return a_declaration(**(paying(payment, **(modifiers or {})) | changes))


LUMP = {"mode": "lump_sum", "amount_fen": 300_000, "due_days": 15}
EQUAL = [
    (LUMP, LUMP),
    (LUMP, {"mode": "instalments", "first_fen": 300_000, "first_due_days": 15, "each_fen": 0}
     | {"times": 0, "total_fen": 300_000}),
    ({"mode": "free"}, {"mode": "lump_sum", "amount_fen": 0, "due_days": 5}),
    ({"mode": "free"}, {"mode": "annual_fixed", "amount_fen": 0}),
    ({"mode": "lump_sum", "amount_fen": 1}, {"mode": "lump_sum", "amount_fen": 1}
     | {"working_days": True}),
    ({"mode": "annual_fixed", "amount_fen": 5},
     {"mode": "stepped", "steps": [{"year": 1, "amount_fen": 5}, {"year": 2, "amount_fen": 5}]}),
    ({"mode": "royalty", "royalty": {"base": "net_sales", "rate_percent": "5"}},
     {"mode": "entry_plus_royalty", "entry_fen": 0}
     | {"royalty": {"base": "net_sales", "rate_percent": "5.00"}}),
    ({"mode": "other", "text": "每年 １万元", "maximum_fen": 9},
     {"mode": "other", "text": "每年 1万元", "maximum_fen": 9}),
    ({"mode": "instalments", "first_fen": 5, "each_fen": 5, "times": 1, "total_fen": 10},
     {"mode": "instalments", "first_fen": 5, "each_fen": 5, "times": 1, "total_fen": 10}
     | {"stated_payments": 2}),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_terms_are_compared_by_what_they_cost(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert terms_equal(terms(a), terms(b))
    assert terms_equal(terms(b), terms(a))


DIFFERENT = [
    (LUMP, LUMP | {"amount_fen": 300_001}),
    (LUMP, LUMP | {"due_days": 30}),
    (LUMP, LUMP | {"working_days": True}),
    (LUMP, {"mode": "free"}),
    ({"mode": "royalty", "royalty": {"base": "net_sales", "rate_percent": "5"}},
     {"mode": "royalty", "royalty": {"base": "profit", "rate_percent": "5"}}),
    ({"mode": "entry_plus_royalty", "entry_fen": 1}
     | {"royalty": {"base": "net_sales", "rate_percent": "5"}},
     {"mode": "royalty", "royalty": {"base": "net_sales", "rate_percent": "5"}}),
    ({"mode": "annual_fixed", "amount_fen": 5},
     {"mode": "stepped", "steps": [{"year": 1, "amount_fen": 5}, {"year": 2, "amount_fen": 6}]}),
    ({"mode": "annual_fixed", "amount_fen": 5},
     {"mode": "stepped", "steps": [{"year": 2, "amount_fen": 5}]}),
    ({"mode": "lump_sum", "amount_fen": 5},
     {"mode": "instalments", "first_fen": 5, "each_fen": 0, "times": 0, "total_fen": 9}),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_terms_that_cost_something_else_differ(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert not terms_equal(terms(a), terms(b))


def test_a_note_makes_no_difference_but_a_free_period_does() -> None:
    plain = terms(LUMP)

    assert terms_equal(plain, terms(LUMP, modifiers={"note": "欢迎垂询"}))
    assert not terms_equal(plain, terms(LUMP, modifiers={"free_period": {"months": 12}}))
    assert not terms_equal(plain, terms(LUMP, modifiers={"pay_after_use": {"due_days": 30}}))


def test_free_is_free_whatever_modifies_it() -> None:
    a, b = (
        terms({"mode": "free"}),
        terms({"mode": "free"}, modifiers={"free_period": {"months": 6}}),
    )

    assert terms_equal(a, b)


def test_period_and_territory_are_part_of_the_terms() -> None:
    plain = terms(LUMP)

    assert not terms_equal(plain, terms(LUMP, period={"end": "2028-12-30"}))
    assert not terms_equal(plain, terms(LUMP, territory={"include": ["44"]}))


def test_a_start_that_has_passed_is_no_difference() -> None:
    open_now = terms(LUMP)
    begun = terms(LUMP, period={"start": "2026-01-01", "end": "2028-12-31"})

    assert terms_equal(open_now, begun, today=TODAY)
    assert not terms_equal(open_now, begun)
    assert not terms_equal(open_now, begun, today=date(2025, 12, 31))


@pytest.mark.parametrize(
    "declaration",
    [
        terms({"mode": "lump_sum", "amount_fen": 2_000_000_001}),
        saying("效果最佳", "/abstract"),
    ],
)
def test_high_risk_findings_need_a_second_examiner(declaration: Declaration) -> None:
    for profile in BOTH:
        assert is_high_risk(check(declaration, profile), profile=PROFILES[profile])
        assert is_high_risk(check(declaration, profile))


def test_a_pledge_or_a_conflict_is_high_risk_and_a_missing_contact_is_not() -> None:
    pledged = check(a_declaration(), register=a_register(pledges=[{"pledgee": "某某银行"}]))
    quiet = replace(PROFILES[PILOT], second_examiner=frozenset())

    assert is_high_risk(pledged)
    assert is_high_risk(conflicts(an_offer()), profile=quiet)
    assert not is_high_risk(check(a_declaration(contact=None)))
    assert not is_high_risk([])
