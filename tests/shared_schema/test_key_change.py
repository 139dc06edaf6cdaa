"""Who may change a node's keys: every authorising use by every new use, and every forgery."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared_schema.dsse import EnvelopeSignature
from shared_schema.entry_parts import KeyUse, NodeKey
from shared_schema.key_change import (
    ANSWERS_FOR,
    KeyChange,
    KeyChangeRefused,
    KeyChangeUnauthorised,
    SignedKeyChange,
    due_at,
    expiry_warning,
    read_change,
    sign_change,
    verify_change,
)
from shared_schema.signing_key import SigningKey

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
USES: tuple[KeyUse, ...] = ("statement", "cosigner", "recovery")
PRIVATE = {use: SigningKey.from_seed(use.encode().ljust(32, b".")) for use in USES}
FRESH = SigningKey.from_seed(b"fresh".ljust(32, b"."))
OWN = {PRIVATE[use].key_id: NodeKey.of(PRIVATE[use].public, use=use) for use in USES}


def fresh(use: KeyUse = "statement") -> NodeKey:
    return NodeKey.of(FRESH.public, use=use, not_after=AT + timedelta(days=730))


def adding(use: KeyUse = "statement", by: KeyUse = "statement", **changes: Any) -> KeyChange:
    members: dict[str, Any] = {
        "node": "sz-centre",
        "action": "add",
        "key": fresh(use),
        "reason": "rotated",
        "authorised_by": PRIVATE[by].key_id,
        "issued_at": AT,
    }
    return KeyChange(**members | changes)


def revoking(use: KeyUse = "statement", by: KeyUse = "recovery", **changes: Any) -> KeyChange:
    members: dict[str, Any] = {
        "node": "sz-centre",
        "action": "revoke",
        "key_id": PRIVATE[use].key_id,
        "reason": "key_compromise",
        "authorised_by": PRIVATE[by].key_id,
        "issued_at": AT,
    }
    return KeyChange(**members | changes)


def refusal(signed: SignedKeyChange) -> str | None:
    try:
        verify_change(signed, OWN)
    except KeyChangeUnauthorised as refused:
        return refused.errors[0].code
    return None


@pytest.mark.parametrize("by", USES)
@pytest.mark.parametrize("use", USES)
def test_a_key_is_added_by_those_who_answer_for_its_use_alone(use: KeyUse, by: KeyUse) -> None:
    found = refusal(sign_change(adding(use, by), [PRIVATE[by], FRESH]))

    assert found == (None if by in ANSWERS_FOR[use] else "key_change.use")


@pytest.mark.parametrize("by", USES)
@pytest.mark.parametrize("use", USES)
def test_only_the_recovery_key_revokes_and_never_itself(use: KeyUse, by: KeyUse) -> None:
    found = refusal(sign_change(revoking(use, by), [PRIVATE[by]]))

    assert found == (None if by == "recovery" and use != "recovery" else "key_change.use")


@pytest.mark.parametrize(
    ("change", "signers", "code"),
    [
        (adding(), [PRIVATE["statement"]], "signatures"),
        (adding(), [FRESH], "signatures"),
        (adding(), [PRIVATE["statement"], FRESH, PRIVATE["cosigner"]], "signatures"),
        (adding(authorised_by=FRESH.key_id), [FRESH], "signer"),
        (revoking(key_id=FRESH.key_id), [PRIVATE["recovery"]], "key"),
        (
            adding(replaces=PRIVATE["cosigner"].key_id, overlap_until=AT),
            [PRIVATE["statement"], FRESH],
            "replaces",
        ),
    ],
    ids=["no proof of possession", "new key alone", "one too many", "stranger", "unknown", "use"],
)
def test_a_change_without_exactly_its_signatures_is_refused(
    change: KeyChange, signers: list[SigningKey], code: str
) -> None:
    assert refusal(sign_change(change, signers)) == f"key_change.{code}"


def test_a_signature_of_another_payload_does_not_count() -> None:
    signed = sign_change(adding(), [PRIVATE["statement"], FRESH])
    other = sign_change(adding(reason="other"), [PRIVATE["statement"], FRESH])

    mixed = replace(signed.envelope, signatures=other.envelope.signatures)

    assert refusal(replace(signed, envelope=mixed)) == "key_change.signature"


def test_a_signature_cut_short_does_not_count() -> None:
    signed = sign_change(revoking(), [PRIVATE["recovery"]])
    (one,) = signed.envelope.signatures
    short = EnvelopeSignature(one.key_id, one.signature[:-1])

    cut = replace(signed, envelope=replace(signed.envelope, signatures=(short,)))

    assert refusal(cut) == "key_change.signature"


def test_the_bytes_read_back_are_the_change_that_was_signed() -> None:
    signed = sign_change(adding(), [PRIVATE["statement"], FRESH])

    again = read_change(signed.raw)

    assert again == signed
    assert again.change == adding()


@pytest.mark.parametrize(
    "members",
    [
        {"key": None},
        {"key_id": PRIVATE["cosigner"].key_id},
        {"replaces": PRIVATE["statement"].key_id},
        {"overlap_until": AT},
        {"suspect_from": AT},
        {"key": NodeKey.of(FRESH.public, use="statement")},
        {"note": "hello"},
        {"action": "swap"},
    ],
    ids=["none", "revokes", "no end", "nothing ends", "no suspect", "no date", "note", "action"],
)
def test_members_that_contradict_each_other_are_refused(members: dict[str, Any]) -> None:
    shown = adding().model_dump(mode="json") | members

    with pytest.raises(ValueError, match="validation error"):
        KeyChange.model_validate(shown)


def test_a_revocation_cannot_replace() -> None:
    with pytest.raises(ValueError, match="replaces"):
        revoking(replaces=PRIVATE["statement"].key_id, overlap_until=AT)


@pytest.mark.parametrize(
    "raw",
    [
        b" " * 9_000,
        json.dumps({"payload": "e30=", "payloadType": "x", "signatures": []}).encode(),
        json.dumps(
            {"payload": "e30=", "payloadType": "x", "signatures": [{"keyid": "k", "sig": "eA=="}]}
        ).encode(),
        json.dumps(
            {
                "payload": "e30=",
                "payloadType": "application/vnd.kaixu.key-change+json",
                "signatures": [{"keyid": "k", "sig": "eA=="}],
            }
        ).encode(),
    ],
    ids=["too large", "no signature", "another type", "no members"],
)
def test_other_bytes_are_no_key_change(raw: bytes) -> None:
    with pytest.raises(KeyChangeRefused.__mro__[1]):
        read_change(raw)


def test_a_key_ends_at_once_by_revocation_and_after_the_overlap_by_replacement() -> None:
    later = AT + timedelta(days=7)

    assert due_at(revoking()) == AT
    assert due_at(adding(replaces=PRIVATE["statement"].key_id, overlap_until=later)) == later
    assert due_at(adding()) is None


@pytest.mark.parametrize(
    ("days", "warning"), [(61, None), (60, 60), (31, 60), (30, 30), (7, 7), (1, 7), (0, 0), (-1, 0)]
)
def test_people_are_warned_at_sixty_thirty_and_seven_days(days: int, warning: int | None) -> None:
    assert expiry_warning(AT + timedelta(days=days), now=AT) == warning
