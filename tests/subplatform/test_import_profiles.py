"""Import profiles: ours are whole, an operator's own needs only a file, and errors help."""

from pathlib import Path

import pytest

from subplatform.declarations.importing.list_refused import ListRefused, ProfileRefused
from subplatform.declarations.importing.profile_files import (
    check_columns,
    load_profile,
    parse_profile,
    profile_names,
)

MINIMAL = """
name = "jiangsu"
title_zh = "江苏"
title_en = "Jiangsu"
source = "test"
rule_profile = "pilot-gd-2022"
missing = ["title", "publication_number", "grant_date", "holder_kind", "credit_code", "consent",
  "fee_reason", "period_start", "territory", "technical_field", "abstract", "contact",
  "evaluation_report", "commitments"]
[number]
column = "专利号"
[kind]
column = "类型"
labels = { "发明" = "invention" }
[holders]
column = "专利权人"
[fee]
strategy = "clause"
column = "费用"
[period]
end_column = "届满日"
[territory]
constant = "全国"
"""


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_that_comes_with_kaixu_is_valid(name: str) -> None:
    profile = load_profile(name)

    assert profile.name == name
    assert profile.number.column in profile.columns()


def test_the_six_lists_and_our_own_template_have_a_profile() -> None:
    assert profile_names() == (
        "beijing",
        "fujian",
        "guangdong",
        "hainan",
        "kaixu",
        "shaanxi",
        "zhejiang",
    )


def test_our_own_template_lacks_nothing() -> None:
    assert load_profile("kaixu").missing == ()


def test_a_new_platform_needs_only_a_file(tmp_path: Path) -> None:
    path = tmp_path / "jiangsu.toml"
    path.write_text(MINIMAL, encoding="utf-8")

    profile = load_profile(str(path))

    assert profile.columns() == ("专利号", "类型", "专利权人", "费用", "届满日")


def errors(text: str) -> dict[str, str]:
    with pytest.raises(ProfileRefused) as refused:
        parse_profile(text)
    assert refused.value.detail
    return {error.pointer: error.message for error in refused.value.errors}


@pytest.mark.parametrize(
    ("old", "new", "pointer", "says"),
    [
        (
            'rule_profile = "pilot-gd-2022"',
            'rule_profile = "pilot"',
            "/rule_profile",
            "statutory-2024",
        ),
        ('"title", ', "", "/", "title"),
        ('missing = ["title"', 'missing = ["titel"', "/missing/0", "title"),
        ('"invention"', '"patent"', "/kind/labels/发明", "invention"),
        ('strategy = "clause"', 'strategy = "words"', "/fee", "clause"),
        ('end_column = "届满日"', 'years_column = "年"', "/period", "start_column"),
        ('constant = "全国"', 'home = "44"', "/territory", "constant"),
        ('constant = "全国"', 'constant = "全国"\nhome = "99"', "/territory/home", "99"),
        ('column = "专利号"', 'colum = "专利号"', "/number/colum", "Extra"),
    ],
)
def test_a_malformed_profile_names_the_place_and_what_is_possible(
    old: str, new: str, pointer: str, says: str
) -> None:
    assert old in MINIMAL

    found = errors(MINIMAL.replace(old, new))

    assert pointer in found
    assert says in found[pointer]


def test_a_sum_column_needs_its_unit() -> None:
    columns = '''strategy = "columns"
mode_column = "方式"
clause_column = "费用"
sum_column = "金额"
[fee.modes]
"免费" = "free"'''

    found = errors(MINIMAL.replace('strategy = "clause"\ncolumn = "费用"', columns))

    assert "sum_unit" in found["/fee/columns"]


def test_a_profile_says_both_mapped_and_missing_only_once() -> None:
    found = errors(MINIMAL.replace('constant = "全国"', 'column = "地域"'))

    assert "territory" in found["/"]


def test_a_profile_that_is_no_toml_is_refused_with_the_line() -> None:
    assert "line 1" in errors('name = \ntitle_zh = "a"')[""]


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ProfileRefused, match="guangdong"):
        load_profile("hubei")


def test_a_profile_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileRefused):
        load_profile(str(tmp_path / "none.toml"))


def test_missing_columns_are_named_with_what_was_found() -> None:
    with pytest.raises(ListRefused) as refused:
        check_columns(parse_profile(MINIMAL), ("专利号", "类型", "专利权人", "价格", "届满日"))

    assert refused.value.errors[0].code == "import.missing_column"
    assert "费用" in refused.value.detail
    assert "价格" in refused.value.detail


def test_columns_that_a_profile_does_not_mention_are_reported() -> None:
    columns = ("专利号", "类型", "专利权人", "费用", "届满日", "备注")

    assert check_columns(parse_profile(MINIMAL), columns) == ("备注",)
