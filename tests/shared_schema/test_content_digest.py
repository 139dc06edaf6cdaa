"""Content-Digest against the RFCs' examples, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.content_digest import (
    ALGORITHMS,
    DigestMismatch,
    content_digest,
    verify_content_digest,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "rfc9530_examples.json").read_text()
)
BODY = b'{"hello": "world"}'
GOOD = content_digest(BODY)


@pytest.mark.parametrize("example", VECTORS["examples"], ids=lambda example: example["section"])
def test_the_rfcs_examples_are_made_again_and_verify(example: dict[str, str]) -> None:
    body, field = example["body"].encode(), example["field"]

    assert content_digest(body, field.partition("=")[0]) == field
    verify_content_digest(field, body)


@given(st.binary(max_size=300), st.sampled_from(ALGORITHMS))
def test_every_body_matches_its_own_digest_and_no_other(body: bytes, algorithm: str) -> None:
    field = content_digest(body, algorithm)

    verify_content_digest(field, body)
    with pytest.raises(DigestMismatch) as refused:
        verify_content_digest(field, body + b" ")
    assert refused.value.errors[0].code == "digest.mismatch"


def test_both_digests_of_a_field_must_match() -> None:
    both = f"{GOOD}, {content_digest(BODY, 'sha-512')}"
    one_wrong = f"{GOOD}, {content_digest(b'other', 'sha-512')}"

    verify_content_digest(both, BODY)
    with pytest.raises(DigestMismatch) as refused:
        verify_content_digest(one_wrong, BODY)
    assert refused.value.errors[0].code == "digest.mismatch"


@pytest.mark.parametrize(
    "field",
    [
        "",
        "sha-256",
        "sha-256=abc",
        "sha-256=:AAAA:",
        "md5=:1B2M2Y8AsgTpgAmY7PhCfg==:",
        "unixsum=:AAA=:",
        f"{GOOD}, {GOOD}",
        f"{GOOD},",
        f"{GOOD}, sm3=:AAAA:",
        "sha-256=(:AAAA:)",
        "SHA-256" + GOOD[7:],
        GOOD[:-1],
        "你好",
        GOOD + " " * 2000,
    ],
)
def test_a_field_that_cannot_be_read_in_one_way_only_is_refused(field: str) -> None:
    with pytest.raises(DigestMismatch) as refused:
        verify_content_digest(field, BODY)

    assert refused.value.errors[0].code == "digest.malformed"


@given(st.text(max_size=100))
def test_arbitrary_text_is_refused_and_nothing_else_happens(field: str) -> None:
    with pytest.raises(DigestMismatch):
        verify_content_digest(field, BODY)
