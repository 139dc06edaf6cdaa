"""The projection from the stored log once more: for proofs, repairs and newer readers.

The log's entries and the statements' bytes are kept; what was made of them is made again with the
same fold, signatures included. A rebuilt projection equals the old one, or the old one was wrong.
"""

from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.apply_statements import (
    FORGET_ERASED,
    REREAD_ENTRIES,
    SETTLE_LEFT_OUT,
)
from shared_platform.catalogue.bulk import run
from shared_platform.catalogue.entry_rows import entry_row
from shared_platform.catalogue.head_store import (
    load_directory,
    load_heads,
    store_heads,
    store_objects,
    store_quarantined,
)
from shared_platform.catalogue.log_position import (
    CATALOGUE_CHANNEL,
    lock_position,
    read_position,
)
from shared_platform.catalogue.tables import (
    DECISIONS,
    catalogue_cursor,
    catalogue_listing,
    catalogue_touched,
    log_entry,
    quarantined_entry,
    statement_object,
)
from shared_platform.database.signals import signal
from shared_schema.catalogue_fold import (
    fold,
    mark_left_out,
    prove_claims,
    read_claims,
    read_entries,
)
from shared_schema.key_directory import KeyDirectory

_BATCH: Final = 1_000
_DELIVERED: Final = (
    select(
        log_entry.c.serial,
        log_entry.c.leaf,
        func.coalesce(quarantined_entry.c.object, statement_object.c.envelope).label("object"),
        func.coalesce(statement_object.c.left_out, False).label("left_out"),
    )
    .outerjoin(statement_object, statement_object.c.object_hash == log_entry.c.object_hash)
    .outerjoin(quarantined_entry, quarantined_entry.c.serial == log_entry.c.serial)
    .order_by(log_entry.c.serial)
)
_STANDING: Final = union_all(
    select(catalogue_listing.c.object_hash), select(catalogue_listing.c.terms_object)
)
# Rows as they are compared: positions and verdicts, not when or in what words they were noted.
# A copy that began with a snapshot lacks statements that were replaced: those that stand count.
_COMPARED: Final[tuple[tuple[Table, tuple[str | ColumnElement[Any], ...]], ...]] = (
    (log_entry, tuple(log_entry.c.keys())),
    (
        statement_object,
        (
            "object_hash",
            case(
                (statement_object.c.object_hash.in_(_STANDING), statement_object.c.envelope)
            ).label("envelope"),
            "erased_at",
        ),
    ),
    (catalogue_listing, tuple(catalogue_listing.c.keys())),
    (quarantined_entry, ("serial", "code")),
    (catalogue_cursor, ("id", "size", "compact_range", "root")),
)


async def catalogue_digest(session: AsyncSession) -> str:
    """SHA-256 over all rows in the order of their keys: equal digests are equal copies."""
    digest = sha256()
    for table, names in _COMPARED:
        columns = [table.c[name] if isinstance(name, str) else name for name in names]
        found = await session.stream(select(*columns).order_by(*table.primary_key))
        digest.update(table.name.encode() + b"\n")
        async for row in found:
            digest.update(orjson.dumps(list(row), default=_plain) + b"\n")
    return digest.hexdigest()


def _plain(value: object) -> str:
    """Bytes and the driver's own UUID, which orjson does not know."""
    return value.hex() if isinstance(value, bytes) else str(value)


async def rebuild_projection(session: AsyncSession) -> int:
    """Make listings and quarantine anew from the stored log; the number of entries folded.

    Holds the position, so nothing is applied meanwhile. Readers see the old rows until the commit.
    """
    position = await lock_position(session)
    await session.execute(delete(catalogue_listing))
    await _touch(session, None)
    directory = KeyDirectory()
    for first in range(0, position.size, _BATCH):
        within = log_entry.c.serial.between(first, first + _BATCH - 1)
        directory = await _refold(session, _DELIVERED.where(within), directory)
    if position.unsettled is None:
        await session.execute(SETTLE_LEFT_OUT)
    return position.size


async def rebuild_listing(session: AsyncSession, listing: UUID) -> None:
    """Make one listing anew, when bytes that were missing have come or wrong ones were erased.

    The position must be held in this transaction.
    """
    await session.execute(delete(catalogue_listing).where(catalogue_listing.c.listing == listing))
    await _touch(session, listing)
    concerns = or_(log_entry.c.listing == listing, text(DECISIONS))
    await _refold(session, _DELIVERED.where(concerns), await load_directory(session), only=listing)
    if (await read_position(session)).unsettled is None:
        await session.execute(SETTLE_LEFT_OUT, {"listing": listing})


async def _touch(session: AsyncSession, listing: UUID | None) -> None:
    await session.execute(insert(catalogue_touched).values(listing=listing))
    await signal(session, CATALOGUE_CHANNEL)


async def _refold(
    session: AsyncSession,
    wanted: Select[Any],
    directory: KeyDirectory,
    *,
    only: UUID | None = None,
) -> KeyDirectory:
    rows = (await session.execute(wanted)).all()
    entries, after = read_entries([tuple(row[:3]) for row in rows], directory)
    entries = mark_left_out(entries, {row.serial for row in rows if row.left_out})
    heads = await load_heads(session, entries) if only is None else {}
    folded = fold(entries, prove_claims(read_claims(entries, after)), heads)
    serials = [read.serial for read in entries]
    await session.execute(delete(quarantined_entry).where(quarantined_entry.c.serial.in_(serials)))
    await store_heads(session, tuple(folded.changed.values()))
    await store_objects(session, folded.judged)
    await store_quarantined(session, folded.judged)
    await session.execute(FORGET_ERASED)
    await run(session, REREAD_ENTRIES, [entry_row(each) for each in folded.judged])
    return after
