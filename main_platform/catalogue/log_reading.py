"""Everything a checkpoint signs, as the public reads it: pages, tiles, bundles, statements, proofs.

`size` is always that of a signed checkpoint or smaller; what lies beyond is not shown.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.errors import BeyondLog, NoSuchObject, ObjectGone
from main_platform.catalogue.log_tiles import read_leaves, read_nodes, read_tiles
from main_platform.catalogue.log_view import SignedLog
from main_platform.catalogue.tables import LogBundleRow
from shared_platform.catalogue.tables import statement_object
from shared_schema.log_page import MAX_PAGE_BYTES, PageEntry, write_page
from shared_schema.log_proof import (
    consistency_plan,
    consistency_proof,
    inclusion_plan,
    inclusion_proof,
)
from shared_schema.proof_text import OfflineProof, write_offline_proof, write_proof
from shared_schema.tiles import TILE_HEIGHT, TILE_WIDTH, Bundle, Tile, write_bundle

# Base64 makes four bytes of three. The sum is over lengths only, so no statement is read in vain.
_PAGE: Final = text(
    "SELECT serial, leaf, envelope FROM ("
    " SELECT entry.serial, entry.leaf,"
    " CASE WHEN :bodies THEN object.envelope END AS envelope,"
    " sum(64 + (octet_length(entry.leaf) + CASE WHEN :bodies"
    " THEN coalesce(octet_length(object.envelope), 0) ELSE 0 END) * 4 / 3)"
    " OVER (ORDER BY entry.serial) AS weight"
    " FROM log_entry AS entry"
    " LEFT JOIN statement_object AS object ON object.object_hash = entry.object_hash"
    " WHERE entry.serial >= :first AND entry.serial < :end"
    ") AS weighed WHERE weight <= :bytes OR serial = :first ORDER BY serial"
)
_OBJECT: Final = select(statement_object.c.envelope).where(
    statement_object.c.object_hash == bindparam("digest")
)


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A delta page: from which serial, how many entries, with their statements or without."""

    first: int
    limit: int
    bodies: bool


async def read_log_page(
    sessions: async_sessionmaker[AsyncSession], wanted: PageWanted, *, size: int
) -> bytes:
    """The page's bytes, at most 8 MiB; an empty page at the end of the log asks nobody."""
    if wanted.first >= size:
        return write_page(wanted.first, (), tree_size=size)
    parameters = {
        "first": wanted.first,
        "end": min(wanted.first + wanted.limit, size),
        "bodies": wanted.bodies,
        "bytes": MAX_PAGE_BYTES,
    }
    async with sessions() as session:
        found = (await session.execute(_PAGE, parameters)).all()
    entries = (PageEntry(serial, leaf, envelope) for serial, leaf, envelope in found)
    return await asyncio.to_thread(write_page, wanted.first, entries, tree_size=size)


async def read_hash_tile(session: AsyncSession, tile: Tile, *, size: int) -> bytes:
    """The tile's bytes.

    Raises:
        BeyondLog: the signed log has not filled the tile so far.
    """
    present = (size >> TILE_HEIGHT * tile.level) - tile.index * TILE_WIDTH
    found = await read_tiles(session, [tile]) if tile.width <= present else {}
    if tile not in found:
        raise BeyondLog(detail=f"日志为 {size} 条 / the log has {size} entries")
    return found[tile]


async def read_entry_bundle(session: AsyncSession, bundle: Bundle, *, size: int) -> bytes:
    """The bundle's bytes, not compressed.

    Raises:
        BeyondLog: the signed log has not filled the bundle so far.
    """
    first = bundle.index * TILE_WIDTH
    if first + bundle.width > size:
        raise BeyondLog(detail=f"日志为 {size} 条 / the log has {size} entries")
    return write_bundle(await read_leaves(session, first, first + bundle.width))


async def read_stored_bundle(session: AsyncSession, bundle: Bundle, *, size: int) -> bytes | None:
    """A full bundle as it was compressed once (zstd); None for a partial one."""
    if not bundle.is_full or (bundle.index + 1) * TILE_WIDTH > size:
        return None
    row = await session.get(LogBundleRow, bundle.index)
    return None if row is None else row.zstd


async def read_object(session: AsyncSession, digest: bytes) -> bytes:
    """The statement's exact bytes.

    Raises:
        NoSuchObject: no entry names this hash.
        ObjectGone: it was erased.
    """
    found = await session.execute(_OBJECT, {"digest": digest})
    row = found.one_or_none()
    if row is None:
        raise NoSuchObject
    if row.envelope is None:
        raise ObjectGone
    envelope: bytes = row.envelope
    return envelope


async def prove_inclusion(session: AsyncSession, serial: int, *, size: int) -> bytes:
    """The bare proof for an entry in the tree of `size`, which must not exceed the signed log.

    Raises:
        ProofInvalid: the entry is not in that tree.
    """
    node = await read_nodes(session, inclusion_plan(serial, size), size=size)
    return write_proof(inclusion_proof(serial, size, node)).encode()


async def prove_inclusion_offline(session: AsyncSession, serial: int, log: SignedLog) -> bytes:
    """The proof with the newest checkpoint in it, to be checked without asking anybody.

    Raises:
        ProofInvalid: the entry is not in the signed log.
    """
    node = await read_nodes(session, inclusion_plan(serial, log.size), size=log.size)
    hashes = inclusion_proof(serial, log.size, node)
    return write_offline_proof(OfflineProof(serial, hashes, log.note))


async def prove_growth(session: AsyncSession, first: int, second: int) -> bytes:
    """The bare consistency proof between two sizes of the signed log.

    Raises:
        ProofInvalid: a size is 0, or the second is smaller.
    """
    node = await read_nodes(session, consistency_plan(first, second), size=second)
    return write_proof(consistency_proof(first, second, node)).encode()
