"""Attacks with compressed bodies in soundly signed requests: bombs, and streams cut short."""

import gzip
import zlib
from collections.abc import Callable
from typing import Final

import zstandard

from shared_schema.problem import ProblemType
from tests.attacks.attack import Attack, Attacker, Family

MEBIBYTE: Final = 1024 * 1024
Coded = Callable[[], tuple[str, bytes]]
"""The content coding that is claimed, and the body."""


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=19).compress(content)


def a_gzip_bomb() -> tuple[str, bytes]:
    return "gzip", gzipped(bytes(64 * MEBIBYTE))


def a_zstd_bomb() -> tuple[str, bytes]:
    return "zstd", zstd(bytes(64 * MEBIBYTE))


def a_zstd_bomb_without_its_size() -> tuple[str, bytes]:
    compressor = zstandard.ZstdCompressor(level=3, write_content_size=False).compressobj()
    return "zstd", compressor.compress(bytes(256 * MEBIBYTE)) + compressor.flush()


def a_slow_bomb() -> tuple[str, bytes]:
    """Under the ratio, over the size: text that shrinks by about fifteen at most."""
    line = bytes(range(48, 123))
    parts = (b"%d" % (number * 7_919) + line for number in range(240_000))
    return "gzip", gzip.compress(b"".join(parts), 1, mtime=0)


def _attack(name: str, problem: ProblemType, code: str, **ways: Coded) -> Attack[Coded]:
    spelled = {way.replace("_", " "): build for way, build in ways.items()}
    return Attack(name, Family.BODY, Attacker.NODE, problem, f"encoding.{code}", spelled)


def _corrupt(name: str, code: str, **ways: Coded) -> Attack[Coded]:
    return _attack(name, ProblemType.SCHEMA_INVALID, code, **ways)


BODY_ATTACKS: Final = (
    _attack(
        "a compression bomb", ProblemType.TOO_COMPRESSED, "ratio",
        gzip=a_gzip_bomb,
        zstd=a_zstd_bomb,
        zstd_that_hides_its_size=a_zstd_bomb_without_its_size),
    _attack("a slow bomb", ProblemType.PAYLOAD_TOO_LARGE, "size", gzip=a_slow_bomb),
    _corrupt("65 members in a row", "members", gzip=lambda: ("gzip", gzipped(b"[]") * 65)),
    _corrupt(
        "bytes of another coding", "corrupt",
        plain_as_gzip=lambda: ("gzip", b"plain"),
        gzip_as_zstd=lambda: ("zstd", gzipped(b"{}")),
        zstd_as_gzip=lambda: ("gzip", zstd(b"{}"))),
    _corrupt(
        "a stream cut short", "truncated",
        gzip=lambda: ("gzip", gzipped(b"x" * 99)[:20]),
        zstd=lambda: ("zstd", zstd(bytes(range(256)) * 9)[:-9])),
    _corrupt(
        "something behind the stream", "trailing",
        gzip=lambda: ("gzip", gzipped(b"{}") + b"more"),
        zstd=lambda: ("zstd", zstd(b"{}") + b"more")),
    _attack(
        "a coding that is not ours", ProblemType.UNSUPPORTED_MEDIA_TYPE, "unsupported",
        deflate=lambda: ("deflate", zlib.compress(b"{}")),
        nested=lambda: ("gzip, gzip", gzipped(gzipped(b"{}"))),
        nested_otherwise=lambda: ("gzip, zstd", zstd(gzipped(b"{}")))),
)  # fmt: skip
