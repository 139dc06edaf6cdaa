"""Tiles: the log's hashes and entries as immutable files (c2sp.org/tlog-tiles).

A tile of level L holds up to 256 neighbouring node hashes of tree level 8 × L; a bundle holds the
entries under one level-0 tile. Full ones never change. The rightmost of each level is partial,
named by its width, and replaced by a wider one as the log grows.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import HASH_BYTES, CompletedNode, node_hash

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
MAX_TILE_LEVEL: Final = 63
MAX_TILE_INDEX: Final = 2**63 // TILE_WIDTH
MAX_ENTRY_BYTES: Final = 65_535
MAX_BUNDLE_BYTES: Final = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|[0-9]{1,2})/(?P<groups>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[0-9]{1,3}))?",
    re.ASCII,
)
_BAD_PATH: Final = ("tile.path", "不是瓦片路径", "this is not the path of a tile")


class TileInvalid(LogRefused):
    """A path names no tile, or the bytes are not the tile they should be."""

    source = "c2sp.org/tlog-tiles"


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The name of a tile of hashes. `width` is 256 for a full one."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        """Refuse what has no path.

        Raises:
            TileInvalid: level, index or width is out of range.
        """
        _check_place(self.level, self.index, self.width)

    @property
    def path(self) -> str:
        """The path below the log's prefix, as in `tile/0/x001/234.p/5`."""
        return f"tile/{self.level}/{_format_place(self.index, self.width)}"

    @property
    def is_full(self) -> bool:
        """Whether the tile can never change any more."""
        return self.width == TILE_WIDTH


@dataclass(frozen=True, slots=True, order=True)
class Bundle:
    """The name of a bundle of entries, `index * 256` onwards. `width` is 256 for a full one."""

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        """Refuse what has no path.

        Raises:
            TileInvalid: index or width is out of range.
        """
        _check_place(0, self.index, self.width)

    @property
    def path(self) -> str:
        """The path below the log's prefix, as in `tile/entries/x001/234.p/5`."""
        return f"tile/entries/{_format_place(self.index, self.width)}"

    @property
    def is_full(self) -> bool:
        """Whether the bundle can never change any more."""
        return self.width == TILE_WIDTH


FetchTile = Callable[[Tile], bytes]
"""Gives a tile's bytes; they need not be trusted, proofs and roots made from them are checked."""


def parse_tile_path(path: str) -> Tile | Bundle:
    """Read a path below the log's prefix; each tile and bundle has exactly one.

    Raises:
        TileInvalid: the path is not spelled as `path` spells it.
    """
    match = _PATH.fullmatch(path)
    if match is None:
        raise TileInvalid(*_BAD_PATH)
    index = int(match["groups"].replace("/", "").replace("x", ""))
    width = int(match["width"]) if match["width"] else TILE_WIDTH
    if match["level"] == "entries":
        found: Tile | Bundle = Bundle(index, width)
    else:
        found = Tile(int(match["level"]), index, width)
    if found.path != path:
        raise TileInvalid(*_BAD_PATH)
    return found


