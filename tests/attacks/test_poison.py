"""Poison (P1): whatever is done to a statement, it harms only itself and never means another thing.

Two hundred fixed mutations of the bytes, then whatever Hypothesis thinks of; each between two good
lines of a real batch at the hub's whole application.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from hashlib import sha256
from random import Random
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared_schema.dsse import sign_envelope
from shared_schema.statement import STATEMENT_TYPE, SignedStatement
from tests.attacks.attacked_hub import AttackedHub
from tests.federation.signing_node import SigningNode

FIXED: Final = 200
PER_BATCH: Final = 40
Mutation = Callable[[bytes, Random], bytes]


def flip(raw: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ (1 << chance.randrange(8))]) + raw[place + 1 :]


def cut(raw: bytes, chance: Random) -> bytes:
    return raw[: chance.randrange(1, len(raw))]


def lose(raw: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(raw))
    return raw[:start] + raw[start + chance.randrange(1, 40) :]


def double(raw: bytes, chance: Random) -> bytes:
    start = chance.randrange(len(raw))
    part = raw[start : start + chance.randrange(1, 40)]
    return raw[:start] + part + raw[start:]


def insert(raw: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(raw))
    return raw[:place] + chance.randbytes(chance.randrange(1, 9)) + raw[place:]


def exchange(raw: bytes, chance: Random) -> bytes:
    """A JSON token for another, which keeps it JSON more often than not."""
    pairs = ((b":", b","), (b"{", b"["), (b"1", b"1e5"), (b'"', b"'"), (b"offer", b"withdraw"))
    old, new = chance.choice(pairs)
    return raw.replace(old, new, 1) if old in raw else raw + new


ODD: Final[tuple[object, ...]] = (
    None, True, 0, -1, 10**17, "", "x" * 5_000, "\u202e", [], [[]], {}, {"": ""}, "1e5",
)  # fmt: skip


def change_member(raw: bytes, chance: Random) -> bytes:
    """Leave out, double or replace one member or item anywhere in the document."""
    document = json.loads(raw)
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner) or chance.random() < 0.3:
            break
        place = inner
    if isinstance(place, dict) and chance.random() < 0.4:
        del place[key]
    else:
        place[key] = chance.choice(ODD)
    return json.dumps(document, ensure_ascii=False).encode()


MUTATIONS: Final[tuple[Mutation, ...]] = (
    flip, cut, lose, double, insert, exchange, change_member,
)  # fmt: skip


def poisoned(
    node: SigningNode, mutation: Mutation, chance: Random, *, resign: bool
) -> tuple[SignedStatement, bytes]:
    """A statement and what became of it: its envelope, or its payload and that signed anew."""
    statement = node.offer()
    if not resign:
        return statement, mutation(statement.raw, chance)
    payload = mutation(b64decode(json.loads(statement.raw)["payload"]), chance)
    return statement, sign_envelope(payload, STATEMENT_TYPE, node.key)


async def deliver_between(
    node: SigningNode, hub: AttackedHub, poison: Sequence[tuple[SignedStatement, bytes]]
) -> None:
    """Each poison between good statements: those are received, and it means nothing else."""
    lines: list[bytes] = []
    for _, raw in poison:
        lines += [node.offer().raw, raw.replace(b"\n", b" ")]

    results = await node.deliver(*lines)

    assert {one["status"] for one in results[::2]} == {201}
    for (statement, raw), result in zip(poison, results[1::2], strict=True):
        if result["status"] in {200, 201}:
            await _means_what_was_sent(hub, result, raw.replace(b"\n", b" "))
            continue
        assert 400 <= result["status"] < 500, (raw, result)
        assert result["problem"]["errors"], (statement.statement.oseq, result)


async def _means_what_was_sent(hub: AttackedHub, result: dict[str, Any], raw: bytes) -> None:
    """What was accepted is stored byte for byte, and its receipt names its own payload."""
    payload = b64decode(json.loads(raw)["payload"])
    assert result["receipt"]["statement_hash"] == sha256(payload).hexdigest()
    assert await hub.is_stored(raw)


async def test_two_hundred_fixed_mutations_harm_only_themselves(
    hostile_hub: AttackedHub, hostile_node: SigningNode
) -> None:
    chance = Random(20261122)
    poison = [
        poisoned(hostile_node, MUTATIONS[n % len(MUTATIONS)], chance, resign=n % 2 == 1)
        for n in range(FIXED)
    ]

    for start in range(0, FIXED, PER_BATCH):
        await deliver_between(hostile_node, hostile_hub, poison[start : start + PER_BATCH])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from(MUTATIONS), st.integers(0, 2**32), st.booleans()),
        min_size=1,
        max_size=6,
    )
)
async def test_any_mutation_harms_only_itself(
    hostile_hub: AttackedHub,
    hostile_node: SigningNode,
    mutations: list[tuple[Mutation, int, bool]],
) -> None:
    poison = [
        poisoned(hostile_node, mutation, Random(seed), resign=resign)
        for mutation, seed, resign in mutations
    ]

    await deliver_between(hostile_node, hostile_hub, poison)


async def test_two_contents_of_one_number_are_kept_where_people_see_them(
    hostile_hub: AttackedHub, hostile_node: SigningNode
) -> None:
    first = hostile_node.offer()
    second = hostile_node.offer(members={"oseq": first.statement.oseq})

    received, refused = await hostile_node.deliver(first.raw, second.raw)

    assert (received["status"], refused["status"]) == (201, 409)
    assert await hostile_hub.is_evidence(second.raw)
