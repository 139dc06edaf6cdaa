"""Decompression of untrusted bodies under two bounds: bytes that come out, and their ratio.

Call it after the digest of the compressed bytes was verified (protocol §2). Input is fed in slices
so small that even the worst stream adds at most 4 MiB before the bounds are looked at again.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import zstandard

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DecompressionLimits:
    """`max_bytes` after decompression, `max_ratio` of output to input, members in one body."""

    max_bytes: int = 16 * MEBIBYTE
    max_ratio: int = 16
    max_members: int = 64


DECOMPRESSION_LIMITS: Final = DecompressionLimits()


class TooCompressed(DomainError):
    """The body grows beyond the permitted ratio: a bomb, or data of no content."""

    problem = ProblemType.TOO_COMPRESSED


class PayloadTooLarge(DomainError):
    """The body is larger than permitted, before or after decompression."""

    problem = ProblemType.PAYLOAD_TOO_LARGE


class EncodingUnsupported(DomainError):
    """The Content-Encoding is none of gzip, zstd and identity, or names several."""

    problem = ProblemType.UNSUPPORTED_MEDIA_TYPE


class EncodingCorrupt(DomainError):
    """The body is not what its Content-Encoding says: corrupt, truncated or followed by more."""

    problem = ProblemType.SCHEMA_INVALID


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Coding:
    start: Callable[[], _Decoder]
    slice_bytes: int


def _start_gzip() -> _Decoder:
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)


def _start_zstd() -> _Decoder:
    # The window every decoder supports (RFC 8878 §3.1.1.1.2); more would be memory for nothing.
    return zstandard.ZstdDecompressor(max_window_size=8 * MEBIBYTE).decompressobj()


# A deflate byte yields at most 1,032 bytes; a zstd block of four bytes yields up to 128 KiB.
_CODINGS: Final = {"gzip": _Coding(_start_gzip, 4096), "zstd": _Coding(_start_zstd, 128)}
ENCODINGS: Final = tuple(_CODINGS)


def decompress(
    body: bytes, encoding: str | None, limits: DecompressionLimits = DECOMPRESSION_LIMITS
) -> bytes:
    """The content of an untrusted `body` sent with this Content-Encoding (None: not encoded).

    Several gzip members or zstd frames are one content and share the bounds.

    Raises:
        TooCompressed: more than `max_ratio` times as much comes out.
        PayloadTooLarge: more than `max_bytes` come out, or in.
        EncodingUnsupported: another coding, or a list of codings.
        EncodingCorrupt: corrupt, truncated, trailing bytes, or too many members.
    """
    name = (encoding or "identity").strip().lower()
    if len(body) > limits.max_bytes:
        raise PayloadTooLarge(*_too_large(limits))
    if name == "identity":
        return body
    coding = _CODINGS.get(name)
    if coding is None:
        message = f"不支持的编码 / unsupported coding: {name[:40]!r}"
        raise EncodingUnsupported(detail=message, errors=[_error("unsupported", message)])
    return _decode(body, coding, limits)


def _decode(body: bytes, coding: _Coding, limits: DecompressionLimits) -> bytes:
    decoder, members, total = coding.start(), 1, 0
    parts: list[bytes] = []
    for position in range(0, len(body), coding.slice_bytes):
        pending = body[position : position + coding.slice_bytes]
        while pending:
            if decoder.eof:
                decoder, members = coding.start(), members + 1
            if members > limits.max_members:
                raise _corrupt("members", "压缩成员过多 / too many compressed members")
            part = _step(decoder, pending, first=members == 1)
            pending = decoder.unused_data if decoder.eof else b""
            parts.append(part)
            total += len(part)
            _check_bounds(total, len(body), limits)
    if not decoder.eof:
        raise _corrupt("truncated", "压缩数据不完整 / the compressed body is truncated")
    return b"".join(parts)


def _step(decoder: _Decoder, pending: bytes, *, first: bool) -> bytes:
    try:
        return decoder.decompress(pending)
    except (zlib.error, zstandard.ZstdError) as broken:
        code = "corrupt" if first else "trailing"
        raise _corrupt(code, "压缩数据损坏或有多余字节 / corrupt or trailing bytes") from broken


def _check_bounds(total: int, received: int, limits: DecompressionLimits) -> None:
    if total > received * limits.max_ratio:
        message = (
            f"压缩比超过 {limits.max_ratio} / more than {limits.max_ratio} times the bytes sent"
        )
        raise TooCompressed(detail=message, errors=[_error("ratio", message)])
    if total > limits.max_bytes:
        raise PayloadTooLarge(*_too_large(limits))


def _too_large(limits: DecompressionLimits) -> tuple[str, list[FieldError]]:
    message = f"超过 {limits.max_bytes} 字节 / more than {limits.max_bytes} bytes"
    return message, [_error("size", message)]


def _corrupt(code: str, message: str) -> EncodingCorrupt:
    return EncodingCorrupt(detail=message, errors=[_error(code, message)])


def _error(code: str, message: str) -> FieldError:
    return FieldError("/headers/content-encoding", f"encoding.{code}", message, "protocol §2")
