"""DSSE envelopes (Dead Simple Signing Envelope, protocol v1.0.2): who said these bytes, for ever.

Stricter than DSSE where it lets two envelopes mean the same: unknown members, URL-safe or loose
base64 and a missing key id are refused, since the log names an envelope by the hash of its bytes.
"""

import json
import re
from dataclasses import dataclass
from typing import Final

from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.signing_key import PublicKey, SignatureInvalid, SigningKey
from shared_schema.strict_base64 import decode_base64, encode_base64

MAX_ENVELOPE_BYTES: Final = 512 * 1024
MAX_SIGNATURES: Final = 4
_LIMITS: Final = JsonLimits(
    max_bytes=MAX_ENVELOPE_BYTES, max_string=MAX_ENVELOPE_BYTES, max_nodes=64, max_depth=3
)
_MAX_NAME: Final = 200
# The spelling of `sign_envelope`: no escapes, one signature. Others are read member by member.
_AS_WRITTEN: Final = re.compile(
    rb'\{"payload":"([A-Za-z0-9+/=]*+)","payloadType":"([ !#-\[\]-~]{1,200}+)",'
    rb'"signatures":\[\{"keyid":"([ !#-\[\]-~]{1,200}+)","sig":"([A-Za-z0-9+/=]*+)"\}\]\}'
)


class EnvelopeRefused(DomainError):
    """The bytes are no DSSE envelope of one spelling; `errors[0].pointer` says where."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class EnvelopeSignature:
    """One signature; `key_id` is a claim until the signature verifies under that key."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as read. Nothing in it is trusted before `verify_envelope`."""

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """PAE(type, payload): the bytes that are signed (DSSE protocol, "Signature Definition")."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def sign_envelope(payload: bytes, payload_type: str, key: SigningKey) -> bytes:
    """The envelope's bytes with one signature, to be stored and sent as they are."""
    signature = key.sign(pre_authentication_encoding(payload_type, payload))
    envelope = {
        "payload": encode_base64(payload),
        "payloadType": payload_type,
        "signatures": [{"keyid": key.key_id, "sig": encode_base64(signature)}],
    }
    return json.dumps(envelope, separators=(",", ":")).encode()


def read_envelope(raw: bytes) -> Envelope:
    """Read untrusted bytes without verifying.

    Raises:
        EnvelopeRefused: not exactly the envelope's members, types and base64.
        JsonRefused: not JSON under the guard's limits.
        JsonTooLarge: more than `MAX_ENVELOPE_BYTES`.
    """
    written = _AS_WRITTEN.fullmatch(raw) if len(raw) <= MAX_ENVELOPE_BYTES else None
    if written is not None:
        payload, payload_type, key_id, signature = (
            part.decode("ascii") for part in written.groups()
        )
        signer = EnvelopeSignature(key_id, _bytes(signature, "/signatures/0/sig"))
        return Envelope(payload_type, _bytes(payload, "/payload"), (signer,))
    return _read_members(raw)


def _read_members(raw: bytes) -> Envelope:
    """Any other spelling of the same.

    Raises:
        EnvelopeRefused: not exactly the envelope's members, types and base64.
        JsonRefused: not JSON under the guard's limits.
        JsonTooLarge: more than `MAX_ENVELOPE_BYTES`.
    """
    envelope = _members(parse_json(raw, _LIMITS), {"payload", "payloadType", "signatures"}, "")
    payload_type = _text(envelope["payloadType"], "/payloadType")
    listed = envelope["signatures"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_SIGNATURES:
        message = f"签名应有 1 至 {MAX_SIGNATURES} 个 / 1 to {MAX_SIGNATURES} signatures"
        raise EnvelopeRefused(*_why("/signatures", "signatures", message))
    signatures = tuple(
        _read_signature(signature, f"/signatures/{place}") for place, signature in enumerate(listed)
    )
    if len({signature.key_id for signature in signatures}) != len(signatures):
        raise EnvelopeRefused(*_why("/signatures", "keyid", "密钥重复 / one key signs twice"))
    return Envelope(payload_type, _bytes(envelope["payload"], "/payload"), signatures)


def verify_envelope(envelope: Envelope, key: PublicKey) -> None:
    """Return only when `key` signed exactly this payload under exactly this type.

    Raises:
        SignatureInvalid: no signature claims the key, or the one that does is not the key's.
    """
    for signature in envelope.signatures:
        if signature.key_id == key.key_id:
            signed = pre_authentication_encoding(envelope.payload_type, envelope.payload)
            _verify(key, signature.signature, signed)
            return
    message = "没有该密钥的签名 / no signature of this key"
    raise SignatureInvalid(message, [FieldError("/signatures", "dsse.other_key", message, "DSSE")])


def _verify(key: PublicKey, signature: bytes, signed: bytes) -> None:
    try:
        key.verify(signature, signed)
    except SignatureInvalid as mismatch:
        message = "声明的签名不符 / the statement's signature does not verify"
        error = FieldError("/signatures/0/sig", "dsse.mismatch", message, "DSSE")
        raise SignatureInvalid(f"{message}: {mismatch.detail}", [error]) from mismatch


def _read_signature(value: object, pointer: str) -> EnvelopeSignature:
    members = _members(value, {"keyid", "sig"}, pointer)
    key_id = _text(members["keyid"], f"{pointer}/keyid")
    return EnvelopeSignature(key_id, _bytes(members["sig"], f"{pointer}/sig"))


def _members(value: object, names: set[str], pointer: str) -> dict[str, object]:
    if not isinstance(value, dict) or value.keys() != names:
        message = f"成员应为 / the members are: {', '.join(sorted(names))}"
        raise EnvelopeRefused(*_why(pointer, "members", message))
    return value


def _text(value: object, pointer: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _MAX_NAME:
        message = f"应为 1 至 {_MAX_NAME} 字的文本 / a text of 1 to {_MAX_NAME} characters"
        raise EnvelopeRefused(*_why(pointer, "text", message))
    return value


def _bytes(value: object, pointer: str) -> bytes:
    raw = decode_base64(value) if isinstance(value, str) else None
    if raw is None:
        message = "应为标准 base64（RFC 4648 §4）/ standard base64 of one spelling"
        raise EnvelopeRefused(*_why(pointer, "base64", message))
    return raw


def _why(pointer: str, code: str, message: str) -> tuple[str, list[FieldError]]:
    return message, [FieldError(pointer, f"dsse.{code}", message, "DSSE envelope")]
