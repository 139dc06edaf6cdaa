"""The log's Merkle tree: its hashes, and the compact range from which a root is made.

Hashes follow RFC 6962 §2.1 (RFC 9162 §2.1.1) with SHA-256: a leaf is hashed after the byte 0x00 and
an inner node after 0x01, so that neither can pass for the other.

A node is named by `(level, index)`: level 0 are the leaves, and node `(level, index)` is the root
of the complete subtree over the leaves `index * 2**level` to `(index + 1) * 2**level - 1`. Only
complete subtrees have names; their hashes never change as the log grows.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from itertools import count, repeat
from typing import Final, Self

from shared_schema.log_refusal import LogRefused

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
MAX_TREE_SIZE: Final = 2**63 - 1

_SIZE_BYTES: Final = 8
_MAX_DIGITS: Final = len(str(MAX_TREE_SIZE))
_HASH_LENGTH: Final = (
    "compact_range.hash_length",
    "散列长度须为 32 字节",
    "a hash must have 32 bytes",
)

NodePlace = tuple[int, int]
"""Level and index of a complete subtree."""

CompletedNode = tuple[int, int, bytes]
"""Level, index and hash of a complete subtree."""

ReadNode = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree `(level, index)`."""


class CompactRangeInvalid(LogRefused):
    """A compact range does not hold together: its hashes do not fit its size."""

    source = "RFC 6962 §2.1"


def leaf_hash(entry: bytes) -> bytes:
    """The leaf's hash over the entry's exact bytes (RFC 6962 §2.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def read_size(text: str) -> int | None:
    """A tree size or index as C2SP writes it, or None for anything else.

    ASCII decimal without sign or leading zeros, at most 2^63 - 1.
    """
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        return None
    value = int(text)
    return value if value <= MAX_TREE_SIZE and str(value) == text else None


def complete_subtrees(start: int, end: int) -> list[NodePlace]:
    """The largest complete subtrees that tile the leaves `start` to `end - 1`, left to right.

    At most two for each level, so at most 126 for any tree this module accepts.
    """
    nodes: list[NodePlace] = []
    while start < end:
        fitting = (end - start).bit_length() - 1
        aligned = (start & -start).bit_length() - 1 if start else fitting
        level = min(fitting, aligned)
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def fold_right(hashes: Sequence[bytes]) -> bytes:
    """The root over neighbouring subtrees, largest first, as RFC 6962 §2.1 splits a tree.

    An empty sequence is the empty tree.
    """
    if not hashes:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes[:-1]), hashes[-1])


@dataclass(frozen=True, slots=True)
class CompactRange:
    """What a tree of `size` leaves must remember in order to grow and to tell its root.

    `hashes` are the roots of its complete subtrees, largest (leftmost) first: one for each bit set
    in `size`. Two ranges are equal exactly if size and root are.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse hashes that cannot belong to a tree of this size.

        Raises:
            CompactRangeInvalid: they cannot.
        """
        if not 0 <= self.size <= MAX_TREE_SIZE:
            raise CompactRangeInvalid(
                "compact_range.size", "树大小超出范围", "the tree size is out of range"
            )
        if len(self.hashes) != self.size.bit_count():
            raise CompactRangeInvalid(
                "compact_range.hash_count",
                "散列个数与树大小不符",
                "the number of hashes does not fit the size",
            )
        if any(len(node) != HASH_BYTES for node in self.hashes):
            raise CompactRangeInvalid(*_HASH_LENGTH)

    @classmethod
    def at(cls, size: int, read: ReadNode) -> Self:
        """The range of a stored tree at an earlier or its present size, from its nodes."""
        return cls(size, tuple(read(*node) for node in complete_subtrees(0, size)))

    def root(self) -> bytes:
        """The Merkle tree hash (RFC 6962 §2.1); SHA-256 of nothing for the empty tree."""
        return fold_right(self.hashes)

    def append(self, leaf: bytes) -> "tuple[CompactRange, list[CompletedNode]]":
        """The range with one more leaf hash, and the nodes this completed, the leaf first.

        Raises:
            CompactRangeInvalid: the leaf hash does not have 32 bytes.
        """
        if len(leaf) != HASH_BYTES:
            raise CompactRangeInvalid(*_HASH_LENGTH)
        edge, index, level, found = list(self.hashes), self.size, 0, leaf
        completed: list[CompletedNode] = [(0, index, found)]
        while index & 1:
            found = node_hash(edge.pop(), found)
            index, level = index >> 1, level + 1
            completed.append((level, index, found))
        return CompactRange(self.size + 1, (*edge, found)), completed

    def extend(self, leaves: Iterable[bytes]) -> "tuple[CompactRange, list[CompletedNode]]":
        """The range with more leaf hashes, and all nodes they completed, level by level.

        The leaves themselves are listed too, as level 0. Costs one hash per leaf and one tuple per
        node, whatever the size before.

        Raises:
            CompactRangeInvalid: a leaf hash does not have 32 bytes.
        """
        row = list(leaves)
        if any(len(leaf) != HASH_BYTES for leaf in row):
            raise CompactRangeInvalid(*_HASH_LENGTH)
        size = self.size + len(row)
        edge = dict(zip(_levels(self.size), reversed(self.hashes), strict=True))
        completed: list[CompletedNode] = []
        kept: list[bytes] = []
        start, level = self.size, 0
        while start or row:
            completed.extend(zip(repeat(level), count(start), row, strict=False))
            if start & 1:
                row.insert(0, edge[level])
            if len(row) & 1:
                kept.append(row[-1])
            row, start, level = _parents(row), start >> 1, level + 1
        return CompactRange(size, tuple(reversed(kept))), completed

    def to_bytes(self) -> bytes:
        """The size as 8 bytes, big-endian, then the hashes: for storing, not for the wire."""
        return self.size.to_bytes(_SIZE_BYTES, "big") + b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            CompactRangeInvalid: the bytes are not a compact range.
        """
        if len(raw) < _SIZE_BYTES or (len(raw) - _SIZE_BYTES) % HASH_BYTES:
            raise CompactRangeInvalid(
                "compact_range.length", "字节数不符", "the number of bytes does not fit"
            )
        cuts = range(_SIZE_BYTES, len(raw), HASH_BYTES)
        hashes = tuple(raw[cut : cut + HASH_BYTES] for cut in cuts)
        return cls(int.from_bytes(raw[:_SIZE_BYTES], "big"), hashes)


def _levels(size: int) -> Iterator[int]:
    """The levels of a range's subtrees, lowest first."""
    return (level for level in range(size.bit_length()) if size >> level & 1)


def _parents(row: list[bytes]) -> list[bytes]:
    """The hashes of all pairs in a row that starts at an even index; an odd last one waits."""
    pairs = zip(row[::2], row[1::2], strict=False)
    return [sha256(b"\x01" + left + right).digest() for left, right in pairs]
