"""Recompute the log's tree from the entries' bytes and compare what is stored of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import zstandard
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import LogHead
from main_platform.catalogue.log_tiles import read_tiles
from main_platform.catalogue.tables import LogBundleRow, LogHeadRow, LogTileRow
from main_platform.catalogue.violation import Violation
from shared_schema.anchor import FederationAnchor
from shared_schema.log_following import LogPosition
from shared_schema.log_keys import LogKeys, open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import HASH_BYTES, CompactRange, leaf_hash
from shared_schema.tiles import MAX_BUNDLE_BYTES, TILE_WIDTH, Tile, grow_tiles, write_bundle

PAGE_ENTRIES: Final = 4 * TILE_WIDTH
"""Entries of one step. Bundles must not straddle steps."""


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """By what the stored checkpoint is believed: the hub's anchor, and the keys of its log."""

    anchor: FederationAnchor
    keys: LogKeys


class TreeCheck:
    """Grows the tree page by page beside the stored one."""

    def __init__(self, session: AsyncSession, head: LogHead, by: TrustedKeys) -> None:
        self._session = session
        self._head = head
        self._by = by
        self._range = CompactRange()
        self._signed_root: bytes | None = None
        self._partial: dict[tuple[int, int], bytes] = {}
        self._tiles = 0

    async def page(self, leaves: Sequence[bytes]) -> list[Violation]:
        """Add the next entries; all pages but the last have `PAGE_ENTRIES`."""
        before = self._range
        hashes = [leaf_hash(leaf) for leaf in leaves]
        within = self._head.checkpoint_size - before.size
        if 0 < within <= len(hashes):
            self._signed_root = before.extend(hashes[:within])[0].root()
        self._range, completed = before.extend(hashes)
        grown = dict(
            grow_tiles(before.size, self._range.size, completed=completed, previous=self._former)
        )
        for tile in grown:
            self._partial.pop((tile.level, tile.index), None)
        full = {tile: hashes for tile, hashes in grown.items() if tile.is_full}
        self._partial |= {(t.level, t.index): raw for t, raw in grown.items() if not t.is_full}
        found = await self._compare_tiles(full)
        return found + await self._compare_bundles(before.size, leaves)

    async def finish(self, cursor: LogPosition) -> list[Violation]:
        """Compare the rightmost tiles, the head, the projection's cursor and the checkpoint."""
        last = {
            Tile(level, index, len(raw) // HASH_BYTES): raw
            for (level, index), raw in self._partial.items()
        }
        found = await self._compare_tiles(last)
        found += await self._compare_counts()
        root = await self._session.scalar(select(LogHeadRow.root))
        if self._range != self._head.range or root != self._range.root():
            found.append(Violation("head.root", f"recomputed {self._range.root().hex()}"))
        if cursor.range != self._range:
            found.append(Violation("cursor.root", f"at {cursor.size} of {self._range.size}"))
        return [*found, *self._checkpoint()]

    def _former(self, tile: Tile) -> bytes:
        return self._partial[tile.level, tile.index][: tile.width * HASH_BYTES]

    def _checkpoint(self) -> Iterator[Violation]:
        head = self._head
        if head.checkpoint is None:
            yield Violation("checkpoint.missing", "nothing was signed")
            return
        if head.checkpoint_size != self._range.size:
            yield Violation("checkpoint.behind", f"{head.checkpoint_size} of {self._range.size}")
        try:
            opened = open_log_checkpoint(head.checkpoint, self._by.anchor, keys=self._by.keys)
            signed = opened.checkpoint
        except LogRefused as refused:
            yield Violation("checkpoint.signature", refused.code)
            return
        if (signed.size, signed.root) != (head.checkpoint_size, self._signed_root):
            yield Violation("checkpoint.root", f"signed {signed.size} {signed.root.hex()}")

    async def _compare_tiles(self, expected: dict[Tile, bytes]) -> list[Violation]:
        self._tiles += len(expected)
        whole = {tile: Tile(tile.level, tile.index) for tile in expected}  # all that is stored
        stored = await read_tiles(self._session, whole.values())
        return [
            Violation("tile.differs" if whole[tile] in stored else "tile.missing", tile.path)
            for tile, hashes in expected.items()
            if stored.get(whole[tile]) != hashes
        ]

    async def _compare_bundles(self, first: int, leaves: Sequence[bytes]) -> list[Violation]:
        index = LogBundleRow.n
        start, end = first // TILE_WIDTH, (first + len(leaves)) // TILE_WIDTH
        found = await self._session.execute(
            select(index, LogBundleRow.zstd).where(index >= start, index < end)
        )
        stored = {n: zstd for n, zstd in found}  # noqa: C416 - rows, not pairs
        return [
            Violation("bundle.differs" if n in stored else "bundle.missing", str(n))
            for n in range(start, end)
            if _unpacked(stored.get(n)) != write_bundle(_cut(leaves, n - start))
        ]

    async def _compare_counts(self) -> list[Violation]:
        """Rows that no recomputed tile or bundle asked for."""
        tiles = await self._session.scalar(select(func.count()).select_from(LogTileRow))
        bundles = await self._session.scalar(select(func.count()).select_from(LogBundleRow))
        wanted = self._range.size // TILE_WIDTH
        found = []
        if (tiles or 0) > self._tiles:
            found.append(Violation("tile.extra", f"{tiles} instead of {self._tiles}"))
        if (bundles or 0) > wanted:
            found.append(Violation("bundle.extra", f"{bundles} instead of {wanted}"))
        return found


def _cut(leaves: Sequence[bytes], place: int) -> Sequence[bytes]:
    return leaves[place * TILE_WIDTH : (place + 1) * TILE_WIDTH]


def _unpacked(zstd: bytes | None) -> bytes | None:
    if zstd is None:
        return None
    try:
        return zstandard.ZstdDecompressor().decompress(zstd, max_output_size=MAX_BUNDLE_BYTES)
    except zstandard.ZstdError:
        return None
