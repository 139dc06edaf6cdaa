"""Industry codes of GB/T 4754-2017: section letter, then division, group or class digits.

The edition is stored with every title: the 2011 edition uses the same digits for other industries
(its 79 is today's 80).
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from shared_schema.identifier_refusal import Standard, canonical_only
from shared_schema.reference_table import read_reference_table
from shared_schema.text import fold, shown

EDITION: Final = "2017"

_STANDARD: Final = Standard("industry", "GB/T 4754-2017")
_PLAIN: Final = r"[A-T]([0-9]{2}([0-9]{1,2})?)?"
_CODE: Final = re.compile(_PLAIN)
_DIGITS: Final = re.compile(r"[0-9]{2,4}")


@dataclass(frozen=True, slots=True)
class Industry:
    """A section (`C`) or division (`C39`) with its title; `parent` is the section or empty."""

    code: str
    parent: str
    title_zh: str
    edition: str
    source: str


@cache
def industries() -> dict[str, Industry]:
    """The 20 sections and 97 divisions by code, in the standard's order."""
    return {row["code"]: Industry(**row) for row in read_reference_table("industries")}


def parse_industry_code(text: str) -> str:
    """Read `C`, `C39`, `C391` or `C3912`; without its letter (`39`) the section is added.

    Groups and classes are checked as far as their division: the table ends there.

    Raises:
        IdentifierRefused: another form, no such division, or a division of another section.
    """
    code = fold(_STANDARD.bounded(text)).upper()
    if _DIGITS.fullmatch(code):
        code = _section_of().get(code[:2], "?") + code
    if not _CODE.fullmatch(code):
        raise _STANDARD.refusal(
            "malformed",
            f"“{shown(text)}”不是国民经济行业代码；应如 C、C39 或 C3912",
            f"“{shown(text)}” is not an industry code; write C, C39 or C3912",
        )
    division = code[1:3]
    section = _section_of().get(division, "") if division else code
    if code[0] != section:
        meant = section + code[1:]
        hint = (f"应为 {meant}", f"it is {meant}") if section else ("无此大类", "no such division")
        raise _STANDARD.refusal(
            "section",
            f"“{code}”的门类与大类不符：{hint[0]}",
            f"section and division of “{code}” disagree: {hint[1]}",
            suggestions=(meant,) if section else (),
        )
    return code


@cache
def _section_of() -> dict[str, str]:
    return {row.code[1:]: row.parent for row in industries().values() if row.parent}


def industry_title(code: str) -> str:
    """The title of the division or section that `code` lies in, as far down as the table goes."""
    table = industries()
    return (table.get(code[:3]) or table[code[0]]).title_zh


IndustryCode = Annotated[
    str,
    WithJsonSchema({"type": "string", "maxLength": 5, "pattern": f"^{_PLAIN}$"}),
    AfterValidator(canonical_only(_STANDARD, parse_industry_code)),
]
