"""The golden node, its two statements, anchor and enrolment: fixed seeds, fixed instants."""

from hashlib import sha256
from typing import Any, Final

from shared_schema.anchor import FederationAnchor
from shared_schema.declaration import COMMITMENTS
from shared_schema.dsse import pre_authentication_encoding
from shared_schema.enrolment import KEY_USES, EnrolmentRequest
from shared_schema.entry_parts import Names, NodeKey, NodeScope
from shared_schema.identities import SeededIds
from shared_schema.instants import parse_instant
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey
from shared_schema.statement import (
    STATEMENT_TYPE,
    Reason,
    SignedStatement,
    Statement,
    Subject,
    sign_statement,
)

FEDERATION: Final = "example-open-licensing"
LOG_ORIGIN: Final = "hub.example/log"
HUB_URL: Final = "https://hub.example"
NODE: Final = "node-example"
NUMBER: Final = "2017106018623"
NAMES: Final = Names(zh="示例节点", en="Example node")
SCOPE: Final = NodeScope(regions=("CN",), kinds=("licence",))
KEYS_UNTIL: Final = parse_instant("2028-11-22T00:00:00Z")
IDS: Final = SeededIds(20261122)
LISTING: Final = IDS.new_id()
OFFER_SALT: Final = IDS.new_token()
SUSPENSION_SALT: Final = IDS.new_token()
SEEDS: Final = {
    "hub": bytes(range(32)),
    "statement": bytes(range(32, 64)),
    "cosigner": bytes(range(64, 96)),
    "recovery": bytes(range(96, 128)),
}
HUB_KEY: Final = SigningKey.from_seed(SEEDS["hub"])
NODE_KEY: Final = SigningKey.from_seed(SEEDS["statement"])

DECLARATION: Final[dict[str, Any]] = {
    "schema": "licence-declaration/1",
    "profile": "statutory-2024",
    "patent": {
        "application_number": NUMBER,
        "kind": "invention",
        "title": "一种示例装置",
    },
    "holders": [{"name": "示例大学", "kind": "university"}],
    "fee": {
        "payment": {
            "mode": "entry_plus_royalty",
            "entry_fen": 2_000_000,
            "royalty": {"base": "net_sales", "rate_percent": "1.5"},
        },
        "free_period": {"months": 12},
    },
    "period": {"end": "2029-12-31"},
    "territory": {"include": ["CN"]},
    "technical_field": {"ipc": ["G01N 21/65"], "industries": ["C4040"]},
    "contact": {"name": "张三", "phone": "020-00000000"},
    "commitments": [
        {
            "code": code,
            "text_version": "2024-1",
            "signer": "示例大学",
            "signed_at": "2026-11-20T08:00:00Z",
        }
        for code in COMMITMENTS
    ],
}


def offer() -> SignedStatement:
    """Version 1: the offer."""
    statement = Statement(
        origin=NODE,
        listing=LISTING,
        oseq=1,
        version=1,
        prev=None,
        op="offer",
        subject=Subject(application_number=NUMBER),
        salt=OFFER_SALT,
        body=DECLARATION,
        issued_at=parse_instant("2026-11-22T08:00:00Z"),
    )
    return sign_statement(statement, NODE_KEY)


def suspension() -> SignedStatement:
    """Version 2: the same listing may not be accepted for now."""
    statement = Statement(
        origin=NODE,
        listing=LISTING,
        oseq=2,
        version=2,
        prev=offer().payload_hash,
        op="suspend",
        subject=Subject(application_number=NUMBER),
        salt=SUSPENSION_SALT,
        body=None,
        reason=Reason(code="annual_fee_overdue", text="年费滞纳"),
        issued_at=parse_instant("2026-11-23T01:30:00Z"),
    )
    return sign_statement(statement, NODE_KEY)


def anchor() -> FederationAnchor:
    """What a node's operator receives out of band."""
    return FederationAnchor(
        federation=FEDERATION,
        hub_url=HUB_URL,
        log_origin=LOG_ORIGIN,
        log_vkey=format_vkey(VerifierKey(LOG_ORIGIN, HUB_KEY.public)),
    )


def enrolment() -> EnrolmentRequest:
    """The golden node's wish to join."""
    keys = tuple(
        NodeKey.of(SigningKey.from_seed(SEEDS[use]).public, use=use, not_after=KEYS_UNTIL)
        for use in KEY_USES
    )
    return EnrolmentRequest(node=NODE, names=NAMES, keys=keys, scope=SCOPE)


def statement_vectors() -> dict[str, Any]:
    """Seeds, keys, and each statement from its payload to its two hashes."""
    return {
        "how_to_check": [
            "Ed25519 seeds are 32 bytes (RFC 8032 §5.1.5); key_id is the RFC 7638 thumbprint.",
            "payload, as UTF-8 bytes: its SHA-256 is payload_hash, the next version's prev.",
            (
                "signed_bytes is DSSE's PAE over payload_type and payload; its Ed25519 signature"
                " under the statement key is envelope.signatures[0].sig."
            ),
            "envelope, as ASCII bytes exactly as printed: its SHA-256 is object_hash.",
        ],
        "keys": {
            name: {"seed_hex": seed.hex(), "jwk": SigningKey.from_seed(seed).public.to_jwk()}
            for name, seed in SEEDS.items()
        },
        "payload_type": STATEMENT_TYPE,
        "statements": [_statement(offer()), _statement(suspension())],
    }


def anchor_vectors() -> dict[str, Any]:
    """The anchor file and its fingerprint."""
    return {
        "how_to_check": [
            "canonical is the file's JSON, members sorted by name, no white space, as UTF-8.",
            "fingerprint is SHA-256 of canonical in hex, in sixteen groups of four.",
            (
                "log_vkey is name+key id+base64(0x01 ‖ public key); the key id is the first 4 bytes"
                " of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), in hex."
            ),
        ],
        "file": anchor().write().decode(),
        "canonical": anchor().canonical_bytes().decode(),
        "fingerprint": anchor().fingerprint(),
    }


def enrolment_vectors() -> dict[str, Any]:
    """The enrolment body and the fingerprint that two people compare."""
    request = enrolment()
    lines = [request.node, *sorted(f"{key.use} {key.key_id}" for key in request.keys)]
    return {
        "how_to_check": [
            (
                "fingerprint is SHA-256 of fingerprint_of (lines joined by 0x0A, none at the end),"
                " in sixteen groups of four hex digits."
            ),
        ],
        "body": request.model_dump(mode="json"),
        "fingerprint_of": "\n".join(lines),
        "fingerprint": request.fingerprint(),
    }


def _statement(signed: SignedStatement) -> dict[str, str]:
    signed_bytes = pre_authentication_encoding(STATEMENT_TYPE, signed.payload)
    return {
        "payload": signed.payload.decode(),
        "payload_hash": signed.payload_hash,
        "signed_bytes_sha256": sha256(signed_bytes).hexdigest(),
        "envelope": signed.raw.decode(),
        "object_hash": signed.object_hash,
    }
