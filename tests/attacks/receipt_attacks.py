"""Attacks on receipts: one presented for another request, or not the hub's at all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from shared_schema.content_digest import content_digest
from shared_schema.message_signature import (
    FieldLines,
    SignedAnswer,
    SignedMessage,
    Stamp,
    sign_message,
)
from shared_schema.problem import ProblemType
from shared_schema.receipt import RECEIPT_TAG, required_components, sign_receipt
from shared_schema.signing_key import SigningKey
from tests.attacks.attack import Attack, Attacker, Family
from tests.shared_schema.signed_requests import NODE, NOW, STRANGER, signed

Presented = Callable[[], tuple[SignedAnswer, bytes]]
HUB: Final = SigningKey.from_seed(b"hub key!" * 4)
KEYS: Final = {HUB.key_id: HUB.public, NODE.key_id: NODE.public}
RECEIPT_BODY: Final = '{"state":"received","oseq":7,"note":"已收到"}'.encode()


def answer_to(
    request: SignedMessage,
    body: bytes = RECEIPT_BODY,
    *,
    key: SigningKey = HUB,
    status: int = 201,
) -> SignedAnswer:
    """The receipt an honest holder of `key` gives."""
    fields = FieldLines.of({"Content-Type": "application/json", "Date": "any"})
    plain = SignedAnswer(status, fields, request)
    added = sign_receipt(plain, body=body, key=key, now=NOW)
    return replace(plain, headers=fields.joined(added))


ANSWER: Final = answer_to(signed().message)
_REQUIRED: Final = required_components(ANSWER)
_STAMP: Final = Stamp(RECEIPT_TAG, NOW)


def _with_fields(**fields: str | None) -> SignedAnswer:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    kept = tuple(line for line in ANSWER.headers.lines if line[0] not in named)
    added = tuple((name, value) for name, value in named.items() if value is not None)
    return replace(ANSWER, headers=FieldLines(kept + added))


def _signed_over(components: Sequence[str], stamp: Stamp = _STAMP) -> SignedAnswer:
    fields = FieldLines.of(
        {"content-type": "application/json", "content-digest": content_digest(RECEIPT_BODY)}
    )
    plain = SignedAnswer(201, fields, signed().message)
    added = sign_message(plain, components, key=HUB, stamp=stamp)
    return replace(plain, headers=fields.joined(added))


def _without(component: str) -> SignedAnswer:
    return _signed_over([name for name in _REQUIRED if name != component])


def _to(request: SignedMessage) -> SignedAnswer:
    return replace(ANSWER, request=request)


def _attack(
    name: str, by: Attacker, problem: ProblemType, code: str, **ways: Callable[[], SignedAnswer]
) -> Attack[Presented]:
    presented = {way.replace("_", " "): _with_the_body(forge) for way, forge in ways.items()}
    return Attack(name, Family.RECEIPT, by, problem, f"receipt.{code}", presented)


def _with_the_body(forge: Callable[[], SignedAnswer]) -> Presented:
    return lambda: (forge(), RECEIPT_BODY)


def _uncovered(what: str, component: str, code: str) -> Attack[Presented]:
    return _attack(
        f"a receipt that does not cover {what}", Attacker.HUB, ProblemType.COMPONENT_NOT_COVERED,
        f"{code}_not_covered", left_out=lambda: _without(component))  # fmt: skip


RECEIPT_ATTACKS: Final = (
    _attack(
        "no receipt", Attacker.NETWORK, ProblemType.SIGNATURE_MISSING, "missing",
        stripped=lambda: _with_fields(signature=None, signature_input=None)),
    _attack(
        "a request's signature as receipt", Attacker.NETWORK, ProblemType.SIGNATURE_MISSING,
        "tag_other", tag=lambda: _signed_over(_REQUIRED, Stamp("kaixu-request/1", NOW))),
    _attack(
        "a receipt of an unsigned request", Attacker.HUB, ProblemType.SIGNATURE_MISSING,
        "request_unsigned", stripped=lambda: _to(signed().with_fields(signature=None).message)),
    _attack(
        "a receipt moved to something else", Attacker.NETWORK, ProblemType.SIGNATURE_INVALID,
        "mismatch",
        another_status=lambda: replace(ANSWER, status_code=409),
        another_type=lambda: _with_fields(content_type="text/html"),
        another_request=lambda: _to(signed(b"other").message),
        another_method=lambda: _to(signed().at(method="PUT").message),
        another_address=lambda: _to(signed().at(url="https://hub.test/other").message)),
    _attack(
        "a receipt for a request without its digest", Attacker.NETWORK,
        ProblemType.SIGNATURE_INVALID, "component_unknown",
        stripped=lambda: _to(signed().with_fields(content_digest=None).message)),
    _uncovered("its status", '"@status"', "status"),
    _uncovered("its body", '"content-digest"', "content_digest"),
    _uncovered("the request's method", '"@method";req', "request_method"),
    _uncovered("the request's address", '"@target-uri";req', "request_target_uri"),
    _uncovered("the request's signature", '"signature";req', "request_signature"),
    _uncovered("the request's body", '"content-digest";req', "request_content_digest"),
    _attack(
        "a receipt with a nonce", Attacker.HUB, ProblemType.SIGNATURE_INVALID, "parameter_unknown",
        nonce=lambda: _signed_over(_REQUIRED, Stamp(RECEIPT_TAG, NOW, nonce="A" * 22))),
    _attack(
        "a receipt from before 1970", Attacker.HUB, ProblemType.SIGNATURE_INVALID, "created_range",
        created=lambda: _signed_over(
            _REQUIRED, Stamp(RECEIPT_TAG, datetime(1960, 1, 1, tzinfo=UTC)))),
    _attack(
        "a receipt by another key", Attacker.NETWORK, ProblemType.NODE_UNKNOWN, "key_unknown",
        strangers=lambda: answer_to(signed().message, key=STRANGER)),
    Attack(
        "a receipt for another body", Family.RECEIPT, Attacker.NETWORK,
        ProblemType.DIGEST_MISMATCH, "receipt.digest_mismatch",
        {
            "one byte more": lambda: (ANSWER, RECEIPT_BODY + b" "),
            "no body": lambda: (ANSWER, b""),
            "of another statement": lambda: (ANSWER, RECEIPT_BODY.replace(b"7", b"8")),
        }),
)  # fmt: skip
