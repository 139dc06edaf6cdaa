"""Listing heads, verdicts and the key directory in the tables: loading and storing them."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.apply_statements import (
    DIRECTORY,
    HEADS_BY_ID,
    HEADS_BY_TERMS,
    INSERT_OBJECTS,
    INSERT_QUARANTINED,
    UPDATE_STATES,
    UPSERT_LISTINGS,
)
from shared_platform.catalogue.bulk import Rows, run
from shared_platform.catalogue.entry_rows import object_row, quarantine_row
from shared_platform.catalogue.listing_rows import all_columns, head_of, state_columns
from shared_schema.catalogue_fold import JudgedEntry, ReadEntry, read_entries
from shared_schema.catalogue_state import ListingHead, listings_named
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import ObjectErased


async def load_heads(
    session: AsyncSession, entries: Sequence[ReadEntry]
) -> dict[UUID, ListingHead]:
    """The heads that the entries may change, by the ids they name and the terms they erase."""
    known = [each.entry for each in entries if each.entry is not None]
    named = {listing for entry in known for listing in listings_named(entry)}
    erased = {entry.object_hash for entry in known if isinstance(entry, ObjectErased)}
    heads: dict[UUID, ListingHead] = {}
    if named:
        found = await session.execute(HEADS_BY_ID, {"listing": list(named)})
        heads |= {row.listing: head_of(row) for row in found}
    if erased:
        found = await session.execute(HEADS_BY_TERMS, {"terms": raw_hashes(erased)})
        heads |= {row.listing: head_of(row) for row in found}
    return heads


async def store_heads(session: AsyncSession, heads: Collection[ListingHead]) -> None:
    """Write the heads; those without loaded terms keep the terms that are stored."""
    whole: Rows = [all_columns(head, head.terms) for head in heads if head.terms is not None]
    states: Rows = [state_columns(head) for head in heads if head.terms is None]
    await run(session, UPSERT_LISTINGS, whole)
    await run(session, UPDATE_STATES, states)


async def store_quarantined(session: AsyncSession, judged: Iterable[JudgedEntry]) -> None:
    """Write down which entries were set aside, and why."""
    await run(session, INSERT_QUARANTINED, present(map(quarantine_row, judged)))


async def store_objects(session: AsyncSession, judged: Iterable[JudgedEntry]) -> None:
    """Keep the statements' bytes; those erased before stay erased."""
    rows = present(map(object_row, judged))
    distinct = {row["object_hash"]: row for row in rows}  # an upsert must not meet one twice
    await run(session, INSERT_OBJECTS, list(distinct.values()))


async def load_directory(session: AsyncSession) -> KeyDirectory:
    """The key directory, folded from the stored entries about nodes and keys."""
    found = await session.execute(DIRECTORY)
    delivered = [(serial, leaf, None) for serial, leaf in found]
    return read_entries(delivered, KeyDirectory())[1]


def present(rows: Iterable[dict[str, object] | None]) -> Rows:
    """The rows there are."""
    return [row for row in rows if row is not None]


def raw_hashes(hashes: Iterable[str]) -> list[bytes]:
    """Hashes as the tables hold them."""
    return [bytes.fromhex(name) for name in hashes]
