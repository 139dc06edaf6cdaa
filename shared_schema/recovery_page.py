"""Giving a restored log its lost entries back: a page, and the proof that the log's key signed it.

The log that lost entries knows the tree before them. The page's leaves grow it; the hashes of the
complete subtrees after the page complete it to the size of a checkpoint, whose root the log's own
key has signed. Whoever sends the page needs no trust: it cannot make up anything that passes.

A page that is refused for its root shows nothing, since anybody may send wrong entries. The sender
may add the past of its log: the root it has where the other log ends, and the consistency proof
from there to the signed root. If that proof holds and the roots differ, the key has signed a fork.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from shared_schema.checkpoint import Checkpoint
from shared_schema.log_page import MAX_PAGE_ENTRIES, LogPage, PageEntry, read_page
from shared_schema.log_proof import (
    MAX_PROOF_HASHES,
    ProofInvalid,
    consistency_proof,
    roots_of,
)
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import (
    HASH_BYTES,
    CompactRange,
    CompactRangeInvalid,
    complete_subtrees,
    leaf_hash,
    node_hash,
)
from shared_schema.strict_base64 import decode_base64, encode_base64

MAX_RECOVERY_BYTES: Final = 8 * 1024 * 1024
_MAX_REST: Final = 128
_FORM: Final = ("recovery.form", "不是恢复页", "this is not a recovery page")


class RecoveryInvalid(LogRefused):
    """The page is malformed, or it is not part of a log that the log's own key has signed."""

    source = "protocol §7"


@dataclass(frozen=True, slots=True)
class Past:
    """How the sender's log began: its root at the other log's end, and the proof from there on."""

    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """What was sent, unproven.

    Attributes:
        checkpoint: the signed note of a log that holds the page.
        page: consecutive entries with their statements.
        rest: hashes of the complete subtrees from the page's end to the checkpoint's size.
        past: how the log of the checkpoint began, told after a refusal.
    """

    checkpoint: bytes
    page: LogPage
    rest: tuple[bytes, ...]
    past: Past | None = None


class LeafHashes:
    """The leaf hashes of a part of a log, and the complete subtrees over them, each made once."""

    def __init__(self, first: int, hashes: Sequence[bytes]) -> None:
        self._first = first
        self._hashes = hashes
        self._made: dict[tuple[int, int], bytes] = {}

    @property
    def end(self) -> int:
        """The serial after the last leaf."""
        return self._first + len(self._hashes)

    def rest_after(self, size: int) -> list[bytes]:
        """The hashes of the complete subtrees from `size` to the end, left to right."""
        return [self.node(*place) for place in complete_subtrees(size, self.end)]

    def past_at(self, size: int) -> Past:
        """How this log began, for a log that ended at `size`; the leaves must begin at 0."""
        proof = consistency_proof(size, self.end, self.node)
        return Past(CompactRange.at(size, self.node).root(), proof)

    def node(self, level: int, index: int) -> bytes:
        """The hash over the `2 ** level` leaves that begin at `index * 2 ** level`."""
        if level == 0:
            return self._hashes[index - self._first]
        made = self._made.get((level, index))
        if made is None:
            below = self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1)
            made = self._made[level, index] = node_hash(*below)
        return made


def write_recovery(page: bytes, *, checkpoint: bytes, rest: Sequence[bytes]) -> bytes:
    """The body of a recovery page; `page` are the bytes of a log page."""
    body = {
        "checkpoint": checkpoint.decode(),
        "rest": [encode_base64(one) for one in rest],
        "page": orjson.Fragment(page),
    }
    return orjson.dumps(body)


def add_past(body: bytes, past: Past) -> bytes:
    """The recovery page with how its log began."""
    proof = [encode_base64(one) for one in past.proof]
    said = {"root": encode_base64(past.root), "proof": proof}
    return orjson.dumps(orjson.loads(body) | {"past": said})


