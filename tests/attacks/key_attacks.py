"""Changes of keys that their node did not make, or not like this, in sound requests."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from shared_schema.entry_parts import KeyUse, NodeKey
from shared_schema.instants import whole_second
from shared_schema.key_change import OVERLAP, KeyChange, SignedKeyChange, sign_change
from shared_schema.problem import ProblemType
from shared_schema.signing_key import SigningKey
from tests.attacks.attack import Attack, Attacker, Family
from tests.attacks.attacked_hub import AttackedHub
from tests.attacks.standing_attacks import Happen, a_node
from tests.federation.signing_node import BASE, SigningNode
from tests.shared_schema.signed_requests import Sent


def rotation(
    node: SigningNode,
    fresh: SigningKey,
    /,
    *,
    use: KeyUse = "statement",
    signers: Sequence[SigningKey] = (),
    **changes: Any,
) -> SignedKeyChange:
    """The change that puts `fresh` in the place of the node's key, or a lie about it."""
    now = whole_second(node.clock.now())
    members: dict[str, Any] = {
        "node": node.id,
        "action": "add",
        "key": NodeKey.of(fresh.public, use=use, not_after=now + timedelta(days=300)),
        "replaces": node.keys[use].key_id,
        "overlap_until": now + OVERLAP,
        "reason": "rotated",
        "authorised_by": node.key.key_id,
        "issued_at": now,
    }
    return sign_change(KeyChange(**members | changes), list(signers) or [node.key, fresh])


def posted(
    node: SigningNode, raw: bytes, *, at: str | None = None, key: SigningKey | None = None
) -> Sent:
    return node.request("POST", f"{BASE}/origins/{at or node.id}/keys", raw, key=key)


async def not_signed_by_the_new_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    return posted(node, rotation(node, SigningKey.generate(), signers=[node.key]).raw)


async def signed_by_the_new_key_alone(hub: AttackedHub) -> Sent:
    node, fresh = await a_node(hub), SigningKey.generate()
    return posted(node, rotation(node, fresh, signers=[fresh]).raw)


async def with_another_key_put_in(hub: AttackedHub) -> Sent:
    """The signatures of one change around another that brings the thief's key."""
    node = await a_node(hub)
    sound = json.loads(rotation(node, SigningKey.generate()).raw)
    forged = json.loads(rotation(node, SigningKey.generate()).raw)
    return posted(node, json.dumps(forged | {"signatures": sound["signatures"]}).encode())


async def moved_to_a_longer_overlap(hub: AttackedHub) -> Sent:
    node, fresh = await a_node(hub), SigningKey.generate()
    later = whole_second(node.clock.now()) + timedelta(days=50)
    sound = json.loads(rotation(node, fresh).raw)
    longer = json.loads(rotation(node, fresh, overlap_until=later).raw)
    return posted(node, json.dumps(longer | {"signatures": sound["signatures"]}).encode())


async def of_another_node(hub: AttackedHub) -> Sent:
    node, victim = await a_node(hub), await a_node(hub)
    return posted(node, rotation(node, SigningKey.generate(), node=victim.id).raw)


async def of_another_node_copied(hub: AttackedHub) -> Sent:
    node, victim = await a_node(hub), await a_node(hub)
    raw = rotation(victim, SigningKey.generate()).raw
    assert (await hub.send(posted(victim, raw))).status_code == 201
    return posted(node, raw)


async def at_another_nodes_address(hub: AttackedHub) -> Sent:
    node, victim = await a_node(hub), await a_node(hub)
    return posted(node, rotation(victim, SigningKey.generate()).raw, at=victim.id)


async def applied_before_sent_by_another_key(hub: AttackedHub) -> Sent:
    node, victim = await a_node(hub), await a_node(hub)
    raw = rotation(victim, SigningKey.generate()).raw
    assert (await hub.send(posted(victim, raw))).status_code == 201
    return posted(node, raw, at=victim.id)


async def by_the_recovery_key_of_another_node(hub: AttackedHub) -> Sent:
    node, thief, fresh = await a_node(hub), await a_node(hub), SigningKey.generate()
    foreign = thief.keys["recovery"]
    change = rotation(node, fresh, signers=[foreign, fresh], authorised_by=foreign.key_id)
    return posted(node, change.raw)


