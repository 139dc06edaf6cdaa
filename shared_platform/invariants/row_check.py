"""Checks that the database answers by itself: a query of what contradicts, and a count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.invariants.verdict import Breach, Verdict

MOST: Final = 1_000
"""Breaches read of one query; who has more reads the first ones first."""


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One contradiction as SQL: `finds` selects one text column that names the row."""

    code: str
    finds: str


@dataclass(frozen=True, slots=True)
class RowChecks:
    """An invariant's queries; `counts` are the tables whose rows they look at."""

    invariant: str
    counts: tuple[str, ...]
    checks: Sequence[RowCheck]
    reads: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)


async def check_rows(session: AsyncSession, rows: RowChecks) -> Verdict:
    """Run the queries; the database streams through its tables, nothing is held here."""
    breaches: list[Breach] = []
    for check in rows.checks:
        query = text(f"SELECT found.* FROM ({check.finds}) AS found LIMIT {MOST}")  # noqa: S608 - ours
        found = await session.scalars(query, dict(rows.given))
        breaches += [Breach(check.code, str(one)) for one in found]
    checked = 0
    for table in rows.counts:
        counted = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
        checked += await session.scalar(counted) or 0
    reads = (*rows.counts, *rows.reads)
    return Verdict(rows.invariant, reads, checked, tuple(breaches))
