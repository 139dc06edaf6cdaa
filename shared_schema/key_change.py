"""Key changes: a node adds or revokes one of its own keys, provably by itself (protocol §3).

A change is a DSSE envelope that stands in the log entry it causes, so every reader proves that the
hub did not invent a key. Who may sign what:

- add: the new key itself (proof of possession), and one key that answers for it: the old
  statement key for a statement key, the old cosigner or the statement key for a cosigner
  key, the old recovery key for a recovery key, and the recovery key for any of them;
- revoke: the recovery key alone, for every key but itself.

An added key may name the one it replaces, with the instant at which that one is to be revoked.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.dsse import (
    Envelope,
    pre_authentication_encoding,
    read_envelope,
    verify_envelope,
)
from shared_schema.entry_parts import KeyId, KeyUse, NodeKey, contradiction
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.schema_errors import field_errors
from shared_schema.signing_key import KeyRefused, SignatureInvalid, SigningKey
from shared_schema.statement import NodeId, ReasonCode, WireInstant
from shared_schema.strict_base64 import encode_base64

KEY_CHANGE_TYPE: Final = "application/vnd.kaixu.key-change+json"
MAX_CHANGE_BYTES: Final = 8 * 1024
OVERLAP: Final = timedelta(days=7)
LONGEST_OVERLAP: Final = timedelta(days=60)
EXPIRY_WARNINGS: Final = (0, 7, 30, 60)
"""Days before `not_after` at which people are warned; 0: it is over."""
ANSWERS_FOR: Final[Mapping[KeyUse, frozenset[KeyUse]]] = {
    "statement": frozenset({"statement", "recovery"}),
    "cosigner": frozenset({"statement", "cosigner", "recovery"}),
    "recovery": frozenset({"recovery"}),
}
"""By the use of a new key: the uses of the keys of which one must sign it in."""

_LIMITS: Final = JsonLimits(max_bytes=MAX_CHANGE_BYTES, max_depth=3, max_nodes=64, floats=False)


class KeyChangeRefused(DomainError):
    """The bytes are no key change, or its members contradict each other."""

    problem = ProblemType.SCHEMA_INVALID


class KeyChangeUnauthorised(DomainError):
    """The signatures are not those that this change needs; `errors[0].code` says which."""

    problem = ProblemType.SIGNATURE_INVALID


class KeyChange(BaseModel):
    """What the envelope says. `key` is the new key, `key_id` the one to revoke.

    `replaces` names the key that the new one takes the place of; it is revoked at `overlap_until`.
    `suspect_from`: nothing the revoked or replaced key signed since then is trusted unseen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    v: Literal[1] = 1
    node: NodeId
    action: Literal["add", "revoke"]
    key: NodeKey | None = None
    key_id: KeyId | None = None
    replaces: KeyId | None = None
    overlap_until: WireInstant | None = None
    suspect_from: WireInstant | None = None
    reason: ReasonCode
    authorised_by: KeyId
    issued_at: WireInstant

    @model_validator(mode="after")
    def _members_fit_the_action(self) -> Self:
        if (self.key is not None) != (self.action == "add"):
            raise contradiction("/key", "add 才写 key，且必写 / named by add, and only there")
        if (self.key_id is not None) != (self.action == "revoke"):
            raise contradiction("/key_id", "revoke 才写 key_id / named by revoke, and only there")
        if (self.replaces is None) != (self.overlap_until is None):
            raise contradiction("/overlap_until", "与 replaces 同写 / goes with replaces")
        if self.replaces is not None and self.action != "add":
            raise contradiction("/replaces", "add 才写 replaces / named by add only")
        if self.suspect_from is not None and self.ends is None:
            raise contradiction("/suspect_from", "须有被吊销的密钥 / needs a key that ends")
        if self.key is not None and self.key.not_after is None:
            raise contradiction("/key/not_after", "须写有效期 / a new key needs not_after")
        return self

    @property
    def ends(self) -> str | None:
        """The key that this change ends, at once or after the overlap."""
        return self.key_id or self.replaces


@dataclass(frozen=True, slots=True)
class SignedKeyChange:
    """A change with its exact bytes. Unverified until `verify_change` returns."""

    change: KeyChange
    envelope: Envelope
    raw: bytes

    @property
    def change_hash(self) -> str:
        """SHA-256 of the payload: the same change under other signatures is the same change."""
        return sha256(self.envelope.payload).hexdigest()


def sign_change(change: KeyChange, keys: Sequence[SigningKey]) -> SignedKeyChange:
    """Write and sign with every key in turn; the result is what `read_change` makes of its `raw`.

    Raises:
        KeyChangeRefused: the change is too large.
    """
    members = change.model_dump(mode="json", exclude_none=True)
    text = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    payload = text.encode()
    signed = pre_authentication_encoding(KEY_CHANGE_TYPE, payload)
    envelope = {
        "payload": encode_base64(payload),
        "payloadType": KEY_CHANGE_TYPE,
        "signatures": [
            {"keyid": key.key_id, "sig": encode_base64(key.sign(signed))} for key in keys
        ],
    }
    return read_change(json.dumps(envelope, separators=(",", ":")).encode())


