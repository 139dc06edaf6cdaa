"""Answers compressed as the client accepts (RFC 9110 §12.5.3), where it pays.

Readers refuse bodies that grow more than sixteenfold (protocol §2), so what compresses better than
that is sent as it is.
"""

import asyncio
import gzip
from collections.abc import Mapping
from typing import Final, Literal

import zstandard
from starlette.requests import Request
from starlette.responses import Response

from shared_platform.transport.preferred_language import weight_of

Coding = Literal["zstd", "gzip"]
WORTH_BYTES: Final = 1024
MAX_RATIO: Final = 12
THREAD_BYTES: Final = 64 * 1024
_LEVELS: Final[Mapping[Coding, int]] = {"zstd": 3, "gzip": 5}


def accepted_coding(request: Request) -> Coding | None:
    """The coding to use: zstd before gzip, those with weight 0 left out."""
    weights: dict[str, float] = {}
    for part in ",".join(request.headers.getlist("accept-encoding")).split(","):
        name, _, parameter = part.strip().lower().partition(";")
        weights[name.strip()] = weight_of(parameter)
    if weights.get("zstd", weights.get("*", 0.0)) > 0:
        return "zstd"
    return "gzip" if weights.get("gzip", weights.get("*", 0.0)) > 0 else None


async def coded_answer(
    request: Request, body: bytes, *, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The body as the client accepts it; large ones are compressed beside the event loop."""
    fields = {**headers, "vary": "accept-encoding"}
    sent, coding = await coded(request, body)
    if coding is not None:
        fields["content-encoding"] = coding
    return Response(sent, media_type=media_type, headers=fields)


async def coded(
    request: Request,
    body: bytes,
    *,
    worth_bytes: int = WORTH_BYTES,
    max_ratio: int | None = MAX_RATIO,
) -> tuple[bytes, Coding | None]:
    """The body as the client accepts it and the coding used; None: as it is.

    Without `max_ratio` it may shrink as far as it does: readers of the log bound it, not browsers.
    """
    coding = accepted_coding(request) if len(body) >= worth_bytes else None
    if coding is None:
        return body, None
    if len(body) > THREAD_BYTES:
        sent = await asyncio.to_thread(compressed, body, coding)
    else:
        sent = compressed(body, coding)
    is_bound = max_ratio is None or len(body) <= max_ratio * len(sent)
    return (sent, coding) if len(sent) < len(body) and is_bound else (body, None)


def already_coded_answer(zstd: bytes, *, media_type: str, headers: Mapping[str, str]) -> Response:
    """A body that was compressed when it was stored, for a client that accepts zstd."""
    fields = {**headers, "content-encoding": "zstd", "vary": "accept-encoding"}
    return Response(zstd, media_type=media_type, headers=fields)


def is_bounded(zstd: bytes) -> bool:
    """Whether what is stored compressed grows no more than readers accept."""
    return zstandard.frame_content_size(zstd) <= MAX_RATIO * len(zstd)


def compressed(body: bytes, coding: Coding) -> bytes:
    """The body under one coding; the same bytes for the same body."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(level=_LEVELS[coding]).compress(body)
    return gzip.compress(body, compresslevel=_LEVELS[coding], mtime=0)
