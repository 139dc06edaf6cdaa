"""Whole answers of public reads: each with a validator, and compressed as the client accepts.

Answers that come in pieces (tables, bulk files) and those that bring a coding of their own pass by.
The validator of a compressed answer is weak, since its bytes are others (RFC 9110 §8.8.1).
"""

from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_platform.transport.conditional import is_fresh
from shared_platform.transport.content_coding import coded

WORTH_BYTES: Final = 4_096  # one listing is sent sooner than compressed
_PATHS: Final = ("/api/v1/catalogue/", "/feeds/", "/oai", "/catalogue.jsonld", "/sitemap")
_OK: Final = 200
_ETAG_CHARACTERS: Final = 32
_KEPT_BY_304: Final = frozenset({b"etag", b"cache-control", b"vary"})

Fields = list[tuple[bytes, bytes]]


class CodedReads:
    """The ASGI application around the one that answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the head of such an answer until its body is there; hand everything else on."""
        is_read = scope["type"] == "http" and scope["method"] == "GET"
        if not is_read or not scope["path"].startswith(_PATHS):
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def held(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == _OK:
                start = message
                return
            if start is not None:
                head, start = start, None
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    head, message = await _finished(Request(scope), head, message)
                await send(head)
            await send(message)

        await self.app(scope, receive, held)


async def _finished(request: Request, head: Message, last: Message) -> tuple[Message, Message]:
    """Head and body of a whole answer as they are sent."""
    fields: Fields = list(head.get("headers", ()))
    given, body = dict(fields), last.get("body", b"")
    if b"content-encoding" in given:
        return head, last
    if b"vary" not in given:
        fields.append((b"vary", b"accept-encoding"))
    if b"etag" not in given:
        etag = f'"{sha256(body).hexdigest()[:_ETAG_CHARACTERS]}"'
        fields.append((b"etag", etag.encode()))
        if is_fresh(request, etag):
            kept = [field for field in fields if field[0] in _KEPT_BY_304]
            return {**head, "status": 304, "headers": kept}, {**last, "body": b""}
    sent, coding = await coded(request, body, worth_bytes=WORTH_BYTES)
    if coding is not None:
        fields = [_weak(field) for field in fields if field[0] != b"content-length"]
        fields.append((b"content-encoding", coding.encode()))
        fields.append((b"content-length", b"%d" % len(sent)))
    return {**head, "headers": fields}, {**last, "body": sent}


def _weak(field: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = field
    is_strong = name == b"etag" and not value.startswith(b"W/")
    return (name, b"W/" + value) if is_strong else field
