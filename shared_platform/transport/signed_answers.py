"""Answers to nodes: plain JSON for reads, receipts signed with the hub's key for writes."""

import orjson
from starlette.responses import Response

from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.signed_requests import SignedRequest
from shared_schema.instants import Instant
from shared_schema.message_signature import FieldLines, SignedAnswer
from shared_schema.receipt import sign_receipt
from shared_schema.signing_key import SigningKey

JSON = "application/json"


def json_answer(value: object, *, status: int = 200) -> Response:
    """A JSON answer that is not signed; never cached."""
    return Response(orjson.dumps(value), status, {"cache-control": "no-store"}, JSON)


def kept_json(value: object, *, status: int) -> KeptAnswer:
    """A JSON answer to be kept under an idempotency key."""
    return KeptAnswer(status, orjson.dumps(value), JSON)


def signed_answer(
    answer: KeptAnswer, request: SignedRequest, *, key: SigningKey, now: Instant
) -> Response:
    """The answer as a receipt bound to this request (protocol §2).

    The bytes of the body are the kept ones, so a repeated request gets an identical body under a
    signature of its own. The framework sends it only after the transaction has committed.
    """
    response = answer.response()
    fields = FieldLines.of([("content-type", response.headers["content-type"])])
    signed = SignedAnswer(answer.status, fields, request.message)
    for name, value in sign_receipt(signed, body=answer.body, key=key, now=now).items():
        response.headers[name] = value
    response.headers["cache-control"] = "no-store"
    return response
