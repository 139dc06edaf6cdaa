"""Find acts in the trail: by who, what, about what and when; newest first, page by page.

Each single filter has an index in the order of the pages, so a page costs what it shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.tables import audit_record
from shared_schema.instants import SHANGHAI
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

_MICROSECOND: Final = timedelta(microseconds=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_REFUSED: Final = "游标无效，请从第一页重新开始 / not a cursor; start again at the first page"


class TrailCursorRefused(DomainError):
    """The cursor was not made by this service."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which acts; empty members ask for nothing. Days are those of Asia/Shanghai, both included."""

    actor: str = ""
    act: str = ""
    kind: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters as SQL."""
        row = audit_record.c
        columns = (
            (row.actor, self.actor),
            (row.act, self.act),
            (row.subject_kind, self.kind),
            (row.subject, self.subject),
        )
        found: list[ColumnElement[bool]] = [column == text for column, text in columns if text]
        since, until = self.bounds()
        if since is not None:
            found.append(row.at >= since)
        if until is not None:
            found.append(row.at < until)
        return found

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """The first moment of the range, and the first after it."""
        since = None if self.since is None else _day_begins(self.since)
        until = None if self.until is None else _day_begins(self.until + timedelta(days=1))
        return since, until


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some acts, and the cursor of those before them; None at the end."""

    records: Sequence[Row[Any]]
    older: str | None


async def search_trail(
    session: AsyncSession, query: TrailQuery, *, cursor: str | None = None, limit: int = 50
) -> TrailPage:
    """The newest acts that the query asks for, or those before the cursor.

    Raises:
        TrailCursorRefused: the cursor was not made here.
    """
    row = audit_record.c
    found = select(audit_record).where(*query.conditions())
    if cursor:
        found = found.where(tuple_(row.at, row.id) < tuple_(*_place(cursor)))
    newest = found.order_by(row.at.desc(), row.id.desc()).limit(limit + 1)
    rows = (await session.execute(newest)).all()
    shown = rows[:limit]
    return TrailPage(shown, _cursor(shown[-1]) if len(rows) > limit else None)


def _day_begins(day: date) -> datetime:
    """The first moment of a legal day."""
    return datetime.combine(day, time(), SHANGHAI)


def _cursor(row: Row[Any]) -> str:
    return f"{(row.at - _EPOCH) // _MICROSECOND}-{row.id}"


def _place(cursor: str) -> tuple[datetime, int]:
    at, _, id_ = cursor.partition("-")
    try:
        return _EPOCH + int(at) * _MICROSECOND, int(id_)
    except (ValueError, OverflowError) as malformed:
        error = FieldError("query:cursor", "cursor.invalid", _REFUSED)
        raise TrailCursorRefused(_REFUSED, [error]) from malformed
