"""Write and read the audit trail, in the transaction of what is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.tables import audit_record
from shared_schema.instants import Instant

SERVICE = "service"  # the actor where no person and no node acted


@dataclass(frozen=True, slots=True)
class Subject:
    """What was acted upon, as in `Subject("node", "gd-exchange")`."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Record:
    """One act to record. `facts` hold no personal data beyond account names."""

    act: StrEnum
    subject: Subject
    by: str
    facts: Mapping[str, Any] = field(default_factory=dict)


async def record(session: AsyncSession, *records: Record, now: Instant) -> None:
    """Add the records in one statement."""
    if not records:
        return
    await session.execute(
        insert(audit_record),
        [
            {
                "at": now,
                "actor": one.by,
                "act": one.act.value,
                "subject_kind": one.subject.kind,
                "subject": one.subject.id,
                "facts": dict(one.facts),
            }
            for one in records
        ],
    )


async def records_of(
    session: AsyncSession, subject: Subject, *, after: int = 0, limit: int = 100
) -> Sequence[Row[Any]]:
    """The records of one subject, oldest first, from the one after id `after`."""
    found = await session.execute(
        select(audit_record)
        .where(
            audit_record.c.subject_kind == subject.kind,
            audit_record.c.subject == subject.id,
            audit_record.c.id > after,
        )
        .order_by(audit_record.c.id)
        .limit(limit)
    )
    return found.all()
