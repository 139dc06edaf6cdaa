"""Applying checked entries to the tables: a few statements a page, whatever the catalogue's size.

The caller holds the position (`log_position.lock_position`) in the same transaction and stores the
new one there, so that a crash leaves the page before or the page after, never half of one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.apply_statements import (
    DIRECTORY,
    EMPTY_QUARANTINED,
    ERASE_OBJECTS,
    FORGET_MISSING,
    HEADS_BY_ID,
    HEADS_BY_TERMS,
    INSERT_ENTRIES,
    INSERT_OBJECTS,
    INSERT_QUARANTINED,
    UPDATE_STATES,
    UPSERT_LISTINGS,
)
from shared_platform.catalogue.bulk import Rows, run
from shared_platform.catalogue.entry_rows import (
    entry_row,
    needs_newer_reader,
    object_row,
    quarantine_row,
)
from shared_platform.catalogue.listing_rows import all_columns, head_of, state_columns
from shared_schema.catalogue_fold import (
    Folded,
    ReadEntry,
    fold,
    prove_claims,
    read_claims,
    read_entries,
)
from shared_schema.catalogue_state import ListingHead, listings_named
from shared_schema.entry_check import HARMLESS, Checked
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import ObjectErased

Delivered = tuple[int, bytes, bytes | None]
"""Serial, leaf bytes, and the statement's envelope where one was delivered."""


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """Consecutive entries with their statements checked, and the key directory after them."""

    entries: Sequence[ReadEntry]
    statements: Sequence[Checked]
    directory: KeyDirectory


@dataclass(frozen=True, slots=True)
class Applied:
    """What a page did: entries stored, set aside, beyond this version, and the heads it changed."""

    entries: int
    quarantined: int
    needs_newer_reader: int
    changed: tuple[ListingHead, ...]


def check_page(delivered: Iterable[Delivered], directory: KeyDirectory) -> CheckedPage:
    """Read and check everything that needs no table; processor work, made to run in a thread."""
    entries, after = read_entries(delivered, directory)
    return CheckedPage(entries, prove_claims(read_claims(entries, after)), after)


async def apply_checked(session: AsyncSession, page: CheckedPage) -> Applied:
    """Store the entries and bring every listing they concern up to date.

    Entries must follow those stored without a gap; the primary key refuses a second one.
    """
    heads = await _load_heads(session, page.entries)
    folded = fold(page.entries, page.statements, heads)
    changed = tuple(folded.changed.values())
    await run(session, INSERT_ENTRIES, [entry_row(each) for each in folded.judged])
    await run(session, INSERT_OBJECTS, _distinct(map(object_row, folded.judged)))
    await store_heads(session, changed)
    await run(session, INSERT_QUARANTINED, _present(map(quarantine_row, folded.judged)))
    await _erase(session, folded)
    return Applied(
        entries=len(folded.judged),
        quarantined=sum(each.checked.quarantine is not None for each in folded.judged),
        needs_newer_reader=sum(needs_newer_reader(each) for each in folded.judged),
        changed=changed,
    )


async def store_heads(session: AsyncSession, heads: Collection[ListingHead]) -> None:
    """Write the heads; those without loaded terms keep the terms that are stored."""
    whole: Rows = [all_columns(head, head.terms) for head in heads if head.terms is not None]
    states: Rows = [state_columns(head) for head in heads if head.terms is None]
    await run(session, UPSERT_LISTINGS, whole)
    await run(session, UPDATE_STATES, states)


async def load_directory(session: AsyncSession) -> KeyDirectory:
    """The key directory, folded from the stored entries about nodes and keys."""
    found = await session.execute(DIRECTORY)
    delivered = [(serial, leaf, None) for serial, leaf in found]
    return read_entries(delivered, KeyDirectory())[1]


async def _load_heads(
    session: AsyncSession, entries: Sequence[ReadEntry]
) -> dict[UUID, ListingHead]:
    """The heads that the page may change, by one look-up of the ids it names."""
    known = [each.entry for each in entries if each.entry is not None]
    named = {listing for entry in known for listing in listings_named(entry)}
    erased = {entry.object_hash for entry in known if isinstance(entry, ObjectErased)}
    heads: dict[UUID, ListingHead] = {}
    if named:
        found = await session.execute(HEADS_BY_ID, {"listing": list(named)})
        heads |= {row.listing: head_of(row) for row in found}
    if erased:
        found = await session.execute(HEADS_BY_TERMS, {"terms": _raw(erased)})
        heads |= {row.listing: head_of(row) for row in found}
    return heads


async def _erase(session: AsyncSession, folded: Folded) -> None:
    """Delete erased bytes wherever they are, and take back the report that they were missing."""
    erased = {
        each.read.entry.object_hash: each.read.entry.at
        for each in reversed(folded.judged)
        if isinstance(each.read.entry, ObjectErased)
    }
    if not erased:
        return
    rows: Rows = [
        {"object_hash": bytes.fromhex(name), "envelope": None, "erased_at": at}
        for name, at in erased.items()
    ]
    await run(session, ERASE_OBJECTS, rows)
    await session.execute(FORGET_MISSING, {"hashes": _raw(erased), "harmless": list(HARMLESS)})
    await session.execute(EMPTY_QUARANTINED, {"hashes": _raw(erased)})


def _raw(hashes: Iterable[str]) -> list[bytes]:
    return [bytes.fromhex(name) for name in hashes]


def _present(rows: Iterable[dict[str, object] | None]) -> Rows:
    return [row for row in rows if row is not None]


def _distinct(rows: Iterable[dict[str, object] | None]) -> Rows:
    """One row for each object: an upsert must not meet the same one twice."""
    return list({row["object_hash"]: row for row in _present(rows)}.values())