async def by_a_strangers_key(hub: AttackedHub) -> Sent:
    node, fresh, stranger = await a_node(hub), SigningKey.generate(), SigningKey.generate()
    change = rotation(node, fresh, signers=[stranger, fresh], authorised_by=stranger.key_id)
    return posted(node, change.raw)


def issued(off: timedelta) -> Happen:
    async def happen(hub: AttackedHub) -> Sent:
        node = await a_node(hub)
        at = whole_second(node.clock.now()) + off
        return posted(node, rotation(node, SigningKey.generate(), issued_at=at).raw)

    return happen


async def an_endless_overlap(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    until = whole_second(node.clock.now()) + timedelta(days=61)
    return posted(node, rotation(node, SigningKey.generate(), overlap_until=until).raw)


async def a_new_recovery_key_by_the_statement_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    return posted(node, rotation(node, SigningKey.generate(), use="recovery").raw)


async def a_revocation_by_the_statement_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    change = KeyChange(
        node=node.id,
        action="revoke",
        key_id=node.keys["recovery"].key_id,
        reason="key_compromise",
        authorised_by=node.key.key_id,
        issued_at=whole_second(node.clock.now()),
    )
    return posted(node, sign_change(change, [node.key]).raw)


async def in_the_place_of_another_use(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    cosigner = node.keys["cosigner"].key_id
    return posted(node, rotation(node, SigningKey.generate(), replaces=cosigner).raw)


async def posted_before(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    request = posted(node, rotation(node, SigningKey.generate()).raw)
    assert (await hub.send(request)).status_code == 201
    return request


def _attack(
    name: str, by: Attacker, problem: ProblemType, code: str, **ways: Happen
) -> Attack[Happen]:
    spelled = {way.replace("_", " "): happen for way, happen in ways.items()}
    return Attack(name, Family.KEYS, by, problem, code, spelled)


KEY_ATTACKS: Final = (
    _attack(
        "a new key that did not sign, or signed alone", Attacker.THIEF,
        ProblemType.SIGNATURE_INVALID, "key_change.signatures",
        without_the_new_key=not_signed_by_the_new_key,
        by_the_new_key_alone=signed_by_the_new_key_alone,
        another_key_put_in=with_another_key_put_in),
    _attack(
        "a change's signatures moved", Attacker.NETWORK, ProblemType.SIGNATURE_INVALID,
        "key_change.signature", to_a_longer_overlap=moved_to_a_longer_overlap),
    _attack(
        "a change authorised by a key of somebody else", Attacker.THIEF,
        ProblemType.SIGNATURE_INVALID, "key_change.signer",
        recovery_key_of_another_node=by_the_recovery_key_of_another_node,
        strangers=by_a_strangers_key),
    _attack(
        "a key that may not make this change", Attacker.THIEF, ProblemType.SIGNATURE_INVALID,
        "key_change.use",
        statement_key_adds_a_recovery_key=a_new_recovery_key_by_the_statement_key,
        statement_key_revokes=a_revocation_by_the_statement_key),
    _attack(
        "a key in the place of one of another use", Attacker.THIEF, ProblemType.SIGNATURE_INVALID,
        "key_change.replaces", cosigner=in_the_place_of_another_use),
    _attack(
        "a change of another node's keys", Attacker.NODE, ProblemType.SCOPE_DENIED,
        "key_change.node", made_up=of_another_node, copied=of_another_node_copied),
    _attack(
        "a change at another node's address", Attacker.NODE, ProblemType.SCOPE_DENIED,
        "scope.address",
        never_seen=at_another_nodes_address,
        applied_before=applied_before_sent_by_another_key),
    _attack(
        "a change outside its window", Attacker.THIEF, ProblemType.SCHEMA_INVALID,
        "key_change.window",
        kept_for_25_hours=issued(timedelta(hours=-25)),
        made_for_later=issued(timedelta(hours=25))),
    _attack(
        "an overlap of the keys without end", Attacker.THIEF, ProblemType.SCHEMA_INVALID,
        "key_change.overlap", of_61_days=an_endless_overlap),
    _attack(
        "a change sent again", Attacker.NETWORK, ProblemType.NONCE_REPLAYED, "nonce.used",
        request=posted_before),
)  # fmt: skip
