"""The federation anchor: one fingerprint for one set of facts, errors an operator understands."""

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.anchor import AnchorRefused, FederationAnchor
from shared_schema.refusal import DomainError
from shared_schema.signed_note import VerifierKey, format_vkey
from shared_schema.signing_key import SigningKey

LOG = "gd.example/kaixu/log"
VKEY = format_vkey(VerifierKey(LOG, SigningKey.from_seed(b"log key!" * 4).public))
GOOD = {
    "schema": "federation-anchor/1",
    "federation": "guangdong",
    "hub_url": "https://hub.gd.example",
    "log_origin": LOG,
    "log_vkey": VKEY,
}


def anchor() -> FederationAnchor:
    return FederationAnchor.read(json.dumps(GOOD).encode())


def test_an_anchor_reads_back_as_written() -> None:
    assert FederationAnchor.read(anchor().write()) == anchor()
    assert anchor().write().endswith(b"}\n")


def test_the_fingerprint_is_of_the_sorted_members_in_groups_of_four() -> None:
    canonical = json.dumps(GOOD, sort_keys=True, separators=(",", ":")).encode()

    shown = anchor().fingerprint()

    assert shown.replace(" ", "") == sha256(canonical).hexdigest()
    assert [len(group) for group in shown.split(" ")] == [4] * 16


def test_spacing_and_order_leave_the_fingerprint_and_any_fact_changes_it() -> None:
    shuffled = json.dumps(dict(reversed(GOOD.items())), indent=3).encode()
    other_hub = GOOD | {"hub_url": "https://hub.gd.example:8443"}

    assert FederationAnchor.read(shuffled).fingerprint() == anchor().fingerprint()
    assert FederationAnchor.model_validate(other_hub).fingerprint() != anchor().fingerprint()


def test_the_log_key_is_the_one_in_the_file() -> None:
    assert format_vkey(anchor().log_key()) == VKEY


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_plain_http_is_allowed_on_this_machine(url: str) -> None:
    assert FederationAnchor.model_validate(GOOD | {"hub_url": url}).hub_url == url


@pytest.mark.parametrize(
    ("change", "pointer", "hint"),
    [
        ({"schema": "federation-anchor/2"}, "/schema", "federation-anchor/1"),
        ({"federation": "Guangdong"}, "/federation", "pattern"),
        ({"hub_url": "ftp://hub.gd.example"}, "/hub_url", "https://"),
        ({"hub_url": "hub.gd.example"}, "/hub_url", "https://"),
        ({"hub_url": "https://"}, "/hub_url", "https://"),
        ({"hub_url": "https://[::1"}, "/hub_url", "https://"),
        ({"hub_url": "https://hub.gd.example:99999"}, "/hub_url", "https://"),
        ({"hub_url": "http://hub.gd.example"}, "/hub_url", "this machine only"),
        ({"hub_url": "https://hub.gd.example/"}, "/hub_url", "no trailing slash"),
        ({"hub_url": "https://hub.gd.example/kaixu"}, "/hub_url", "host and port only"),
        ({"hub_url": "https://user@hub.gd.example"}, "/hub_url", "host and port only"),
        ({"hub_url": "https://hub.gd.example?x"}, "/hub_url", "host and port only"),
        ({"hub_url": "https://Hub.gd.example"}, "/hub_url", "lower-case"),
        ({"log_vkey": "not a key"}, "/log_vkey", "unusable log key"),
        ({"log_vkey": VKEY.replace("+", "+0", 1)}, "/log_vkey", "unusable log key"),
        ({"log_origin": "another/log"}, "/log_origin", LOG),
        ({"contact": "x"}, "/contact", "not permitted"),
    ],
    ids=str,
)
def test_a_wrong_member_is_named_with_what_it_needs(
    change: dict[str, str], pointer: str, hint: str
) -> None:
    with pytest.raises(AnchorRefused) as refused:
        FederationAnchor.read(json.dumps(GOOD | change).encode())

    assert refused.value.errors[0].pointer == pointer
    assert hint in refused.value.errors[0].message


def test_each_missing_member_is_named() -> None:
    with pytest.raises(AnchorRefused) as refused:
        FederationAnchor.read(b"{}")

    missing = {error.pointer for error in refused.value.errors}
    assert missing == {"/federation", "/hub_url", "/log_origin", "/log_vkey"}


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(raw: bytes) -> None:
    with pytest.raises(DomainError):
        FederationAnchor.read(raw)


@given(st.text(max_size=60))
def test_an_arbitrary_address_is_taken_as_it_is_or_refused(text: str) -> None:
    document = json.dumps(GOOD | {"hub_url": "https://" + text}).encode()
    try:
        read = FederationAnchor.read(document)
    except DomainError:
        return
    assert read.hub_url == "https://" + text
