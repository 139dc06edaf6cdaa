"""Soundly signed requests of keys and nodes that may not, or that were sent before.

A way brings about what must have happened before, and gives the request.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count
from typing import Final

from shared_schema.problem import ProblemType
from shared_schema.signing_key import SigningKey
from tests.attacks.attack import Attack, Attacker, Family
from tests.attacks.attacked_hub import AttackedHub
from tests.federation.federation import REGISTRARS
from tests.federation.signing_node import BASE, SigningNode
from tests.shared_schema.signed_requests import Sent

Happen = Callable[[AttackedHub], Awaitable[Sent]]
SELF: Final = f"{BASE}/nodes/self"
_names: Final = (f"node-{number}" for number in count(100))


async def a_node(hub: AttackedHub) -> SigningNode:
    """An enrolled node of its own for one way."""
    return await hub.admit(next(_names), SigningKey.generate())


async def _standing(hub: AttackedHub, node: SigningNode, action: str) -> None:
    body = {"action": action, "reason": "investigation"}
    await hub.told("POST", f"/api/v1/nodes/{node.id}/standing", body, by=REGISTRARS[0])


async def sent_before(hub: AttackedHub) -> Sent:
    request = (await a_node(hub)).request("GET", SELF)
    assert (await hub.send(request)).status_code == 200
    return request


async def statement_sent_before(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    statement = node.offer()
    request = node.put_request(statement.raw, statement.statement.oseq)
    assert (await hub.send(request)).status_code == 201
    return request


async def with_a_revoked_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    path = f"/api/v1/keys/{node.key.key_id}/revocation"
    proposed = await hub.told("POST", path, {"reason": "key_compromise"}, by=REGISTRARS[0])
    path = f"/api/v1/key-revocations/{proposed['revocation']}/confirmation"
    await hub.told("POST", path, by=REGISTRARS[1])
    return node.request("GET", SELF)


async def with_an_expired_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    hub.open.clock.instant += timedelta(days=400)
    return node.request("GET", SELF)


async def while_suspended(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    await _standing(hub, node, "suspend")
    return node.put_request(node.offer().raw, 1)


async def with_the_cosigner_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    return node.request("GET", SELF, key=node.keys["cosigner"])


async def with_the_recovery_key(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    return node.request("GET", SELF, key=node.keys["recovery"])


async def before_anybody_confirmed(hub: AttackedHub) -> Sent:
    return SigningNode(hub, next(_names), clock=hub.open.clock).request("GET", SELF)


async def at_another_nodes_address(hub: AttackedHub) -> Sent:
    node, other = await a_node(hub), await a_node(hub)
    return node.request("PUT", node.address(1, node=other.id), node.offer().raw)


async def reading_another_nodes_intake(hub: AttackedHub) -> Sent:
    node, other = await a_node(hub), await a_node(hub)
    return node.request("GET", f"{BASE}/origins/{other.id}/intake")


def _attack(
    name: str, by: Attacker, problem: ProblemType, code: str, **ways: Happen
) -> Attack[Happen]:
    spelled = {way.replace("_", " "): happen for way, happen in ways.items()}
    return Attack(name, Family.STANDING, by, problem, code, spelled)


STANDING_ATTACKS: Final = (
    _attack(
        "a request sent again", Attacker.NETWORK, ProblemType.NONCE_REPLAYED, "nonce.used",
        read=sent_before, statement=statement_sent_before),
    _attack(
        "a revoked key", Attacker.THIEF, ProblemType.KEY_REVOKED, "key.revoked",
        reads=with_a_revoked_key),
    _attack(
        "an expired key", Attacker.THIEF, ProblemType.KEY_EXPIRED, "key.expired",
        reads=with_an_expired_key),
    _attack(
        "a suspended node", Attacker.NODE, ProblemType.NODE_SUSPENDED, "key.node_suspended",
        sends=while_suspended),
    _attack(
        "a key that is not for requests", Attacker.THIEF, ProblemType.NODE_UNKNOWN,
        "signature.key_unknown",
        cosigner=with_the_cosigner_key,
        recovery=with_the_recovery_key,
        not_yet_confirmed=before_anybody_confirmed),
    _attack(
        "another node's address", Attacker.NODE, ProblemType.SCOPE_DENIED, "scope.address",
        writes=at_another_nodes_address, reads=reading_another_nodes_intake),
)  # fmt: skip
