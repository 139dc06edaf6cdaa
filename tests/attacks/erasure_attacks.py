"""Erasures that a node asks for and may not, in sound requests."""

import json
from typing import Final

from shared_schema.problem import ProblemType
from tests.attacks.attack import Attack, Attacker, Family
from tests.attacks.attacked_hub import AttackedHub
from tests.attacks.standing_attacks import Happen, a_node
from tests.attacks.statement_attacks import delivered
from tests.federation.signing_node import BASE, SigningNode
from tests.shared_schema.signed_requests import Sent

ERASURES: Final = f"{BASE}/erasures"


async def _wish(node: SigningNode, of: SigningNode) -> Sent:
    listing = (await delivered(of)).statement.listing
    body = {"listing": str(listing), "reason": "data_subject_request"}
    return node.request("POST", ERASURES, json.dumps(body).encode())


async def of_another_nodes_listing(hub: AttackedHub) -> Sent:
    node, victim = await a_node(hub), await a_node(hub)
    return await _wish(node, victim)


async def asked_before(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    request = await _wish(node, node)
    assert (await hub.send(request)).status_code == 202
    return request


def _attack(
    name: str, by: Attacker, problem: ProblemType, code: str, **ways: Happen
) -> Attack[Happen]:
    spelled = {way.replace("_", " "): happen for way, happen in ways.items()}
    return Attack(name, Family.ERASURE, by, problem, code, spelled)


ERASURE_ATTACKS: Final = (
    _attack(
        "an erasure asked for by a stranger", Attacker.NODE, ProblemType.SCOPE_DENIED,
        "erasure.listing_of_another", another_nodes_listing=of_another_nodes_listing),
    _attack(
        "an erasure asked for again by others", Attacker.NETWORK, ProblemType.NONCE_REPLAYED,
        "nonce.used", request=asked_before),
)  # fmt: skip
