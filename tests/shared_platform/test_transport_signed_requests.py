"""Requests as an attacker or a broken node would send them: each refused with its own code."""

import gzip
from datetime import timedelta

import httpx
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from shared_schema.instants import format_instant
from tests.shared_platform.signed_hub import NOW, Forged, Hub, code_of, first_error


async def test_the_same_request_twice_is_a_replay() -> None:
    hub = Hub()

    first, second = [await Forged().send(hub) for _ in range(2)]

    assert first.status_code == 201
    assert (second.status_code, code_of(second)) == (401, "nonce_replayed")


async def test_an_unsigned_request_is_told_to_sign() -> None:
    answer = await Forged().send(Hub(), {"content-type": "application/json"})

    assert (answer.status_code, code_of(answer)) == (401, "signature_missing")
    assert answer.headers["www-authenticate"] == "Signature"


async def test_another_body_does_not_match_the_digest() -> None:
    answer = await Forged().send(Hub(), body=b"[]")

    assert code_of(answer) == "digest_mismatch"


async def test_a_body_whose_digest_is_not_covered_is_refused() -> None:
    bare = Forged(body=b"", headers={})
    headers = bare.signed() | {"content-type": "application/json"}

    answer = await bare.send(Hub(), headers, body=b"{}")

    assert code_of(answer) == "component_not_covered"


async def test_another_target_does_not_verify() -> None:
    forged = Forged()
    headers = forged.signed()
    forged.path = "/statements/2"

    assert code_of(await forged.send(Hub(), headers)) == "signature_invalid"


async def test_a_foreign_host_cannot_change_the_target_that_is_verified() -> None:
    assert code_of(await Forged(host="evil.test").send(Hub())) == "misdirected"


@pytest.mark.parametrize("minutes", [-6, 6, 600_000])
async def test_a_request_outside_the_window_learns_the_servers_time(minutes: int) -> None:
    answer = await Forged(created=NOW + timedelta(minutes=minutes)).send(Hub())

    assert code_of(answer) == "clock_skew"
    assert answer.json()["server_time"] == format_instant(NOW)


BOMB = gzip.compress(b"0" * 10_000_000)
BODIES = {
    "NaN": (b'{"a":NaN}', 422),
    "overflowing number": (b'{"a":1e999}', 422),
    "ten thousand digits": (b"1" * 10_000, 422),
    "lone surrogate": (b'{"a":"\\ud800"}', 422),
    "nul": (b'{"a":"\\u0000"}', 422),
    "control character": (b'{"a":"\\u0007"}', 422),
    "duplicate keys": (b'{"a":1,"a":2}', 422),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, 422),
    "bad utf-8": (b'{"a":"\xff"}', 422),
    "utf-16": ('{"a":1}'.encode("utf-16"), 422),
    "byte order mark": (b"\xef\xbb\xbf{}", 422),
    "twenty thousand and one values": (b"[" + b"0," * 20_001 + b"0]", 422),
    "long string": (b'"' + b"x" * 20_001 + b'"', 422),
    "cut": (b'{"a":', 422),
    "empty": (b"", 422),
}


@pytest.mark.parametrize("name", BODIES)
async def test_a_signed_but_poisonous_body_is_refused(name: str) -> None:
    body, status = BODIES[name]

    answer = await Forged(body=body).send(Hub())

    assert answer.status_code == status, answer.text[:200]
    assert code_of(answer) == "schema_invalid"


PACKED = {
    "gzip bomb": ("gzip", BOMB, (413, "encoding.ratio")),
    "zstd bomb": ("zstd", zstandard.compress(b"0" * 10_000_000), (413, "encoding.ratio")),
    "truncated": ("gzip", gzip.compress(b"{}")[:-4], (422, "encoding.truncated")),
    "not gzip": ("gzip", b"{}", (422, "encoding.corrupt")),
    "brotli": ("br", b"{}", (415, "encoding.unsupported")),
    "packed twice": ("gzip, gzip", b"{}", (415, "encoding.unsupported")),
}


@pytest.mark.parametrize("name", PACKED)
async def test_a_signed_body_is_unpacked_under_bounds(name: str) -> None:
    encoding, body, expected = PACKED[name]
    headers = {"content-type": "application/json", "content-encoding": encoding}

    answer = await Forged(body=body, headers=headers).send(Hub())

    assert (answer.status_code, first_error(answer)) == expected


async def test_a_bomb_whose_digest_is_wrong_is_never_unpacked() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    forged = Forged(body=gzip.compress(b"{}"), headers=headers)

    assert code_of(await forged.send(Hub(), body=BOMB)) == "digest_mismatch"


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=400), junk=st.none() | st.text(max_size=30))
async def test_no_bytes_whatever_cause_a_server_error(body: bytes, junk: str | None) -> None:
    forged = Forged(body=body)
    headers = forged.signed()
    if junk is not None:
        headers["signature-input"] = junk.encode("ascii", "replace").decode().strip()

    try:
        answer = await forged.send(Hub(), headers)
    except httpx.LocalProtocolError:
        return

    assert answer.status_code < 500
