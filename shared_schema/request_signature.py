"""Signed requests between nodes and hub (protocol §2): who sent this, now, and with these bytes.

Verification order: structure, key, window, signature, digest. Replay is not judged here: the caller
inserts `(key_id, nonce)` in the request's own transaction and keeps it until `expires`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared_schema.content_digest import content_digest, verify_content_digest
from shared_schema.instants import Instant
from shared_schema.message_signature import (
    FoundSignature,
    KeyOf,
    Policy,
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
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SignatureInvalid, SigningKey

REQUEST_TAG: Final = "kaixu-request/1"
LIFETIME_SECONDS: Final = 300
WINDOW_SECONDS: Final = 300
COVERED_FIELDS: Final = ("content-digest", "content-type", "content-encoding", "idempotency-key")
REQUEST_POLICY: Final = Policy(
    REQUEST_TAG, frozenset({"created", "expires", "keyid", "alg", "nonce", "tag"}), "signature"
)
_LAST_SECOND: Final = int(datetime.max.replace(tzinfo=UTC).timestamp())


class ClockSkew(DomainError):
    """`created` is too far from now, or `expires` has passed: correct the clock and retry once."""

    problem = ProblemType.CLOCK_SKEW


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """What a verified signature says: the key, and the nonce to be remembered until `expires`."""

    key_id: str
    nonce: str
    created: Instant
    expires: Instant
    label: str


def required_components(message: SignedMessage, *, has_body: bool) -> list[str]:
    """The components a request must cover, in protocol §2's order.

    Digest and type whenever there is a body; each of the four fields whenever it is present.
    """
    always = {"content-digest", "content-type"} if has_body else set()
    fields = [name for name in COVERED_FIELDS if name in always or name in message.headers]
    return ['"@method"', '"@target-uri"', *(f'"{name}"' for name in fields)]


def sign_request(
    message: SignedMessage, *, body: bytes = b"", key: SigningKey, now: Instant, nonce: str
) -> dict[str, str]:
    """The fields to add to `message`: the two signature fields and, for a body, `Content-Digest`.

    `body` is the content as it will be sent, after compression. `nonce` comes from
    `IdSource.new_token`, a fresh one for each attempt.

    Raises:
        SignatureInvalid: a body without Content-Type, or a component that cannot be signed.
    """
    added = {"Content-Digest": content_digest(body)} if body else {}
    signed = SignedMessage(message.method, message.url, message.headers.joined(added))
    signature = sign_message(
        signed,
        required_components(signed, has_body=bool(body)),
        key=key,
        stamp=Stamp(REQUEST_TAG, now, now + timedelta(seconds=LIFETIME_SECONDS), nonce),
    )
    return added | signature


def verify_request(
    message: SignedMessage, *, body: bytes, key_of: KeyOf, now: Instant
) -> VerifiedRequest:
    """Prove who sent `message` with exactly these `body` bytes (as sent, still compressed).

    `message.url` must be rebuilt from configuration. `key_of` may refuse by itself (expired,
    revoked, suspended).

    Raises:
        SignatureMissing: no signature of this protocol.
        SignatureInvalid: malformed, against the policy, or not the key's.
        ComponentNotCovered: body or fields are not signed.
        NodeUnknown: nobody enrolled the key.
        ClockSkew: outside ±300 s.
        DigestMismatch: the body is another.
    """
    found, verified = _read_claim(message, has_body=bool(body))
    key = resolve_key(found, key_of)
    _check_window(verified, now)
    verify_signature(message, key, found)
    for digest in message.headers.values_of("content-digest"):
        verify_content_digest(digest, body)
    return verified


def claimed_key_id(message: SignedMessage, *, body: bytes) -> str:
    """The key a well-formed request claims, for a directory that is asked before verifying.

    Raises:
        SignatureMissing: no signature of this protocol.
        SignatureInvalid: malformed, or against the policy.
        ComponentNotCovered: body or fields are not signed.
    """
    return _read_claim(message, has_body=bool(body))[0].key_id


def _read_claim(
    message: SignedMessage, *, has_body: bool
) -> tuple[FoundSignature, VerifiedRequest]:
    found = find_signature(message, REQUEST_POLICY)
    check_components(found, message, required_components(message, has_body=has_body))
    return found, _read_lifetime(found)


def _read_lifetime(found: FoundSignature) -> VerifiedRequest:
    created, expires = found.parameters["created"], found.parameters["expires"]
    if not 0 <= created <= _LAST_SECOND - LIFETIME_SECONDS:
        message = "created 超出范围 / created is out of range"
        raise SignatureInvalid(*why("created_range", message, REQUEST_POLICY.family))
    if expires <= created:
        message = "expires 须晚于 created / expires must be later than created"
        raise SignatureInvalid(*why("expires_order", message, REQUEST_POLICY.family))
    if expires > created + LIFETIME_SECONDS:
        message = f"有效期不得超过 {LIFETIME_SECONDS} 秒 / valid for longer than that"
        raise SignatureInvalid(*why("lifetime", message, REQUEST_POLICY.family))
    return VerifiedRequest(
        key_id=found.key_id,
        nonce=found.parameters["nonce"],
        created=datetime.fromtimestamp(created, UTC),
        expires=datetime.fromtimestamp(expires, UTC),
        label=found.label,
    )


def _check_window(verified: VerifiedRequest, now: Instant) -> None:
    offset = (verified.created - now).total_seconds()
    message = f"时钟相差 {offset:+.0f} 秒 / created is {offset:+.0f} s from the server's time"
    if offset > WINDOW_SECONDS:
        raise ClockSkew(*why("created_ahead", message, REQUEST_POLICY.family))
    if offset < -WINDOW_SECONDS:
        raise ClockSkew(*why("created_behind", message, REQUEST_POLICY.family))
    if verified.expires < now:
        raise ClockSkew(*why("expired", message, REQUEST_POLICY.family))