def tiles_to_write(old_size: int, new_size: int) -> Iterator[Tile]:
    """The tiles that change when the log grows, level by level, left to right.

    Full tiles come once, when they fill; the last partial tile of a level comes in its new width.
    """
    level, old, new = 0, old_size, new_size
    while old < new:
        for index in range(old // TILE_WIDTH, new // TILE_WIDTH):
            yield Tile(level, index)
        if new % TILE_WIDTH:
            yield Tile(level, new // TILE_WIDTH, new % TILE_WIDTH)
        level, old, new = level + 1, old // TILE_WIDTH, new // TILE_WIDTH


def bundles_to_write(old_size: int, new_size: int) -> Iterator[Bundle]:
    """The entry bundles that change when the log grows, left to right."""
    for tile in tiles_to_write(old_size, new_size):
        if tile.level:
            return
        yield Bundle(tile.index, tile.width)


def grow_tiles(
    old_size: int, new_size: int, *, completed: Iterable[CompletedNode], previous: FetchTile
) -> Iterator[tuple[Tile, bytes]]:
    """The changed tiles with their bytes.

    `completed` is what `CompactRange.extend` completed on the way; `previous` is asked only for the
    partial tiles of the old size, at most one per level.

    Raises:
        TileInvalid: a previous tile does not have its width.
    """
    rows: dict[int, dict[int, bytes]] = {}
    for level, index, found in completed:
        if level % TILE_HEIGHT == 0:
            rows.setdefault(level // TILE_HEIGHT, {})[index] = found
    for tile in tiles_to_write(old_size, new_size):
        row, first = rows[tile.level], tile.index * TILE_WIDTH
        kept = max((old_size >> TILE_HEIGHT * tile.level) - first, 0)
        hashes = [row[place] for place in range(first + kept, first + tile.width)]
        if kept:
            former = Tile(tile.level, tile.index, kept)
            hashes[:0] = read_tile(previous(former), width=kept)
        yield tile, write_tile(hashes)


def write_tile(hashes: Sequence[bytes]) -> bytes:
    """The tile's bytes: its hashes one after another."""
    return b"".join(hashes)


def read_tile(raw: bytes, *, width: int) -> tuple[bytes, ...]:
    """The hashes of a tile of this width.

    Raises:
        TileInvalid: the bytes have another length.
    """
    if len(raw) != width * HASH_BYTES:
        raise TileInvalid(
            "tile.length", "字节数与宽度不符", "the number of bytes does not fit the width"
        )
    return tuple(raw[cut : cut + HASH_BYTES] for cut in range(0, len(raw), HASH_BYTES))


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """The entries, each after its length as two bytes, big-endian (tlog-tiles, Log entries).

    Raises:
        TileInvalid: more than 256 entries, none, or one above 65,535 bytes.
    """
    _check_width(len(entries))
    if any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise TileInvalid("tile.entry_too_long", "条目过长", "an entry has more than 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(raw: bytes, *, width: int) -> tuple[bytes, ...]:
    """The exact bytes of the `width` entries in a bundle.

    Raises:
        TileInvalid: the bundle is cut, or holds more or fewer entries.
    """
    _check_width(width)
    entries: list[bytes] = []
    position = 0
    while position < len(raw) and len(entries) < width:
        start = position + 2
        position = start + int.from_bytes(raw[position:start], "big")
        entries.append(raw[start:position])
    if position != len(raw) or len(entries) != width:
        raise TileInvalid(
            "tile.bundle", "条目束被截断或条数不符", "the bundle is cut or has another width"
        )
    return tuple(entries)


class TileReader:
    """Reads nodes of a tree of `size` leaves from its tiles, fetching each tile once.

    Its `node` fits wherever a `ReadNode` is wanted.
    """

    def __init__(self, size: int, fetch: FetchTile) -> None:
        self.size = size
        self._fetch = fetch
        self._rows: dict[Tile, tuple[bytes, ...]] = {}

    def tile_of(self, level: int, index: int) -> Tile:
        """The tile that a complete subtree's hash is read from, as wide as the tree has it.

        Raises:
            TileInvalid: the subtree is not complete in this tree.
        """
        if level < 0 or not 0 <= index < self.size >> min(level, 64):
            raise TileInvalid("tile.node", "树中没有这个节点", "the tree has no such node")
        row = level // TILE_HEIGHT
        tile_index = (index << level % TILE_HEIGHT) // TILE_WIDTH
        present = (self.size >> TILE_HEIGHT * row) - tile_index * TILE_WIDTH
        return Tile(row, tile_index, min(present, TILE_WIDTH))

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree, computed from its tile where it stands between levels.

        Raises:
            TileInvalid: the subtree is not complete in this tree, or its tile has a wrong length.
        """
        tile = self.tile_of(level, index)
        height = level % TILE_HEIGHT
        start = (index << height) % TILE_WIDTH
        row = self._read(tile)[start : start + (1 << height)]
        while len(row) > 1:
            row = tuple(map(node_hash, row[::2], row[1::2]))
        return row[0]

    def _read(self, tile: Tile) -> tuple[bytes, ...]:
        if tile not in self._rows:
            self._rows[tile] = read_tile(self._fetch(tile), width=tile.width)
        return self._rows[tile]


def _check_place(level: int, index: int, width: int) -> None:
    _check_width(width)
    if not 0 <= level <= MAX_TILE_LEVEL:
        raise TileInvalid("tile.level", "层号须为 0 至 63", "the level must be 0 to 63")
    if not 0 <= index <= MAX_TILE_INDEX:
        raise TileInvalid("tile.index", "序号超出范围", "the index is out of range")


def _check_width(width: int) -> None:
    if not 1 <= width <= TILE_WIDTH:
        raise TileInvalid("tile.width", "宽度须为 1 至 256", "the width must be 1 to 256")


def _format_place(index: int, width: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[cut : cut + 3] for cut in range(0, len(digits), 3)]
    partial = f".p/{width}" if width < TILE_WIDTH else ""
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]]) + partial
