"""Cosignatures that vouch for what is not, each in a sound request of an enrolled node.

What the hub keeps of a fork stands in `fork_evidence`; the node keeps its side as
`tests/subplatform/test_mirror_cosign.py` shows.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from main_platform.catalogue.publish import publish
from shared_schema.checkpoint import Checkpoint, cosign_checkpoint, log_note, sign_checkpoint
from shared_schema.entry_parts import Notice
from shared_schema.log_entry import HubNotice
from shared_schema.merkle import leaf_hash
from shared_schema.problem import ProblemType
from shared_schema.signing_key import SigningKey
from tests.attacks.attack import Attack, Attacker, Family
from tests.attacks.attacked_hub import AttackedHub
from tests.attacks.standing_attacks import Happen, a_node
from tests.federation.signing_node import BASE, SigningNode
from tests.shared_schema.signed_requests import Sent

COSIGNATURES: Final = f"{BASE}/log/cosignatures"
ELSEWHERE: Final = leaf_hash(b"another log's entry")
Spoil = Callable[[bytes], bytes]


async def the_checkpoint(hub: AttackedHub) -> bytes:
    """The newest checkpoint as the hub serves it."""
    await hub.open.context.sequencer.drain()
    async with hub.client() as client:
        answer = await client.get(f"{BASE}/log/checkpoint")
    return log_note(answer.content, origin=hub.open.context.log_key.anchor.log_origin)


def cosigned(
    node: SigningNode, hub: AttackedHub, note: bytes, *, key: SigningKey | None = None,
    ahead: timedelta = timedelta(),
) -> bytes:  # fmt: skip
    origin = hub.open.context.log_key.anchor.log_origin
    own, at = key or node.keys["cosigner"], node.clock.now() + ahead
    return cosign_checkpoint(note, origin=origin, node=node.id, key=own, at=at)


def posted(node: SigningNode, note: bytes) -> Sent:
    return node.request("POST", COSIGNATURES, note, fields={"content-type": "text/plain"})


def with_key_of(use: str) -> Happen:
    async def happen(hub: AttackedHub) -> Sent:
        node = await a_node(hub)
        note = await the_checkpoint(hub)
        return posted(node, cosigned(node, hub, note, key=node.keys[use]))  # type: ignore[index]

    return happen


async def by_another_nodes_cosigner(hub: AttackedHub) -> Sent:
    node, other = await a_node(hub), await a_node(hub)
    return posted(node, cosigned(other, hub, await the_checkpoint(hub)))


async def under_another_nodes_name(hub: AttackedHub) -> Sent:
    node, other = await a_node(hub), await a_node(hub)
    note = await the_checkpoint(hub)
    return posted(node, cosigned(other, hub, note, key=node.keys["cosigner"]))


async def without_a_cosignature(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    return posted(node, await the_checkpoint(hub))


async def moved_from_another_size(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    smaller = cosigned(node, hub, await the_checkpoint(hub))
    async with hub.open.database.sessions.begin() as session:
        notice = Notice(zh="通知", en="notice")
        entry = HubNotice(at=hub.open.clock.instant, code="maintenance", notice=notice)
        await publish(session, entry)
    larger = await the_checkpoint(hub)
    return posted(node, larger + smaller.splitlines(keepends=True)[-1])


async def with_its_size_raised(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    lines = (await the_checkpoint(hub)).split(b"\n")
    lines[1] = b"1" + lines[1]
    return posted(node, b"\n".join(lines) + _line_of(node, hub, b"\n".join(lines)))


def _line_of(node: SigningNode, hub: AttackedHub, note: bytes) -> bytes:
    return cosigned(node, hub, note).splitlines(keepends=True)[-1]


async def of_a_size_to_come(hub: AttackedHub) -> Sent:
    """Signed by a stranger in the log's name."""
    node = await a_node(hub)
    claim = Checkpoint(hub.open.context.log_key.anchor.log_origin, 10**6, ELSEWHERE)
    note = sign_checkpoint(claim, key=SigningKey.generate())
    return posted(node, note + _line_of(node, hub, note))


async def another_root(hub: AttackedHub) -> Sent:
    """Under the log's own key: only the hub, or who stole its key, can have made it."""
    node = await a_node(hub)
    await the_checkpoint(hub)
    key = hub.open.context.log_key
    claim = Checkpoint(key.anchor.log_origin, 2, ELSEWHERE)
    return posted(node, cosigned(node, hub, sign_checkpoint(claim, key=key.key)))


def dated(ahead: timedelta) -> Happen:
    async def happen(hub: AttackedHub) -> Sent:
        node = await a_node(hub)
        return posted(node, cosigned(node, hub, await the_checkpoint(hub), ahead=ahead))

    return happen


async def posted_before(hub: AttackedHub) -> Sent:
    node = await a_node(hub)
    request = posted(node, cosigned(node, hub, await the_checkpoint(hub)))
    assert (await hub.send(request)).status_code == 200
    return request


def _attack(
    name: str, by: Attacker, problem: ProblemType, code: str,
    keeps: frozenset[str] = frozenset(), **ways: Happen,
) -> Attack[Happen]:  # fmt: skip
    spelled = {way.replace("_", " "): happen for way, happen in ways.items()}
    return Attack(name, Family.COSIGNING, by, problem, code, spelled, keeps)


COSIGNING_ATTACKS: Final = (
    _attack(
        "a cosignature that is not the node's", Attacker.NODE, ProblemType.SCHEMA_INVALID,
        "cosignature.missing",
        statement_key=with_key_of("statement"),
        recovery_key=with_key_of("recovery"),
        another_nodes=by_another_nodes_cosigner,
        under_another_nodes_name=under_another_nodes_name,
        left_out=without_a_cosignature),
    _attack(
        "a cosigned note that its signatures do not cover", Attacker.NODE,
        ProblemType.SCHEMA_INVALID, "note.signature_invalid",
        cosignature_moved_from_another_size=moved_from_another_size,
        size_beyond_the_log=with_its_size_raised),
    _attack(
        "a size to come, in the log's name", Attacker.NODE, ProblemType.SCHEMA_INVALID,
        "checkpoint.log_signature", forged=of_a_size_to_come),
    _attack(
        "another log under the log's own key", Attacker.HUB, ProblemType.LOG_FORK,
        "checkpoint.fork",
        frozenset({"fork_evidence", "inbox_message", "node", "audit_record"}),
        same_size_other_root=another_root),
    _attack(
        "a cosignature from the future", Attacker.NODE, ProblemType.SCHEMA_INVALID,
        "cosignature.ahead",
        by_301_seconds=dated(timedelta(seconds=301)),
        by_a_thousand_years=dated(timedelta(days=365_000))),
    _attack(
        "a cosignature sent again", Attacker.NETWORK, ProblemType.NONCE_REPLAYED, "nonce.used",
        request=posted_before),
)  # fmt: skip
