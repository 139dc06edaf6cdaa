"""Attacks on signed requests (S-24): each is refused, each with its own pair of codes.

Where an attack needs a valid signature, the attacker here holds an enrolled key: the policy must
refuse although the cryptography is sound.
"""

from collections.abc import Callable

import pytest

from shared_schema.content_digest import content_digest
from shared_schema.refusal import DomainError
from tests.shared_schema.signed_requests import (
    ALL_COMPONENTS,
    BODY,
    CREATED,
    NODE,
    OTHER_NODE,
    STRANGER,
    Sent,
    forged,
    parameters,
    signed,
    unsigned,
    verify,
)

PLAIN = ALL_COMPONENTS[:4]


def full() -> Sent:
    return unsigned(content_encoding="zstd", idempotency_key="k-1")


def without(component: str) -> Sent:
    kept = tuple(name for name in ALL_COMPONENTS if name != f'"{component}"')
    return forged(full(), kept, parameters())


def instead(component: str, other: str) -> Sent:
    covered = tuple(other if name == f'"{component}"' else name for name in PLAIN)
    return forged(unsigned(), covered, parameters())


def stating(**changes: str | None) -> Sent:
    return forged(unsigned(), PLAIN, parameters(**changes))


def twice_tagged() -> Sent:
    sent = signed()
    inputs, signatures = sent.field("signature-input"), sent.field("signature")
    return sent.with_fields(
        signature_input=f"{inputs}, {inputs.replace('kaixu=', 'second=', 1)}",
        signature=f"{signatures}, {signatures.replace('kaixu=', 'second=', 1)}",
    )


def repeated(name: str) -> Sent:
    sent = signed()
    return sent.with_fields(**{name: f"{sent.field(name)}, {sent.field(name)}"})


def second_line(name: str, value: str) -> Sent:
    sent = signed()
    return Sent(
        type(sent.message)("POST", sent.message.url, sent.message.headers.joined({name: value})),
        BODY,
    )


def swapped_body(other: bytes) -> Sent:
    return Sent(signed().message, other)


def claiming(key_id: str) -> Sent:
    return signed().rewritten("signature-input", NODE.key_id, key_id)


def moved(old: str, new: str) -> Sent:
    sent = signed()
    return sent.at(url=sent.message.url.replace(old, new))


def digested(field: str) -> Sent:
    return forged(unsigned().with_fields(content_digest=field), PLAIN, parameters())


def added_to_bodyless(**fields: str) -> Sent:
    return signed(b"").with_fields(**fields)


MISSING, INVALID = "signature_missing", "signature_invalid"
NOT_COVERED, DIGEST, SKEW = "component_not_covered", "digest_mismatch", "clock_skew"

