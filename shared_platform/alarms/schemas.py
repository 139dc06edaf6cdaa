"""Alarms as people and programs read them: API bodies and lines of a terminal."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from shared_platform.alarms.codes import MANUAL, AlarmCode, alarm_row
from shared_schema.instants import format_instant

ALARM_EXAMPLE: Final[dict[str, Any]] = {
    "id": 7,
    "code": "dead_letters",
    "subject": "",
    "title": {"zh": "有被永久拒绝的声明", "en": "Statements were refused for good"},
    "detail": "2 条死信 / 2 dead letters",
    "remedy": {
        "zh": AlarmCode.DEAD_LETTERS.value.remedy_zh,
        "en": AlarmCode.DEAD_LETTERS.value.remedy_en,
    },
    "manual": "docs/operations.md#alarm-dead_letters",
    "is_critical": False,
    "raised_at": "2026-11-22T08:00:00Z",
    "last_seen_at": "2026-11-22T08:10:30Z",
    "times": 22,
    "ended_at": None,
}


class AlarmOut(BaseModel):
    """One alarm with what to do about it; `ended_at` null: it stands."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [ALARM_EXAMPLE]}
    )

    id: int
    code: str
    subject: str = Field(description="a node or a key; empty: the service itself")
    title: dict[str, str]
    detail: str
    remedy: dict[str, str]
    manual: str
    is_critical: bool
    raised_at: str
    last_seen_at: str
    times: int
    ended_at: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> "AlarmOut":
        """The stored alarm with the texts of its code."""
        known = alarm_row(row.code)
        return cls(
            id=row.id,
            code=row.code,
            subject=row.subject,
            title={"zh": known.title_zh, "en": known.title_en} if known else {},
            detail=row.detail,
            remedy={"zh": known.remedy_zh, "en": known.remedy_en} if known else {},
            manual=f"{MANUAL}#alarm-{row.code}",
            is_critical=known.is_critical if known else False,
            raised_at=format_instant(row.raised_at),
            last_seen_at=format_instant(row.last_seen_at),
            times=row.times,
            ended_at=None if row.ended_at is None else format_instant(row.ended_at),
        )


class AlarmsOut(BaseModel):
    """Alarms; `next` continues as `before`, null on the last page or where all stand here."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"items": [ALARM_EXAMPLE], "next": None}]},
    )

    items: list[AlarmOut]
    next: int | None

    @classmethod
    def of(cls, rows: Sequence[Row[Any]], *, limit: int | None = None) -> "AlarmsOut":
        """A page of at most `limit`; None: there are no further pages."""
        following = rows[-1].id if limit is not None and len(rows) == limit else None
        return cls(items=[AlarmOut.of(row) for row in rows], next=following)


def alarms_text(alarms: Sequence[AlarmOut]) -> str:
    """The alarms for a terminal: what, since when, and what to do."""
    if not alarms:
        return "✔ 没有警报 / no alarms"
    lines: list[str] = []
    for one in alarms:
        mark = "—" if one.ended_at else ("‼" if one.is_critical else "!")
        about = f" {one.subject}" if one.subject else ""
        until = f" … {one.ended_at}" if one.ended_at else ""
        title = one.title.get("zh", one.code)
        lines += [
            f"{mark} {one.code}{about}  {title}  自 since {one.raised_at}{until}",
            f"  {one.detail}",
            f"  → {one.remedy.get('zh', '')} / {one.remedy.get('en', '')}",
            f"  {one.manual}",
        ]
    return "\n".join(lines)