def read_recovery(raw: bytes) -> RecoveryPage:
    """Read the form of a recovery page from an untrusted sender.

    Raises:
        RecoveryInvalid: it has another form.
        PageInvalid: the page in it is malformed.
    """
    if len(raw) > 2 * MAX_RECOVERY_BYTES:
        raise RecoveryInvalid("recovery.too_large", "恢复页过大", "the recovery page is too large")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as broken:
        raise RecoveryInvalid(*_FORM) from broken
    if not isinstance(body, dict) or not isinstance(body.get("page"), dict):
        raise RecoveryInvalid(*_FORM)
    page, note, rest = body["page"], body.get("checkpoint"), body.get("rest")
    first = page.get("from")
    if not isinstance(note, str) or not isinstance(rest, list) or type(first) is not int:
        raise RecoveryInvalid(*_FORM)
    read = read_page(orjson.dumps(page), first=first, limit=MAX_PAGE_ENTRIES)
    hashes = tuple(_hash(one) for one in rest[: _MAX_REST + 1])
    return RecoveryPage(note.encode(), read, hashes, _past(body.get("past")))


def prove_recovery(
    sent: RecoveryPage, signed: Checkpoint, *, before: CompactRange
) -> tuple[PageEntry, ...]:
    """The entries that continue `before`, once they are proven to be those of the signed log.

    `signed` must have been opened with the log's own key. Entries that the log still holds are
    left out; none are left if it holds all of them.

    Raises:
        RecoveryInvalid: the page begins after what the log holds, reaches beyond the checkpoint,
            or leads to another root than the signed one.
    """
    page = sent.page
    if page.first > before.size:
        detail = f"应从 {before.size} 条开始", f"the page must begin at entry {before.size}"
        raise RecoveryInvalid("recovery.gap", *detail)
    if page.next > signed.size:
        raise RecoveryInvalid(
            "recovery.beyond", "页面超出检查点", "the page reaches beyond its checkpoint"
        )
    lost = page.entries[before.size - page.first :]
    if lost:
        grown, _ = before.extend(leaf_hash(entry.leaf) for entry in lost)
        if _completed(grown, sent.rest, signed.size) != signed.root:
            raise RecoveryInvalid(
                "recovery.root", "与签名的根不符", "this is not the log that was signed"
            )
    return lost


def has_other_past(sent: RecoveryPage, signed: Checkpoint, *, before: CompactRange) -> bool:
    """Whether the page proves that the log of `signed` did not begin with `before`.

    Both must have been signed by the log's key; then it has signed a fork.
    """
    past = sent.past
    if past is None or not 0 < before.size < signed.size:
        return False
    sizes = before.size, signed.size
    try:
        old, new = roots_of(*sizes, first_root=past.root, proof=past.proof)
    except ProofInvalid:
        return False
    return new == signed.root and old == past.root != before.root()


def _completed(grown: CompactRange, rest: Sequence[bytes], size: int) -> bytes | None:
    """The root of the tree of `size` that begins with `grown`; None if the hashes do not fit."""
    places = complete_subtrees(grown.size, size)
    if len(places) != len(rest):
        return None
    edge: list[tuple[int, int, bytes]] = [
        (*place, found)
        for place, found in zip(complete_subtrees(0, grown.size), grown.hashes, strict=True)
    ]
    for place, found in zip(places, rest, strict=True):
        edge.append((*place, found))
        while len(edge) > 1 and _are_twins(edge[-2], edge[-1]):
            (level, index, left), (_, _, right) = edge[-2:]
            edge[-2:] = [(level + 1, index // 2, node_hash(left, right))]
    try:
        return CompactRange(size, tuple(found for *_, found in edge)).root()
    except CompactRangeInvalid:
        return None


def _are_twins(left: tuple[int, int, bytes], right: tuple[int, int, bytes]) -> bool:
    return left[0] == right[0] and left[1] % 2 == 0 and right[1] == left[1] + 1


def _past(sent: Any) -> Past | None:  # noqa: ANN401  untrusted JSON
    if sent is None:
        return None
    proof = sent.get("proof") if isinstance(sent, dict) else None
    if not isinstance(proof, list):
        raise RecoveryInvalid(*_FORM, pointer="/past")
    hashes = tuple(_hash(one) for one in proof[: MAX_PROOF_HASHES + 1])
    return Past(_hash(sent.get("root")), hashes)


def _hash(sent: Any) -> bytes:  # noqa: ANN401  untrusted JSON
    raw = decode_base64(sent) if isinstance(sent, str) else None
    if raw is None or len(raw) != HASH_BYTES:
        raise RecoveryInvalid(*_FORM, pointer="/rest")
    return raw
