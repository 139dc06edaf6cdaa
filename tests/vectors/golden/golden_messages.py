"""A signed request and the receipt it got, with both signature bases written out by hand."""

from typing import Any, Final

from main_platform.intake.receipt import receipt_body
from shared_schema.instants import parse_instant
from shared_schema.message_signature import FieldLines, SignedAnswer, SignedMessage
from shared_schema.receipt import StoredReceipt, sign_receipt
from shared_schema.request_signature import sign_request
from tests.vectors.golden.golden_statements import HUB_KEY, HUB_URL, NODE, NODE_KEY, offer

SENT: Final = parse_instant("2026-11-22T08:00:01Z")
ANSWERED: Final = parse_instant("2026-11-22T08:00:02Z")
NONCE: Final = "Zm9yIHRlc3RzIG9ubHkhIQ"
TARGET: Final = f"{HUB_URL}/federation/v1/origins/{NODE}/statements/1"


def signed_request() -> tuple[SignedMessage, bytes]:
    """The PUT of the golden offer, as it goes over the wire."""
    body = offer().raw
    plain = SignedMessage.of("PUT", TARGET, {"Content-Type": "application/json"})
    fields = sign_request(plain, body=body, key=NODE_KEY, now=SENT, nonce=NONCE)
    return SignedMessage("PUT", TARGET, plain.headers.joined(fields)), body


def signed_answer() -> tuple[SignedAnswer, bytes]:
    """The hub's receipt, bound to the request."""
    body = receipt_body(offer(), ANSWERED)
    request, _ = signed_request()
    plain = SignedAnswer(201, FieldLines.of({"Content-Type": "application/json"}), request)
    fields = sign_receipt(plain, body=body, key=HUB_KEY, now=ANSWERED)
    return SignedAnswer(201, plain.headers.joined(fields), request), body


def request_base() -> bytes:
    """The request's signature base, line by line after RFC 9421 §2.5, without any library."""
    request, _ = signed_request()
    lines = [
        f'"@method": {request.method}',
        f'"@target-uri": {request.url}',
        f'"content-digest": {_only(request.headers, "content-digest")}',
        f'"content-type": {_only(request.headers, "content-type")}',
        f'"@signature-params": {_parameters(request.headers)}',
    ]
    return "\n".join(lines).encode()


def receipt_base() -> bytes:
    """The receipt's signature base; `;req` lines are taken from the request (RFC 9421 §2.4)."""
    answer, _ = signed_answer()
    asked = answer.request.headers
    lines = [
        f'"@status": {answer.status_code}',
        f'"content-digest": {_only(answer.headers, "content-digest")}',
        f'"content-type": {_only(answer.headers, "content-type")}',
        f'"@method";req: {answer.request.method}',
        f'"@target-uri";req: {answer.request.url}',
        f'"signature";req: {_only(asked, "signature")}',
        f'"content-digest";req: {_only(asked, "content-digest")}',
        f'"@signature-params": {_parameters(answer.headers)}',
    ]
    return "\n".join(lines).encode()


def message_vectors() -> dict[str, Any]:
    """Both messages with their fields, and the bytes that are signed."""
    request, sent = signed_request()
    answer, body = signed_answer()
    return {
        "how_to_check": [
            "Content-Digest is SHA-256 over body, as UTF-8 bytes, in base64 (RFC 9530).",
            (
                "signature_base, as UTF-8 bytes with 0x0A between lines and none at the end, is"
                " what Signature signs (RFC 9421 §2.5): the request's under the node's statement"
                " key, the receipt's under the hub key, both of statement.json."
            ),
            "A verifier rebuilds signature_base from its own view of the message, never from this.",
        ],
        "request": {
            "method": request.method,
            "target_uri": request.url,
            "headers": [list(line) for line in request.headers.lines],
            "body": sent.decode(),
            "signature_base": request_base().decode(),
        },
        "receipt": {
            "status": answer.status_code,
            "headers": [list(line) for line in answer.headers.lines],
            "body": body.decode(),
            "signature_base": receipt_base().decode(),
        },
        "stored_receipt": StoredReceipt.of(answer, body).to_json().decode(),
    }


def _only(headers: FieldLines, name: str) -> str:
    (value,) = headers.values_of(name)
    return value


def _parameters(headers: FieldLines) -> str:
    return _only(headers, "signature-input").removeprefix("kaixu=")
