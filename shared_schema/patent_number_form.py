"""The inner form of a Chinese application number: its parts, check character and validity.

Works on plain characters only; `patent_number` reads what people type, `patent_number_repair` says
what is wrong with the rest.
"""

import re
from functools import lru_cache
from typing import Final

from shared_schema.identifier_refusal import Standard

STANDARD: Final = Standard("patent_number", "ZC 0006-2003 专利申请号标准")
PLAIN: Final = r"([0-9]{12}|[0-9]{8})[0-9X]"
LONG_YEAR: Final = 4

_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_KINDS: Final = "12389"
_LONG_YEARS: Final = re.compile(r"200[3-9]|20[1-9][0-9]")
_SHORT_YEARS: Final = re.compile(r"8[5-9]|9[0-9]|0[0-3]")  # 1985 to 2003


def check_character(digits: str) -> str:
    """The check character of the 12 or 8 digits before it: weighted sum modulo 11, 10 being `X`.

    Weights are 2 to 9 from the left, then 2 to 5 again (ZC 0006-2003).
    """
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[: len(digits)], strict=True)
    )
    return "0123456789X"[total % 11]


def year_length(number: str) -> int:
    """How many digits name the year: 4 in numbers of 13 characters, 2 in those of 9."""
    return LONG_YEAR if len(number) > len("951156080") else LONG_YEAR // 2


def dotted(number: str) -> str:
    """Print as `201710601862.3`."""
    return f"{number[:-1]}.{number[-1]}"


@lru_cache(maxsize=8192)  # one statement and its entry hold the same number four times
def judge(number: str) -> str:
    """The number itself, if year, kind digit and check character are possible.

    `number` has the form `PLAIN`.

    Raises:
        IdentifierRefused: the first of the three that is not.
    """
    length = year_length(number)
    year, kind = number[:length], number[length]
    if not (_LONG_YEARS if length == LONG_YEAR else _SHORT_YEARS).fullmatch(year):
        raise STANDARD.refusal(
            "year",
            f"“{dotted(number)}”的年份 {year} 不可能：13 位号自 2003 年起，9 位号为 85 至 03 年",
            f"the year {year} of “{dotted(number)}” cannot be: numbers of 13 characters begin in"
            " 2003, those of 9 run from 85 to 03",
        )
    if kind not in _KINDS:
        raise STANDARD.refusal(
            "kind_digit",
            f"“{dotted(number)}”的种类号 {kind} 不存在；1 发明、2 实用新型、3 外观设计、8/9 为 PCT",
            f"“{dotted(number)}” has the kind digit {kind}; there are 1 invention, 2 utility model,"
            " 3 design, 8 and 9 PCT",
        )
    expected = check_character(number[:-1])
    if number[-1] != expected:
        meant = number[:-1] + expected
        raise STANDARD.refusal(
            "check_digit",
            f"“{dotted(number)}”校验位不符，号码有误；若其余各位无误，应为 {dotted(meant)}",
            f"the check character of “{dotted(number)}” does not fit, so the number is wrong; if"
            f" every other digit is right, it is {dotted(meant)}",
            suggestions=(meant,),
        )
    return number
