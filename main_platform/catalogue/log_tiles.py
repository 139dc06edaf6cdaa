"""The log's tiles and bundles as rows: grown with each batch, read for requests and proofs."""

from collections.abc import Iterable, Sequence
from typing import Final

import zstandard
from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import LogBundleRow, LogTileRow
from shared_platform.catalogue.tables import log_entry
from shared_schema.log_proof import ProofPlan
from shared_schema.merkle import HASH_BYTES, CompletedNode, ReadNode
from shared_schema.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    TileReader,
    bundles_to_write,
    grow_tiles,
    write_bundle,
)

BUNDLE_LEVEL: Final = 9  # written once, read by every new node
_new_tiles = insert(LogTileRow)
_GROW_TILES: Final = _new_tiles.on_conflict_do_update(
    index_elements=["level", "n"], set_={"hashes": _new_tiles.excluded.hashes}
)


async def store_tiles(
    session: AsyncSession, old_size: int, new_size: int, *, completed: Iterable[CompletedNode]
) -> None:
    """Write the tiles that changed; the caller holds the head's lock."""
    former = await read_tiles(session, _partial_tiles(old_size))
    grown = grow_tiles(old_size, new_size, completed=completed, previous=former.__getitem__)
    rows = {
        (tile.level, tile.index): {"level": tile.level, "n": tile.index, "hashes": hashes}
        for tile, hashes in grown
    }
    await session.execute(_GROW_TILES, list(rows.values()))


async def store_bundles(
    session: AsyncSession, old_size: int, new_size: int, *, leaves: Sequence[bytes]
) -> None:
    """Write the bundles that became full; `leaves` are the entries from `old_size` onwards."""
    full = [bundle for bundle in bundles_to_write(old_size, new_size) if bundle.is_full]
    if not full:
        return
    first = full[0].index * TILE_WIDTH
    entries = [*await read_leaves(session, first, old_size), *leaves]
    compressor = zstandard.ZstdCompressor(level=BUNDLE_LEVEL)
    rows = []
    for bundle in full:
        start = bundle.index * TILE_WIDTH - first
        raw = write_bundle(entries[start : start + TILE_WIDTH])
        rows.append({"n": bundle.index, "zstd": compressor.compress(raw)})
    await session.execute(insert(LogBundleRow), rows)


async def read_tiles(session: AsyncSession, tiles: Iterable[Tile]) -> dict[Tile, bytes]:
    """The bytes of these tiles, as wide as they are named: a narrower tile begins a wider one."""
    wanted = list(tiles)
    if not wanted:
        return {}
    places = tuple_(LogTileRow.level, LogTileRow.n)
    found = await session.execute(
        select(LogTileRow.level, LogTileRow.n, LogTileRow.hashes).where(
            places.in_({(tile.level, tile.index) for tile in wanted})
        )
    )
    stored = {(level, n): hashes for level, n, hashes in found}
    return {
        tile: stored[tile.level, tile.index][: tile.width * HASH_BYTES]
        for tile in wanted
        if (tile.level, tile.index) in stored
    }


async def read_leaves(session: AsyncSession, first: int, end: int) -> list[bytes]:
    """The exact bytes of the entries `first` to `end - 1`."""
    serial = log_entry.c.serial
    found = await session.scalars(
        select(log_entry.c.leaf).where(serial >= first, serial < end).order_by(serial)
    )
    return list(found)


async def read_nodes(session: AsyncSession, plan: ProofPlan, *, size: int) -> ReadNode:
    """What gives the plan's nodes in the tree of `size`: its tiles are read in one statement."""
    places = TileReader(size, dict[Tile, bytes]().__getitem__)
    wanted = {places.tile_of(*node) for nodes in plan for node in nodes}
    fetched = await read_tiles(session, wanted)
    return TileReader(size, fetched.__getitem__).node


def _partial_tiles(size: int) -> list[Tile]:
    """The rightmost tile of each level where it is not full."""
    tiles: list[Tile] = []
    level, width = 0, size
    while width:
        if width % TILE_WIDTH:
            tiles.append(Tile(level, width // TILE_WIDTH, width % TILE_WIDTH))
        level, width = level + 1, width >> TILE_HEIGHT
    return tiles
