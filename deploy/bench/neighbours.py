"""R9: what a node that sends as fast as it can costs another node."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Final

from sqlalchemy import insert

from deploy.bench.figures import Figure, Goal, Measured
from deploy.bench.hub_here import admit_node
from deploy.bench.intake import BATCH, hub_process
from deploy.bench.made_log import NODE
from deploy.bench.made_statements import MadeStatement, Maker
from deploy.bench.world import HOST, World
from main_platform.nodes.tables import NodeKeyRow, NodeRow
from shared_platform.database.engine import Database
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.outbound import Outbound, OutboundLimits
from shared_platform.transport.signed_client import Content, SignedClient
from shared_schema.entry_parts import NodeScope
from shared_schema.identities import RandomIds
from shared_schema.instants import SystemClock
from shared_schema.signing_key import PublicKey, SigningKey

GOAL_PERCENT: Final = 10.0
_QUIET: Final = "bench-quiet"
_SENDERS: Final = 4  # requests of the noisy node under way at once
_PART: Final = 0.95
_SAID: Final = 5_000
_LIMITS: Final = OutboundLimits(read_seconds=120, total_seconds=120)


async def measure_neighbours(world: World) -> Measured:
    """Single statements of a quiet node, alone and while another posts batches of 500."""
    quiet_key = SigningKey.generate()
    noise = Maker(NODE, world.log.node_key, world.log.now).offers(world.sizes.statements)
    places = count(len(noise) + 1)  # other patents than the noise
    maker = Maker(_QUIET, quiet_key, world.log.now, places=places)
    said = list(enumerate((one.raw for one in maker.offers(_SAID)), start=len(noise) + 1))
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(world.sizes.repeats):
        async with _two_nodes(world, quiet_key) as (noisy, quiet):
            mine = iter(said)
            await _put(quiet, [next(mine) for _ in range(20)])  # warm
            alone.append(_p95(await _put(quiet, [next(mine) for _ in range(200)])))
            flood = asyncio.create_task(_flood(noisy, noise))
            times: list[float] = []
            while not flood.done() and (one := next(mine, None)) is not None:
                times += await _put(quiet, [one])
            await flood
            beside.append(_p95(times))
    quietly = Figure("p95 of a single statement, nobody else", "ms", tuple(alone))
    noisily = Figure("p95 of a single statement beside the flood", "ms", tuple(beside))
    more = (noisily.median / quietly.median - 1) * 100
    return Measured(
        f"{len(noise):,} statements by {BATCH} over {_SENDERS} connections",
        (quietly, noisily),
        (Goal("more than alone", more, "≤", GOAL_PERCENT, "%"),),
    )


async def _put(client: SignedClient, made: Sequence[tuple[int, bytes]]) -> list[float]:
    """Send one after another; the milliseconds of each."""
    times = []
    for oseq, raw in made:
        began = time.perf_counter()
        await client.put(f"/federation/v1/origins/{_QUIET}/statements/{oseq}", Content(raw))
        times.append((time.perf_counter() - began) * 1_000)
    return times


async def _flood(client: SignedClient, made: Sequence[MadeStatement]) -> None:
    """Post batches over several connections as fast as the hub answers."""
    firsts = iter(range(0, len(made), BATCH))

    async def send() -> None:
        for first in firsts:
            body = b"\n".join(one.raw for one in made[first : first + BATCH]) + b"\n"
            content = Content(body, "application/x-ndjson", idempotency_key=f"flood-{first:08}")
            await client.post("/federation/v1/intake", content)

    await asyncio.gather(*(send() for _ in range(_SENDERS)))


def _p95(times: Sequence[float]) -> float:
    ordered = sorted(times)
    return ordered[min(int(_PART * len(ordered)), len(ordered) - 1)]


@asynccontextmanager
async def _two_nodes(
    world: World, quiet_key: SigningKey
) -> AsyncIterator[tuple[SignedClient, SignedClient]]:
    """A hub of its own process with both nodes admitted, and their clients."""
    async with world.database("main_platform", "neighbours") as database:
        await admit_node(world, database)
        await _admit_quiet(world, database, quiet_key.public)
        outbounds = [Outbound(AddressRules.of((HOST,)), limits=_LIMITS) for _ in range(2)]
        async with hub_process(world, database):
            clients = [
                _client(world, key, outbound)
                for key, outbound in zip((world.log.node_key, quiet_key), outbounds, strict=True)
            ]
            yield clients[0], clients[1]
        for outbound in outbounds:
            await outbound.aclose()


async def _admit_quiet(world: World, database: Database, key: PublicKey) -> None:
    scope = NodeScope(regions=("44",), kinds=("licence",)).model_dump(mode="json")
    node = {
        "id": _QUIET,
        "name_zh": "安静节点",
        "name_en": "Quiet node",
        "state": "active",
        "scope": scope,
        "created_at": world.log.now,
    }
    statement_key = {
        "key_id": key.key_id,
        "node": _QUIET,
        "use": "statement",
        "algorithm": key.algorithm,
        "public_key": key.raw,
        "state": "active",
        "not_after": world.log.now + timedelta(days=365),
    }
    async with database.sessions.begin() as session:
        await session.execute(insert(NodeRow).values(node))
        await session.execute(insert(NodeKeyRow).values(statement_key))


def _client(world: World, key: SigningKey, outbound: Outbound) -> SignedClient:
    own = world.hub_key.public

    def receipt_key(key_id: str) -> PublicKey | None:
        return own if key_id == own.key_id else None

    return SignedClient(world.hub_url, key, receipt_key, outbound, SystemClock(), RandomIds())
