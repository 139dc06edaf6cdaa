"""Industry codes (GB/T 4754-2017) and IPC symbols."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.industry import IndustryCode, industries, industry_title, parse_industry_code
from shared_schema.ipc import IpcSymbol, parse_ipc, subclass_of


def test_the_table_has_the_sections_and_divisions_of_the_2017_edition() -> None:
    table = industries().values()

    divisions = [row for row in table if row.parent]

    assert "".join(row.code for row in table if not row.parent) == "ABCDEFGHIJKLMNOPQRST"
    assert [row.code[1:] for row in divisions] == [f"{number:02}" for number in range(1, 98)]
    assert all(row.title_zh and row.edition == "2017" and row.source for row in table)


def test_a_division_that_the_2011_edition_numbered_otherwise() -> None:
    assert industry_title("N79") == "土地管理业"
    assert industry_title("O80") == "居民服务业"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("C", "C"),
        ("C39", "C39"),
        ("c391", "C391"),
        (" Ｃ３９１２ ", "C3912"),
        ("39", "C39"),
        ("0111", "A0111"),
    ],
)
def test_industry_codes_are_read(text: str, code: str) -> None:
    assert parse_industry_code(text) == code


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        ("A39", "section", ("C39",)),
        ("C4412", "section", ("D4412",)),
        ("C98", "section", ()),
        ("C00", "section", ()),
        ("98", "malformed", ()),
        ("U", "malformed", ()),
        ("C3", "malformed", ()),
        ("C39123", "malformed", ()),
        ("制造业", "malformed", ()),
        ("", "malformed", ()),
    ],
)
def test_what_is_no_industry_code_is_refused(text: str, code: str, meant: tuple[str, ...]) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_industry_code(text)

    assert caught.value.code == f"industry.{code}"
    assert caught.value.suggestions == meant


def test_a_class_bears_the_title_of_its_division() -> None:
    assert industry_title("C3912") == "计算机、通信和其他电子设备制造业"
    assert industry_title("C") == "制造业"


def test_the_wire_takes_an_industry_code_with_its_section_only() -> None:
    wire = TypeAdapter(IndustryCode)

    assert wire.validate_python("C39") == "C39"
    for text in ["39", "c39", "A39"]:
        with pytest.raises(ValidationError):
            wire.validate_python(text)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("H04L", "H04L"),
        ("H04L 9/32", "H04L 9/32"),
        ("h04l9/32", "H04L 9/32"),
        ("H04L 0009/32", "H04L 9/32"),
        ("H04L 9/32 (2006.01)", "H04L 9/32"),
        ("Ａ６１Ｋ ３１／００", "A61K 31/00"),
        ("C12N 15/113", "C12N 15/113"),
    ],
)
def test_ipc_symbols_are_read(text: str, symbol: str) -> None:
    assert parse_ipc(text) == symbol


@pytest.mark.parametrize(
    "text", ["", "I04L", "H4L", "H00L", "H04L 9", "H04L 0/32", "H04L 9/3", "H04L 12345/00", "14-02"]
)
def test_what_is_no_ipc_symbol_is_refused(text: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_ipc(text)

    assert caught.value.code == "ipc.malformed"


@given(st.from_regex(r"[A-H][0-9]{2}[A-Z]( ?[0-9]{1,4}/[0-9]{2,6})?", fullmatch=True))
def test_reading_a_symbol_twice_changes_nothing_more(text: str) -> None:
    try:
        symbol = parse_ipc(text)
    except IdentifierRefused:
        return
    assert parse_ipc(symbol) == symbol
    assert symbol.startswith(subclass_of(symbol))


def test_the_wire_takes_the_plain_symbol_only() -> None:
    wire = TypeAdapter(IpcSymbol)

    assert wire.validate_python("H04L 9/32") == "H04L 9/32"
    for text in ["H04L9/32", "h04l"]:
        with pytest.raises(ValidationError):
            wire.validate_python(text)