ATTACKS: dict[str, tuple[Callable[[], Sent], str, str]] = {
    # stripping
    "both fields stripped": (
        lambda: signed().with_fields(signature_input=None, signature=None), MISSING, "missing"),
    "signature-input stripped": (
        lambda: signed().with_fields(signature_input=None), MISSING, "missing"),
    "signature stripped": (lambda: signed().with_fields(signature=None), MISSING, "missing"),
    "another tag only": (lambda: stating(tag='"kaixu-request/2"'), MISSING, "tag_missing"),
    "a receipt's tag": (lambda: stating(tag='"kaixu-receipt/1"'), MISSING, "tag_missing"),
    "no tag": (lambda: stating(tag=None), MISSING, "tag_missing"),
    # ambiguity
    "tag as a token": (lambda: stating(tag="kaixu-request/1"), INVALID, "parameter_type"),
    "two signatures of the tag": (twice_tagged, INVALID, "duplicate_tag"),
    "label twice in signature-input": (
        lambda: repeated("signature-input"), INVALID, "duplicate_label"),
    "label twice in signature": (lambda: repeated("signature"), INVALID, "duplicate_label"),
    "labels differ": (
        lambda: signed().rewritten("signature", "kaixu=", "other="), INVALID, "labels"),
    "signature for an extra label": (
        lambda: signed().rewritten("signature", "kaixu=", "x=:AAAA:, kaixu="), INVALID, "labels"),
    "a parameter twice": (
        lambda: forged(unsigned(), PLAIN, parameters() + ";created=1"),
        INVALID, "duplicate_parameter"),
    "an unknown parameter": (lambda: stating(scope='"all"'), INVALID, "parameter_unknown"),
    "not a structured field": (
        lambda: signed().with_fields(signature_input="keyId=x,algorithm=y("),
        INVALID, "malformed"),
    "not an inner list": (
        lambda: signed().with_fields(signature_input=f"kaixu=1{parameters()}"),
        INVALID, "malformed"),
    "signature is a string": (
        lambda: signed().with_fields(signature='kaixu="AAAA"'), INVALID, "malformed"),
    "letters beyond ASCII": (
        lambda: signed().rewritten("signature-input", "kaixu=", "kaixü="), INVALID, "malformed"),
    # algorithm
    "algorithm swapped for hmac": (lambda: stating(alg='"hmac-sha256"'), INVALID, "algorithm"),
    "algorithm swapped for rsa": (lambda: stating(alg='"rsa-pss-sha512"'), INVALID, "algorithm"),
    "algorithm none": (lambda: stating(alg='"none"'), INVALID, "algorithm"),
    "algorithm in capitals": (lambda: stating(alg='"Ed25519"'), INVALID, "algorithm"),
    "algorithm left out": (lambda: stating(alg=None), INVALID, "parameter_missing"),
    # parameters
    "no keyid": (lambda: stating(keyid=None), INVALID, "parameter_missing"),
    "no nonce": (lambda: stating(nonce=None), INVALID, "parameter_missing"),
    "no created": (lambda: stating(created=None), INVALID, "parameter_missing"),
    "no expires": (lambda: stating(expires=None), INVALID, "parameter_missing"),
    "created as text": (lambda: stating(created=f'"{CREATED}"'), INVALID, "parameter_type"),
    "created as a decimal": (lambda: stating(created=f"{CREATED}.0"), INVALID, "parameter_type"),
    "created as a date": (lambda: stating(created=f"@{CREATED}"), INVALID, "parameter_type"),
    "nonce as bytes": (lambda: stating(nonce=":AAAAAAAAAAAAAAAAAAAAAA==:"),
        INVALID, "parameter_type"),
    "nonce of 126 bits": (lambda: stating(nonce='"AAAAAAAAAAAAAAAAAAAAA"'), INVALID, "nonce"),
    "nonce of other characters": (lambda: stating(nonce=f'"{"%00" * 10}"'), INVALID, "nonce"),
    "endless nonce": (lambda: stating(nonce=f'"{"A" * 129}"'), INVALID, "nonce"),
    "a path as keyid": (lambda: stating(keyid='"../../../etc/passwd"'), INVALID, "key_id"),
    # time
    "valid for 301 seconds": (
        lambda: stating(expires=str(CREATED + 301)), INVALID, "lifetime"),
    "valid for ever": (lambda: stating(expires="999999999999999"), INVALID, "lifetime"),
    "expires before created": (lambda: stating(expires=str(CREATED - 1)), INVALID, "lifetime"),
    "never valid": (lambda: stating(expires=str(CREATED)), INVALID, "lifetime"),
    "created before 1970": (lambda: stating(created="-5", expires="5"), INVALID, "lifetime"),
    "created beyond the calendar": (
        lambda: stating(created="999999999999900", expires="999999999999999"),
        INVALID, "lifetime"),
    "an old request": (
        lambda: stating(created=str(CREATED - 301), expires=str(CREATED - 1)), SKEW, "window"),
    "a request from the future": (
        lambda: stating(created=str(CREATED + 301), expires=str(CREATED + 600)), SKEW, "window"),
    "expired within the window": (
        lambda: stating(created=str(CREATED - 200), expires=str(CREATED - 100)), SKEW, "window"),
    "an old request dated anew": (
        lambda: signed().rewritten("signature-input", str(CREATED), str(CREATED + 1)),
        INVALID, "mismatch"),
    # coverage
    "method not covered": (lambda: without("@method"), NOT_COVERED, "not_covered"),
    "target not covered": (lambda: without("@target-uri"), NOT_COVERED, "not_covered"),
    "digest not covered": (lambda: without("content-digest"), NOT_COVERED, "not_covered"),
    "type not covered": (lambda: without("content-type"), NOT_COVERED, "not_covered"),
    "encoding not covered": (lambda: without("content-encoding"), NOT_COVERED, "not_covered"),
    "idempotency key not covered": (
        lambda: without("idempotency-key"), NOT_COVERED, "not_covered"),
    "nothing covered": (
        lambda: forged(unsigned(), (), parameters()), NOT_COVERED, "not_covered"),
    "authority instead of target": (
        lambda: instead("@target-uri", '"@authority"'), NOT_COVERED, "not_covered"),
    "method of another request": (
        lambda: instead("@method", '"@method";req'), NOT_COVERED, "not_covered"),
    "digest re-serialised": (
        lambda: instead("content-digest", '"content-digest";sf'), NOT_COVERED, "not_covered"),
    "one member of the digest": (
        lambda: instead("content-digest", '"content-digest";key="sha-256"'),
        NOT_COVERED, "not_covered"),
    "component as a token": (
        lambda: instead("@method", "method"), NOT_COVERED, "not_covered"),
    "one component more": (
        lambda: forged(unsigned(date="x"), (*PLAIN, '"date"'), parameters()),
        INVALID, "components"),
    "another order": (
        lambda: forged(unsigned(), tuple(reversed(PLAIN)), parameters()), INVALID, "components"),
    "a component twice": (
        lambda: forged(unsigned(), (*PLAIN, PLAIN[0]), parameters()), INVALID, "components"),
    # body
    "body swapped": (lambda: swapped_body(b'{"hello":"w0rld"}'), DIGEST, "mismatch"),
    "body removed": (lambda: swapped_body(b""), DIGEST, "mismatch"),
    "body extended": (lambda: swapped_body(BODY + b"\n"), DIGEST, "mismatch"),
    "body and digest swapped": (
        lambda: Sent(
            signed().with_fields(content_digest=content_digest(b"other")).message, b"other"),
        INVALID, "mismatch"),
    "body added to a request without": (
        lambda: Sent(signed(b"").message, BODY), NOT_COVERED, "not_covered"),
    "body with digest added": (
        lambda: Sent(added_to_bodyless(
            content_digest=content_digest(BODY), content_type="text/plain").message, BODY),
        NOT_COVERED, "not_covered"),
    "digest of a broken algorithm": (
        lambda: digested("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"), DIGEST, "malformed"),
    "digest of no algorithm": (lambda: digested('""'), DIGEST, "malformed"),
    "a wrong digest beside a right one": (
        lambda: digested(f"{content_digest(BODY)}, {content_digest(b'x', 'sha-512')}"),
        DIGEST, "mismatch"),
    "a second digest line": (
        lambda: second_line("content-digest", content_digest(b"x")), INVALID, "duplicate_field"),
    # other fields and the target
    "method changed": (lambda: signed().at(method="PUT"), INVALID, "mismatch"),
    "method in small letters": (lambda: signed().at(method="post"), INVALID, "mismatch"),
    "path changed": (lambda: moved("/intake", "/enquiries"), INVALID, "mismatch"),
    "path spelt otherwise": (lambda: moved("/intake", "/%69ntake"), INVALID, "mismatch"),
    "query changed": (lambda: moved("dry=1", "dry=0"), INVALID, "mismatch"),
    "query removed": (lambda: moved("?dry=1", ""), INVALID, "mismatch"),
    "replayed to another hub": (lambda: moved("hub.gd", "hub.hn"), INVALID, "mismatch"),
    "scheme downgraded": (lambda: moved("https", "http"), INVALID, "mismatch"),
    "type changed": (
        lambda: signed().with_fields(content_type="text/plain"), INVALID, "mismatch"),
    "encoding changed": (
        lambda: signed().with_fields(content_encoding="gzip"), INVALID, "mismatch"),
    "encoding removed": (
        lambda: signed().with_fields(content_encoding=None), INVALID, "components"),
    "encoding added": (
        lambda: added_to_bodyless(content_encoding="gzip"), NOT_COVERED, "not_covered"),
    "idempotency key changed": (
        lambda: signed().with_fields(idempotency_key="k-2"), INVALID, "mismatch"),
    "idempotency key removed": (
        lambda: signed().with_fields(idempotency_key=None), INVALID, "components"),
    "idempotency key added": (
        lambda: added_to_bodyless(idempotency_key="k"), NOT_COVERED, "not_covered"),
    "a second idempotency key": (
        lambda: second_line("idempotency-key", "k-2"), INVALID, "duplicate_field"),
    "a line break in a field": (
        lambda: signed().with_fields(idempotency_key='k-1\n"@method": GET'),
        INVALID, "mismatch"),
    # keys
    "an unknown key": (lambda: signed(key=STRANGER), "node_unknown", "key_unknown"),
    "another node's keyid": (lambda: claiming(OTHER_NODE.key_id), INVALID, "mismatch"),
    "a stranger under a known keyid": (
        lambda: forged(unsigned(), PLAIN, parameters(), key=STRANGER), INVALID, "mismatch"),
    "another node's signature": (
        lambda: signed().with_fields(signature=signed(key=OTHER_NODE).field("signature")),
        INVALID, "mismatch"),
    "the signature of another request": (
        lambda: signed().with_fields(signature=signed(b"other").field("signature")),
        INVALID, "mismatch"),
    "an empty signature": (
        lambda: signed().with_fields(signature="kaixu=::"), INVALID, "mismatch"),
    "a short signature": (
        lambda: signed().with_fields(signature="kaixu=:AAAA:"), INVALID, "mismatch"),
    "a signature of zeros": (
        lambda: signed().with_fields(signature=f"kaixu=:{'A' * 86}==:"), INVALID, "mismatch"),
    "a nonce put in afterwards": (
        lambda: signed().rewritten("signature-input", 'nonce="AA', 'nonce="BB'),
        INVALID, "mismatch"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_with_its_codes(name: str) -> None:
    attack, problem, code = ATTACKS[name]
    sent = attack()

    with pytest.raises(DomainError) as refused:
        verify(sent)

    prefix = "digest" if problem == DIGEST else "signature"
    assert refused.value.problem.code == problem
    assert refused.value.errors[0].code == f"{prefix}.{code}"


def test_what_the_attacks_start_from_is_accepted() -> None:
    for sent in (
        signed(),
        signed(b""),
        stating(),
        forged(full(), ALL_COMPONENTS, parameters()),
        digested(f"{content_digest(BODY)}, {content_digest(BODY, 'sha-512')}"),
    ):
        assert verify(sent).key_id == NODE.key_id


def test_there_are_more_attacks_than_the_plan_asks_for() -> None:
    assert len(ATTACKS) >= 40
