"""Attacks on signed requests: whoever does not hold the key, and a holder who breaks the policy.

Where an attack needs a valid signature, the attacker holds an enrolled key: the policy must refuse
although the cryptography is sound. Every request is complete: it can be put on the wire as it is.
"""

from collections.abc import Callable
from typing import Final

from shared_schema.content_digest import content_digest
from shared_schema.problem import ProblemType
from tests.attacks.attack import Attack, Attacker, Family
from tests.shared_schema.signed_requests import (
    ALL_COMPONENTS,
    BODY,
    CREATED,
    HUB,
    NODE,
    OTHER_NODE,
    STRANGER,
    URL,
    Sent,
    forged,
    parameters,
    signed,
    unsigned,
)

Request = Callable[[], Sent]
PLAIN: Final = ALL_COMPONENTS[:4]
_INBOX: Final = f"{HUB}/federation/v1/inbox?after=5"
_STATEMENT: Final = f"{HUB}/federation/v1/origins/node-one/statements/1"


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


def dated(seconds: int, *, lasting: int = 300) -> Sent:
    created = CREATED + seconds
    return stating(created=str(created), expires=str(created + lasting))


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
    headers = sent.message.headers.joined({name: value})
    return Sent(type(sent.message)("POST", sent.message.url, headers), BODY)


def swapped_body(other: bytes) -> Sent:
    return Sent(signed().message, other)


def claiming(key_id: str) -> Sent:
    return signed().rewritten("signature-input", NODE.key_id, key_id)


def reading(url: str) -> Sent:
    return signed(b"", method="GET", url=url)


def digested(field: str) -> Sent:
    return forged(unsigned().with_fields(content_digest=field), PLAIN, parameters())


def added_to_bodyless(**fields: str) -> Sent:
    return reading(_INBOX).with_fields(**fields)


def _attack(
    name: str, by: Attacker, problem: ProblemType, code: str, **ways: Request
) -> Attack[Request]:
    spelled = {way.replace("_", " "): build for way, build in ways.items()}
    return Attack(name, Family.REQUEST, by, problem, code, spelled)


def _policy(name: str, code: str, **ways: Request) -> Attack[Request]:
    """A holder of the key signs what the policy does not allow."""
    return _attack(name, Attacker.THIEF, ProblemType.SIGNATURE_INVALID, f"signature.{code}", **ways)


def _uncovered(what: str, component: str, **ways: Request) -> Attack[Request]:
    return _attack(
        f"{what} not covered by the signature",
        Attacker.THIEF,
        ProblemType.COMPONENT_NOT_COVERED,
        f"signature.{component}_not_covered",
        **ways,
    )


