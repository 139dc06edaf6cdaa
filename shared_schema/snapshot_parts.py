"""A snapshot's parts, once they are here: their bytes, the root over all leaves, pages to apply.

Pure. A node's copy and `kaixu-verify` fetch and keep parts each in its own way and prove them here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final

from shared_schema.log_following import LogPosition, Vouched
from shared_schema.log_page import MAX_PAGE_BYTES, PageEntry
from shared_schema.merkle import CompactRange, leaf_hash
from shared_schema.snapshot import SnapshotPart, SnapshotRefused

_LEAVES: Final = 4_096


class PartMissing(SnapshotRefused):
    """A part of the snapshot is not to be had any more."""

    def __init__(self, part: SnapshotPart) -> None:
        """The part by its entries."""
        super().__init__(
            "part_missing",
            f"缺少条目 {part.first} 至 {part.last} 的分片",
            f"the part with entries {part.first} to {part.last} is missing",
        )


def check_part(part: SnapshotPart, raw: bytes) -> None:
    """Return only if these are the part's bytes.

    Raises:
        SnapshotRefused: they are not; truncation has its own code.
    """
    place = f"{part.first}-{part.last}"
    if len(raw) < part.bytes:
        raise SnapshotRefused(
            "part_truncated",
            f"分片 {place} 不完整：{len(raw)}/{part.bytes} 字节",
            f"part {place} is truncated: {len(raw)} of {part.bytes} bytes",
        )
    if len(raw) > part.bytes or sha256(raw).hexdigest() != part.sha256:
        raise SnapshotRefused(
            "part_hash", f"分片 {place} 不是清单所列", f"part {place} is not the manifest's"
        )


def prove_leaves(entries: Iterable[PageEntry], position: LogPosition, vouched: Vouched) -> None:
    """Recompute the root over all leaves; what the copy holds and knows must be part of it.

    `entries` are all of the snapshot, whose checkpoint is `vouched`.

    Raises:
        SnapshotRefused: it is another root, or another log's past.
    """
    known = {
        position.size: position.range.root(),
        position.vouched.size: position.vouched.root,
        vouched.size: vouched.root,
    }
    grown = CompactRange()
    for leaves in _chunks(entries, known):
        grown, _ = grown.extend(leaves)
        if grown.size in known and grown.root() != known[grown.size]:
            raise SnapshotRefused(
                "root",
                f"前 {grown.size} 条的根与签名的根不符",
                f"the root over the first {grown.size} entries is not the signed one",
            )


def page_weight(entry: PageEntry) -> int:
    """The bytes that an entry adds to a page."""
    return len(entry.leaf) + len(entry.object_bytes or b"")


def pages_of(entries: Iterable[PageEntry], limit: int) -> Iterator[Sequence[PageEntry]]:
    """The entries in runs as large as a page of the log."""
    page: list[PageEntry] = []
    weight = 0
    for entry in entries:
        weight += page_weight(entry)
        if page and (weight > MAX_PAGE_BYTES or len(page) == limit):
            yield page
            page, weight = [], page_weight(entry)
        page.append(entry)
    if page:
        yield page


def _chunks(entries: Iterable[PageEntry], stops: Mapping[int, bytes]) -> Iterator[list[bytes]]:
    """Leaf hashes in runs that end at each of the sizes `stops`."""
    run: list[bytes] = []
    for size, entry in enumerate(entries, 1):
        run.append(leaf_hash(entry.leaf))
        if size in stops or len(run) == _LEAVES:
            yield run
            run = []
    if run:
        yield run
