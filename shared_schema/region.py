"""Regions of GB/T 2260: the country, provinces by two digits, cities and counties by six.

The hierarchy is in the digits; the table gives the names. English names are there where the hub's
own province needs them; elsewhere the Chinese name stands.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, WithJsonSchema

from shared_schema.identifier_refusal import Standard, canonical_only
from shared_schema.reference_table import read_reference_table
from shared_schema.text import shown

COUNTRY: Final = "CN"

_STANDARD: Final = Standard("region", "GB/T 2260")
_NAMES: Final = Standard("territory", "GB/T 2260")
_PLAIN: Final = r"CN|[1-8][0-9]([0-9]{4})?"
_CODE: Final = re.compile(_PLAIN)
_PROVINCE_SUFFIX: Final = re.compile("(省|市|特别行政区|(壮族|回族|维吾尔)?自治区)$")
_PROVINCE_LENGTH: Final = 2


@dataclass(frozen=True, slots=True)
class Region:
    """The country, a province, a prefecture or a county; `name_en` is empty where none is known."""

    code: str
    parent: str
    name_zh: str
    name_en: str
    source: str


@cache
def regions() -> dict[str, Region]:
    """All regions by code, parents before children."""
    return {row["code"]: Region(**row) for row in read_reference_table("regions")}


def parse_region_code(text: str) -> str:
    """The code itself, if the table has it.

    Raises:
        IdentifierRefused: no code of GB/T 2260, or one the table does not have.
    """
    if text not in regions():
        raise _STANDARD.refusal(
            "unknown_code",
            f"“{shown(text)}”不是已收录的行政区划代码；省为 2 位，市县为 6 位",
            f"“{shown(text)}” is no known region code; provinces have 2 digits, cities and"
            " counties 6",
        )
    return text


def lineage(code: str) -> tuple[str, ...]:
    """The code and its ancestors up to `CN`, from the digits: also for counties not in the table.

    `440000`, as in credit codes, is the province `44`.

    Raises:
        IdentifierRefused: not a code, or of no known province.
    """
    province = code[:2]
    if not _CODE.fullmatch(code) or province not in regions():
        parse_region_code(code)
    if len(code) == _PROVINCE_LENGTH:
        return (code, COUNTRY) if code != COUNTRY else (COUNTRY,)
    city = code[:4] + "00"
    steps = (code, city, province, COUNTRY)
    return tuple(dict.fromkeys(step for step in steps if not step.endswith("0000")))


def region_name(code: str, lang: Literal["zh", "en"] = "zh") -> str:
    """A name that `find_region` finds again in Chinese: counties with their city before them."""
    region = regions()[code]
    if lang == "en" and region.name_en:
        return region.name_en
    is_county = len(code) > _PROVINCE_LENGTH and not code.endswith("00")
    return (regions()[region.parent].name_zh if is_county else "") + region.name_zh


def find_region(name: str, *, within: str = COUNTRY, home: str | None = None) -> str:
    """The code of a name as people write it: 广东, 广东省, 东莞, 广东省梅州市, 永春县.

    Of several regions with the name a province is meant, else the only one in `home`.

    Raises:
        IdentifierRefused: no region has the name, or several have it.
    """
    found = _meant(_named(name, within), home)
    if len(found) == 1:
        return found[0]
    if found:
        names = "、".join(region_name(code) for code in found[:10])
        raise _NAMES.refusal(
            "ambiguous_region",
            f"“{shown(name)}”有多处：{names}；请写明省市",
            f"there are several {shown(name)}: {names}; name the province and city too",
            suggestions=found,
        )
    for cut in range(len(name) - 1, 1, -1):
        outer = _meant(_named(name[:cut], within), home)
        if len(outer) == 1:
            return find_region(name[cut:], within=outer[0])
    raise _NAMES.refusal(
        "unknown_region",
        f"未收录地区“{shown(name)}”；请写省、市或县的全称",
        f"no region “{shown(name)}” is known; give the full name of a province, city or county",
    )


def _named(name: str, within: str) -> tuple[str, ...]:
    return tuple(code for code in _by_name().get(name, ()) if within in lineage(code))


def _meant(found: tuple[str, ...], home: str | None) -> tuple[str, ...]:
    provinces = tuple(code for code in found if len(code) == _PROVINCE_LENGTH)
    if len(provinces) == 1:
        return provinces
    at_home = tuple(code for code in found if home in lineage(code))
    return at_home if len(at_home) == 1 else found


@cache
def _by_name() -> dict[str, tuple[str, ...]]:
    """Codes by full name, and by short name (广东, 东莞) for provinces and cities."""
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for region in regions().values():
        codes[region.name_zh].append(region.code)
        if region.parent == COUNTRY:
            short = _PROVINCE_SUFFIX.sub("", region.name_zh)
        else:
            short = region.name_zh.removesuffix("市") if region.code.endswith("00") else ""
        if short and short != region.name_zh:
            codes[short].append(region.code)
    return {name: tuple(found) for name, found in codes.items()}


RegionCode = Annotated[
    str,
    WithJsonSchema({"type": "string", "maxLength": 6, "pattern": f"^({_PLAIN})$"}),
    AfterValidator(canonical_only(_STANDARD, parse_region_code)),
]
