"""Receipts: the hub's signed answers to writes, bound to the request they answer (RFC 9421 §2.4).

A node keeps a `StoredReceipt` and can prove years later, without the hub, which request got which
answer. There is no window and no nonce: the request's own signature, which has both, is covered.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared_schema.bounded_json import JsonLimits, parse_json
from shared_schema.content_digest import DigestMismatch, content_digest, verify_content_digest
from shared_schema.instants import Instant
from shared_schema.message_signature import (
    FieldLines,
    FoundSignature,
    KeyOf,
    Policy,
    SignatureMissing,
    SignedAnswer,
    SignedMessage,
    Stamp,
    check_components,
    find_signature,
    resolve_key,
    sign_message,
    verify_signature,
    why,
)
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.request_signature import COVERED_FIELDS
from shared_schema.signing_key import SignatureInvalid, SigningKey
from shared_schema.strict_base64 import decode_base64, encode_base64

RECEIPT_TAG: Final = "kaixu-receipt/1"
RECEIPT_SCHEMA: Final = "stored-receipt/1"
_POLICY: Final = Policy(RECEIPT_TAG, frozenset({"created", "keyid", "alg", "tag"}), "receipt")
_LAST_SECOND: Final = int(datetime.max.replace(tzinfo=UTC).timestamp())
_SIGNATURE_FIELDS: Final = ("signature-input", "signature")
_REQUEST_FIELDS: Final = (*COVERED_FIELDS, *_SIGNATURE_FIELDS)
_ANSWER_FIELDS: Final = ("content-digest", "content-type", *_SIGNATURE_FIELDS)
_LIMITS: Final = JsonLimits(max_string=12 * 1024 * 1024, max_nodes=200, max_depth=4)


class ReceiptRefused(DomainError):
    """The bytes are no stored receipt."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """Who signed the answer, and when by the signer's clock."""

    key_id: str
    created: Instant


def sign_receipt(
    answer: SignedAnswer, *, body: bytes, key: SigningKey, now: Instant
) -> dict[str, str]:
    """The fields to add to `answer`: `Content-Digest` and the two signature fields.

    `body` is the answer's content as it will be sent; an empty one has a digest too. The answered
    request must have been verified.

    Raises:
        SignatureMissing: the answered request is not signed.
        SignatureInvalid: no Content-Type, or a component that cannot be signed.
    """
    added = {"Content-Digest": content_digest(body)}
    signed = SignedAnswer(answer.status_code, answer.headers.joined(added), answer.request)
    stamp = Stamp(RECEIPT_TAG, now)
    return added | sign_message(signed, required_components(answer), key=key, stamp=stamp)


def required_components(answer: SignedAnswer) -> list[str]:
    """What a receipt covers, in order: the answer, then the request it is bound to.

    Raises:
        SignatureMissing: the answered request carries no signature.
    """
    if "signature" not in answer.request.headers:
        message = "所答请求未签名 / the request is not signed"
        raise SignatureMissing(*why("request_unsigned", message, _POLICY.family))
    bound = ["@method", "@target-uri", "signature"]
    if "content-digest" in answer.request.headers:
        bound.append("content-digest")
    own = ['"@status"', '"content-digest"', '"content-type"']
    return [*own, *(f'"{name}";req' for name in bound)]


def verify_receipt(answer: SignedAnswer, *, body: bytes, key_of: KeyOf) -> VerifiedReceipt:
    """Prove that the key's holder gave this answer, with this body, to exactly this request.

    Raises:
        SignatureMissing: the answer carries no receipt.
        SignatureInvalid: malformed, against the policy, or not the key's.
        ComponentNotCovered: the receipt does not cover answer and request.
        NodeUnknown: the key is not known.
        DigestMismatch: the body is another.
    """
    found = find_signature(answer, _POLICY)
    check_components(found, answer, required_components(answer))
    created = _read_created(found)
    key = resolve_key(found, key_of)
    verify_signature(answer, key, found)
    _check_body(answer, body)
    return VerifiedReceipt(found.key_id, created)


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """An exchange reduced to what its signatures cover; it verifies without hub or clock."""

    answer: SignedAnswer
    body: bytes

    @classmethod
    def of(cls, answer: SignedAnswer, body: bytes) -> "StoredReceipt":
        """Keep the signed fields of both messages and the answer's body as it came."""
        request = answer.request
        kept = SignedMessage(request.method, request.url, request.headers.only(_REQUEST_FIELDS))
        return cls(
            SignedAnswer(answer.status_code, answer.headers.only(_ANSWER_FIELDS), kept), body
        )

    def verify(self, key_of: KeyOf) -> VerifiedReceipt:
        """As `verify_receipt`, over what was kept."""
        return verify_receipt(self.answer, body=self.body, key_of=key_of)

    def to_json(self) -> bytes:
        """One compact JSON document; signed field values stand in it exactly as sent."""
        stored = _StoredForm(
            schema_id=RECEIPT_SCHEMA,
            method=self.answer.request.method,
            target_uri=self.answer.request.url,
            request_headers=self.answer.request.headers.lines,
            status=self.answer.status_code,
            headers=self.answer.headers.lines,
            body=encode_base64(self.body),
        )
        written = stored.model_dump(by_alias=True)
        return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> "StoredReceipt":
        """Read what `to_json` wrote; verify it before relying on it.

        Raises:
            ReceiptRefused: another structure.
            JsonRefused: not JSON under the guard's limits.
            JsonTooLarge: more than 16 MiB.
        """
        try:
            stored = _StoredForm.model_validate(parse_json(raw, _LIMITS))
        except ValidationError as invalid:
            pointer = "/" + "/".join(str(part) for part in invalid.errors()[0]["loc"])
            message = "不是留存的回执 / not a stored receipt"
            raise ReceiptRefused(
                message, [FieldError(pointer, "receipt.structure", message)]
            ) from invalid
        body = decode_base64(stored.body)
        if body is None:
            message = "body 应为标准 base64 / body must be standard base64"
            raise ReceiptRefused(message, [FieldError("/body", "receipt.structure", message)])
        request = SignedMessage.of(stored.method, stored.target_uri, stored.request_headers)
        return cls(SignedAnswer(stored.status, FieldLines.of(stored.headers), request), body)


class _StoredForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_id: str = Field(alias="schema", pattern="^stored-receipt/1$")
    method: str
    target_uri: str
    request_headers: tuple[tuple[str, str], ...]
    status: int = Field(strict=True, ge=100, le=599)
    headers: tuple[tuple[str, str], ...]
    body: str


def _check_body(answer: SignedAnswer, body: bytes) -> None:
    """Hold the body to the signed digest, under codes of receipts.

    Raises:
        DigestMismatch: the body is another.
    """
    try:
        for digest in answer.headers.values_of("content-digest"):
            verify_content_digest(digest, body)
    except DigestMismatch as other:
        errors = [
            replace(error, code=f"{_POLICY.family}.{error.code.replace('.', '_')}")
            for error in other.errors
        ]
        raise DigestMismatch(other.detail, errors) from other


def _read_created(found: FoundSignature) -> Instant:
    created = found.parameters["created"]
    if not 0 <= created <= _LAST_SECOND:
        message = "created 超出范围 / created is out of range"
        raise SignatureInvalid(*why("created_range", message, _POLICY.family))
    return datetime.fromtimestamp(created, UTC)
