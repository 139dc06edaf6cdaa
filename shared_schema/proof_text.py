"""The text forms of proofs, as C2SP writes them.

Three forms, each made of lines that end with one newline:

- a bare proof: one base64 hash per line, nothing for an empty proof;
- an inclusion proof that can be checked offline: `c2sp.org/tlog-proof@v1`, with the entry's index,
  the hashes and the checkpoint they lead to;
- a consistency proof with the later checkpoint: the body of `c2sp.org/tlog-witness` add-checkpoint,
  `old` and the earlier size, the hashes, the checkpoint. C2SP has no other text for consistency.

Reading here checks the form only. The checkpoint is kept as it came; whoever uses a proof opens it
with `shared_schema.checkpoint` and then calls `shared_schema.log_proof`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared_schema.log_proof import MAX_PROOF_HASHES
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import HASH_BYTES, read_size
from shared_schema.strict_base64 import decode_base64, encode_base64

MAX_PROOF_TEXT_BYTES: Final = 512 * 1024

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_NO_CHECKPOINT: Final = (
    "proof_text.checkpoint",
    "缺少空行和检查点",
    "an empty line and the checkpoint must follow",
)
_NOT_BASE64: Final = ("proof_text.base64", "不是规范的 base64", "this is not canonical base64")


class ProofTextInvalid(LogRefused):
    """A text is not a proof in its C2SP form."""

    source = "c2sp.org/tlog-proof@v1.0.0"


@dataclass(frozen=True, slots=True)
class OfflineProof:
    """An entry's index, its inclusion proof and the signed checkpoint the proof leads to.

    `extra` is not authenticated by anything (tlog-proof, Format); None leaves the line out.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True, slots=True)
class GrowthProof:
    """The consistency proof from a tree of `old_size` to the signed checkpoint's tree."""

    old_size: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes


def write_proof(hashes: Sequence[bytes]) -> str:
    """A bare proof: one base64 hash per line."""
    return "".join(f"{encode_base64(each)}\n" for each in hashes)


def read_proof(raw: bytes) -> tuple[bytes, ...]:
    """Read a bare proof.

    Raises:
        ProofTextInvalid: a line is not one hash, or there are more than 64.
    """
    text = _text(raw)
    if text and not text.endswith("\n"):
        raise ProofTextInvalid(
            "proof_text.final_newline", "末行须以换行结束", "the last line must end with a newline"
        )
    return _hashes(text.split("\n")[:-1])


def write_offline_proof(proof: OfflineProof) -> bytes:
    """The `.tlog-proof` file of one entry (c2sp.org/tlog-proof)."""
    head = [_HEADER]
    if proof.extra is not None:
        head.append(f"extra {encode_base64(proof.extra)}")
    head.append(f"index {proof.index}")
    return _join(head, proof.hashes, proof.checkpoint)


def read_offline_proof(raw: bytes) -> OfflineProof:
    """Read a `.tlog-proof` file; the checkpoint and the proof itself are not verified yet.

    Raises:
        ProofTextInvalid: the text is not in the form of c2sp.org/tlog-proof.
    """
    head, checkpoint = _split(raw)
    if head[0] != _HEADER:
        raise ProofTextInvalid(
            "proof_text.header", "首行不是证明的标识", f"the first line must be {_HEADER}"
        )
    lines = head[1:]
    extra: bytes | None = None
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra "))
        if extra is None:
            raise ProofTextInvalid(*_NOT_BASE64, pointer="/extra")
    index = _number_line(lines, "index")
    return OfflineProof(index, _hashes(lines[1:]), checkpoint, extra)


def write_growth_proof(proof: GrowthProof) -> bytes:
    """The consistency proof with its later checkpoint (c2sp.org/tlog-witness, add-checkpoint)."""
    return _join([f"old {proof.old_size}"], proof.hashes, proof.checkpoint)


def read_growth_proof(raw: bytes) -> GrowthProof:
    """Read a consistency proof; the checkpoint and the proof itself are not verified yet.

    Raises:
        ProofTextInvalid: the text is not in the form of c2sp.org/tlog-witness.
    """
    lines, checkpoint = _split(raw)
    return GrowthProof(_number_line(lines, "old"), _hashes(lines[1:]), checkpoint)


def _join(head: list[str], hashes: Sequence[bytes], checkpoint: bytes) -> bytes:
    text = "\n".join(head) + "\n" + write_proof(hashes) + "\n"
    return text.encode() + checkpoint


def _split(raw: bytes) -> tuple[list[str], bytes]:
    """The lines before the first empty line, and all that follows it.

    Raises:
        ProofTextInvalid: nothing follows.
    """
    _check_length(raw)
    head, separator, checkpoint = raw.partition(b"\n\n")
    if not separator or not checkpoint:
        raise ProofTextInvalid(*_NO_CHECKPOINT)
    return _text(head).split("\n"), checkpoint


def _text(raw: bytes) -> str:
    _check_length(raw)
    if not raw.isascii():
        raise ProofTextInvalid("proof_text.ascii", "证明须为 ASCII 文本", "a proof is ASCII text")
    return raw.decode("ascii")


def _check_length(raw: bytes) -> None:
    if len(raw) > MAX_PROOF_TEXT_BYTES:
        raise ProofTextInvalid("proof_text.too_long", "证明文本过长", "the proof text is too long")


def _number_line(lines: list[str], word: str) -> int:
    label, _, digits = (lines[0] if lines else "").partition(" ")
    number = read_size(digits)
    if label != word or number is None:
        raise ProofTextInvalid(
            "proof_text.number", f"缺少 {word} 行", f"a line with {word} must follow"
        )
    return number


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > MAX_PROOF_HASHES:
        raise ProofTextInvalid("proof_text.hash_count", "散列过多", "there are more than 64 hashes")
    hashes: list[bytes] = []
    for line in lines:
        found = decode_base64(line)
        if found is None or len(found) != HASH_BYTES:
            raise ProofTextInvalid(
                "proof_text.hash", "此行不是一个散列", "this line is not one hash"
            )
        hashes.append(found)
    return tuple(hashes)
