"""Where an offer stands: included regions without excluded ones.

An offer under the statute is nationwide; pilot offers name provinces, cities or counties. What is
neither a region nor the nation is refused: a licence must be open to anyone there (DEC-17).
"""

import re
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared_schema.identifier_refusal import Standard
from shared_schema.region import COUNTRY, RegionCode, find_region, lineage, region_name, regions
from shared_schema.text import fold, shown

_STANDARD: Final = Standard("territory", "专利法第五十条")
_NATION: Final = re.compile("全国(范围|各地|境内|范围内)?|(中国|国)(境)?内|中国(大陆)?(境内)?")
_PROVINCE_AT_HOME: Final = re.compile("(全|本)省(范围内|境内|内)?|省内")
_CITY_AT_HOME: Final = re.compile("(全|本)市(范围内|境内|内)?|市内")
_EXCEPT: Final = (
    re.compile(r"(.+?) ?\(除?(.+?)除外\)"),
    re.compile(r"(.+?)[ ,(]*(?:除|不含|不包括)(.+?)(?:以外|之外|外)?\)?"),
)
_INSIDE: Final = re.compile("(行政区域|范围|境)?内$")
_SEPARATORS: Final = re.compile(r"\s*[;、,]\s*")
_RESTRICTED: Final = re.compile("[只仅限].*[家个户人]|独占|独家|排他")
_MAX_REGIONS: Final = 1_000
_MUNICIPALITIES: Final = {"11", "12", "31", "50"}  # provinces that are cities


class Territory(BaseModel):
    """Regions in which anyone may accept: those in `include` less those in `exclude`.

    Kept sorted and minimal, so that equal territories are equal: a region under another of the same
    list is dropped.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    include: Annotated[tuple[RegionCode, ...], Field(min_length=1, max_length=_MAX_REGIONS)]
    exclude: Annotated[tuple[RegionCode, ...], Field(max_length=_MAX_REGIONS)] = ()

    @field_validator("include", "exclude")
    @classmethod
    def _minimal(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        listed = set(codes)
        return tuple(sorted(code for code in listed if not listed & set(lineage(code)[1:])))

    @model_validator(mode="after")
    def _excludes_part_of_what_it_includes(self) -> Self:
        for code in self.exclude:
            if not set(self.include) & set(lineage(code)[1:]):
                raise PydanticCustomError(
                    "territory.exclude_outside",
                    "除外地区 {code} 不在许可地区之内 / the excluded {code} is not inside any"
                    " included region",
                    {"code": code},
                )
        return self

    @property
    def is_nationwide(self) -> bool:
        """Whether nothing in the country is left out."""
        return self.include == (COUNTRY,) and not self.exclude


NATIONWIDE: Final = Territory(include=(COUNTRY,))


def covers(territory: Territory, region_code: str) -> bool:
    """Whether the whole of the region is in the territory.

    Guangdong is not covered by the nation without Shenzhen; Dongguan is. Counties that the table
    does not have are judged by their digits.

    Raises:
        IdentifierRefused: `region_code` is not a code of GB/T 2260.
    """
    around = set(lineage(region_code))
    if not around & set(territory.include) or around & set(territory.exclude):
        return False
    here = lineage(region_code)[0]
    return not any(here in lineage(code) for code in territory.exclude)


def parse_territory(text: str, *, home: str | None = None) -> Territory:
    """Read a scope as platforms print it: 全国（除深圳市）, 浙江省内, 全省, 广东；福建.

    `home` is the region of the platform: what 全省 and 全市 mean there, and which of several
    counties of one name is meant.

    Raises:
        IdentifierRefused: not open to anyone, an unknown or ambiguous region, 全省 without a
            home, or an exclusion from outside.
    """
    folded = fold(_STANDARD.bounded(text))
    if not _SEPARATORS.sub("", folded):
        raise _STANDARD.refusal("empty", "未填写许可地区", "the territory is missing")
    if folded == "其他" or _RESTRICTED.search(folded):
        raise _STANDARD.refusal(
            "not_open",
            f"“{shown(text)}”不是地区范围；开放许可须对范围内任何人开放，请写全国或省、市名称",
            f"“{shown(text)}” is no territory; an open licence is open to anyone in it, write 全国"
            " or the names of provinces or cities",
        )
    base, excluded = _parts(folded)
    return _territory(_codes(base, home), _codes(excluded, home))


def describe(territory: Territory, lang: Literal["zh", "en"]) -> str:
    """The territory in words; `parse_territory` reads the Chinese ones back."""
    included = [_described(code, lang) for code in territory.include]
    excluded = [_described(code, lang) for code in territory.exclude]
    if lang == "zh":
        return "、".join(included) + (f"（除{'、'.join(excluded)}）" if excluded else "")
    return ", ".join(included) + (f" (except {', '.join(excluded)})" if excluded else "")


def _described(code: str, lang: Literal["zh", "en"]) -> str:
    if code == COUNTRY:
        return "全国" if lang == "zh" else "nationwide"
    return region_name(code, lang)


def _parts(text: str) -> tuple[str, str]:
    for pattern in _EXCEPT:
        match = pattern.fullmatch(text)
        if match:
            return match[1], match[2]
    return text, ""


def _codes(names: str, home: str | None) -> tuple[str, ...]:
    listed = dict.fromkeys(_SEPARATORS.split(names))
    return tuple(_code(name.replace(" ", ""), home) for name in listed if name)


def _code(name: str, home: str | None) -> str:
    if _NATION.fullmatch(name):
        return COUNTRY
    if _PROVINCE_AT_HOME.fullmatch(name):
        return _at_home(name, [code for code in _around(home) if len(code) == len("44")])
    if _CITY_AT_HOME.fullmatch(name):
        return _at_home(name, [code for code in _around(home) if _is_city(code)])
    return find_region(_INSIDE.sub("", name), home=home)


def _around(home: str | None) -> tuple[str, ...]:
    return lineage(home)[:-1] if home else ()


def _is_city(code: str) -> bool:
    return code in _MUNICIPALITIES or (len(code) > len("44") and code.endswith("00"))


def _at_home(name: str, candidates: list[str]) -> str:
    known = [code for code in candidates if code in regions()]
    if not known:
        raise _STANDARD.refusal(
            "home_needed",
            f"“{shown(name)}”指哪里？请写省、市名称",
            f"which province or city does {shown(name)} mean? Write its name",
        )
    return known[0]


def _territory(include: tuple[str, ...], exclude: tuple[str, ...]) -> Territory:
    try:
        return Territory(include=include, exclude=exclude)
    except ValidationError as error:
        raise _STANDARD.refusal(
            "exclude_outside",
            "除外地区须在许可地区之内",
            "what is excluded must be inside what is included",
        ) from error
