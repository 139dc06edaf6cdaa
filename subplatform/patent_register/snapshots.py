"""Keep what the register said, so that a check inside a transaction needs no register."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from shared_schema.register_facts import RegisterFacts
from subplatform.patent_register.tables import RegisterSnapshotRow


async def keep_snapshots(
    session: AsyncSession, facts: Mapping[str, RegisterFacts], *, now: Instant
) -> None:
    """Store the readings in one statement; an older reading never replaces a newer one.

    Rows are written in the order of their numbers, so that two writers cannot block each other.
    """
    if not facts:
        return
    wanted = insert(RegisterSnapshotRow)
    newer = wanted.on_conflict_do_update(
        index_elements=[RegisterSnapshotRow.application_number],
        set_={
            "facts": wanted.excluded.facts,
            "as_of": wanted.excluded.as_of,
            "source": wanted.excluded.source,
            "taken_at": wanted.excluded.taken_at,
        },
        where=RegisterSnapshotRow.as_of <= wanted.excluded.as_of,
    )
    rows = [
        {
            "application_number": number,
            "facts": one.model_dump(mode="json", exclude_none=True),
            "as_of": one.as_of,
            "source": one.source,
            "taken_at": now,
        }
        for number, one in sorted(facts.items())
    ]
    await session.execute(newer, rows)


async def kept_facts(session: AsyncSession, numbers: Iterable[str]) -> dict[str, RegisterFacts]:
    """The stored readings of those application numbers; each says of which day it is."""
    wanted = list(numbers)
    found = await session.execute(
        select(RegisterSnapshotRow.application_number, RegisterSnapshotRow.facts).where(
            RegisterSnapshotRow.application_number.in_(wanted)
        )
    )
    return {number: RegisterFacts.model_validate(facts) for number, facts in found}
