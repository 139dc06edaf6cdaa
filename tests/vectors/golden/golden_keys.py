"""The golden key changes: a rotation by old and new key, a revocation by the recovery key."""

from hashlib import sha256
from typing import Any, Final

from shared_schema.dsse import pre_authentication_encoding
from shared_schema.entry_parts import NodeKey
from shared_schema.instants import parse_instant
from shared_schema.key_change import KEY_CHANGE_TYPE, KeyChange, SignedKeyChange, sign_change
from shared_schema.signing_key import SigningKey
from tests.vectors.golden.golden_statements import NODE, NODE_KEY, SEEDS

NEXT_KEY: Final = SigningKey.from_seed(bytes(range(128, 160)))
RECOVERY_KEY: Final = SigningKey.from_seed(SEEDS["recovery"])
COSIGNER_KEY: Final = SigningKey.from_seed(SEEDS["cosigner"])
MADE: Final = parse_instant("2028-09-22T08:00:00Z")


def rotation() -> SignedKeyChange:
    """The next statement key, beside the old one for a week."""
    until = parse_instant("2030-09-22T08:00:00Z")
    change = KeyChange(
        node=NODE,
        action="add",
        key=NodeKey.of(NEXT_KEY.public, use="statement", not_after=until),
        replaces=NODE_KEY.key_id,
        overlap_until=parse_instant("2028-09-29T08:00:00Z"),
        reason="rotated",
        authorised_by=NODE_KEY.key_id,
        issued_at=MADE,
    )
    return sign_change(change, [NODE_KEY, NEXT_KEY])


def revocation() -> SignedKeyChange:
    """The cosigner key is worth nothing from now on, and suspect since two days before."""
    change = KeyChange(
        node=NODE,
        action="revoke",
        key_id=COSIGNER_KEY.key_id,
        suspect_from=parse_instant("2028-09-20T00:00:00Z"),
        reason="key_compromise",
        authorised_by=RECOVERY_KEY.key_id,
        issued_at=MADE,
    )
    return sign_change(change, [RECOVERY_KEY])


def key_change_vectors() -> dict[str, Any]:
    """Both envelopes with what must come out of them."""
    return {
        "how_to_check": [
            "envelope is DSSE; each of signers has signed DSSEv1 over payloadType and payload.",
            "The keys are those of enrolment.json, and the new key in the payload itself.",
            "change_hash is SHA-256 of payload; a log entry carries the envelope in base64.",
        ],
        "payload_type": KEY_CHANGE_TYPE,
        "changes": [_shown(rotation()), _shown(revocation())],
    }


def _shown(signed: SignedKeyChange) -> dict[str, Any]:
    payload = signed.envelope.payload
    return {
        "payload": payload.decode(),
        "envelope": signed.raw.decode(),
        "change_hash": signed.change_hash,
        "signed_bytes_sha256": sha256(
            pre_authentication_encoding(KEY_CHANGE_TYPE, payload)
        ).hexdigest(),
        "signers": [one.key_id for one in signed.envelope.signatures],
    }
