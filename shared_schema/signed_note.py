"""Signed notes: text that one or more keys have signed (c2sp.org/signed-note).

Two types of signatures are known: plain Ed25519 (0x01) over the text, and the timestamped
cosignatures of c2sp.org/tlog-cosignature (0x04), over a header, the time and the text.

A note is its text, an empty line, and one line `— name base64(key id ‖ signature)` per signature.
The signatures cover the text with its last newline and no other signature, so they can be added
one by one. The text may be used only if a known key's signature verifies; `open_note` refuses a
note in which the signature of a known key fails, even beside a good one.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from shared_schema.log_refusal import LogRefused
from shared_schema.signing_key import ED25519, KeyRefused, PublicKey, SignatureInvalid, SigningKey
from shared_schema.strict_base64 import decode_base64, encode_base64

MAX_NOTE_BYTES: Final = 256 * 1024
MAX_SIGNATURES: Final = 256
MAX_NAME_BYTES: Final = 255

NoteType = Literal["ed25519", "cosignature"]
_TYPES: Final[dict[NoteType, bytes]] = {"ed25519": b"\x01", "cosignature": b"\x04"}
_TIME_BYTES: Final = 8
_MAX_TIME: Final = 2**63 - 1
_KEY_ID_BYTES: Final = 4
_DASH: Final = "— "
_ENCODING: Final = ("note.encoding", "不是 UTF-8", "the note is not UTF-8")
_TOO_MANY: Final = ("note.too_many_signatures", "签名过多", "there are too many signatures")


class NoteInvalid(LogRefused):
    """A text is not a signed note, or no known key has signed it."""

    source = "c2sp.org/signed-note@v1.0.0"


class VerifierKeyInvalid(LogRefused):
    """A text is not a verifier key, or its parts contradict each other."""

    source = "c2sp.org/signed-note@v1.0.0"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name. Only the pair of name and key id says who signed.

    `type` says what its signatures are: over the text alone, or timestamped cosignatures.
    """

    name: str
    public: PublicKey
    type: NoteType = "ed25519"

    def __post_init__(self) -> None:
        """Refuse a name that a signature line could not carry.

        Raises:
            VerifierKeyInvalid: the name is empty, too long or holds a space, plus or control.
        """
        if not is_key_name(self.name):
            raise VerifierKeyInvalid(
                "vkey.name", "密钥名称无效", "this name cannot be used", pointer="/name"
            )

    @property
    def key_id(self) -> bytes:
        """The 4 bytes that tell keys of one name apart; a hint, not a proof."""
        return _key_id(self)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who claims to have signed, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def time(self) -> int:
        """The POSIX seconds of a cosignature; means nothing for other types."""
        return int.from_bytes(self.signature[:_TIME_BYTES], "big")

    def line(self) -> str:
        """The line as it stands in the note, without its newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class Note:
    """An opened note: its text, the signatures that verified, and those of unknown keys."""

    text: str
    verified: tuple[NoteSignature, ...]
    unverified: tuple[NoteSignature, ...]

    def is_signed_by(self, verifier: VerifierKey) -> bool:
        """Whether a signature of this very key has verified."""
        wanted = (verifier.name, verifier.key_id)
        return any((found.name, found.key_id) == wanted for found in self.verified)


def is_key_name(name: str) -> bool:
    """Whether a name may stand in a signature line: no space of any kind, plus or control."""
    if not 0 < len(name.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES:
        return False
    return not any(
        char == "+" or char.isspace() or unicodedata.category(char) in {"Cc", "Cs"} for char in name
    )


def format_vkey(key: VerifierKey) -> str:
    """The key as people pass it on: `name+keyid+base64(type ‖ key)`."""
    encoded = encode_base64(_TYPES[key.type] + key.public.raw)
    return f"{key.name}+{key.key_id.hex()}+{encoded}"


def parse_vkey(text: str) -> VerifierKey:
    """Read a verifier key; its key id must be that of the name and key it stands with.

    Raises:
        VerifierKeyInvalid: the form, the type byte, the key or the key id is wrong.
    """
    name, _, rest = text.partition("+")
    hex_id, _, encoded = rest.partition("+")
    raw = decode_base64(encoded)
    if not raw:
        raise VerifierKeyInvalid("vkey.form", "验证密钥格式不符", "expected name+keyid+base64")
    found: NoteType | None = next((one for one, byte in _TYPES.items() if byte == raw[:1]), None)
    if found is None:
        raise VerifierKeyInvalid("vkey.algorithm", "只支持 Ed25519", "only Ed25519 is supported")
    try:
        key = VerifierKey(name, PublicKey(ED25519, raw[1:]), found)
    except KeyRefused as refused:
        raise VerifierKeyInvalid("vkey.key", "公钥不可用", "the public key is refused") from refused
    if key.key_id.hex() != hex_id:
        raise VerifierKeyInvalid(
            "vkey.key_id", "密钥编号与密钥不符", "the key id is not this name's and key's"
        )
    return key


def sign_note(text: str, *, name: str, key: SigningKey) -> bytes:
    """The text signed by one key under `name`.

    Raises:
        NoteInvalid: the text does not end with a newline, holds a control or is too long.
        VerifierKeyInvalid: the name cannot stand in a signature line.
    """
    return _with_signatures(text, (_sign(text, name, key),))


def add_signature(note: bytes, *, name: str, key: SigningKey) -> bytes:
    """The note with one more signature over its text; unchanged if that key has signed it already.

    Verifies nothing: call it on what `open_note` accepted.

    Raises:
        NoteInvalid: the bytes are not a note, or it holds too many signatures.
        VerifierKeyInvalid: the name cannot stand in a signature line.
    """
    text, _ = split_note(note)
    return attach_signature(note, _sign(text, name, key))


def cosign_note(note: bytes, *, name: str, key: SigningKey, time: int) -> bytes:
    """The note with a timestamped cosignature over its text (tlog-cosignature, Format).

    `time` are POSIX seconds. Verifies nothing: call it on what `open_note` accepted.

    Raises:
        NoteInvalid: the bytes are not a note, it holds too many signatures, or the time is none.
        VerifierKeyInvalid: the name cannot stand in a signature line.
    """
    if not 0 < time <= _MAX_TIME:
        raise NoteInvalid("note.time", "时间超出范围", "the time is out of range")
    text, _ = split_note(note)
    verifier = VerifierKey(name, key.public, "cosignature")
    signature = time.to_bytes(_TIME_BYTES, "big") + key.sign(cosigned_message(text, time))
    return attach_signature(note, NoteSignature(name, verifier.key_id, signature))


def cosigned_message(text: str, time: int) -> bytes:
    """The bytes that a cosignature signs: header, time, and the note's text with its newline."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def attach_signature(note: bytes, signature: NoteSignature) -> bytes:
    """The note with a signature that somebody else made; unchanged if it has it already.

    Verifies nothing: open the result.

    Raises:
        NoteInvalid: the bytes are not a note, or it holds too many signatures.
    """
    text, signatures = split_note(note)
    if signature in signatures:
        return note
    return _with_signatures(text, (*signatures, signature))


