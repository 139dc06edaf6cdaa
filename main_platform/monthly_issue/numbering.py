"""Numbers of issues: `KX-2026-11` is issue 11 of 2026, the one of November.

The number follows from the month, so that two people cannot give it to different contents.
"""

import re
from datetime import date
from typing import Final

from main_platform.monthly_issue.errors import MonthGone, MonthNotOver, MonthRefused
from shared_schema.bilingual import Words
from shared_schema.refusal import FieldError

PREFIX: Final = "KX-"
MONTH_FORM: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
NUMBER_FORM: Final = r"^KX-[0-9]{4}-(0[1-9]|1[0-2])$"
_MONTHS: Final = 12


def read_month(text: str) -> str:
    """A month as `2026-11`; the number `KX-2026-11` names it too.

    Raises:
        MonthRefused: it is neither.
    """
    month = text.removeprefix(PREFIX)
    if re.fullmatch(MONTH_FORM, month, re.ASCII) is None:
        message = "月份应如 2026-11 / a month is written as 2026-11"
        raise MonthRefused(message, [FieldError("/month", "month.malformed", message)])
    return month


def number_of(month: str) -> str:
    """The number of a month's issue."""
    return PREFIX + month


def shown_number(number: str) -> Words:
    """The number as people say it: 2026年第11期."""
    year, month = number.removeprefix(PREFIX).split("-")
    return Words(f"{year}年第{int(month)}期", f"No. {int(month)} of {year}")


def previous_month(day: date) -> str:
    """The month before the one this day lies in."""
    index = day.year * _MONTHS + day.month - 2
    return f"{index // _MONTHS:04d}-{index % _MONTHS + 1:02d}"


def refuse_month(month: str, *, today: date, early: bool) -> None:
    """Return if the month's issue may be frozen today.

    That is the month that ended last; the present one only where somebody asks for it early.

    Raises:
        MonthNotOver: it is the present month without `early`, or a later one.
        MonthGone: it ended before the last one.
    """
    present = f"{today:%Y-%m}"
    if month > present or (month == present and not early):
        raise MonthNotOver(
            f"{month} 尚未结束（今天 {today}）；到下月一日再封存，或注明提前封存（early）"
            f" / {month} is not over on {today}: freeze it next month, or ask for an early issue"
        )
    if month < previous_month(today):
        raise MonthGone(
            f"{month} 已过去，现在的目录不是当月的目录；可封存 {previous_month(today)}"
            f" / today's catalogue is not that of {month}: freeze {previous_month(today)}"
        )
