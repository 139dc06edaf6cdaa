"""Checkpoints: the hub's signature over the log's size and root (c2sp.org/tlog-checkpoint).

A checkpoint is a signed note whose text is the log's origin, its size, its root in base64 and,
rarely, further lines that are kept as they came. Nodes cosign it by adding their signature to the
same text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from shared_schema.instants import Instant
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import EMPTY_ROOT, HASH_BYTES, MAX_TREE_SIZE, read_size
from shared_schema.signed_note import (
    Note,
    NoteInvalid,
    NoteSignature,
    VerifierKey,
    add_signature,
    cosign_note,
    open_note,
    sign_note,
    split_note,
)
from shared_schema.signing_key import PublicKey, SigningKey
from shared_schema.strict_base64 import decode_base64, encode_base64

_FIXED_LINES: Final = 3
_SIZE: Final = ("checkpoint.size", "大小须为无前导零的十进制数", "the size is not a plain decimal")
_ROOT: Final = (
    "checkpoint.root",
    "根散列须为 32 字节的 base64",
    "the root is not 32 bytes in base64",
)


class CheckpointInvalid(LogRefused):
    """A text is not a checkpoint, or its parts contradict each other."""

    source = "c2sp.org/tlog-checkpoint@v1.0.0"


class WrongOrigin(CheckpointInvalid):
    """A well-formed checkpoint belongs to another log than the one expected."""


class NotTheLogsSignature(CheckpointInvalid):
    """Known keys have signed the checkpoint, but the log's own key has not."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log claims: its origin (its name), its number of entries and its root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be written, and a root that an empty log cannot have.

        Raises:
            CheckpointInvalid: a part is out of its range.
        """
        if not _is_line(self.origin):
            raise CheckpointInvalid("checkpoint.origin", "缺少来源行", "the origin is malformed")
        if not 0 <= self.size <= MAX_TREE_SIZE:
            raise CheckpointInvalid(*_SIZE)
        if len(self.root) != HASH_BYTES:
            raise CheckpointInvalid(*_ROOT)
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointInvalid(
                "checkpoint.empty_root", "空日志的根散列不符", "this is not the empty log's root"
            )
        if not all(_is_line(line) for line in self.extensions):
            raise CheckpointInvalid(
                "checkpoint.extension", "扩展行不能为空", "an extension line is malformed"
            )

    def text(self) -> str:
        """The text that log and cosigners sign."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature has verified, with the note it was opened from."""

    checkpoint: Checkpoint
    note: Note

    def signature_of(self, verifier: VerifierKey) -> NoteSignature | None:
        """The verified signature of this key, if it has signed."""
        wanted = (verifier.name, verifier.key_id)
        verified = self.note.verified
        return next((one for one in verified if (one.name, one.key_id) == wanted), None)

    def cosigners(self, log_key: VerifierKey) -> tuple[str, ...]:
        """The names whose cosignature has verified, in the note's order."""
        return tuple(one.name for one in self.note.verified if one.name != log_key.name)


def read_checkpoint_text(text: str) -> Checkpoint:
    """Read a checkpoint's text; who signed it is not looked at.

    Raises:
        CheckpointInvalid: a line is missing, empty or not in its only spelling.
    """
    lines = text.split("\n")
    if len(lines) <= _FIXED_LINES or lines.pop():
        raise CheckpointInvalid(
            "checkpoint.lines", "须至少三行且以换行结束", "at least three whole lines are needed"
        )
    size, root = read_size(lines[1]), decode_base64(lines[2])
    if size is None:
        raise CheckpointInvalid(*_SIZE)
    if root is None:
        raise CheckpointInvalid(*_ROOT)
    return Checkpoint(lines[0], size, root, tuple(lines[_FIXED_LINES:]))


def sign_checkpoint(
    checkpoint: Checkpoint, *, key: SigningKey, further_keys: Sequence[SigningKey] = ()
) -> bytes:
    """The signed note, under the origin as key name (tlog-checkpoint, Signatures).

    During a change of the log's key the new one signs beside the old one.

    The log must have committed this size before: never sign two roots for one size.

    Raises:
        VerifierKeyInvalid: the origin holds a space or plus and cannot be a key name.
    """
    note = sign_note(checkpoint.text(), name=checkpoint.origin, key=key)
    for further in further_keys:
        note = add_signature(note, name=checkpoint.origin, key=further)
    return note


def cosigner_key(origin: str, node: str, public: PublicKey) -> VerifierKey:
    """The key with which a node cosigns this log, under a name that no other log's node has."""
    return VerifierKey(f"{origin}/nodes/{node}", public, "cosignature")


def log_note(note: bytes, *, origin: str) -> bytes:
    """The checkpoint with the log's own signatures alone, two in an overlap; verifies nothing.

    Raises:
        NoteInvalid: the bytes are not a note, or the log has not signed it.
    """
    text, signatures = split_note(note)
    own = [one for one in signatures if one.name == origin]
    if not own:
        raise NoteInvalid("note.no_known_signature", "没有日志的签名", "the log has not signed")
    lines = "".join(f"{one.line()}\n" for one in own)
    return f"{text}\n{lines}".encode()


def cosign_checkpoint(
    note: bytes, *, origin: str, node: str, key: SigningKey, at: Instant
) -> bytes:
    """The checkpoint with a node's cosignature (c2sp.org/tlog-cosignature).

    It says that the node has verified the log up to there: call it on a checkpoint whose entries
    were all proven and applied.

    Raises:
        NoteInvalid: the bytes are not a note, or it holds too many signatures.
        VerifierKeyInvalid: the origin cannot be part of a key name.
    """
    name = cosigner_key(origin, node, key.public).name
    return cosign_note(note, name=name, key=key, time=int(at.timestamp()))


def open_checkpoint(
    note: bytes,
    *,
    origin: str,
    log_key: VerifierKey,
    further_keys: Sequence[VerifierKey] = (),
    cosigners: Iterable[VerifierKey] = (),
) -> SignedCheckpoint:
    """Verify a checkpoint of the log `origin` under the log's own key, or one of `further_keys`.

    Cosignatures of known keys are verified too; those of others are kept and mean nothing.

    Raises:
        NoteInvalid: the bytes are not a note, or a known key's signature fails.
        NotTheLogsSignature: only cosigners have signed.
        WrongOrigin: it is another log's checkpoint.
        CheckpointInvalid: the signed text is not a checkpoint.
    """
    own = (log_key, *further_keys)
    opened = open_note(note, (*own, *cosigners))
    if not any(opened.is_signed_by(key) for key in own):
        raise NotTheLogsSignature(
            "checkpoint.log_signature", "缺少日志自身的签名", "the log's own signature is missing"
        )
    checkpoint = read_checkpoint_text(opened.text)
    if checkpoint.origin != origin:
        raise WrongOrigin(
            "checkpoint.wrong_origin", "这是另一日志的检查点", "this is another log's checkpoint"
        )
    return SignedCheckpoint(checkpoint, opened)


def _is_line(text: str) -> bool:
    """Whether a text is one non-empty line that a note can carry."""
    return bool(text) and not any(char < " " or "\ud800" <= char <= "\udfff" for char in text)
