"""Instants: UTC, aware, whole seconds on the wire; legal days are days in Asia/Shanghai.

This is the only module that reads the machine's clock. Everything else takes `now: Instant`, or a
`Clock` where a loop needs the time more than once.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

Instant = datetime
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_WIRE_FORM: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


class Clock(Protocol):
    """Tells the time to long loops."""

    def now(self) -> Instant:
        """The present instant in UTC."""
        ...


class SystemClock:
    """The machine's clock, moved by `offset`, so that rehearsals can set the day."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    def now(self) -> Instant:
        """The present instant in UTC, with the offset added."""
        return datetime.now(UTC) + self.offset


def clock_at(today: date | None, *, ahead_seconds: float = 0.0) -> SystemClock:
    """A running clock whose legal day is `today`; the machine's own clock for None.

    `ahead_seconds` makes it a wrong one, for drills.
    """
    clock = SystemClock(timedelta(seconds=ahead_seconds))
    if today is None:
        return clock
    days = today - legal_day(SystemClock().now())
    return SystemClock(clock.offset + days)


def legal_day(instant: Instant) -> date:
    """The calendar day in Asia/Shanghai, by which periods and deadlines end."""
    return instant.astimezone(SHANGHAI).date()


def whole_second(instant: Instant) -> Instant:
    """The instant without its fraction: what may stand on the wire and in signed bytes."""
    return instant.replace(microsecond=0)


def format_instant(instant: Instant) -> str:
    """Print as `2026-11-22T08:00:00Z`: the one form on the wire (RFC 3339 §5.6, no fraction)."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def parse_instant(text: str) -> Instant:
    """Read the form `format_instant` prints and no other.

    Raises:
        ValueError: the text is not in that form.
    """
    if _WIRE_FORM.fullmatch(text) is None:
        raise ValueError("not an instant as 2026-11-22T08:00:00Z")
    return datetime.fromisoformat(text)
