"""Text: what a declaration may hold, and the folding of what people type."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared_schema.text import PlainText, fold, narrow, shown

PLAIN: TypeAdapter[str] = TypeAdapter(PlainText)


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x07", "\x0b", "\r", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\u2069", "\ufffe"],
)
def test_hidden_and_reordering_characters_are_refused(character: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PLAIN.validate_python(f"一种{character}装置")

    error = caught.value.errors()[0]
    assert error["type"] == "text.forbidden_character"
    assert error["ctx"] == {"position": 3, "code_point": f"U+{ord(character):04X}"}


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValidationError):
        PLAIN.validate_python("\ud800")


@pytest.mark.parametrize(
    "text", ["一种可调节的支撑装置", "first\n\tsecond", "𠮷野家", "PN2300（B）"]
)
def test_ordinary_text_is_kept(text: str) -> None:
    assert PLAIN.validate_python(text) == text


@pytest.mark.parametrize("text", ["", "字" * 20_001])
def test_empty_and_overlong_text_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        PLAIN.validate_python(text)


@given(st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1, max_size=50))
def test_plain_text_is_in_normal_form(text: str) -> None:
    assert PLAIN.validate_python(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("　２万元　", "2万元"),
        ("全国（除深圳市）", "全国(除深圳市)"),
        ("a \t\n b", "a b"),
        ("¥１，０００", "¥1,000"),
    ],
)
def test_typed_text_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_narrowing_leaves_compatibility_characters_alone() -> None:
    assert narrow("ＺＬ２０１７．３　²①") == "ZL2017.3 ²①"


@given(st.text())
def test_narrowing_twice_changes_nothing_more(text: str) -> None:
    assert narrow(narrow(text)) == narrow(text)


def test_a_message_shows_one_cut_line_without_controls() -> None:
    assert shown("a\x00b\u202ec\nd") == "a�b�c d"
    assert shown("字" * 61) == "字" * 60 + "…"
