"""Laws of the rules over any declaration the schema admits."""

import json
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shared_schema.declaration import COMMITMENTS, Declaration
from shared_schema.fee_terms import FeeTerms
from shared_schema.finding import Severity
from shared_schema.patent_number import check_character
from shared_schema.rules import (
    PROFILES,
    RULE_TABLE,
    LiveOffer,
    RuleContext,
    RuleProfile,
    check_declaration,
    terms_equal,
)
from tests.shared_schema.offers import TODAY, a_declaration, a_register

FEN = st.integers(0, 10**15) | st.sampled_from([0, 1, 2_000_000_000, 2_000_000_100])
COUNT = st.integers(0, 240)
PERCENT = st.decimals(0, 100, places=6)
TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=40)
WORDS = TEXT | st.sampled_from(["面议", "1-30%", "最佳温度", "国家级", "只许可一家", "独家许可"])


def numbers() -> st.SearchStrategy[str]:
    digits = st.builds(
        lambda year, kind, serial: f"{year}{kind}{serial:07}",
        st.integers(2004, 2026),
        st.sampled_from("12389"),
        st.integers(0, 9_999_999),
    )
    return digits.map(lambda twelve: twelve + check_character(twelve))


def royalties() -> st.SearchStrategy[dict[str, object]]:
    cap = st.none() | FEN
    rate = {"base": st.sampled_from(["net_sales", "sales", "profit"]), "rate_percent": PERCENT}
    unit = {"base": st.just("per_unit"), "unit": st.just("件"), "amount_fen": FEN}
    return st.fixed_dictionaries(rate | {"cap_fen": cap}) | st.fixed_dictionaries(
        unit | {"cap_fen": cap}
    )


def payments() -> st.SearchStrategy[dict[str, object]]:
    step = st.fixed_dictionaries({"year": st.integers(1, 20), "amount_fen": FEN})
    modes: dict[str, dict[str, st.SearchStrategy[object]]] = {
        "free": {},
        "annual_fee_equal": {},
        "lump_sum": {"amount_fen": FEN, "due_days": st.none() | COUNT},
        "instalments": {
            "first_fen": FEN,
            "each_fen": FEN,
            "times": COUNT,
            "total_fen": FEN,
            "stated_payments": st.none() | COUNT,
        },
        "entry_plus_royalty": {"entry_fen": FEN, "royalty": royalties()},
        "royalty": {"royalty": royalties()},
        "annual_fixed": {"amount_fen": FEN, "years": st.none() | st.integers(1, 20)},
        "stepped": {"steps": st.lists(step, min_size=1, max_size=20)},
        "other": {"text": WORDS, "maximum_fen": st.none() | FEN},
    }
    each = [
        st.fixed_dictionaries({"mode": st.just(mode)} | members) for mode, members in modes.items()
    ]
    return st.one_of(each)


FEES = st.fixed_dictionaries(
    {
        "payment": payments(),
        "note": st.none() | WORDS,
        "free_period": st.none() | st.fixed_dictionaries({"months": st.integers(1, 240)}),
    }
)
HOLDERS = st.lists(
    st.fixed_dictionaries({"name": WORDS | st.just(" "), "consents": st.booleans()}), max_size=4
)
SIGNED = st.lists(st.sampled_from(COMMITMENTS), unique=True).map(
    lambda codes: [
        {"code": code, "text_version": "1", "signer": "某", "signed_at": "2026-11-20T08:00:00Z"}
        for code in codes
    ]
)
DECLARATIONS: st.SearchStrategy[Declaration] = st.builds(
    a_declaration,
    patent=st.fixed_dictionaries(
        {
            "application_number": numbers(),
            "kind": st.sampled_from(["invention", "utility_model", "design"]),
            "title": st.none() | WORDS,
        }
    ),
    holders=HOLDERS,
    fee=FEES,
    fee_reason=st.none() | TEXT,
    period=st.fixed_dictionaries({"start": st.none() | st.dates(), "end": st.dates()}),
    territory=st.sampled_from(
        [{"include": ["CN"]}, {"include": ["44"]}, {"include": ["CN"], "exclude": ["440300"]}]
    ),
    contact=st.none() | st.just({"name": "张三"}),
    commitments=SIGNED,
    abstract=st.none() | WORDS,
    evaluation_report=st.none() | st.just({"kind": "search"}),
)
ANY_PROFILE: st.SearchStrategy[RuleProfile] = st.sampled_from(list(PROFILES.values()))
ANY_REGISTER = st.none() | st.builds(
    a_register,
    granted=st.booleans(),
    status=st.sampled_from(["valid", "lapsed", "invalidated", "pending", "expired"]),
    annual_fee=st.sampled_from(["paid", "due", "in_grace", "unpaid"]),
    filing_date=st.none() | st.dates(date(1985, 4, 1), date(2100, 1, 1)),
    holders=st.lists(WORDS, max_size=3),
)


