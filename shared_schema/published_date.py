"""Days as platforms print them, and periods counted in years.

Every form names one calendar day; a day that does not exist is refused, never moved.
"""

import re
from datetime import UTC, date, datetime
from typing import Final

from shared_schema.identifier_refusal import IdentifierRefused, Standard
from shared_schema.instants import legal_day
from shared_schema.text import fold, shown

_STANDARD: Final = Standard("published_date", "GB/T 7408.1-2023")
_TIME: Final = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_DAY: Final = re.compile(
    r"(?:(\d{4})([-./])(\d{1,2})\2(\d{1,2})|(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日)" + _TIME,
    re.ASCII,
)
_EPOCH_MS: Final = re.compile(r"\d{12,13}", re.ASCII)
_YEARS: Final = re.compile(r"(\d{1,2}) ?(?:年|周年)", re.ASCII)


def parse_date(text: str) -> date:
    """Read 2024-12-31, 2033年5月31日, 2037.11.24, 2026/06/30 or 2041-1-7, or epoch milliseconds.

    A time of day after it is dropped. Milliseconds are an instant; their day is Asia/Shanghai's.

    Raises:
        IdentifierRefused: another form, or no such day.
    """
    folded = fold(_STANDARD.bounded(text))
    if _EPOCH_MS.fullmatch(folded):
        return legal_day(datetime.fromtimestamp(int(folded) / 1000, UTC))
    match = _DAY.fullmatch(folded)
    if match is None:
        refusal = _unreadable(text)
        raise refusal
    year, month, day = (int(part) for part in match.groups() if part and part.isdigit())
    try:
        return date(year, month, day)
    except ValueError as error:
        raise _STANDARD.refusal(
            "no_such_day", f"没有“{shown(text)}”这一天", f"there is no day “{shown(text)}”"
        ) from error


def _unreadable(text: str) -> IdentifierRefused:
    return _STANDARD.refusal(
        "unreadable",
        f"读不懂日期“{shown(text)}”，请写成 2026-12-31",
        f"“{shown(text)}” is not a day; write 2026-12-31",
    )


def years_after(start: date, text: str) -> date:
    """The day that a period such as `3年`, counted from `start`, reaches.

    Raises:
        IdentifierRefused: not a number of years from 1 to 99.
    """
    match = _YEARS.fullmatch(fold(_STANDARD.bounded(text)))
    years = int(match[1]) if match else 0
    if years == 0:
        raise _STANDARD.refusal(
            "years",
            f"“{shown(text)}”不是年数，请写成“3年”",
            f"“{shown(text)}” is not a number of years; write 3年",
        )
    return anniversary(start, years)


def anniversary(start: date, years: int) -> date:
    """The same day `years` later; 28 February where 29 February is missing.

    Patent Law Implementing Regulations rule 5: a period ends on the corresponding day of its last
    month, or on that month's last day if there is none.
    """
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return start.replace(year=start.year + years, day=28)
