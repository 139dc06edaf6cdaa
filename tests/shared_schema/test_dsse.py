"""DSSE envelopes against the protocol's vector, and envelopes of a second spelling."""

import json
from base64 import b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.bounded_json import JsonRefused, JsonTooLarge
from shared_schema.dsse import (
    MAX_ENVELOPE_BYTES,
    EnvelopeRefused,
    pre_authentication_encoding,
    read_envelope,
    sign_envelope,
    verify_envelope,
)
from shared_schema.refusal import DomainError
from shared_schema.signing_key import SignatureInvalid, SigningKey

VECTOR: dict[str, str] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "dsse_protocol.json").read_text()
)
KEY = SigningKey.from_seed(b"envelope" * 4)
OTHER = SigningKey.from_seed(b"somebody" * 4)
TYPE = "application/vnd.example+json"
GOOD: dict[str, Any] = json.loads(sign_envelope(b"hello world", TYPE, KEY))


def test_the_encoding_is_that_of_the_protocols_vector() -> None:
    encoded = pre_authentication_encoding(VECTOR["payload_type"], VECTOR["payload"].encode())

    assert encoded == VECTOR["pae"].encode()
    assert b64decode(VECTOR["envelope_payload"]) == VECTOR["payload"].encode()


def test_the_signature_of_the_protocols_vector_is_over_our_encoding() -> None:
    numbers = EllipticCurvePublicNumbers(
        int(VECTOR["public_x"]), int(VECTOR["public_y"]), SECP256R1()
    )
    raw = b64decode(VECTOR["signature"])
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))

    numbers.public_key().verify(
        signature,
        pre_authentication_encoding(VECTOR["payload_type"], VECTOR["payload"].encode()),
        ECDSA(SHA256()),
    )


def test_lengths_count_bytes_and_not_characters() -> None:
    assert (
        pre_authentication_encoding("类型", b"\x00") == b"DSSEv1 6 \xe7\xb1\xbb\xe5\x9e\x8b 1 \x00"
    )


@given(st.binary(max_size=500), st.text("abcdefgh/.+-", min_size=1, max_size=60))
def test_what_was_signed_reads_back_and_verifies(payload: bytes, payload_type: str) -> None:
    envelope = read_envelope(sign_envelope(payload, payload_type, KEY))

    verify_envelope(envelope, KEY.public)
    assert (envelope.payload, envelope.payload_type) == (payload, payload_type)
    assert envelope.signatures[0].key_id == KEY.key_id


def test_another_key_payload_or_type_does_not_verify() -> None:
    envelope = read_envelope(sign_envelope(b"hello world", TYPE, KEY))
    with pytest.raises(SignatureInvalid) as refused:
        verify_envelope(envelope, OTHER.public)
    assert refused.value.errors[0].code == "dsse.other_key"

    changes: tuple[dict[str, Any], ...] = (
        {"payload": "aGVsbG8gV29ybGQ="},
        {"payloadType": TYPE + "x"},
        {"signatures": [{"keyid": OTHER.key_id, "sig": GOOD["signatures"][0]["sig"]}]},
    )
    for change in changes:
        changed = read_envelope(json.dumps(GOOD | change).encode())
        key = OTHER if "signatures" in change else KEY
        with pytest.raises(SignatureInvalid) as refused:
            verify_envelope(changed, key.public)
        assert refused.value.errors[0].code == "dsse.mismatch"


def test_of_two_signatures_each_verifies_under_its_own_key() -> None:
    second = json.loads(sign_envelope(b"hello world", TYPE, OTHER))["signatures"]
    both = read_envelope(json.dumps(GOOD | {"signatures": GOOD["signatures"] + second}).encode())

    verify_envelope(both, KEY.public)
    verify_envelope(both, OTHER.public)


SIGNATURE = GOOD["signatures"][0]


@pytest.mark.parametrize(
    ("envelope", "pointer", "code"),
    [
        ([], "", "dsse.members"),
        ({}, "", "dsse.members"),
        (GOOD | {"extra": 1}, "", "dsse.members"),
        ({"payload": "", "payloadType": TYPE}, "", "dsse.members"),
        (GOOD | {"payloadType": ""}, "/payloadType", "dsse.text"),
        (GOOD | {"payloadType": 7}, "/payloadType", "dsse.text"),
        (GOOD | {"payloadType": "x" * 201}, "/payloadType", "dsse.text"),
        (GOOD | {"payload": 7}, "/payload", "dsse.base64"),
        (GOOD | {"payload": "aGVsbG8gd29ybGQ"}, "/payload", "dsse.base64"),
        (GOOD | {"payload": "aGVsbG8gd29ybGR="}, "/payload", "dsse.base64"),
        (GOOD | {"payload": "aGVs bG8gd29ybGQ="}, "/payload", "dsse.base64"),
        (
            GOOD | {"payload": urlsafe_b64encode(b"\xff\xfe\xfd").decode()},
            "/payload",
            "dsse.base64",
        ),
        (GOOD | {"signatures": []}, "/signatures", "dsse.signatures"),
        (GOOD | {"signatures": {}}, "/signatures", "dsse.signatures"),
        (GOOD | {"signatures": [SIGNATURE] * 5}, "/signatures", "dsse.signatures"),
        (GOOD | {"signatures": [SIGNATURE, SIGNATURE]}, "/signatures", "dsse.keyid"),
        (GOOD | {"signatures": ["sig"]}, "/signatures/0", "dsse.members"),
        (GOOD | {"signatures": [{"sig": "AAAA"}]}, "/signatures/0", "dsse.members"),
        (GOOD | {"signatures": [SIGNATURE | {"x": 1}]}, "/signatures/0", "dsse.members"),
        (GOOD | {"signatures": [SIGNATURE | {"keyid": None}]}, "/signatures/0/keyid", "dsse.text"),
        (GOOD | {"signatures": [SIGNATURE | {"sig": "*"}]}, "/signatures/0/sig", "dsse.base64"),
    ],
    ids=str,
)
def test_an_envelope_of_another_structure_is_refused(
    envelope: object, pointer: str, code: str
) -> None:
    with pytest.raises(EnvelopeRefused) as refused:
        read_envelope(json.dumps(envelope).encode())

    assert (refused.value.errors[0].pointer, refused.value.errors[0].code) == (pointer, code)


def test_a_repeated_member_and_an_oversized_envelope_are_refused() -> None:
    raw = sign_envelope(b"hello world", TYPE, KEY)

    with pytest.raises(JsonRefused):
        read_envelope(raw.replace(b'{"payload"', b'{"payload":"","payload"', 1))
    with pytest.raises(JsonTooLarge):
        read_envelope(raw + b" " * MAX_ENVELOPE_BYTES)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    with pytest.raises(DomainError):
        read_envelope(raw)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (b'"payload"', b'"payload"'),
        (b'"sig":"', b'"sig":"='),
        (b'"payload":"', b'"payload":"A'),
        (b'"keyid":"', b'"keyid":"' + b"k" * 200),
        (b"vnd", b"v\\u006ed"),
    ],
)
def test_the_spelling_of_our_writer_and_any_other_are_judged_alike(
    part: bytes, instead: bytes
) -> None:
    written = sign_envelope(b"payload", "application/vnd.kaixu.test", KEY)
    changed = written.replace(part, instead)

    assert _judged(changed) == _judged(changed.replace(b',"sig"', b', "sig"'))


def _judged(raw: bytes) -> object:
    try:
        return read_envelope(raw)
    except DomainError as refused:
        return type(refused), [(error.pointer, error.code) for error in refused.errors]