@given(declaration=DECLARATIONS, profile=ANY_PROFILE, register=ANY_REGISTER, day=st.dates())
def test_every_declaration_can_be_checked_and_always_with_the_same_result(
    *, declaration: Declaration, profile: RuleProfile, register: object, day: date
) -> None:
    context = RuleContext(today=day)
    if register is not None:
        number = declaration.patent.application_number
        facts = a_register(**(vars(register) | {"application_number": number}))
        context = replace(context, register=facts)

    findings = check_declaration(declaration, profile=profile, context=context)

    assert findings == check_declaration(declaration, profile=profile, context=context)
    codes = [finding.code for finding in findings]
    assert codes == sorted(codes)
    for finding in findings:
        assert json.loads(json.dumps(finding.to_json()))["code"] in RULE_TABLE
        assert finding.pointer.startswith("/")


@given(declaration=DECLARATIONS, profile=ANY_PROFILE)
def test_the_register_can_only_add_findings_for_the_rules_that_ask_it(
    declaration: Declaration, profile: RuleProfile
) -> None:
    number = declaration.patent.application_number
    unread = RuleContext(today=TODAY)
    read = RuleContext(today=TODAY, register=a_register(application_number=number))

    before = check_declaration(declaration, profile=profile, context=unread)
    after = check_declaration(declaration, profile=profile, context=read)

    added = [finding.code for finding in after if finding not in before]
    assert all(RULE_TABLE[code].needs_register for code in added)


@given(declaration=DECLARATIONS, profile=ANY_PROFILE)
def test_an_own_offer_on_the_same_terms_is_the_only_difference_a_copy_makes(
    declaration: Declaration, profile: RuleProfile
) -> None:
    copy = LiveOffer(
        origin="elsewhere",
        listing="copy",
        application_number=declaration.patent.application_number,
        holders=tuple(holder.name for holder in declaration.holders),
        fee=declaration.fee,
        period=declaration.period,
        territory=declaration.territory,
    )
    alone = RuleContext(today=TODAY)

    before = check_declaration(declaration, profile=profile, context=alone)
    context = replace(alone, live_offers=(copy,))
    after = check_declaration(declaration, profile=profile, context=context)

    (added,) = [finding for finding in after if finding not in before]
    assert (added.code, added.severity) == ("DEC-18", Severity.CONFLICT)
    assert added.facts["terms_equal"] is True
    assert added.facts["holders_equal"] is True


@given(a=FEES, b=FEES)
def test_comparing_terms_takes_no_side_and_ignores_notes(
    a: dict[str, object], b: dict[str, object]
) -> None:
    one, other = a_declaration(fee=a), a_declaration(fee=b)

    assert terms_equal(one, one)
    assert terms_equal(one, other) is terms_equal(other, one)
    assert terms_equal(one, a_declaration(fee=a | {"note": "另一句话"}))


@given(payment=payments())
def test_terms_survive_their_json(payment: dict[str, object]) -> None:
    terms = FeeTerms.model_validate({"payment": payment})

    assert FeeTerms.model_validate_json(terms.model_dump_json()) == terms
    assert not any(isinstance(value, float) for value in json.loads(terms.model_dump_json()))