def read_change(raw: bytes) -> SignedKeyChange:
    """Read an untrusted envelope and its payload; no signature is checked here.

    Raises:
        KeyChangeRefused: another payload type, too many bytes, or members that do not fit.
        EnvelopeRefused: not a DSSE envelope.
        JsonRefused: envelope or payload is not JSON under the guard's limits.
        JsonTooLarge: the payload is too large.
    """
    if len(raw) > MAX_CHANGE_BYTES:
        message = f"至多 {MAX_CHANGE_BYTES} 字节 / at most {MAX_CHANGE_BYTES} bytes"
        raise KeyChangeRefused(message, [FieldError("", "key_change.size", message)])
    envelope = read_envelope(raw)
    if envelope.payload_type != KEY_CHANGE_TYPE:
        message = f"payloadType 应为 / must be {KEY_CHANGE_TYPE}"
        raise KeyChangeRefused(message, [FieldError("/payloadType", "key_change.type", message)])
    document = parse_json(envelope.payload, _LIMITS)
    try:
        return SignedKeyChange(KeyChange.model_validate(document), envelope, raw)
    except ValidationError as invalid:
        raise KeyChangeRefused(
            "密钥变更内容不符 / the key change is malformed", field_errors(invalid, document)
        ) from invalid


def verify_change(signed: SignedKeyChange, keys: Mapping[str, NodeKey]) -> None:
    """Return only when those who must have signed did, and nobody else.

    Args:
        signed: the change as read.
        keys: the node's own keys that are added and not revoked, by id. Whether one has passed its
            `not_after` does not matter: an expired key may still hand over to its successor.

    Raises:
        KeyChangeUnauthorised: a signer is unknown, may not do this, or did not sign.
    """
    change = signed.change
    signer = keys.get(change.authorised_by)
    if signer is None:
        raise KeyChangeUnauthorised(
            *_why("signer", "授权密钥不是本节点的有效密钥", "no active key of this node")
        )
    wanted = {change.authorised_by: signer}
    if change.key is not None:
        _may_add(change, change.key, signer=signer, keys=keys)
        wanted[change.key.key_id] = change.key
    else:
        _may_revoke(change, signer, keys)
    if {one.key_id for one in signed.envelope.signatures} != set(wanted):
        raise KeyChangeUnauthorised(
            *_why(
                "signatures",
                "须恰由授权密钥和新密钥签名",
                "exactly the authorising and the new key sign",
            )
        )
    try:
        for key in wanted.values():
            verify_envelope(signed.envelope, key.verifier())
    except (SignatureInvalid, KeyRefused) as refused:
        raise KeyChangeUnauthorised(
            *_why("signature", "签名不符", "a signature does not verify")
        ) from refused


def due_at(change: KeyChange) -> Instant | None:
    """When the key that this change ends is to be revoked; None when it ends none."""
    return change.issued_at if change.action == "revoke" else change.overlap_until


def expiry_warning(not_after: Instant, *, now: Instant) -> int | None:
    """The threshold that a key's end has passed: 0 once it is over, 7, 30 or 60 days; else None."""
    left = not_after - now
    return next((days for days in EXPIRY_WARNINGS if left <= timedelta(days=days)), None)


def _may_add(
    change: KeyChange, key: NodeKey, *, signer: NodeKey, keys: Mapping[str, NodeKey]
) -> None:
    if signer.use not in ANSWERS_FOR[key.use]:
        raise KeyChangeUnauthorised(
            *_why(
                "use", f"{signer.use} 密钥不能加入 {key.use} 密钥", "that key may not add this one"
            )
        )
    if change.replaces is None:
        return
    replaced = keys.get(change.replaces)
    if replaced is None or replaced.use != key.use:
        raise KeyChangeUnauthorised(
            *_why(
                "replaces",
                "被替换的密钥须是同一用途的有效密钥",
                "it replaces an active key of its use",
            )
        )


def _may_revoke(change: KeyChange, signer: NodeKey, keys: Mapping[str, NodeKey]) -> None:
    if signer.use != "recovery" or change.key_id == change.authorised_by:
        raise KeyChangeUnauthorised(
            *_why(
                "use", "只有恢复密钥可吊销其他密钥", "only the recovery key revokes, and not itself"
            )
        )
    if change.key_id not in keys:
        raise KeyChangeUnauthorised(
            *_why("key", "没有这把有效密钥", "the node has no such active key")
        )


def _why(code: str, zh: str, en: str) -> tuple[str, list[FieldError]]:
    message = f"{zh} / {en}"
    return message, [FieldError("", f"key_change.{code}", message)]
