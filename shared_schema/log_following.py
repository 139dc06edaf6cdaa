"""Following a log that only grows: what a reader knows, and what it believes next (protocol §8).

Pure. The one algorithm of node, portal, auditor and command line: each of them brings its own way
to fetch and to keep, and asks here whether what came continues what was proven before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import cosigner_key
from shared_schema.instants import Instant
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_keys import KEY_RETIRED, NO_LOG_KEYS, LogKeys, open_log_checkpoint
from shared_schema.log_page import PageEntry
from shared_schema.log_proof import verify_consistency
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import EMPTY_ROOT, CompactRange, leaf_hash
from shared_schema.proof_text import read_growth_proof, read_proof
from shared_schema.signed_note import VerifierKey
from shared_schema.sync_refusals import (
    CheckpointRefused,
    Contradiction,
    ForkDetected,
    PageContradictsLog,
    RollbackDetected,
)

_EMPTY: Final = CompactRange()
_GROWTH: Final = b"old "


@dataclass(frozen=True, slots=True)
class Vouched:
    """A verified checkpoint: its signed note, what it says, and when this copy first saw it."""

    note: bytes | None = None
    size: int = 0
    root: bytes = EMPTY_ROOT
    seen_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class LogPosition:
    """Everything before `range.size` is applied; `vouched.size` is never smaller.

    `unsettled` is set while a snapshot is applied: at that size it is known whether every statement
    that was left out has really been replaced.
    """

    range: CompactRange = _EMPTY
    vouched: Vouched = Vouched()
    unsettled: int | None = None

    @property
    def size(self) -> int:
        """The number of entries applied; the serial of the next one."""
        return self.range.size

    @property
    def is_complete(self) -> bool:
        """Whether all that the known checkpoint covers is applied."""
        return self.size == self.vouched.size


def read_vouched(
    note: bytes,
    anchor: FederationAnchor,
    *,
    now: Instant | None = None,
    cosigners: Iterable[VerifierKey] = (),
    keys: LogKeys = NO_LOG_KEYS,
) -> Vouched:
    """What a checkpoint says, once it is proven to be of the anchor's log.

    `keys` are those that the entries applied so far prove; the anchor's own counts beside them.

    Signatures of the known cosigners are verified with it; those of others mean nothing.

    Raises:
        CheckpointRefused: malformed, another log's, signed by no key that counts, or with the
            name of a known cosigner under a signature that is not its own.
    """
    try:
        opened = open_log_checkpoint(note, anchor, keys=keys, cosigners=tuple(cosigners))
    except LogRefused as refused:
        raise CheckpointRefused(refused) from refused
    return Vouched(note, opened.checkpoint.size, opened.checkpoint.root, now)


def refuse_retired(target: Vouched, anchor: FederationAnchor, keys: LogKeys) -> None:
    """Return unless an entry under this checkpoint has retired the key that signed it.

    Asked of each page before it is applied, with the keys after it.

    Raises:
        CheckpointRefused: one has.
    """
    if target.note is None:
        return
    try:
        read_vouched(target.note, anchor, keys=keys)
    except CheckpointRefused as refused:
        if refused.code == KEY_RETIRED:
            raise


def cosigners_of(anchor: FederationAnchor, directory: KeyDirectory) -> list[VerifierKey]:
    """The keys with which nodes that take part cosign this log, as the directory knows them."""
    return [
        cosigner_key(anchor.log_origin, record.node, record.key.verifier())
        for record in directory.keys.values()
        if record.key.use == "cosigner"
        and record.revoked_at is None
        and directory.nodes[record.node].states[-1][1] != "retired"
    ]


def continue_from(position: LogPosition, offered: Vouched) -> Vouched:
    """The checkpoint to follow from here; an equal one keeps the time it was first seen.

    A larger one is still to be proven to continue the known one: by the entries themselves where
    the copy is complete, otherwise by `check_growth`.

    Raises:
        RollbackDetected: it is smaller than the known one.
        ForkDetected: it has the known size and another root.
    """
    known = position.vouched
    if offered.size < known.size:
        raise RollbackDetected(known.size, offered.size)
    if offered.size > known.size:
        return offered
    if offered.root != known.root:
        roots = Contradiction(known.root.hex(), offered.root.hex())
        raise ForkDetected(known.size, offered.size, roots=roots, note=offered.note)
    return replace(offered, seen_at=known.seen_at) if known.note else offered


def check_growth(raw: bytes, before: Vouched, after: Vouched) -> None:
    """Check a source's proof that the log of `after` begins with the log of `before`.

    Raises:
        ProofInvalid: it does not.
        ProofTextInvalid: what came is no proof.
    """
    hashes = read_growth_proof(raw).hashes if raw.startswith(_GROWTH) else read_proof(raw)
    verify_consistency(
        before.size, after.size, first_root=before.root, second_root=after.root, proof=hashes
    )


def after_entries(
    before: LogPosition, entries: Iterable[PageEntry], *, target: Vouched
) -> LogPosition:
    """The position after these entries; where they end the log, their root must be the signed one.

    Before the end the caller still proves that `target` continues the tree made here.

    Raises:
        PageContradictsLog: the entries are not those of the signed log.
    """
    grown, _ = before.range.extend(leaf_hash(entry.leaf) for entry in entries)
    if grown.size >= target.size and grown.root() != target.root:
        raise PageContradictsLog(before.size, grown.size, expected=target.root, found=grown.root())
    return LogPosition(grown, target)


def reached(position: LogPosition) -> Vouched:
    """The tree applied so far, as one side of a growth proof."""
    return Vouched(size=position.size, root=position.range.root())
