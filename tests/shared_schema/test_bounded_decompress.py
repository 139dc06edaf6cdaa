"""Bounded decompression: round trips, bombs, and streams that are not what they say."""

import gzip
import time
import zlib
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.bounded_decompress import (
    DECOMPRESSION_LIMITS,
    ENCODINGS,
    DecompressionLimits,
    EncodingCorrupt,
    EncodingUnsupported,
    PayloadTooLarge,
    TooCompressed,
    decompress,
)
from shared_schema.refusal import DomainError

GENEROUS = DecompressionLimits(max_bytes=1 << 20, max_ratio=2_000)
REFUSALS = (TooCompressed, PayloadTooLarge, EncodingUnsupported, EncodingCorrupt)


def compress(raw: bytes, encoding: str) -> bytes:
    return gzip.compress(raw) if encoding == "gzip" else zstandard.compress(raw)


def code_of(body: bytes, encoding: str, limits: DecompressionLimits = DECOMPRESSION_LIMITS) -> str:
    with pytest.raises(REFUSALS) as refused:
        decompress(body, encoding, limits)
    assert isinstance(refused.value, DomainError)
    return refused.value.errors[0].code


both = pytest.mark.parametrize("encoding", ENCODINGS)


@given(st.binary(max_size=20_000), st.sampled_from(ENCODINGS))
def test_what_was_compressed_comes_back(raw: bytes, encoding: str) -> None:
    assert decompress(compress(raw, encoding), encoding, GENEROUS) == raw


@given(st.binary(max_size=500), st.sampled_from(["gzip", "zstd", "identity", "br"]))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes, encoding: str) -> None:
    with suppress(*REFUSALS):
        decompress(raw, encoding)


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS), st.data())
def test_a_truncated_stream_is_refused(raw: bytes, encoding: str, data: st.DataObject) -> None:
    body = compress(raw, encoding)
    kept = data.draw(st.integers(min_value=0, max_value=len(body) - 1))

    assert code_of(body[:kept], encoding, GENEROUS) == "encoding.truncated"


@both
@pytest.mark.parametrize("tail", [b"\x00", b"x", b"garbage after the end"])
def test_bytes_after_the_end_are_refused(encoding: str, tail: bytes) -> None:
    code = code_of(compress(b"content", encoding) + tail, encoding, GENEROUS)

    assert code in {"encoding.trailing", "encoding.truncated"}


@both
def test_corrupt_bytes_are_refused(encoding: str) -> None:
    assert code_of(b"this is no stream of any kind", encoding) == "encoding.corrupt"


def test_a_gzip_stream_with_a_wrong_checksum_is_refused() -> None:
    body = bytearray(gzip.compress(b"content"))
    body[-6] ^= 1

    assert code_of(bytes(body), "gzip") == "encoding.corrupt"


@both
def test_a_bomb_is_stopped_early_and_cheaply(encoding: str) -> None:
    bomb = compress(bytes(64 << 20), encoding)
    started = time.process_time()

    assert code_of(bomb, encoding) == "encoding.ratio"
    assert time.process_time() - started < 0.2


@both
def test_a_bomb_within_the_ratio_is_stopped_by_its_size(encoding: str) -> None:
    limits = DecompressionLimits(max_bytes=1 << 20, max_ratio=100_000)

    assert code_of(compress(bytes(8 << 20), encoding), encoding, limits) == "encoding.size"


@both
def test_sixteen_times_is_allowed_and_more_is_not(encoding: str) -> None:
    raw = bytes(range(256)) * 4
    body = compress(raw, encoding)
    exact = DecompressionLimits(max_ratio=-(-len(raw) // len(body)))
    less = DecompressionLimits(max_ratio=exact.max_ratio - 1)

    assert decompress(body, encoding, exact) == raw
    assert code_of(body, encoding, less) == "encoding.ratio"


@both
def test_members_are_one_content_and_share_the_bounds(encoding: str) -> None:
    parts = [b"first ", b"second ", b"", b"third"]
    body = b"".join(compress(part, encoding) for part in parts)
    zeros = compress(bytes(600_000), encoding)

    assert decompress(body, encoding, GENEROUS) == b"first second third"
    assert code_of(zeros + zeros, encoding, GENEROUS) in {"encoding.size", "encoding.ratio"}


@both
def test_too_many_members_are_refused_at_little_cost(encoding: str) -> None:
    body = compress(b"", encoding) * 50_000
    started = time.process_time()

    assert code_of(body, encoding) == "encoding.members"
    assert decompress(compress(b"", encoding) * 64, encoding) == b""
    assert time.process_time() - started < 0.2


def test_a_zstd_frame_that_wants_a_huge_window_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    writer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = writer.compress(b"x" * 1000) + writer.flush()

    assert code_of(body, "zstd", GENEROUS) == "encoding.corrupt"


def test_an_unencoded_body_is_bounded_too() -> None:
    small = DecompressionLimits(max_bytes=4)

    assert decompress(b"abcd", None, small) == decompress(b"abcd", "identity", small) == b"abcd"
    assert code_of(b"abcde", "identity", small) == "encoding.size"
    assert code_of(gzip.compress(b"abcde"), "gzip", small) == "encoding.size"


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, zstd", "x-gzip", "gzip,"])
def test_another_coding_is_not_supported(encoding: str) -> None:
    assert code_of(zlib.compress(b"content"), encoding) == "encoding.unsupported"


def test_the_coding_is_compared_without_case() -> None:
    assert decompress(gzip.compress(b"content"), " GZip ") == b"content"
