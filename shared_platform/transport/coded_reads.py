"""Public reads: each with a validator, compressed as the client accepts, 304 for who holds it.

Which answers are public they say themselves (`Cache-Control: public`). Nothing else is touched:
what people see who signed in is never compressed, since the length of a compressed page that holds
a secret beside the reader's own words tells of the secret (BREACH). An answer that follows from
facts known beforehand (`Foretell`) is not made again for who holds it.
"""

import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

import zstandard
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_platform.transport.conditional import holds, is_fresh
from shared_platform.transport.content_coding import Coding, accepted_coding, coded

WORTH_BYTES: Final = 4_096  # one listing is sent sooner than compressed
_OK: Final = 200
_ETAG_CHARACTERS: Final = 32
_KEPT_BY_304: Final = frozenset({b"etag", b"cache-control", b"vary"})
_TEXTS: Final = (b"text/", b"application/json", b"image/svg", b"application/xml")
_TEXT_ENDS: Final = (b"+json", b"+xml", b"javascript")
_GZIP_WINDOW: Final = 31  # with the head and foot of a gzip file

Fields = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Foretold:
    """The validator of an answer before it is made, its `Cache-Control`, what it varies by."""

    etag: str
    caching: str
    vary: str = ""


Foretell = Callable[[Scope], Awaitable[Foretold | None]]
"""What is known of the answer to a GET; None where only its bytes tell."""


async def foretell_nothing(_scope: Scope) -> Foretold | None:
    """Every answer is made."""
    return None


class CodedReads:
    """The ASGI application around the one that answers."""

    def __init__(self, app: ASGIApp, *, foretell: Foretell = foretell_nothing) -> None:
        self.app = app
        self._foretell = foretell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the head of such an answer until its body is there; hand everything else on."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        foretold = await self._foretell(scope)
        request = Request(scope)
        if foretold is not None and holds(request, foretold.etag):
            await _tell_unchanged(foretold, send)
            return
        await self.app(scope, receive, _Held(request, foretold, send))


async def _tell_unchanged(foretold: Foretold, send: Send) -> None:
    fields = [
        (b"etag", foretold.etag.encode()),
        (b"cache-control", foretold.caching.encode()),
        (b"vary", _vary(foretold.vary.encode())),
    ]
    await send({"type": "http.response.start", "status": 304, "headers": fields})
    await send({"type": "http.response.body"})


class _Pieces(Protocol):
    """A compressor of a body that comes in pieces."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, mode: int = ..., /) -> bytes: ...


@dataclass(slots=True)
class _Held:
    """Passes an answer on; of a public one it holds the head until the first piece is there."""

    request: Request
    foretold: Foretold | None
    send: Send
    head: Message | None = None
    pieces: _Pieces | None = None
    block: int = 0
    is_told: bool = field(default=False)

    async def __call__(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start":
            if _is_public(message, self.foretold):
                self.head = message
                return
        elif self.head is not None:
            head, self.head = self.head, None
            head, message = await self._opened(head, message)
            await self.send(head)
        elif self.is_told:
            return
        elif self.pieces is not None:
            message = self._compressed(message)
        await self.send(message)

    async def _opened(self, head: Message, first: Message) -> tuple[Message, Message]:
        """Head and first piece as they are sent."""
        given = dict(head.get("headers", ()))
        said = self.foretold.vary.encode() if self.foretold else b""
        given[b"vary"] = _vary(given.get(b"vary", said))
        if self.foretold is not None:
            given[b"etag"] = self.foretold.etag.encode()
            given.setdefault(b"cache-control", self.foretold.caching.encode())
        elif b"etag" not in given and not first.get("more_body"):
            digest = sha256(first.get("body", b"")).hexdigest()
            given[b"etag"] = f'"{digest[:_ETAG_CHARACTERS]}"'.encode()
        fields = list(given.items())
        etag = given.get(b"etag", b"").decode("latin-1")
        if etag and is_fresh(self.request, etag.removeprefix("W/")):
            self.is_told = True
            kept = [one for one in fields if one[0] in _KEPT_BY_304]
            return {**head, "status": 304, "headers": kept}, {"type": first["type"]}
        return await self._coded(head, first, fields)

    async def _coded(
        self, head: Message, first: Message, fields: Fields
    ) -> tuple[Message, Message]:
        given, coding = dict(fields), None
        can_be = b"content-encoding" not in given and _is_text(given.get(b"content-type", b""))
        if can_be and not first.get("more_body"):
            sent, coding = await coded(
                self.request, first.get("body", b""), worth_bytes=WORTH_BYTES, max_ratio=None
            )
            if coding is not None:
                first = {**first, "body": sent}
                fields = _recoded(fields, coding)
                fields.append((b"content-length", b"%d" % len(sent)))
        elif can_be and b"content-length" not in given:
            coding = accepted_coding(self.request)
            if coding is not None:
                self.pieces, self.block = _compressor(coding)
                first, fields = self._compressed(first), _recoded(fields, coding)
        return {**head, "headers": fields}, first

    def _compressed(self, message: Message) -> Message:
        """A piece that can be read as soon as it is there."""
        assert self.pieces is not None
        body = message.get("body", b"")
        sent = self.pieces.compress(body) if body else b""
        ended = not message.get("more_body")
        sent += self.pieces.flush() if ended else self.pieces.flush(self.block)
        return {**message, "body": sent}


def _compressor(coding: Coding) -> tuple[_Pieces, int]:
    if coding == "zstd":
        return zstandard.ZstdCompressor().compressobj(), zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return zlib.compressobj(wbits=_GZIP_WINDOW), zlib.Z_SYNC_FLUSH


def _is_public(start: Message, foretold: Foretold | None) -> bool:
    """Whether the answer says that anybody may keep it, or was known to be such a one."""
    if start["status"] != _OK:
        return False
    given = dict(start.get("headers", ()))
    if b"set-cookie" in given:
        return False
    caching = given.get(b"cache-control")
    return foretold is not None if caching is None else caching.startswith(b"public")


def _is_text(media_type: bytes) -> bool:
    name = media_type.partition(b";")[0].strip()
    return name.startswith(_TEXTS) or name.endswith(_TEXT_ENDS)


def _vary(given: bytes) -> bytes:
    """What the answer depends on besides its address: its coding, and what it says itself."""
    return b"%b, accept-encoding" % given if given else b"accept-encoding"


def _recoded(fields: Fields, coding: Coding) -> Fields:
    """The fields of a compressed answer: its bytes are others (RFC 9110 §8.8.1)."""
    left_out = {b"content-length", b"accept-ranges"}
    kept = [_weak(one) for one in fields if one[0] not in left_out]
    return [*kept, (b"content-encoding", coding.encode())]


def _weak(one: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = one
    is_strong = name == b"etag" and not value.startswith(b"W/")
    return (name, b"W/" + value) if is_strong else one
