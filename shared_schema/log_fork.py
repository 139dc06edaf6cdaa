"""Evidence that a log was signed in two versions: a file that anybody checks with the anchor alone.

`fork-evidence/1` holds two signed checkpoints and, where their sizes differ, the larger one's own
consistency proof from the smaller size, as its source gave it. Such a proof leads to two roots: the
larger checkpoint's, and the one its log had at the smaller size. If that is not the root that was
signed there, the log has two pasts. Without a proof the two notes alone show nothing yet: whoever
runs the log must show one that leads from the first to the second.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_schema.anchor import FederationAnchor
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.log_following import Vouched, read_vouched
from shared_schema.log_keys import NO_LOG_KEYS, LogKeys, claimed_size
from shared_schema.log_proof import roots_of
from shared_schema.log_refusal import LogRefused
from shared_schema.proof_text import MAX_PROOF_TEXT_BYTES, read_growth_proof, read_proof
from shared_schema.refusal import DomainError
from shared_schema.signed_note import MAX_NOTE_BYTES, NoteInvalid

FORK_SCHEMA: Final = "fork-evidence/1"
MAX_EVIDENCE_BYTES: Final = 2 * 1024 * 1024
_LIMITS: Final = JsonLimits(
    max_bytes=MAX_EVIDENCE_BYTES,
    max_depth=3,
    max_nodes=32,
    max_string=max(MAX_PROOF_TEXT_BYTES, MAX_NOTE_BYTES),
)
_GROWTH: Final = "old "


class EvidenceRefused(LogRefused):
    """The file shows no fork: it is malformed, or both checkpoints are of one log."""

    source = "docs/verify-catalogue.md"


class OneLog(EvidenceRefused):
    """The larger checkpoint continues the smaller one, or both are the same: there is no fork."""

    def __init__(self, first: Vouched, second: Vouched) -> None:
        """Both checkpoints, verified."""
        super().__init__(
            "fork.one_log",
            f"{second.size} 条的检查点延续 {first.size} 条的检查点：同一日志，没有分叉",
            f"the checkpoint of {second.size} entries continues that of {first.size}: no fork",
        )


class ForkVerdict(StrEnum):
    """What evidence shows."""

    TWO_ROOTS = "two_roots"  # one size was signed with two roots
    TWO_PASTS = "two_pasts"  # the larger log began otherwise than the smaller one
    NOT_SHOWN = "not_shown"  # both are signed; nothing here says that they contradict each other


class ForkEvidence(BaseModel):
    """Two signed checkpoints of one log, the smaller one first; nothing of it is verified."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    form: Literal["fork-evidence/1"] = Field(default=FORK_SCHEMA, alias="schema")
    first: Annotated[str, Field(max_length=MAX_NOTE_BYTES)]
    second: Annotated[str, Field(max_length=MAX_NOTE_BYTES)]
    proof: Annotated[str | None, Field(max_length=MAX_PROOF_TEXT_BYTES)] = None

    @classmethod
    def of(cls, one: bytes, other: bytes, *, proof: bytes | None = None) -> "ForkEvidence":
        """The evidence of two notes in either order; `proof` as the larger one's source gave it."""
        first, second = sorted((one, other), key=_size)
        return cls(
            first=first.decode(),
            second=second.decode(),
            proof=None if proof is None else proof.decode(),
        )

    def write(self) -> bytes:
        """The file."""
        members = self.model_dump(mode="json", by_alias=True)
        return (json.dumps(members, ensure_ascii=False, indent=1) + "\n").encode()


@dataclass(frozen=True, slots=True)
class ForkShown:
    """Evidence under the log's own key: both checkpoints, and what they show."""

    verdict: ForkVerdict
    first: Vouched
    second: Vouched
    other_root: bytes | None = None
    """Of the second's log at the first's size, where a proof tells it."""


def read_evidence(raw: bytes) -> ForkEvidence:
    """Read an untrusted file.

    Raises:
        EvidenceRefused: it is not one of this schema.
    """
    try:
        return ForkEvidence.model_validate(parse_json(raw, _LIMITS))
    except (DomainError, ValidationError) as refused:
        message = ("不是分叉证据文件", f"this is not a {FORK_SCHEMA} file")
        raise EvidenceRefused("fork.form", *message) from refused


def judge_fork(
    evidence: ForkEvidence, anchor: FederationAnchor, *, keys: LogKeys = NO_LOG_KEYS
) -> ForkShown:
    """What the evidence shows against the log of this anchor; `keys` as in `read_vouched`.

    Raises:
        CheckpointRefused: a checkpoint is not signed by the log's key.
        OneLog: both are of one log.
        EvidenceRefused: they are in the wrong order, or the proof leads nowhere.
        LogRefused: the proof is not in its form.
    """
    first = read_vouched(evidence.first.encode(), anchor, keys=keys)
    second = read_vouched(evidence.second.encode(), anchor, keys=keys)
    if first.size > second.size or first.size == 0:
        message = ("两检查点顺序不符或为空", "the smaller checkpoint stands first; none is empty")
        raise EvidenceRefused("fork.order", *message)
    if first.size == second.size:
        if first.root == second.root:
            raise OneLog(first, second)
        return ForkShown(ForkVerdict.TWO_ROOTS, first, second, second.root)
    if evidence.proof is None:
        return ForkShown(ForkVerdict.NOT_SHOWN, first, second)
    return _by_proof(evidence.proof, first, second)


def has_two_pasts(proof: bytes, first: Vouched, second: Vouched) -> bool:
    """Whether a source's own proof shows that the log of `second` began otherwise than `first`.

    False for a proof that leads nowhere: whoever gave it may have made it up.
    """
    try:
        shown = _by_proof(proof.decode(), first, second)
    except (LogRefused, UnicodeDecodeError):
        return False
    return shown.verdict is ForkVerdict.TWO_PASTS


def _by_proof(text: str, first: Vouched, second: Vouched) -> ForkShown:
    """What the larger log's own proof shows.

    Raises:
        OneLog: it continues the smaller one.
        EvidenceRefused: the proof does not lead to the larger root.
        LogRefused: it is not in its form.
    """
    raw = text.encode()
    hashes = read_growth_proof(raw).hashes if text.startswith(_GROWTH) else read_proof(raw)
    old, new = roots_of(first.size, second.size, first_root=first.root, proof=hashes)
    if old == first.root and new == second.root:
        raise OneLog(first, second)
    if new != second.root:
        if first.size & (first.size - 1) == 0:  # such a proof begins with the root in dispute
            return ForkShown(ForkVerdict.NOT_SHOWN, first, second)
        message = ("证明与较大检查点的根不符", "the proof does not lead to the larger root")
        raise EvidenceRefused("fork.proof", *message)
    return ForkShown(ForkVerdict.TWO_PASTS, first, second, old)


def _size(note: bytes) -> int:
    try:
        return claimed_size(note)
    except NoteInvalid:
        return 0
