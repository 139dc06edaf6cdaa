"""Attacks on signed requests (S-24) against the verifier alone, without a service around it."""

import pytest

from shared_schema.content_digest import content_digest
from shared_schema.refusal import DomainError
from tests.attacks.attack import Attack
from tests.attacks.request_attacks import REQUEST_ATTACKS, Request, digested, full, stating
from tests.shared_schema.signed_requests import (
    ALL_COMPONENTS,
    BODY,
    NODE,
    forged,
    parameters,
    signed,
    verify,
)


@pytest.mark.parametrize("attack", REQUEST_ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused_by_its_own_code(attack: Attack[Request]) -> None:
    for way, build in attack.ways.items():
        with pytest.raises(DomainError) as refused:
            verify(build())

        assert attack.is_met_by(refused.value), (way, refused.value.errors)


def test_what_the_attacks_start_from_is_accepted() -> None:
    for sent in (
        signed(),
        signed(b""),
        stating(),
        forged(full(), ALL_COMPONENTS, parameters()),
        digested(f"{content_digest(BODY)}, {content_digest(BODY, 'sha-512')}"),
    ):
        assert verify(sent).key_id == NODE.key_id


def test_a_method_in_small_letters_is_another_method() -> None:
    with pytest.raises(DomainError) as refused:
        verify(signed().at(method="post"))

    assert refused.value.errors[0].code == "signature.mismatch"
