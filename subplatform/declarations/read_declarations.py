"""Lists of declarations: filters, pages, counts, and all findings as CSV. One statement each."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.instants import Instant
from subplatform.accounts.scope import Scope
from subplatform.declarations.importing.report_files import safe_cell
from subplatform.declarations.states import State
from subplatform.declarations.tables import DECLARATIONS

MAX_PAGE: Final = 200
_EXPORT_PAGE: Final = 500
_EXPORT_HEADER: Final = (
    "声明 listing",
    "专利号 number",
    "状态 state",
    "程度 severity",
    "规则 rule",
    "位置 place",
    "说明 message",
    "建议 hint",
    "依据 source",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationQuery:
    """Which declarations, the newest first; what is None or empty does not filter.

    `words` is looked for in number, title and holders. `before` is the last listing of the page
    before, in whichever order. `was_sent` asks for those that the hub has seen a version of,
    `overdue_on` for those whose correction should have come before that day.
    """

    states: tuple[State, ...] = ()
    number: str | None = None
    finding: str | None = None
    blocked: bool | None = None
    import_id: UUID | None = None
    words: str | None = None
    was_sent: bool | None = None
    overdue_on: date | None = None
    before: UUID | None = None
    limit: int = 50
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class DeclarationLine:
    """One declaration in a list."""

    listing: UUID
    state: str
    version: int
    application_number: str
    kind: str
    title: str | None
    holder_names: list[str]
    profile: str
    period_end: date
    finding_codes: list[str]
    is_blocked: bool
    unchecked_rules: list[str]
    correction_due: date | None
    row_version: int
    created_at: Instant
    updated_at: Instant


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `next` is the `before` of the following one, None at the end."""

    lines: Sequence[DeclarationLine]
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Declarations by state, and by the rule that found something, each in order of its key."""

    states: dict[str, int]
    findings: dict[str, int]
    blocked: int


async def list_declarations(
    session: AsyncSession, query: DeclarationQuery, *, within: Scope
) -> Page:
    """One page of those that the scope holds, never more than `MAX_PAGE` lines."""
    limit = min(query.limit, MAX_PAGE)
    columns = [DECLARATIONS.c[name] for name in DeclarationLine.__slots__]
    found = await session.execute(_matching(query, within, *columns).limit(limit + 1))
    lines = [DeclarationLine(*row) for row in found]
    more = len(lines) > limit
    return Page(lines[:limit], lines[limit - 1].listing if more else None)


async def count_declarations(session: AsyncSession, *, within: Scope) -> Counts:
    """How many of the scope are in which state, and how many each rule objects to."""
    columns = DECLARATIONS.c
    is_reached = _is_reached(within)
    by_state = await session.execute(
        select(columns.state, func.count(), func.count().filter(columns.is_blocked))
        .where(is_reached)
        .group_by(columns.state)
        .order_by(columns.state)
    )
    rows = by_state.all()
    code = func.unnest(columns.finding_codes).label("code")
    by_code = await session.execute(
        select(code, func.count().label("found")).where(is_reached).group_by(code).order_by(code)
    )
    return Counts(
        states={state: count for state, count, _ in rows},
        findings={row.code: row.found for row in by_code},
        blocked=sum(blocked for _, _, blocked in rows),
    )


async def findings_csv(
    sessions: async_sessionmaker[AsyncSession], query: DeclarationQuery, *, within: Scope
) -> AsyncIterator[str]:
    """Every finding of the matching declarations, one line each, for a spreadsheet.

    Each page is read in a transaction of its own, so that a slow reader holds none.
    """
    yield "\ufeff" + _csv_lines([_EXPORT_HEADER])
    columns = DECLARATIONS.c
    wanted = (columns.listing, columns.application_number, columns.state, columns.findings)
    while True:
        async with sessions() as session:
            found = await session.execute(_matching(query, within, *wanted).limit(_EXPORT_PAGE))
            rows = found.all()
        yield _csv_lines([line for row in rows for line in _finding_lines(row)])
        if len(rows) < _EXPORT_PAGE:
            return
        query = replace(query, before=rows[-1].listing)


def _is_reached(within: Scope) -> ColumnElement[bool]:
    return within.over(DECLARATIONS.c.organisation_id, DECLARATIONS.c.application_number)


def _matching(query: DeclarationQuery, within: Scope, *wanted: ColumnElement[Any]) -> Select[Any]:
    columns = DECLARATIONS.c
    filters = [_is_reached(within), *_of_content(query), *_of_course(query)]
    if query.before is not None:
        is_later = columns.listing > query.before
        filters.append(is_later if query.oldest_first else columns.listing < query.before)
    order = columns.listing.asc() if query.oldest_first else columns.listing.desc()
    return select(*wanted).where(*filters).order_by(order)


def _of_content(query: DeclarationQuery) -> list[ColumnElement[bool]]:
    """What the filter says of what a declaration holds, and of what was found of it."""
    columns = DECLARATIONS.c
    filters: list[ColumnElement[bool]] = []
    if query.number is not None:
        filters.append(columns.application_number == query.number)
    if query.finding is not None:
        filters.append(columns.finding_codes.contains([query.finding]))
    if query.blocked is not None:
        filters.append(columns.is_blocked.is_(query.blocked))
    if query.words:
        filters.append(_holds(query.words))
    return filters


def _of_course(query: DeclarationQuery) -> list[ColumnElement[bool]]:
    """What the filter says of where a declaration came from and stands."""
    columns = DECLARATIONS.c
    filters: list[ColumnElement[bool]] = []
    if query.states:
        filters.append(columns.state.in_(query.states))
    if query.import_id is not None:
        filters.append(columns.import_id == query.import_id)
    if query.was_sent is not None:
        filters.append((columns.version > 0).is_(query.was_sent))
    if query.overdue_on is not None:
        filters.append(columns.correction_due < query.overdue_on)
    return filters


def _holds(words: str) -> ColumnElement[bool]:
    columns = DECLARATIONS.c
    return or_(
        columns.application_number.icontains(words, autoescape=True),
        columns.title.icontains(words, autoescape=True),
        cast(columns.holder_names, Text).icontains(words, autoescape=True),
    )


def _finding_lines(row: Row[Any]) -> list[tuple[str, ...]]:
    return [
        (
            str(row.listing),
            row.application_number,
            row.state,
            found["severity"],
            found["code"],
            found["pointer"],
            f"{found['message']['zh']} / {found['message']['en']}",
            f"{found['hint']['zh']} / {found['hint']['en']}",
            found["source"],
        )
        for found in row.findings
    ]


def _csv_lines(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([[safe_cell(cell) for cell in line] for line in lines])
    return text.getvalue()
