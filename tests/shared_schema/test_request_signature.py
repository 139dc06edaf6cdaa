"""Signed requests: the RFC's vectors, what is signed, the window, and the order of the checks."""

import hmac
import json
from base64 import b64decode, urlsafe_b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from http_message_signatures import HTTPMessageSigner
from http_message_signatures.algorithms import ED25519, HMAC_SHA256
from hypothesis import given
from hypothesis import strategies as st

from shared_schema.content_digest import DigestMismatch, verify_content_digest
from shared_schema.identities import SeededIds
from shared_schema.message_signature import FieldLines, NodeUnknown, SignedMessage
from shared_schema.refusal import DomainError, problem_body
from shared_schema.request_signature import (
    ClockSkew,
    claimed_key_id,
    required_components,
    sign_request,
    verify_request,
)
from shared_schema.signing_key import PublicKey, SignatureInvalid, SigningKey
from tests.shared_schema.signed_requests import (
    ALL_COMPONENTS,
    BODY,
    CREATED,
    NODE,
    NONCE,
    NOW,
    STRANGER,
    URL,
    Sent,
    find_key,
    forged,
    parameters,
    signed,
    unsigned,
    verify,
)

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "rfc9421_examples.json").read_text()
)
EXAMPLES = {example["section"]: example for example in VECTORS["examples"]}
REQUEST = SignedMessage.of(
    VECTORS["request"]["method"],
    VECTORS["request"]["url"],
    [(name, value) for name, value in VECTORS["request"]["headers"]],
)


def _base_of(example: dict[str, Any], algorithm: type[ED25519] | type[HMAC_SHA256]) -> bytes:
    components = [line.split(":")[0] for line in example["base"][:-1]]
    prepared = HTTPMessageSigner(signature_algorithm=algorithm).prepare(
        REQUEST,
        key_id=example["signature_input"].split('keyid="')[1].rstrip('"'),
        created=NOW.fromtimestamp(1618884473, NOW.tzinfo),
        include_alg=False,
        covered_component_ids=components,
        use_existing_digest=True,
    )
    label = example["signature_input"].partition("=")[0]
    assert f"{label}={prepared.signature_params}" == example["signature_input"]
    return prepared.signature_base


def test_the_base_and_the_signature_of_rfc_9421_b_2_6_come_out_again() -> None:
    example, jwk = EXAMPLES["B.2.6"], VECTORS["ed25519_key"]
    key = SigningKey.from_seed(urlsafe_b64decode(jwk["d"] + "="))
    signature = b64decode(example["signature"].split(":")[1])

    base = _base_of(example, ED25519)

    assert base.decode() == "\n".join(example["base"])
    assert key.sign(base) == signature
    PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": jwk["x"]}).verify(signature, base)
    assert SigningKey.from_pem(jwk["private_pem"].encode()).key_id == key.key_id


def test_the_base_and_the_code_of_rfc_9421_b_2_5_come_out_again() -> None:
    example = EXAMPLES["B.2.5"]

    base = _base_of(example, HMAC_SHA256)

    assert base.decode() == "\n".join(example["base"])
    code = hmac.digest(b64decode(VECTORS["shared_secret"]), base, "sha256")
    assert code == b64decode(example["signature"].split(":")[1])


def test_the_digest_of_the_rfcs_request_is_of_its_body() -> None:
    (field,) = REQUEST.headers.values_of("content-digest")

    verify_content_digest(field, VECTORS["request"]["body"].encode())


def test_a_signed_request_says_who_and_when() -> None:
    verified = verify(signed())

    assert (verified.key_id, verified.nonce, verified.label) == (NODE.key_id, NONCE, "kaixu")
    assert (verified.created, verified.expires) == (NOW, NOW + timedelta(seconds=300))


def test_components_and_parameters_are_those_of_the_protocol_in_its_order() -> None:
    assert signed().field("signature-input") == (
        f"kaixu=({' '.join(ALL_COMPONENTS)});created={CREATED};"
        f'keyid="{NODE.key_id}";alg="ed25519";expires={CREATED + 300};'
        f'nonce="{NONCE}";tag="kaixu-request/1"'
    )


def test_a_second_implementation_of_the_base_is_accepted() -> None:
    sent = unsigned(content_encoding="zstd", idempotency_key="k-2")

    assert verify(forged(sent, ALL_COMPONENTS, parameters())).key_id == NODE.key_id


FIELD_VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
    path=st.sampled_from(["", "/a", "/%E5%B9%BF", "/x;y", "?q=1", "?q=%20&r"]),
    body=st.binary(max_size=80),
    idempotency=st.none() | FIELD_VALUES,
    encoding=st.none() | st.sampled_from(["gzip", "zstd"]),
)
def test_whatever_is_signed_verifies(
    *, method: str, path: str, body: bytes, idempotency: str | None, encoding: str | None
) -> None:
    fields = {"Idempotency-Key": idempotency, "Content-Encoding": encoding}
    if body:
        fields["Content-Type"] = "application/json"
    present = {name: value for name, value in fields.items() if value is not None}
    message = SignedMessage.of(method, "https://hub.example" + path, present)
    ids = SeededIds(7)

    added = sign_request(message, body=body, key=NODE, now=NOW, nonce=ids.new_token())
    sent = Sent(SignedMessage(method, message.url, message.headers.joined(added)), body)

    assert verify(sent).key_id == NODE.key_id
    assert claimed_key_id(sent.message, body=body) == NODE.key_id


@given(st.text(max_size=120), st.text(max_size=120))
def test_arbitrary_signature_fields_are_refused_and_nothing_else_happens(
    signature_input: str, signature: str
) -> None:
    sent = signed().with_fields(signature_input=signature_input, signature=signature)

    with pytest.raises(DomainError):
        verify(sent)


