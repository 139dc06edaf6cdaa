"""Applying checked entries to the tables: a few statements a page, whatever the catalogue's size.

The caller holds the position (`log_position.lock_position`) in the same transaction and stores the
new one there, so that a crash leaves the page before or the page after, never half of one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.apply_statements import (
    EMPTY_QUARANTINED,
    ERASE_OBJECTS,
    FORGET_ERASED,
    INSERT_ENTRIES,
)
from shared_platform.catalogue.bulk import Rows, run
from shared_platform.catalogue.entry_rows import entry_row, needs_newer_reader
from shared_platform.catalogue.head_store import (
    load_heads,
    raw_hashes,
    store_heads,
    store_objects,
    store_quarantined,
)
from shared_platform.catalogue.rebuild import rebuild_listing
from shared_schema.catalogue_fold import (
    Folded,
    ReadEntry,
    fold,
    prove_claims,
    read_claims,
    read_entries,
)
from shared_schema.catalogue_state import ListingHead
from shared_schema.entry_check import Checked
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
    heads = await load_heads(session, page.entries)
    folded = fold(page.entries, page.statements, heads)
    changed = tuple(folded.changed.values())
    await run(session, INSERT_ENTRIES, [entry_row(each) for each in folded.judged])
    await store_objects(session, folded.judged)
    await store_heads(session, changed)
    await store_quarantined(session, folded.judged)
    await _erase(session, folded)
    return Applied(
        entries=len(folded.judged),
        quarantined=sum(each.checked.quarantine is not None for each in folded.judged),
        needs_newer_reader=sum(needs_newer_reader(each) for each in folded.judged),
        changed=changed,
    )


async def _erase(session: AsyncSession, folded: Folded) -> None:
    """Delete erased bytes wherever they are, and take back the report that they were missing.

    A listing whose statement was found wrong is made anew without it: copies that come later never
    see those bytes, and all copies must be equal.
    """
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
    await session.execute(FORGET_ERASED)
    wrong = await session.scalars(EMPTY_QUARANTINED, {"hashes": raw_hashes(erased)})
    for listing in set(wrong.all()):
        await rebuild_listing(session, listing)
