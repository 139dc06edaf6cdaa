"""Receipts: bound to their request, refused when anything differs, provable years later."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.content_digest import content_digest
from shared_schema.message_signature import (
    FieldLines,
    SignatureMissing,
    SignedAnswer,
    SignedMessage,
    Stamp,
    sign_message,
)
from shared_schema.receipt import (
    RECEIPT_TAG,
    ReceiptRefused,
    StoredReceipt,
    required_components,
    sign_receipt,
    verify_receipt,
)
from shared_schema.refusal import DomainError
from shared_schema.request_signature import verify_request
from shared_schema.signing_key import SignatureInvalid, SigningKey
from tests.shared_schema.signed_requests import NODE, NOW, STRANGER, signed

HUB = SigningKey.from_seed(b"hub key!" * 4)
KEYS = {HUB.key_id: HUB.public, NODE.key_id: NODE.public}
BODY = '{"state":"received","oseq":7,"note":"已收到"}'.encode()


def answer_to(
    request: SignedMessage, body: bytes = BODY, *, key: SigningKey = HUB, status: int = 201
) -> SignedAnswer:
    fields = FieldLines.of({"Content-Type": "application/json", "Date": "any"})
    plain = SignedAnswer(status, fields, request)
    added = sign_receipt(plain, body=body, key=key, now=NOW)
    return replace(plain, headers=fields.joined(added))


ANSWER = answer_to(signed().message)


def test_a_receipt_names_the_hub_and_the_time() -> None:
    verified = verify_receipt(ANSWER, body=BODY, key_of=KEYS.get)

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
    kept = StoredReceipt.from_json(StoredReceipt.of(ANSWER, BODY).to_json())

    verified = verify_request(kept.answer.request, body=signed().body, key_of=KEYS.get, now=NOW)

    assert verified.key_id == NODE.key_id


def test_only_signed_fields_are_kept() -> None:
    kept = StoredReceipt.of(ANSWER, BODY)

    assert set(kept.answer.headers) == {
        "content-type", "content-digest", "signature-input", "signature",
    }  # fmt: skip
    assert "date" not in kept.answer.headers


def _with_fields(**fields: str | None) -> SignedAnswer:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    kept = tuple(line for line in ANSWER.headers.lines if line[0] not in named)
    added = tuple((name, value) for name, value in named.items() if value is not None)
    return replace(ANSWER, headers=FieldLines(kept + added))


def _signed_over(components: list[str], stamp: Stamp) -> SignedAnswer:
    fields = FieldLines.of(
        {"content-type": "application/json", "content-digest": content_digest(BODY)}
    )
    plain = SignedAnswer(201, fields, signed().message)
    added = sign_message(plain, components, key=HUB, stamp=stamp)
    return replace(plain, headers=fields.joined(added))


def _to(request: SignedMessage) -> SignedAnswer:
    return replace(ANSWER, request=request)


REQUIRED = required_components(ANSWER)
STAMP = Stamp(RECEIPT_TAG, NOW)
FORGERIES: dict[str, tuple[Callable[[], SignedAnswer], str, str]] = {
    "no receipt": (
        lambda: _with_fields(signature=None, signature_input=None),
        "signature_missing", "signature.missing"),
    "a request's tag": (
        lambda: _signed_over(REQUIRED, Stamp("kaixu-request/1", NOW)),
        "signature_missing", "signature.tag_missing"),
    "another status": (
        lambda: replace(ANSWER, status_code=409), "signature_invalid", "signature.mismatch"),
    "another type": (
        lambda: _with_fields(content_type="text/html"),
        "signature_invalid", "signature.mismatch"),
    "another request": (
        lambda: _to(signed(b"other").message), "signature_invalid", "signature.mismatch"),
    "another method": (
        lambda: _to(signed().at(method="PUT").message),
        "signature_invalid", "signature.mismatch"),
    "another address": (
        lambda: _to(signed().at(url="https://hub.gd.example/other").message),
        "signature_invalid", "signature.mismatch"),
    "a request without its digest": (
        lambda: _to(signed().with_fields(content_digest=None).message),
        "signature_invalid", "signature.components"),
    "an unsigned request": (
        lambda: _to(signed().with_fields(signature=None).message),
        "signature_missing", "signature.missing"),
    "status not covered": (
        lambda: _signed_over(REQUIRED[1:], STAMP),
        "component_not_covered", "signature.not_covered"),
    "request not covered": (
        lambda: _signed_over(REQUIRED[:3], STAMP),
        "component_not_covered", "signature.not_covered"),
    "a nonce": (
        lambda: _signed_over(REQUIRED, Stamp(RECEIPT_TAG, NOW, nonce="A" * 22)),
        "signature_invalid", "signature.parameter_unknown"),
    "created before 1970": (
        lambda: _signed_over(REQUIRED, Stamp(RECEIPT_TAG, datetime(1960, 1, 1, tzinfo=UTC))),
        "signature_invalid", "signature.lifetime"),
    "an unknown hub": (
        lambda: answer_to(signed().message, key=STRANGER), "node_unknown", "signature.key_unknown"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_receipt_that_was_tampered_with_is_refused(name: str) -> None:
    forge, problem, code = FORGERIES[name]

    with pytest.raises(DomainError) as refused:
        verify_receipt(forge(), body=BODY, key_of=KEYS.get)

    assert (refused.value.problem.code, refused.value.errors[0].code) == (problem, code)


def test_another_body_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        verify_receipt(ANSWER, body=BODY + b" ", key_of=KEYS.get)

    assert refused.value.errors[0].code == "digest.mismatch"


def test_an_unsigned_request_or_an_untyped_answer_gets_no_receipt() -> None:
    unsigned = SignedMessage.of("POST", "https://hub.gd.example/", {})
    typed = FieldLines.of({"content-type": "text/plain"})

    with pytest.raises(SignatureMissing):
        sign_receipt(SignedAnswer(200, typed, unsigned), body=b"", key=HUB, now=NOW)
    with pytest.raises(SignatureInvalid):
        sign_receipt(
            SignedAnswer(200, FieldLines(()), signed().message), body=b"", key=HUB, now=NOW
        )


STORED = json.loads(StoredReceipt.of(ANSWER, BODY).to_json())


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