@given(st.data())
def test_no_character_of_what_was_sent_can_be_changed(data: st.DataObject) -> None:
    sent = signed()
    name = data.draw(st.sampled_from([line[0] for line in sent.message.headers.lines]))
    value = sent.field(name)
    place = data.draw(st.integers(min_value=0, max_value=len(value) - 1))
    character = data.draw(st.sampled_from('aZ0_-:;,=(" ').filter(lambda c: c != value[place]))

    changed = sent.with_fields(**{name: value[:place] + character + value[place + 1 :]})

    with pytest.raises(DomainError):
        verify(changed)


@pytest.mark.parametrize("seconds", [-300, -1, 0, 1, 300])
def test_a_clock_up_to_three_hundred_seconds_off_is_accepted(seconds: int) -> None:
    assert verify(signed(), NOW + timedelta(seconds=seconds)).key_id == NODE.key_id


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_a_clock_further_off_is_told_the_servers_time_and_may_try_again(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)

    with pytest.raises(ClockSkew) as refused:
        verify(signed(), now)

    body = problem_body(refused.value, instance="urn:request:1", now=now)
    assert body["retryable"] is True
    assert body["server_time"] == now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert f"{-seconds:+d}" in body["detail"]


def test_a_proxys_signature_under_another_tag_is_let_be() -> None:
    sent = signed()
    proxied = sent.with_fields(
        signature_input=sent.field("signature-input")
        + ', proxy=("@authority");created=1;keyid="p";tag="proxy"',
        signature=sent.field("signature") + ", proxy=:AAAA:",
    )

    assert verify(proxied).label == "kaixu"


def test_signature_fields_may_stand_on_several_lines() -> None:
    sent = signed()
    message = SignedMessage(
        "POST",
        URL,
        sent.message.headers.joined(
            {"Signature-Input": 'proxy=("@method");tag="p"', "Signature": "proxy=:AAAA:"}
        ),
    )

    assert verify(Sent(message, BODY)).key_id == NODE.key_id


def test_the_field_names_case_and_outer_spaces_do_not_matter() -> None:
    sent = signed()
    lines = [(name.title(), f" {value}\t") for name, value in sent.message.headers.lines]

    assert verify(Sent(SignedMessage.of("POST", URL, lines), BODY)).key_id == NODE.key_id


def test_a_request_without_body_covers_method_and_target() -> None:
    assert required_components(signed(b"").message, has_body=False) == list(ALL_COMPONENTS[:2])
    assert verify(signed(b"")).key_id == NODE.key_id


def test_a_body_without_content_type_cannot_be_signed() -> None:
    with pytest.raises(SignatureInvalid) as refused:
        sign_request(SignedMessage.of("POST", URL, {}), body=BODY, key=NODE, now=NOW, nonce=NONCE)

    assert "content-type" in refused.value.detail


@pytest.mark.parametrize("url", ["/relative", "https://hub.example/a b", "https://hub.example/广"])
def test_an_address_that_is_not_encoded_cannot_be_signed(url: str) -> None:
    with pytest.raises(SignatureInvalid):
        sign_request(SignedMessage.of("GET", url, {}), key=NODE, now=NOW, nonce=NONCE)


def test_the_checks_come_in_the_order_structure_key_window_signature_digest() -> None:
    late = NOW + timedelta(hours=1)
    unknown = signed(key=STRANGER)
    broken = signed().rewritten("signature", "=:", "=:AAAA")
    swapped = Sent(signed().message, b"other")

    with pytest.raises(SignatureInvalid):
        verify(unknown.rewritten("signature-input", "ed25519", "ed448"), late)
    with pytest.raises(NodeUnknown):
        verify(unknown, late)
    with pytest.raises(ClockSkew):
        verify(broken, late)
    with pytest.raises(SignatureInvalid):
        verify(Sent(broken.message, b"other"))
    with pytest.raises(DigestMismatch):
        verify(swapped)


def test_the_directory_is_asked_once_and_its_own_refusal_passes_through() -> None:
    asked = []

    class KeyRevoked(DomainError):
        pass

    def revoked(key_id: str) -> PublicKey | None:
        asked.append(key_id)
        raise KeyRevoked

    sent = signed()
    with pytest.raises(KeyRevoked):
        verify_request(sent.message, body=BODY, key_of=revoked, now=NOW)
    assert asked == [NODE.key_id]


def test_a_directory_that_answers_with_another_key_is_not_believed() -> None:
    sent = signed()

    with pytest.raises(SignatureInvalid) as refused:
        verify_request(sent.message, body=BODY, key_of=lambda _: STRANGER.public, now=NOW)

    assert refused.value.errors[0].code == "signature.key_confusion"
    assert find_key(STRANGER.key_id) is None


def test_a_key_of_another_algorithm_than_was_stated_is_refused() -> None:
    key = PublicKey(NODE.public.algorithm, NODE.public.raw)
    assert key.key_id == NODE.key_id
    object.__setattr__(key, "algorithm", "sm2")  # a key of a later version's second algorithm
    sent = signed()

    with pytest.raises(SignatureInvalid) as refused:
        verify_request(sent.message, body=BODY, key_of=lambda _: key, now=NOW)

    assert refused.value.errors[0].code == "signature.key_algorithm"


def test_field_lines_are_taken_from_mappings_pairs_and_themselves() -> None:
    lines = FieldLines.of({"Content-Type": "text/plain"})

    assert FieldLines.of(lines) == FieldLines.of([("CONTENT-TYPE", "text/plain")]) == lines
    assert list(lines) == ["content-type"]
    assert "content-type" in lines
