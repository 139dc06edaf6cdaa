"""The keys of the log itself: which one counts for a checkpoint of which size (protocol §3).

A fold over the log's own entries, so a reader knows every key from its anchor and the log alone.
`log_opened` names the first key; `log_key_changed` adds the next one, which proves possession in a
DSSE envelope of its own; `log_key_retired` ends the overlap. Places are serials: a key that entry s
brought counts for checkpoints that cover s, a key that entry r retired for none that cover r.
"""

import json
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from shared_schema.anchor import FederationAnchor
from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.checkpoint import (
    CheckpointInvalid,
    NotTheLogsSignature,
    SignedCheckpoint,
    open_checkpoint,
    read_checkpoint_text,
)
from shared_schema.dsse import read_envelope, sign_envelope, verify_envelope
from shared_schema.log_entry import LogEntry, LogKeyChanged, LogKeyRetired, LogOpened, UnknownEntry
from shared_schema.log_refusal import LogRefused
from shared_schema.refusal import DomainError
from shared_schema.signed_note import NoteInvalid, VerifierKey, parse_vkey, split_note
from shared_schema.signing_key import PublicKey, SigningKey
from shared_schema.strict_base64 import decode_base64, encode_base64

KEY_RETIRED: Final = "checkpoint.key_retired"
LOG_KEY_TYPE: Final = "application/vnd.kaixu.log-key+json"
LogKeyEntry = LogOpened | LogKeyChanged | LogKeyRetired
_LIMITS: Final = JsonLimits(max_bytes=4 * 1024, max_depth=1, max_nodes=16)
_UNSIGNED: Final = frozenset({"note.no_known_signature", "checkpoint.log_signature"})


class LogKeyRefused(LogRefused):
    """An entry about the log's keys does not follow from those before it; it changes nothing."""

    source = "protocol §3"


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Possession(_Form):
    """What the new key signs: where, after which key, and itself."""

    v: Literal[1] = 1
    federation: str
    log_origin: str
    replaces: str
    log_vkey: str


class LogKeyRecord(_Form):
    """A key with the serials of the entries that brought and retired it."""

    vkey: str
    since: int
    retired_at: int | None = None

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        return self.verifier().public

    @property
    def key_id(self) -> str:
        """Its RFC 7638 thumbprint, as receipts name it."""
        return self.public.key_id

    def verifier(self) -> VerifierKey:
        """The key under the log's name."""
        return parse_vkey(self.vkey)

    def counts_at(self, size: int) -> bool:
        """Whether it may sign a checkpoint of this size."""
        return self.since < size and (self.retired_at is None or size <= self.retired_at)


class LogKeys(_Form):
    """All keys the log has had, oldest first. `applied` gives the next state."""

    federation: str = ""
    origin: str = ""
    records: tuple[LogKeyRecord, ...] = ()

    def applied(self, serial: int, entry: LogEntry | UnknownEntry) -> "LogKeys":
        """The keys after this entry; itself when the entry is about something else.

        Raises:
            LogKeyRefused: it contradicts what stands here, or the new key's proof is not sound.
        """
        match entry:
            case LogOpened():
                return self._opened(serial, entry)
            case LogKeyChanged():
                return self._changed(serial, entry)
            case LogKeyRetired():
                return self._retired(serial, entry)
            case _:
                return self

    def at(self, size: int) -> tuple[LogKeyRecord, ...]:
        """The keys that sign a checkpoint of this size, oldest first: two during an overlap."""
        return tuple(one for one in self.records if one.counts_at(size))

    def find(self, key_id: str) -> LogKeyRecord | None:
        """The key of that thumbprint, retired or not."""
        return next((one for one in self.records if one.key_id == key_id), None)

    def _opened(self, serial: int, entry: LogOpened) -> "LogKeys":
        if serial != 0:
            raise LogKeyRefused("log_key.opened", "日志只能开启一次", "a log is opened by entry 0")
        try:
            parse_vkey(entry.log_vkey)
        except LogRefused as refused:
            raise LogKeyRefused("log_key.vkey", "日志公钥不可用", "unusable log key") from refused
        first = LogKeyRecord(vkey=entry.log_vkey, since=-1)
        return LogKeys(federation=entry.federation, origin=entry.log_origin, records=(first,))

    def _changed(self, serial: int, entry: LogKeyChanged) -> "LogKeys":
        if not self.records or entry.replaces != self.records[-1].key_id:
            raise LogKeyRefused(
                "log_key.replaces", "被接替的不是当前密钥", "it does not follow the newest key"
            )
        new = _proven_key(entry, self)
        if self.find(new.public.key_id) is not None:
            raise LogKeyRefused("log_key.known", "该密钥已用过", "the log has had this key")
        before = self.records
        if not entry.overlap:
            before = tuple(_ended(one, serial) for one in before)
        added = LogKeyRecord(vkey=entry.log_vkey, since=serial)
        return self.model_copy(update={"records": (*before, added)})

    def _retired(self, serial: int, entry: LogKeyRetired) -> "LogKeys":
        found = self.find(entry.key_id)
        if found is None or found.retired_at is not None:
            raise LogKeyRefused("log_key.unknown", "没有这把有效密钥", "no such key counts")
        if found is self.records[-1]:
            raise LogKeyRefused(
                "log_key.current", "最新密钥不能停用", "the newest key cannot be retired"
            )
        records = tuple(_ended(one, serial) if one is found else one for one in self.records)
        return self.model_copy(update={"records": records})


