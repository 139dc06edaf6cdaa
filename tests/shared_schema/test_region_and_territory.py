"""Regions of GB/T 2260, and territories as platforms print them."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.region import find_region, lineage, parse_region_code, region_name, regions
from shared_schema.territory import NATIONWIDE, Territory, covers, describe, parse_territory

LISTINGS = Path(__file__).parents[3] / "shared" / "data" / "published_listings"
GUANGDONG = "44"
SHENZHEN = "440300"
MEIZHOU = "441400"
DONGGUAN = "441900"
YONGCHUN = "350525"

region_codes = st.sampled_from(sorted(regions()))


@st.composite
def territories(draw: st.DrawFn) -> Territory:
    include = draw(st.lists(region_codes, min_size=1, max_size=5))
    kept = Territory(include=tuple(include)).include
    inner = [code for code in regions() if set(lineage(code)[1:]) & set(kept)]
    exclude = draw(st.lists(st.sampled_from(inner), max_size=3)) if inner else []
    return Territory(include=tuple(include), exclude=tuple(exclude))


def test_the_table_has_every_level_and_a_source_for_each_row() -> None:
    table = regions().values()

    provinces = [region for region in table if region.parent == "CN"]
    prefectures = [region for region in table if len(region.code) == 6 and region.code[4:] == "00"]

    assert len(provinces) == 34
    assert len(prefectures) == 333
    assert sum(region.parent == GUANGDONG for region in table) == 21
    assert all(region.source and region.name_zh for region in table)


def test_the_hierarchy_of_the_table_is_that_of_the_digits() -> None:
    for region in regions().values():
        assert region.code == "CN" or region.parent in lineage(region.code)[1:]
        assert region.code == "CN" or region.parent in regions()


def test_the_lineage_of_codes_that_the_table_does_not_have() -> None:
    assert lineage("440399") == ("440399", SHENZHEN, GUANGDONG, "CN")
    assert lineage("440000") == (GUANGDONG, "CN")
    assert lineage("CN") == ("CN",)


@pytest.mark.parametrize("code", ["", "4", "99", "990000", "44030", "广东", "cn", "440300x"])
def test_what_is_no_region_code_is_refused(code: str) -> None:
    with pytest.raises(IdentifierRefused) as by_lineage:
        lineage(code)
    with pytest.raises(IdentifierRefused) as by_table:
        parse_region_code(code)

    assert by_lineage.value.code == by_table.value.code == "region.unknown_code"


@pytest.mark.parametrize(
    ("name", "home", "code"),
    [
        ("广东", None, GUANGDONG),
        ("广东省", None, GUANGDONG),
        ("内蒙古", None, "15"),
        ("广西壮族自治区", None, "45"),
        ("香港", None, "81"),
        ("东莞", None, DONGGUAN),
        ("深圳市", None, SHENZHEN),
        ("广东省梅州市", None, MEIZHOU),
        ("广东梅州", None, MEIZHOU),
        ("福建省泉州市永春县", None, YONGCHUN),
        ("永春县", None, YONGCHUN),
        ("吉林", None, "22"),
        ("吉林市", None, "220200"),
        ("福州市鼓楼区", None, "350102"),
        ("鼓楼区", "35", "350102"),
        ("北京市朝阳区", None, "110105"),
        ("湖北省神农架林区", None, "429021"),
    ],
)
def test_names_as_people_write_them_are_found(name: str, home: str | None, code: str) -> None:
    assert find_region(name, home=home) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("鼓楼区", "ambiguous_region"),
        ("梅州县", "unknown_region"),
        ("广东省杭州市", "unknown_region"),
        ("火星", "unknown_region"),
        ("", "unknown_region"),
    ],
)
def test_unknown_and_ambiguous_names_are_refused(name: str, code: str) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        find_region(name)

    assert caught.value.code == f"territory.{code}"


def test_an_ambiguous_name_offers_every_region_that_has_it() -> None:
    with pytest.raises(IdentifierRefused) as caught:
        find_region("鼓楼区")

    assert caught.value.suggestions == ("320106", "320302", "350102", "410204")


@given(region_codes)
def test_the_name_of_a_region_finds_it_again(code: str) -> None:
    assert code == "CN" or find_region(region_name(code)) == code


@pytest.mark.parametrize(
    ("text", "include", "exclude"),
    [
        ("全国", ("CN",), ()),
        ("全国范围内", ("CN",), ()),
        ("中国境内", ("CN",), ()),
        ("广东", (GUANGDONG,), ()),
        ("广东省", (GUANGDONG,), ()),
        ("东莞", (DONGGUAN,), ()),
        ("深圳市", (SHENZHEN,), ()),
        ("广东省梅州市", (MEIZHOU,), ()),
        ("浙江省内", ("33",), ()),
        ("全省", (GUANGDONG,), ()),
        ("本省范围内", (GUANGDONG,), ()),
        ("永春县", (YONGCHUN,), ()),
        ("全国（除深圳市）", ("CN",), (SHENZHEN,)),
        ("全国（深圳市除外）", ("CN",), (SHENZHEN,)),
        ("全国(不含广东省、福建省)", ("CN",), ("35", GUANGDONG)),
        ("全国，除深圳市外", ("CN",), (SHENZHEN,)),
        ("全省（除深圳市以外）", (GUANGDONG,), (SHENZHEN,)),
        ("广东；福建、江西，湖南;海南", ("35", "36", "43", GUANGDONG, "46"), ()),
        ("广东省、深圳市", (GUANGDONG,), ()),
        ("深圳市、全国", ("CN",), ()),
    ],
)
def test_published_scopes_are_read(
    text: str, include: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    territory = parse_territory(text, home=GUANGDONG)

    assert (territory.include, territory.exclude) == (include, exclude)


@pytest.mark.parametrize(
    ("home", "include"),
    [(SHENZHEN, SHENZHEN), ("440305", SHENZHEN), ("11", "11"), ("110105", "11")],
)
def test_the_whole_city_is_the_city_of_the_platform(home: str, include: str) -> None:
    assert parse_territory("全市", home=home).include == (include,)


@pytest.mark.parametrize(
    ("text", "home", "code"),
    [
        ("其他", GUANGDONG, "not_open"),
        ("全国各省份只许可一家", GUANGDONG, "not_open"),
        ("广东省独家", GUANGDONG, "not_open"),
        ("全省", None, "home_needed"),
        ("市内", GUANGDONG, "home_needed"),
        ("火星", GUANGDONG, "unknown_region"),
        ("全国、火星", GUANGDONG, "unknown_region"),
        ("鼓楼区", GUANGDONG, "ambiguous_region"),
        ("浙江省（除深圳市）", GUANGDONG, "exclude_outside"),
        ("广东省（除广东省）", GUANGDONG, "exclude_outside"),
        ("深圳市（除广东省）", GUANGDONG, "exclude_outside"),
        ("、", GUANGDONG, "empty"),
        ("", GUANGDONG, "empty"),
        ("广" * 2_001, GUANGDONG, "too_long"),
    ],
)
def test_what_is_no_definite_open_territory_is_refused(
    text: str, home: str | None, code: str
) -> None:
    with pytest.raises(IdentifierRefused) as caught:
        parse_territory(text, home=home)

    assert caught.value.code == f"territory.{code}"


@pytest.mark.parametrize(
    ("include", "exclude"),
    [((), ()), (("99",), ()), (("44", "x"), ()), (("33",), (SHENZHEN,)), (("44",), ("44",))],
)
def test_the_wire_refuses_impossible_territories(
    include: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    with pytest.raises(ValidationError):
        Territory(include=include, exclude=exclude)


def test_equal_territories_are_equal() -> None:
    spelled = Territory(include=(SHENZHEN, "44", "33", "44"), exclude=("440305", SHENZHEN))

    assert spelled == Territory(include=("33", "44"), exclude=(SHENZHEN,))


@pytest.mark.parametrize(
    ("scope", "region", "covered"),
    [
        ("全国", "CN", True),
        ("全国", "350525", True),
        ("广东省", SHENZHEN, True),
        ("广东省", "440399", True),
        ("广东省", "440000", True),
        ("广东省", "33", False),
        ("广东省", "CN", False),
        ("深圳市", GUANGDONG, False),
        ("全国（除深圳市）", SHENZHEN, False),
        ("全国（除深圳市）", "440305", False),
        ("全国（除深圳市）", GUANGDONG, False),
        ("全国（除深圳市）", DONGGUAN, True),
        ("全国（除深圳市）", "CN", False),
    ],
)
def test_a_region_is_covered_when_all_of_it_is(scope: str, region: str, covered: bool) -> None:
    assert covers(parse_territory(scope), region) is covered


@given(territories(), region_codes)
def test_what_covers_a_region_covers_all_inside_it(territory: Territory, code: str) -> None:
    inside = [inner for inner in regions() if code in lineage(inner)]

    assert not covers(territory, code) or all(covers(territory, inner) for inner in inside)


@given(territories())
def test_reading_a_description_gives_the_territory_back(territory: Territory) -> None:
    assert parse_territory(describe(territory, "zh")) == territory


@given(territories())
def test_a_territory_survives_its_json(territory: Territory) -> None:
    assert Territory.model_validate_json(territory.model_dump_json()) == territory


def test_territories_are_described_in_both_languages() -> None:
    territory = parse_territory("全国（除深圳市、福建省）")

    assert describe(territory, "zh") == "全国（除福建省、深圳市）"
    assert describe(territory, "en") == "nationwide (except Fujian, Shenzhen)"


def test_only_the_whole_nation_is_nationwide() -> None:
    assert NATIONWIDE.is_nationwide
    assert not parse_territory("全国（除深圳市）").is_nationwide
    assert not parse_territory("广东省").is_nationwide


@pytest.mark.skipif(not LISTINGS.is_dir(), reason="the published listings are not at hand")
def test_the_scopes_refused_of_all_that_were_published() -> None:
    homes = {"guangdong": "44", "zhejiang": "33", "fujian": "35", "hainan": "46", "shaanxi": "61"}
    refused: Counter[str] = Counter()
    for platform, home in homes.items():
        for text in _scopes(platform):
            try:
                parse_territory(text, home=home)
            except IdentifierRefused:
                refused[text] += 1

    assert refused == {"其他": 181, "市内": 5, "全国各省份只许可一家": 2, "": 2}


def _scopes(platform: str) -> list[str]:
    with (LISTINGS / f"{platform}.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["license_location"] for row in csv.DictReader(file)]
