"""Application numbers: vectors of published patents, real damaged texts, and mod-11 laws."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import (
    ApplicationNumber,
    check_character,
    dotted,
    expiry,
    filing_year,
    kind_of,
    parse_application_number,
    print_patent_number,
)

LISTINGS = Path(__file__).parents[3] / "shared" / "data" / "published_listings"

# Numbers of published patents, as listed by provincial platforms and in public registers.
VALID = [
    "201710601862.3",
    "95115608.X",
    "200710308494.X",
    "97101765.4",
    "00814037.5",
    "01800565.9",
    "200510113767.6",
    "201921898050.0",
    "201810698291.4",
]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        year, serial = str(draw(st.integers(2003, 2099))), f"{draw(st.integers(0, 9_999_999)):07}"
    else:
        year, serial = (
            f"{draw(st.integers(1985, 2003)) % 100:02}",
            f"{draw(st.integers(0, 99999)):05}",
        )
    digits = year + draw(st.sampled_from("12389")) + serial
    return digits + check_character(digits)


def refused(text: str) -> IdentifierRefused:
    with pytest.raises(IdentifierRefused) as caught:
        parse_application_number(text)
    return caught.value


@pytest.mark.parametrize("text", VALID)
def test_published_numbers_are_read(text: str) -> None:
    assert dotted(parse_application_number(text)) == text


def test_the_check_character_of_the_worked_examples() -> None:
    assert check_character("201710601862") == "3"  # 157 mod 11
    assert check_character("95115608") == "X"  # 186 mod 11


@pytest.mark.parametrize(
    "text",
    [
        "2017106018623",
        "ZL201710601862.3",
        "ZL 201710601862.3",
        "zl201710601862.3",
        "CN201710601862.3",
        "ZL 2017 1 0601862.3",
        "2017 10601862.3",
        "  2017 1  0601862.3\n",
        "ＺＬ２０１７　１　０６０１８６２．３",
        "ZL\N{NO-BREAK SPACE}2017\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}0601862.3",
    ],
)
def test_what_the_standard_lets_people_write_is_read(text: str) -> None:
    assert parse_application_number(text) == "2017106018623"


def test_a_lower_case_check_character_is_read() -> None:
    assert parse_application_number("200710308494.x") == "200710308494X"


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        ("ZL201721339772.0", "check_digit", ("2017213397723",)),
        ("201820858763", "missing_check_digit", ("2018208587633",)),
        ("ZL 2018 2 0858763", "missing_check_digit", ("2018208587633",)),
        ("95115608", "missing_check_digit", ("95115608X",)),
        ("201610270273.70001", "spreadsheet", ("2016102702737",)),
        ("202011415798.79999", "spreadsheet", ("2020114157988",)),
        ("2017106018623.0", "spreadsheet", ("2017106018623",)),
        ("2.0161E+12", "spreadsheet", ()),
        ("'ZL201820858763.3", "apostrophe", ("2018208587633",)),
        ("’ZL201820858763.3", "apostrophe", ("2018208587633",)),
        ("ZL.201610720078.X", "prefix", ("201610720078X",)),
        ("ZL. 2016 1 0720078.X", "prefix", ("201610720078X",)),
        ("专利号201710601862.3", "surplus", ("2017106018623",)),
        ("201 710601862.3", "spaces", ("2017106018623",)),
        ("2017 1 0601862 .3", "spaces", ("2017106018623",)),
        ("201820754934,8", "dot", ("2018207549348",)),
        ("ZL20201001403.60", "dot", ("2020100140360",)),
        ("ZL201710601862.3、ZL201810698291.4", "several", ("2017106018623", "2018106982914")),
        ("ZL201610695189.X ZL201910243920.9", "several", ("201610695189X", "2019102439209")),
        ("ZL201911227162.8等", "several", ("2019112271628",)),
        ("ZL20191999131.8", "length", ()),
        ("US10667479B2", "not_chinese", ()),
        ("PCT/CN2017/090001", "not_chinese", ()),
        ("HK42022051357", "not_chinese", ()),
        ("CN108938619B", "publication_number", ()),
        ("东莞市创丰科技发展有限公司", "not_a_number", ()),
        ("201710601862.³", "not_a_number", ()),
        ("٢٠١٧١٠٦٠١٨٦٢٣", "not_a_number", ()),
        ("", "empty", ()),
        ("   ", "empty", ()),
        ("2" * 2_001, "too_long", ()),
        ("199910601862.3", "year", ()),
        ("84115608.7", "year", ()),
        ("20161027", "year", ()),
        ("201740601862.9", "kind_digit", ()),
    ],
)
def test_what_is_wrong_is_named_and_what_was_meant_is_offered(
    text: str, code: str, meant: tuple[str, ...]
) -> None:
    refusal = refused(text)

    assert refusal.code == f"patent_number.{code}"
    assert refusal.suggestions == meant
    assert all(dotted(number) in refusal.detail for number in meant)


def test_no_suggestion_is_made_that_would_be_refused_itself() -> None:
    refusal = refused("ZL.201710601862.4")

    assert refusal.code == "patent_number.check_digit"


def test_a_hint_does_not_repeat_control_characters() -> None:
    assert "\x00" not in refused("2017\x00").detail


@given(numbers())
def test_reading_what_is_printed_gives_the_number_back(number: str) -> None:
    assert parse_application_number(print_patent_number(number)) == number
    assert parse_application_number(dotted(number)) == number
    assert parse_application_number(number) == number


@given(numbers(), st.data())
def test_every_change_of_one_character_is_refused(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789X" if place == len(number) - 1 else "0123456789"))
    assume(other != number[place])

    with pytest.raises(IdentifierRefused):
        parse_application_number(number[:place] + other + number[place + 1 :])


@given(numbers(), st.data())
def test_every_swap_of_neighbouring_digits_is_refused(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 3))
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]

    with pytest.raises(IdentifierRefused):
        parse_application_number(swapped)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    result = outcome(text)

    assert isinstance(result, IdentifierRefused) or parse_application_number(result) == result


@given(st.text(alphabet="0123456789.X ZLCNE+-,、'", max_size=30))
def test_suggestions_are_numbers(text: str) -> None:
    result = outcome(text)
    assume(isinstance(result, IdentifierRefused))

    assert isinstance(result, IdentifierRefused)
    assert all(parse_application_number(meant) == meant for meant in result.suggestions)


def outcome(text: str) -> str | IdentifierRefused:
    try:
        return parse_application_number(text)
    except IdentifierRefused as refusal:
        return refusal


def test_printing_follows_the_certificate() -> None:
    assert print_patent_number("2017106018623") == "ZL 2017 1 0601862.3"
    assert print_patent_number("95115608X") == "ZL 95 1 15608.X"


@pytest.mark.parametrize(
    ("number", "kind", "year"),
    [
        ("2017106018623", "invention", 2017),
        ("2018207777113", "utility_model", 2018),
        ("2018303255783", "design", 2018),
        ("008140375", "invention", 2000),  # PCT, kind digit 8
        ("018005659", "invention", 2001),
        ("95115608X", "invention", 1995),
        ("2017900000011", "utility_model", 2017),  # PCT, kind digit 9
    ],
)
def test_kind_and_year_are_in_the_number(number: str, kind: str, year: int) -> None:
    assert kind_of(number) == kind
    assert filing_year(number) == year


@pytest.mark.parametrize(
    ("number", "filed", "end"),
    [
        ("2017106018623", date(2017, 7, 21), date(2037, 7, 21)),
        ("2017216795065", date(2017, 12, 6), date(2027, 12, 6)),
        ("2018303255783", date(2018, 6, 22), date(2028, 6, 22)),
        ("2021303255783", date(2021, 5, 31), date(2031, 5, 31)),
        ("2021303255783", date(2021, 6, 1), date(2036, 6, 1)),
        ("2004200000016", date(2004, 2, 29), date(2014, 2, 28)),
        ("2018800000012", None, date(2038, 12, 31)),
        ("2017900000011", None, date(2027, 12, 31)),
        ("2021303255783", None, date(2036, 12, 31)),
        ("2020303255783", None, date(2030, 12, 31)),
    ],
)
def test_the_term_counts_from_filing(number: str, filed: date | None, end: date) -> None:
    assert expiry(number, filed) == end


def test_a_real_offer_beyond_the_latest_possible_end_is_seen_without_a_filing_date() -> None:
    number = parse_application_number("201721679506.5")

    assert date(2028, 12, 31) > expiry(number)
    assert expiry(number).year == 2027


def test_the_wire_takes_the_plain_form_only() -> None:
    wire = TypeAdapter(ApplicationNumber)

    assert wire.validate_python("2017106018623") == "2017106018623"
    for text in ["201710601862.3", "ZL2017106018623", "20171060186²3", "200710308494x"]:
        with pytest.raises(ValidationError):
            wire.validate_python(text)


def test_the_wire_says_how_a_valid_number_must_be_written() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(ApplicationNumber).validate_python("ZL 2017 1 0601862.3")

    error = caught.value.errors()[0]
    assert error["type"] == "patent_number.not_canonical"
    assert "2017106018623" in error["msg"]


def test_a_message_with_braces_is_shown_as_it_is() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(ApplicationNumber).validate_python("{NAME}")

    assert "“{NAME}”" in caught.value.errors()[0]["msg"]


def test_the_schema_of_the_wire_has_the_pattern() -> None:
    pattern = TypeAdapter(ApplicationNumber).json_schema()["pattern"]

    assert re.fullmatch(pattern, "2017106018623")
    assert re.fullmatch(pattern, "95115608X")
    assert not re.fullmatch(pattern, "201710601862.3")


def test_the_wire_names_the_same_codes_as_the_parser() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(ApplicationNumber).validate_python("2017106018624")

    assert caught.value.errors()[0]["type"] == "patent_number.check_digit"


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="the published listings are not at hand")
def test_all_numbers_published_in_guangdong_are_read() -> None:
    found = [parse_application_number(row["patent_id"]) for row in _rows("guangdong")]

    assert len(found) == 1_916


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="the published listings are not at hand")
def test_kinds_and_terms_published_in_guangdong_disagree_as_often_as_known() -> None:
    kinds = {"发明": "invention", "实用新型": "utility_model", "外观设计": "design"}
    rows = _rows("guangdong")

    other_kind = [row for row in rows if kinds[row["patent_type"]] != kind_of(row["patent_id"])]
    too_long = [
        row
        for row in rows
        if date.fromisoformat(row["license_deadline"]) > expiry(row["patent_id"])
    ]

    assert len(other_kind) == 25
    assert len(too_long) == 10


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="the published listings are not at hand")
def test_the_numbers_mangled_in_zhejiang_are_refused_with_what_was_meant() -> None:
    results = [outcome(row["patent_id"]) for row in _rows("zhejiang")]
    refusals = [result for result in results if isinstance(result, IdentifierRefused)]

    assert len(refusals) == 1_574
    assert sum(len(refusal.suggestions) == 1 for refusal in refusals) == 1_573


def _rows(platform: str) -> list[dict[str, str]]:
    with (LISTINGS / f"{platform}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