NO_LOG_KEYS: Final = LogKeys()


@dataclass(frozen=True, slots=True)
class KeyHandover:
    """In which log a key takes over, and from which one."""

    federation: str
    log_origin: str
    replaces: str
    log_vkey: str


def prove_possession(handover: KeyHandover, key: SigningKey) -> str:
    """The new key's envelope over the handover, as `log_key_changed` carries it (base64)."""
    said = _possession(handover).model_dump(mode="json")
    payload = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return encode_base64(sign_envelope(payload.encode(), LOG_KEY_TYPE, key))


def accepted_keys(anchor: FederationAnchor, keys: LogKeys, size: int) -> tuple[VerifierKey, ...]:
    """The keys that may have signed a checkpoint of this size: the log's, and the anchor's own.

    The anchor's key counts even if the entries read so far do not name it, but not once retired.
    Entries that never name it prove nothing to its holder: they may be another log's.
    """
    is_named = any(one.vkey == anchor.log_vkey for one in keys.records)
    found = [one.verifier() for one in keys.at(size)] if is_named else []
    ended = any(
        one.vkey == anchor.log_vkey and one.retired_at is not None and size > one.retired_at
        for one in keys.records
    )
    if not ended and anchor.log_key() not in found:
        found.append(anchor.log_key())
    return tuple(found)


def receipt_key(anchor: FederationAnchor, keys: LogKeys, key_id: str) -> PublicKey | None:
    """The key that signed evidence of any age: the anchor's, or one the log has had."""
    own = anchor.log_key().public
    if key_id == own.key_id:
        return own
    found = keys.find(key_id)
    return None if found is None else found.public


def open_log_checkpoint(
    note: bytes,
    anchor: FederationAnchor,
    *,
    keys: LogKeys = NO_LOG_KEYS,
    cosigners: tuple[VerifierKey, ...] = (),
) -> SignedCheckpoint:
    """Verify a checkpoint under the keys that count for its size.

    Raises:
        NoteInvalid: the bytes are not a note, a known key's signature fails, or none has signed.
        NotTheLogsSignature: only cosigners have signed.
        CheckpointInvalid: another log's, malformed, or signed by a key that was retired before.
    """
    size = claimed_size(note)
    first, *further = accepted_keys(anchor, keys, size)
    try:
        return open_checkpoint(
            note,
            origin=anchor.log_origin,
            log_key=first,
            further_keys=further,
            cosigners=cosigners,
        )
    except (NoteInvalid, NotTheLogsSignature) as refused:
        if refused.code in _UNSIGNED and _by_retired(note, keys, size):
            raise CheckpointInvalid(
                KEY_RETIRED,
                "日志密钥已停用，其后的签名无效",
                "signed by a log key that was retired before",
            ) from refused
        raise


def may_be_newer(refused: LogRefused) -> bool:
    """Whether a checkpoint was refused only because none of the known keys has signed it."""
    return refused.code in _UNSIGNED


def _possession(handover: KeyHandover) -> _Possession:
    return _Possession(
        federation=handover.federation,
        log_origin=handover.log_origin,
        replaces=handover.replaces,
        log_vkey=handover.log_vkey,
    )


def _proven_key(entry: LogKeyChanged, keys: LogKeys) -> VerifierKey:
    """The new key, once it has signed exactly this handover under the log's own name.

    Raises:
        LogKeyRefused: it has not.
    """
    said = _possession(KeyHandover(keys.federation, keys.origin, entry.replaces, entry.log_vkey))
    try:
        verifier = parse_vkey(entry.log_vkey)
        envelope = read_envelope(decode_base64(entry.proof) or b"")
        verify_envelope(envelope, verifier.public)
        found = _Possession.model_validate(parse_json(envelope.payload, _LIMITS))
    except (DomainError, ValidationError) as refused:
        raise LogKeyRefused(
            "log_key.proof", "新密钥未证明持有", "the new key does not prove possession"
        ) from refused
    if (envelope.payload_type, found, verifier.name) != (LOG_KEY_TYPE, said, keys.origin):
        raise LogKeyRefused(
            "log_key.proof_differs", "证明与条目不符", "the proof says something else"
        )
    return verifier


def _ended(record: LogKeyRecord, serial: int) -> LogKeyRecord:
    if record.retired_at is not None:
        return record
    return record.model_copy(update={"retired_at": serial})


def claimed_size(note: bytes) -> int:
    """The size that a note says, unverified; 0 where it is no checkpoint.

    Raises:
        NoteInvalid: it is no signed note.
    """
    text, _ = split_note(note)
    try:
        return read_checkpoint_text(text).size
    except CheckpointInvalid:
        return 0  # refused by whoever opens it, for its form


def _by_retired(note: bytes, keys: LogKeys, size: int) -> bool:
    ended = {
        (one.verifier().name, one.verifier().key_id)
        for one in keys.records
        if one.retired_at is not None and size > one.retired_at
    }
    return any((one.name, one.key_id) in ended for one in split_note(note)[1])
