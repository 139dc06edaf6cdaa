"""DEC-08 and DEC-09: the offer's last day, and how long the offer stands."""

from calendar import monthrange
from datetime import MAXYEAR, date, timedelta

from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.finding import Finding
from shared_schema.patent_number import expiry
from shared_schema.rules.context import RuleContext
from shared_schema.rules.found import found
from shared_schema.rules.number import dec_01_number
from shared_schema.rules.profile import RuleProfile


def dec_08_period(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """The last day lies after today, not before the first, and not after the patent's expiry."""
    return [
        *_ended(declaration, profile, context),
        *_starts_after_end(declaration, profile),
        *_outlives_patent(declaration, profile, context),
    ]


def _ended(declaration: Declaration, profile: RuleProfile, context: RuleContext) -> list[Finding]:
    end, today = declaration.period.end, context.today
    if end > today:
        return []
    return [
        found(
            "DEC-08",
            profile,
            "/period/end",
            message=Words(
                f"许可期限届满日 {end} 不晚于今日 {today}。",
                f"The period ends on {end}, which is not after today, {today}.",
            ),
            facts={"end": end.isoformat(), "today": today.isoformat()},
        )
    ]


def _starts_after_end(declaration: Declaration, profile: RuleProfile) -> list[Finding]:
    start, end = declaration.period.start, declaration.period.end
    if start is None or start <= end:
        return []
    return [
        found(
            "DEC-08",
            profile,
            "/period/start",
            message=Words(
                f"许可期限起始日 {start} 晚于届满日 {end}。",
                f"The period starts on {start}, after its end, {end}.",
            ),
            hint=Words("更正起始日或届满日。", "Correct the first or the last day."),
            facts={"start": start.isoformat(), "end": end.isoformat()},
        )
    ]


def _outlives_patent(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """Silent where DEC-01 refused the number. Without a filing date the latest expiry counts."""
    if dec_01_number(declaration, profile, context):
        return []
    filing_date = context.register.filing_date if context.register else None
    end, expires = (
        declaration.period.end,
        expiry(declaration.patent.application_number, filing_date),
    )
    if end <= expires:
        return []
    at_the_latest = Words("", "") if filing_date else Words("至迟", " at the latest")
    return [
        found(
            "DEC-08",
            profile,
            "/period/end",
            message=Words(
                f"许可期限届满日 {end} 晚于专利权{at_the_latest.zh}届满日 {expires}。",
                f"The period ends on {end}; the patent expires on {expires}{at_the_latest.en}.",
            ),
            hint=Words(f"改为不晚于 {expires} 的日期。", f"Choose a day not later than {expires}."),
            facts={
                "end": end.isoformat(),
                "expiry": expires.isoformat(),
                "filing_date_known": filing_date is not None,
            },
        )
    ]


def dec_09_minimum(
    declaration: Declaration, profile: RuleProfile, context: RuleContext
) -> list[Finding]:
    """The offer stands for the profile's months, counted from its start, or from today if none."""
    period, months = declaration.period, profile.minimum_months
    if months == 0:
        return []
    start = period.start or context.today
    last_day_needed = _months_after(start, months) - timedelta(days=1)
    if period.end >= last_day_needed:
        return []
    return [
        found(
            "DEC-09",
            profile,
            "/period/end",
            message=Words(
                f"许可期限自 {start} 至 {period.end}，不足 {months} 个月。",
                f"From {start} to {period.end} is less than {months} months.",
            ),
            hint=Words(
                f"原则上延长到 {last_day_needed} 或以后，或者说明较短的原因。",
                f"In principle extend it to {last_day_needed} or later, or explain why not.",
            ),
            facts={
                "start": start.isoformat(),
                "end": period.end.isoformat(),
                "minimum_months": months,
            },
        )
    ]


def _months_after(day: date, months: int) -> date:
    """The corresponding day, or the month's last (Rule 5); the calendar's last day beyond it."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
