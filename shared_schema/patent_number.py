"""Chinese application and patent numbers (ZC 0006-2003): reading, printing, kind and term.

Stored as 13 plain characters (year, kind digit, seven digits, check character), or 9 for
applications before October 2003 (two-digit year, kind digit, five digits, check character). A
patent number is `ZL` and the application number of the patent.
"""

import re
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, WithJsonSchema

from shared_schema.identifier_refusal import canonical_only
from shared_schema.patent_number_form import (
    LONG_YEAR,
    PLAIN,
    STANDARD,
    check_character,
    dotted,
    judge,
    year_length,
)
from shared_schema.patent_number_repair import diagnose
from shared_schema.published_date import anniversary
from shared_schema.text import narrow

__all__ = [
    "ApplicationNumber",
    "PatentKind",
    "check_character",
    "dotted",
    "expiry",
    "filing_year",
    "kind_of",
    "parse_application_number",
    "print_patent_number",
]

PatentKind = Literal["invention", "utility_model", "design"]

_TYPED: Final = re.compile(
    r"(?:(?:ZL|CN) ?)?((?:\d{4} ?\d ?\d{7}|\d{2} ?\d ?\d{5})\.?[\dX])", re.ASCII
)
_PLAIN: Final = re.compile(PLAIN, re.ASCII)
_SPACES: Final = re.compile(" {2,}")
_KIND: Final[dict[str, PatentKind]] = {
    "1": "invention",
    "2": "utility_model",
    "3": "design",
    "8": "invention",  # international application in the national phase
    "9": "utility_model",
}
_LONGER_DESIGN_TERM: Final = date(2021, 6, 1)  # Patent Law 2020 in force


def parse_application_number(text: str) -> str:
    """Read a number as the standard lets it be written, into 13 or 9 plain characters.

    Tolerated: the prefix `ZL` or `CN`, the dot left out, spaces between year, kind and serial,
    full-width characters, lower case. Everything else is refused with what was probably meant.

    Raises:
        IdentifierRefused: another form, or an impossible year, kind digit or check character.
    """
    if _PLAIN.fullmatch(text):
        return judge(text)
    typed = _SPACES.sub(" ", narrow(STANDARD.bounded(text))).strip().upper()
    match = _TYPED.fullmatch(typed)
    if match is None:
        refusal = diagnose(typed)
        raise refusal
    return judge(match[1].replace(" ", "").replace(".", ""))


def print_patent_number(number: str) -> str:
    """Print as on certificates: `ZL 2017 1 0601862.3`."""
    year = year_length(number)
    return f"ZL {number[:year]} {number[year]} {dotted(number[year + 1 :])}"


def kind_of(number: str) -> PatentKind:
    """What the kind digit says; 8 and 9 are inventions and utility models that came through PCT."""
    return _KIND[number[year_length(number)]]


def filing_year(number: str) -> int:
    """The year in the number.

    No filing date lies after it, but a divisional application keeps the earlier date of its parent.
    """
    year = number[: year_length(number)]
    if len(year) == LONG_YEAR:
        return int(year)
    return int(("20" if year.startswith("0") else "19") + year)


def expiry(number: str, filing_date: date | None = None) -> date:
    """The day the right ends at the latest, counted from filing (Patent Law 2020 art. 42).

    Inventions 20 years, utility models 10, designs 15, or 10 if filed before 2021-06-01. Without
    `filing_date` the latest possible one is taken, 31 December of the year in the number, so what
    lies after the result lies after the true end as well.
    """
    filed = filing_date or date(filing_year(number), 12, 31)
    kind = kind_of(number)
    if kind == "invention":
        return anniversary(filed, 20)
    if kind == "design" and filed >= _LONGER_DESIGN_TERM:
        return anniversary(filed, 15)
    return anniversary(filed, 10)


ApplicationNumber = Annotated[
    str,
    WithJsonSchema({"type": "string", "maxLength": 13, "pattern": f"^{PLAIN}$"}),
    AfterValidator(canonical_only(STANDARD, parse_application_number)),
]