REQUEST_ATTACKS: Final = (
    _attack(
        "signature stripped", Attacker.NETWORK, ProblemType.SIGNATURE_MISSING, "signature.missing",
        both_fields=lambda: signed().with_fields(signature_input=None, signature=None),
        signature_input=lambda: signed().with_fields(signature_input=None),
        signature=lambda: signed().with_fields(signature=None)),
    _attack(
        "no tag", Attacker.THIEF, ProblemType.SIGNATURE_MISSING, "signature.tag_missing",
        left_out=lambda: stating(tag=None)),
    _attack(
        "a signature made for something else", Attacker.NETWORK, ProblemType.SIGNATURE_MISSING,
        "signature.tag_other",
        receipt_replayed_as_request=lambda: stating(tag='"kaixu-receipt/1"'),
        another_version=lambda: stating(tag='"kaixu-request/2"')),
    _policy(
        "two signatures of the tag", "duplicate_tag", second_label=twice_tagged),
    _policy(
        "a label twice", "duplicate_label",
        in_signature_input=lambda: repeated("signature-input"),
        in_signature=lambda: repeated("signature")),
    _policy(
        "labels that differ", "labels",
        renamed=lambda: signed().rewritten("signature", "kaixu=", "other="),
        one_more=lambda: signed().rewritten("signature", "kaixu=", "x=:AAAA:, kaixu=")),
    _policy(
        "a parameter twice", "duplicate_parameter",
        created=lambda: forged(unsigned(), PLAIN, parameters() + ";created=1")),
    _policy("an unknown parameter", "parameter_unknown", scope=lambda: stating(scope='"all"')),
    _policy(
        "a parameter of another type", "parameter_type",
        tag_as_token=lambda: stating(tag="kaixu-request/1"),
        created_as_text=lambda: stating(created=f'"{CREATED}"'),
        created_as_decimal=lambda: stating(created=f"{CREATED}.0"),
        created_as_date=lambda: stating(created=f"@{CREATED}"),
        nonce_as_bytes=lambda: stating(nonce=":AAAAAAAAAAAAAAAAAAAAAA==:")),
    _policy(
        "not a structured field", "malformed",
        cavage_draft=lambda: signed().with_fields(signature_input="keyId=x,algorithm=y("),
        beyond_ascii=lambda: signed().rewritten("signature-input", "kaixu=", "kaixü=")),
    _policy(
        "a structured field of another form", "form",
        not_an_inner_list=lambda: signed().with_fields(signature_input=f"kaixu=1{parameters()}"),
        signature_as_text=lambda: signed().with_fields(signature='kaixu="AAAA"')),
    _policy(
        "algorithm swapped", "algorithm",
        hmac_with_the_public_key=lambda: stating(alg='"hmac-sha256"'),
        rsa=lambda: stating(alg='"rsa-pss-sha512"'),
        es256=lambda: stating(alg='"ecdsa-p256-sha256"'),
        none=lambda: stating(alg='"none"'),
        capitals=lambda: stating(alg='"Ed25519"')),
    _policy("algorithm left out", "alg_missing", left_out=lambda: stating(alg=None)),
    _policy("key id left out", "keyid_missing", left_out=lambda: stating(keyid=None)),
    _policy("nonce left out", "nonce_missing", left_out=lambda: stating(nonce=None)),
    _policy("created left out", "created_missing", left_out=lambda: stating(created=None)),
    _policy("expires left out", "expires_missing", left_out=lambda: stating(expires=None)),
    _policy(
        "a guessable or endless nonce", "nonce",
        of_126_bits=lambda: stating(nonce='"AAAAAAAAAAAAAAAAAAAAA"'),
        other_characters=lambda: stating(nonce=f'"{"%00" * 10}"'),
        endless=lambda: stating(nonce=f'"{"A" * 129}"')),
    _policy(
        "a path as key id", "key_id", passwd=lambda: stating(keyid='"../../../etc/passwd"')),
    _policy(
        "a lifetime too long", "lifetime",
        of_301_seconds=lambda: stating(expires=str(CREATED + 301)),
        for_ever=lambda: stating(expires="999999999999999")),
    _policy(
        "never valid", "expires_order",
        expires_before_created=lambda: stating(expires=str(CREATED - 1)),
        expires_when_created=lambda: stating(expires=str(CREATED))),
    _policy(
        "created outside the calendar", "created_range",
        before_1970=lambda: stating(created="-5", expires="5"),
        beyond_9999=lambda: stating(created="999999999999900", expires="999999999999999")),
    _attack(
        "a request from the past", Attacker.NETWORK, ProblemType.CLOCK_SKEW,
        "signature.created_behind", replayed_late=lambda: dated(-301)),
    _attack(
        "a request from the future", Attacker.THIEF, ProblemType.CLOCK_SKEW,
        "signature.created_ahead", kept_for_later=lambda: dated(301)),
    _attack(
        "a request that has expired", Attacker.NETWORK, ProblemType.CLOCK_SKEW,
        "signature.expired", within_the_window=lambda: dated(-200, lasting=100)),
    _uncovered("method", "method",
        left_out=lambda: without("@method"),
        of_another_request=lambda: instead("@method", '"@method";req'),
        as_token=lambda: instead("@method", "method")),
    _uncovered("target", "target_uri",
        left_out=lambda: without("@target-uri"),
        authority_instead=lambda: instead("@target-uri", '"@authority"')),
    _uncovered("digest", "content_digest",
        left_out=lambda: without("content-digest"),
        re_serialised=lambda: instead("content-digest", '"content-digest";sf'),
        one_member=lambda: instead("content-digest", '"content-digest";key="sha-256"'),
        digest_added_with_body=lambda: Sent(
            signed(b"").with_fields(
                content_digest=content_digest(BODY), content_type="text/plain").message, BODY),
        body_added=lambda: Sent(signed(b"").message, BODY),
        nothing_covered=lambda: forged(unsigned(), (), parameters())),
    _uncovered("content type", "content_type", left_out=lambda: without("content-type")),
    _uncovered("content coding", "content_encoding",
        left_out=lambda: without("content-encoding"),
        added_on_the_way=lambda: added_to_bodyless(content_encoding="gzip")),
    _uncovered("idempotency key", "idempotency_key",
        left_out=lambda: without("idempotency-key"),
        added_on_the_way=lambda: added_to_bodyless(idempotency_key="k")),
    _policy(
        "one component more than there should be", "component_unknown",
        date=lambda: forged(unsigned(date="x"), (*PLAIN, '"date"'), parameters()),
        coding_removed_on_the_way=lambda: signed().with_fields(content_encoding=None),
        idempotency_key_removed=lambda: signed().with_fields(idempotency_key=None)),
    _policy(
        "components in another order", "component_order",
        reversed=lambda: forged(unsigned(), tuple(reversed(PLAIN)), parameters()),
        one_twice=lambda: forged(unsigned(), (*PLAIN, PLAIN[0]), parameters())),
    _policy(
        "a covered field twice", "duplicate_field",
        digest=lambda: second_line("content-digest", content_digest(b"x")),
        idempotency_key=lambda: second_line("idempotency-key", "k-2")),
    _attack(
        "body swapped", Attacker.NETWORK, ProblemType.DIGEST_MISMATCH, "digest.mismatch",
        one_byte=lambda: swapped_body(b'{"hello":"w0rld"}'),
        removed=lambda: swapped_body(b""),
        longer=lambda: swapped_body(BODY + b"\n"),
        digest_of_another_signed=lambda: digested(content_digest(b"another body")),
        one_of_two_digests_wrong=lambda: digested(
            f"{content_digest(BODY)}, {content_digest(b'x', 'sha-512')}")),
    _attack(
        "a digest that proves nothing", Attacker.THIEF, ProblemType.DIGEST_MISMATCH,
        "digest.malformed",
        md5=lambda: digested("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:"),
        none=lambda: digested('""')),
    _attack(
        "a key nobody enrolled", Attacker.NODE, ProblemType.NODE_UNKNOWN, "signature.key_unknown",
        strangers=lambda: signed(key=STRANGER)),
    # One signature covers all of these together: which of them was changed, nobody can tell.
    _attack(
        "signed bytes changed", Attacker.NETWORK, ProblemType.SIGNATURE_INVALID,
        "signature.mismatch",
        body_and_digest_swapped=lambda: Sent(
            signed().with_fields(content_digest=content_digest(b"other")).message, b"other"),
        method=lambda: signed(url=_STATEMENT).at(method="PUT"),
        replayed_to_another_route=lambda: signed().at(method="PUT", url=_STATEMENT),
        number_in_the_path=lambda: signed(method="PUT", url=f"{_STATEMENT}7").at(url=_STATEMENT),
        path_spelt_otherwise=lambda: signed().at(url=URL.replace("/intake", "/%69ntake")),
        query=lambda: signed().at(url=URL.replace("dry=1", "dry=0")),
        query_removed=lambda: signed().at(url=URL.replace("?dry=1", "")),
        read_of_another_range=lambda: reading(_INBOX).at(url=_INBOX.replace("5", "0")),
        replayed_from_another_hub=lambda: signed(url=URL.replace("hub", "hub2", 1)).at(url=URL),
        scheme=lambda: signed(url=URL.replace("https", "http")).at(url=URL),
        content_type=lambda: signed().with_fields(content_type="text/plain"),
        content_coding=lambda: signed().with_fields(content_encoding="gzip"),
        idempotency_key=lambda: signed().with_fields(idempotency_key="k-2"),
        dated_anew=lambda: signed().rewritten(
            "signature-input", str(CREATED), str(CREATED + 1)),
        nonce_made_fresh=lambda: signed().rewritten("signature-input", 'nonce="AA', 'nonce="BB'),
        another_nodes_key_id=lambda: claiming(OTHER_NODE.key_id),
        another_nodes_signature=lambda: signed().with_fields(
            signature=signed(key=OTHER_NODE).field("signature")),
        a_stranger_under_our_key_id=lambda: forged(
            unsigned(), PLAIN, parameters(), key=STRANGER),
        of_another_request=lambda: signed().with_fields(
            signature=signed(b"other").field("signature")),
        empty=lambda: signed().with_fields(signature="kaixu=::"),
        short=lambda: signed().with_fields(signature="kaixu=:AAAA:"),
        zeros=lambda: signed().with_fields(signature=f"kaixu=:{'A' * 86}==:")),
)  # fmt: skip
