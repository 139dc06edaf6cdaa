"""Every attack of an enrolled node against the hub's whole application, soundly signed.

What the hub keeps of a refused statement is that the node was there, and evidence where two of its
statements contradict each other.
"""

import pytest

from tests.attacks.attack import Attack
from tests.attacks.attacked_hub import AttackedHub, changed, refusal_of
from tests.attacks.body_attacks import BODY_ATTACKS, Coded
from tests.attacks.cosigning_attacks import COSIGNING_ATTACKS
from tests.attacks.erasure_attacks import ERASURE_ATTACKS
from tests.attacks.key_attacks import KEY_ATTACKS
from tests.attacks.standing_attacks import STANDING_ATTACKS, Happen
from tests.attacks.statement_attacks import (
    CHAIN_ATTACKS,
    STATEMENT_ATTACKS,
    Build,
    Prepare,
    number_of,
)
from tests.federation.signing_node import SigningNode

BEING_THERE = {"request_nonce", "node_contact"}


@pytest.mark.parametrize("attack", STATEMENT_ATTACKS, ids=lambda attack: attack.name)
async def test_a_hostile_statement_is_refused_by_its_own_code_and_not_stored(
    hostile_node: SigningNode, hostile_hub: AttackedHub, attack: Attack[Build]
) -> None:
    before = await hostile_hub.digests()

    for way, build in attack.ways.items():
        raw = build(hostile_node)
        answer = await hostile_node.send(hostile_node.put_request(raw, number_of(raw)))

        assert attack.is_answered_by(refusal_of(answer)), (way, answer.text)
    assert changed(before, await hostile_hub.digests()) <= BEING_THERE


@pytest.mark.parametrize("attack", CHAIN_ATTACKS, ids=lambda attack: attack.name)
async def test_a_statement_that_does_not_follow_is_refused_by_its_own_code_and_not_stored(
    hostile_node: SigningNode, hostile_hub: AttackedHub, attack: Attack[Prepare]
) -> None:
    for way, prepare in attack.ways.items():
        raw, oseq = await prepare(hostile_node)
        before = await hostile_hub.digests()

        answer = await hostile_node.send(hostile_node.put_request(raw, oseq))

        assert attack.is_answered_by(refusal_of(answer)), (way, answer.text)
        after = changed(before, await hostile_hub.digests())
        assert attack.keeps <= after <= BEING_THERE | attack.keeps, way


@pytest.mark.parametrize("attack", STANDING_ATTACKS, ids=lambda attack: attack.name)
async def test_a_request_of_who_may_not_is_refused_by_its_own_code_and_stores_nothing(
    hostile_hub: AttackedHub, attack: Attack[Happen]
) -> None:
    for way, happen in attack.ways.items():
        instant = hostile_hub.open.clock.instant
        request = await happen(hostile_hub)
        before = await hostile_hub.digests()

        answer = await hostile_hub.send(request)

        hostile_hub.open.clock.instant = instant
        assert attack.is_answered_by(refusal_of(answer)), (way, answer.text)
        assert changed(before, await hostile_hub.digests()) == set(), way


@pytest.mark.parametrize(
    "attack",
    [*COSIGNING_ATTACKS, *KEY_ATTACKS, *ERASURE_ATTACKS],
    ids=lambda attack: f"{attack.family} {attack.name}",
)
async def test_what_a_node_vouches_changes_or_asks_for_is_refused_by_its_own_code(
    hostile_hub: AttackedHub, attack: Attack[Happen]
) -> None:
    for way, happen in attack.ways.items():
        request = await happen(hostile_hub)
        before = await hostile_hub.digests()

        answer = await hostile_hub.send(request)

        assert attack.is_answered_by(refusal_of(answer)), (way, answer.text)
        after = changed(before, await hostile_hub.digests())
        assert attack.keeps <= after <= BEING_THERE | attack.keeps, (way, after)


@pytest.mark.parametrize("attack", BODY_ATTACKS, ids=lambda attack: attack.name)
async def test_a_body_that_misuses_compression_is_refused_by_its_own_code(
    hostile_node: SigningNode, hostile_hub: AttackedHub, attack: Attack[Coded]
) -> None:
    before = await hostile_hub.digests()

    for way, build in attack.ways.items():
        coding, body = build()
        answer = await hostile_node.send(hostile_node.put_request(body, 1, encoding=coding))

        assert attack.is_answered_by(refusal_of(answer)), (way, answer.text)
    assert changed(before, await hostile_hub.digests()) == set()
