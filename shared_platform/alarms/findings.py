"""Conditions that hub and node judge alike: keys, clocks, disks."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shared_platform.alarms.alarms import Finding
from shared_platform.alarms.codes import AlarmCode

EXPIRY_DAYS: Final = (60, 30)  # and then AlarmCode.KEY_EXPIRES_NOW
EXPIRES_NOW_DAYS: Final = 7
MOST_CLOCK_OFFSET_SECONDS: Final = 60


def key_finding(use: str, days_left: int, *, subject: str) -> Iterator[Finding]:
    """The warning about a key with so many days left: at 60, at 30, and from 7 on."""
    if days_left <= EXPIRES_NOW_DAYS:
        detail = f"{use}: {max(days_left, 0)} 天 / days left"
        yield Finding(AlarmCode.KEY_EXPIRES_NOW, detail, subject)
        return
    level = min((level for level in EXPIRY_DAYS if days_left <= level), default=None)
    if level is not None:
        detail = f"{use}: {days_left} 天（≤ {level}）/ days left"
        yield Finding(AlarmCode.KEY_EXPIRING, detail, subject)


def clock_finding(offset_seconds: int | None, *, subject: str = "") -> Iterator[Finding]:
    """The warning about a clock that is more than a minute off; None: not known."""
    if offset_seconds is not None and abs(offset_seconds) > MOST_CLOCK_OFFSET_SECONDS:
        yield Finding(AlarmCode.CLOCK_OFFSET, f"{offset_seconds:+d} 秒 / s", subject)


def disk_findings(folder: Path, *, least_share: float) -> list[Finding]:
    """An alarm when less than that share of the disk under `folder` is free."""
    usage = shutil.disk_usage(folder)
    if usage.free >= usage.total * least_share:
        return []
    free = f"{usage.free / 2**30:.1f} GiB（{usage.free / usage.total:.0%}）"
    return [Finding(AlarmCode.DISK_NEARLY_FULL, f"{folder.name}: 剩余 {free} / free")]
