"""Receipts: bound to their request, refused when anything differs, provable years later."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.message_signature import (
    FieldLines,
    SignatureMissing,
    SignedAnswer,
    SignedMessage,
)
from shared_schema.receipt import (
    ReceiptRefused,
    StoredReceipt,
    required_components,
    sign_receipt,
    verify_receipt,
)
from shared_schema.refusal import DomainError
from shared_schema.request_signature import verify_request
from shared_schema.signing_key import SignatureInvalid
from tests.attacks.attack import Attack
from tests.attacks.receipt_attacks import (
    ANSWER,
    HUB,
    KEYS,
    RECEIPT_ATTACKS,
    RECEIPT_BODY,
    Presented,
    answer_to,
)
from tests.shared_schema.signed_requests import NODE, NOW, signed


def test_a_receipt_names_the_hub_and_the_time() -> None:
    verified = verify_receipt(ANSWER, body=RECEIPT_BODY, key_of=KEYS.get)

    assert (verified.key_id, verified.created) == (HUB.key_id, NOW)


def test_a_receipt_covers_the_answer_and_the_request_it_answers() -> None:
    (stated,) = ANSWER.headers.values_of("signature-input")

    assert stated == (
        'kaixu=("@status" "content-digest" "content-type" "@method";req "@target-uri";req'
        f' "signature";req "content-digest";req);created={int(NOW.timestamp())};'
        f'keyid="{HUB.key_id}";alg="ed25519";tag="kaixu-receipt/1"'
    )
    assert '"content-digest";req' not in required_components(answer_to(signed(b"").message))


@given(st.binary(max_size=200), st.binary(max_size=50), st.integers(min_value=200, max_value=599))
def test_a_kept_receipt_verifies_after_any_number_of_years(
    body: bytes, sent: bytes, status: int
) -> None:
    answer = answer_to(signed(sent).message, body, status=status)

    kept = StoredReceipt.from_json(StoredReceipt.of(answer, body).to_json())

    assert kept == StoredReceipt.of(answer, body)
    assert kept.verify(KEYS.get).key_id == HUB.key_id
    assert (kept.body, kept.answer.status_code) == (body, status)


def test_a_kept_receipt_also_proves_who_had_asked() -> None:
    kept = StoredReceipt.from_json(StoredReceipt.of(ANSWER, RECEIPT_BODY).to_json())

    verified = verify_request(kept.answer.request, body=signed().body, key_of=KEYS.get, now=NOW)

    assert verified.key_id == NODE.key_id


def test_only_signed_fields_are_kept() -> None:
    kept = StoredReceipt.of(ANSWER, RECEIPT_BODY)

    assert set(kept.answer.headers) == {
        "content-type", "content-digest", "signature-input", "signature",
    }  # fmt: skip
    assert "date" not in kept.answer.headers


@pytest.mark.parametrize("attack", RECEIPT_ATTACKS, ids=lambda attack: attack.name)
def test_a_receipt_that_was_tampered_with_is_refused_by_its_own_code(
    attack: Attack[Presented],
) -> None:
    for way, forge in attack.ways.items():
        answer, body = forge()
        with pytest.raises(DomainError) as refused:
            verify_receipt(answer, body=body, key_of=KEYS.get)

        assert attack.is_met_by(refused.value), (way, refused.value.errors)


def test_an_unsigned_request_or_an_untyped_answer_gets_no_receipt() -> None:
    unsigned = SignedMessage.of("POST", "https://hub.gd.example/", {})
    typed = FieldLines.of({"content-type": "text/plain"})

    with pytest.raises(SignatureMissing):
        sign_receipt(SignedAnswer(200, typed, unsigned), body=b"", key=HUB, now=NOW)
    with pytest.raises(SignatureInvalid):
        sign_receipt(
            SignedAnswer(200, FieldLines(()), signed().message), body=b"", key=HUB, now=NOW
        )


STORED = json.loads(StoredReceipt.of(ANSWER, RECEIPT_BODY).to_json())


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"schema": "stored-receipt/2"}, "/schema"),
        ({"status": "201"}, "/status"),
        ({"status": 99}, "/status"),
        ({"headers": [["one"]]}, "/headers/0/1"),
        ({"headers": {}}, "/headers"),
        ({"body": "***"}, "/body"),
        ({"extra": 1}, "/extra"),
    ],
    ids=str,
)
def test_a_document_of_another_structure_is_no_receipt(
    change: dict[str, object], pointer: str
) -> None:
    with pytest.raises(ReceiptRefused) as refused:
        StoredReceipt.from_json(json.dumps(STORED | change).encode())

    assert refused.value.errors[0].pointer == pointer


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_receipt(raw: bytes) -> None:
    with pytest.raises(DomainError):
        StoredReceipt.from_json(raw)
