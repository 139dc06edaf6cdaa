"""The JSON guard: every limit on both sides, ambiguities, and arbitrary bytes."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.bounded_json import LIMITS, JsonLimits, JsonRefused, JsonTooLarge, parse_json

WITHOUT_FLOATS = JsonLimits(floats=False)


def code_of(raw: bytes, limits: JsonLimits = LIMITS) -> str:
    with pytest.raises((JsonRefused, JsonTooLarge)) as refused:
        parse_json(raw, limits)
    return refused.value.errors[0].code


TEXTS = st.text(
    st.characters(
        blacklist_categories=["Cs"], blacklist_characters=[chr(code) for code in range(32)]
    ),
    max_size=30,
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-9e14, max_value=9e14)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=30,
)


@given(VALUES)
def test_what_is_within_the_limits_reads_as_the_standard_parser_reads_it(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert parse_json(text.encode()) == json.loads(text)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_parse_or_are_refused(raw: bytes) -> None:
    with suppress(JsonRefused):
        parse_json(raw)


JSON_SHRAPNEL = st.lists(
    st.sampled_from(
        [*'[]{}:,"\\', "\\u", "\\ud800", "\\udc00", "1", "-", "e9", ".", "true", "nul", "NaN", " "]
    ),
    max_size=60,
)


@given(JSON_SHRAPNEL)
def test_what_the_standard_parser_refuses_is_refused_and_never_the_other_way(
    pieces: list[str],
) -> None:
    raw = "".join(pieces).encode()

    try:
        value = parse_json(raw)
    except JsonRefused:
        return
    assert value == json.loads(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "json.syntax"),
        (b"{", "json.syntax"),
        (b"[1,]", "json.syntax"),
        (b"[1] []", "json.syntax"),
        (b"{'a':1}", "json.syntax"),
        (b"01", "json.syntax"),
        (b"/* c */ 1", "json.syntax"),
        (b'"\x00"', "json.syntax"),
        (b'"line\nbreak"', "json.syntax"),
        (b'"\x1f"', "json.syntax"),
        (b'"\\u0000"', "json.control_character"),
        (b'"\\u001F"', "json.control_character"),
        (b'"\\b"', "json.control_character"),
        (b'"\\f"', "json.control_character"),
        (b'"\\r"', "json.control_character"),
        (b'{"\\u0001":1}', "json.control_character"),
        (b'"\\ud800"', "json.surrogate"),
        (b'"\\uDFFF"', "json.surrogate"),
        (b'{"\\udc00\\ud800":1}', "json.surrogate"),
        (b"NaN", "json.number_not_finite"),
        (b"[Infinity]", "json.number_not_finite"),
        (b"-Infinity", "json.number_not_finite"),
        (b"1e999", "json.number_range"),
        (b"-1e15", "json.number_range"),
        (b"1000000000000000.0", "json.number_range"),
        (b"1" * 19, "json.integer_digits"),
        (b"-" + b"1" * 19, "json.integer_digits"),
        (b"9" * 10_000, "json.integer_digits"),
        (b'{"a":1,"a":1}', "json.duplicate_key"),
        (b'{"a":1,"\\u0061":2}', "json.duplicate_key"),
        (b'[{"x":{"b":1,"c":2,"b":3}}]', "json.duplicate_key"),
        (b"\xef\xbb\xbf1", "json.bom"),
        ("[1]".encode("utf-16"), "json.encoding"),
        (b'"\xff"', "json.encoding"),
        (b'"\xc0\x80"', "json.encoding"),
        (b'"\xed\xa0\x80"', "json.encoding"),
        (b"[" * 17 + b"]" * 17, "json.depth"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "json.depth"),
        (b'["]","[",' + b"[" * 16, "json.depth"),
        (b'["\\\\",' + b"[" * 16, "json.depth"),
        (b"[" * 100_000, "json.nodes"),
    ],
    ids=lambda value: repr(value)[:40] + str(len(value)),
)
def test_each_ambiguity_has_its_code(raw: bytes, code: str) -> None:
    assert code_of(raw) == code


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'"\\n\\t\\"\\\\\\/"', '\n\t"\\/'),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        (b"[" * 16 + b"]" * 16, [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]),
        (b'["' + b"[" * 40 + b'"]', ["[" * 40]),
        (b'["\\"' + b"[" * 40 + b'"]', ['"' + "[" * 40]),
        (b"9" * 18, 999_999_999_999_999_999),
        (b"-" + b"9" * 18, -999_999_999_999_999_999),
        (b"999999999999999.0", 999_999_999_999_999.0),
        (b" \r\n\t1 ", 1),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_stands_just_within_is_read(raw: bytes, value: object) -> None:
    assert parse_json(raw) == value


def test_twenty_thousand_values_are_read_and_one_more_is_not() -> None:
    within = b"[" + b",".join([b"0"] * 19_999) + b"]"
    beyond = b"[" + b",".join([b"0"] * 20_000) + b"]"
    wide = b"{" + b",".join(b'"k%d":{}' % number for number in range(20_000)) + b"}"

    assert len(parse_json(within)) == 19_999  # type: ignore[arg-type]
    assert code_of(beyond) == "json.nodes"
    assert code_of(wide) == "json.nodes"
    assert code_of(b'"",' * 100_000) == "json.nodes"


def test_twenty_thousand_characters_are_read_and_one_more_is_not() -> None:
    within, beyond = "汉" * 20_000, "汉" * 20_001

    assert parse_json(json.dumps(within, ensure_ascii=False).encode()) == within
    assert code_of(json.dumps(beyond, ensure_ascii=False).encode()) == "json.string_length"
    assert code_of(json.dumps({beyond: 1}).encode()) == "json.string_length"


def test_more_bytes_than_allowed_are_too_large() -> None:
    small = JsonLimits(max_bytes=10)

    assert parse_json(b" " * 9 + b"1", small) == 1
    assert code_of(b" " * 10 + b"1", small) == "json.size"


@pytest.mark.parametrize("raw", [b"1.0", b"[1e2]", b'{"a":{"b":0.5}}', b"-0.0"])
def test_a_fraction_is_refused_where_floats_are(raw: bytes) -> None:
    assert code_of(raw, WITHOUT_FLOATS) == "json.float"


@pytest.mark.parametrize(
    "raw",
    [
        b'"' + b'\\"' * 500_000,
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'"' * 1_000_000,
        b"\\" * 1_000_000,
        b"[" + b"{}," * 300_000,
        b"{" + b'"a":1,' * 19_000 + b'"a":1}',
        b"1" * 1_000_000,
        b'"' + b"\\u0001" * 100_000 + b'"',
    ],
    ids=lambda raw: repr(raw[:8]),
)
def test_hostile_shapes_cost_little(raw: bytes) -> None:
    started = time.process_time()

    code_of(raw)

    assert time.process_time() - started < 0.5
