"""Unified social credit codes (GB 32100-2015)."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared_schema.credit_code import (
    CreditCode,
    organisation_code_agrees,
    parse_credit_code,
    region_in,
)
from shared_schema.identifier_refusal import IdentifierRefused

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# The first is worked through in the standard's terms: sum 538, 538 mod 31 = 11, 20 = L.
VALID = ["91110000600037341L", "914403001922038216", "9144030071526726XG", "91350100M000100Y43"]


@pytest.mark.parametrize("code", VALID)
def test_valid_codes_are_read(code: str) -> None:
    assert parse_credit_code(code) == code
    assert organisation_code_agrees(code)


def test_typed_forms_are_tolerated() -> None:
    assert parse_credit_code(" ９１４４０３００-71526726xg ") == "9144030071526726XG"


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        ("91440300279426820Y", "check_digit", ()),
        ("914403002794268", "length", ()),
        ("", "length", ()),
        ("91110000600O37341L", "characters", ("91110000600037341L",)),
        ("9I110000600037341L", "characters", ("91110000600037341L",)),
        ("91110000600V37341L", "characters", ()),
        ("91A10000600037341L", "characters", ()),
        ("9111000060003734１Ü", "characters", ()),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str, meant: tuple[str, ...]) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_credit_code(text)

    assert caught.value.code == f"credit_code.{code}"
    assert code == "check_digit" or caught.value.suggestions == meant


def test_the_check_character_that_would_fit_is_offered() -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_credit_code("911100006000373410")

    assert caught.value.suggestions == ("91110000600037341L",)


@given(st.sampled_from(VALID), st.data())
def test_every_change_of_one_character_is_refused(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(ALPHABET))
    assume(other != code[place])

    with pytest.raises(IdentifierRefused):
        parse_credit_code(code[:place] + other + code[place + 1 :])


def test_a_wrong_organisation_code_is_told_but_not_refused() -> None:
    assert not organisation_code_agrees("91110000600037342L")


def test_the_region_of_registration_is_inside() -> None:
    assert region_in("914403001922038216") == "440300"


def test_the_wire_takes_the_plain_form_only() -> None:
    wire = TypeAdapter(CreditCode)

    assert wire.validate_python("9144030071526726XG") == "9144030071526726XG"
    with pytest.raises(ValidationError):
        wire.validate_python("9144030071526726xg")