def open_note(note: bytes, verifiers: Iterable[VerifierKey]) -> Note:
    """Verify a note against the keys known here.

    Signatures of other keys are kept apart and mean nothing. Put the key that matters most first.

    Raises:
        NoteInvalid: the bytes are not a note, a known key's signature fails, or no known key has
            signed.
    """
    known = _by_identity(verifiers)
    text, signatures = split_note(note)
    verified: dict[tuple[str, bytes], NoteSignature] = {}
    unverified: list[NoteSignature] = []
    for found in signatures:
        verifier = known.get((found.name, found.key_id))
        if verifier is None:
            unverified.append(found)
            continue
        _verify(verifier, found, text)
        verified.setdefault((found.name, found.key_id), found)
    if not verified:
        raise NoteInvalid(
            "note.no_known_signature", "没有已知密钥的签名", "no known key has signed"
        )
    return Note(text, tuple(verified.values()), tuple(unverified))


def split_note(note: bytes) -> tuple[str, tuple[NoteSignature, ...]]:
    """The text and the signature lines of a note, none of them verified; the text is untrusted.

    Raises:
        NoteInvalid: the bytes are not a note.
    """
    content = _decode(note)
    text, separator, lines = content.rpartition("\n\n")
    if not separator or not lines.endswith("\n"):
        raise NoteInvalid(
            "note.form",
            "缺少空行和签名行",
            "an empty line and signature lines must follow the text",
        )
    rows = lines[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise NoteInvalid(*_TOO_MANY)
    return text + "\n", tuple(parse_signature_line(row) for row in rows)


def parse_signature_line(line: str) -> NoteSignature:
    """Read one signature line without its newline.

    Raises:
        NoteInvalid: the line is not in the form `— name base64`.
    """
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    raw = decode_base64(encoded)
    if not line.startswith(_DASH) or not is_key_name(name) or raw is None:
        raise NoteInvalid("note.signature_line", "签名行格式不符", "expected — name base64")
    if len(raw) <= _KEY_ID_BYTES:
        raise NoteInvalid("note.signature_line", "签名过短", "the signature is too short")
    return NoteSignature(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])


def _key_id(key: VerifierKey) -> bytes:
    named = key.name.encode() + b"\n" + _TYPES[key.type] + key.public.raw
    return sha256(named).digest()[:_KEY_ID_BYTES]


def _sign(text: str, name: str, key: SigningKey) -> NoteSignature:
    if not text.endswith("\n"):
        raise NoteInvalid("note.text", "正文须以换行结束", "the text must end with a newline")
    verifier = VerifierKey(name, key.public)
    try:
        message = text.encode()
    except UnicodeEncodeError as broken:
        raise NoteInvalid(*_ENCODING) from broken
    return NoteSignature(name, verifier.key_id, key.sign(message))


def _with_signatures(text: str, signatures: tuple[NoteSignature, ...]) -> bytes:
    if len(signatures) > MAX_SIGNATURES:
        raise NoteInvalid(*_TOO_MANY)
    lines = "".join(f"{signature.line()}\n" for signature in signatures)
    note = f"{text}\n{lines}".encode()
    _decode(note)
    return note


def _decode(note: bytes) -> str:
    if len(note) > MAX_NOTE_BYTES:
        raise NoteInvalid("note.too_long", "文本过长", "the note is too long")
    try:
        content = note.decode()
    except UnicodeDecodeError as broken:
        raise NoteInvalid(*_ENCODING) from broken
    if any(char < " " and char != "\n" for char in content):
        raise NoteInvalid("note.control_character", "含控制字符", "the note holds a control")
    return content


def _by_identity(verifiers: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    """The known keys by name and id; of two that collide in both the first counts."""
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for verifier in verifiers:
        known.setdefault((verifier.name, verifier.key_id), verifier)
    return known


def _verify(verifier: VerifierKey, found: NoteSignature, text: str) -> None:
    signature, message = found.signature, text.encode()
    if verifier.type == "cosignature":
        signature, message = signature[_TIME_BYTES:], cosigned_message(text, found.time)
    try:
        verifier.public.verify(signature, message)
    except SignatureInvalid as mismatch:
        raise NoteInvalid(
            "note.signature_invalid", "已知密钥的签名不符", "a known key's signature fails"
        ) from mismatch
