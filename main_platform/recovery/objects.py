"""Statements that the backup holds although the sender of their entries does not."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.locks import among
from main_platform.intake.tables import SubmissionRow
from shared_schema.catalogue_state import is_change
from shared_schema.log_entry import EntryInvalid, read_entry
from shared_schema.log_page import PageEntry


async def known_objects(session: AsyncSession, entries: Sequence[PageEntry]) -> dict[int, bytes]:
    """By serial, the envelopes of entries that came without one; erased ones stay away."""
    bare = {one.serial: _named(one) for one in entries if one.object_bytes is None}
    wanted = {name for name in bare.values() if name}
    if not wanted:
        return {}
    row = SubmissionRow
    found = await session.execute(
        select(row.object_hash, row.envelope).where(
            among(row.object_hash, wanted), row.erased_at.is_(None)
        )
    )
    envelopes = {name: envelope for name, envelope in found}  # noqa: C416 - rows, not pairs
    return {serial: envelopes[name] for serial, name in bare.items() if name in envelopes}


def _named(entry: PageEntry) -> str | None:
    try:
        read = read_entry(entry.leaf)
    except EntryInvalid:
        return None
    return read.object_hash if is_change(read) else None
