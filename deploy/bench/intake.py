"""B2: the hub takes signed statements in batches of 500, against INSERT of the same bytes."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import httpx

from deploy.bench.child_processes import Serving, serving
from deploy.bench.copies import insert_seconds
from deploy.bench.figures import (
    Cost,
    Goal,
    Measured,
    cost_of,
    percent,
    processor,
    rate,
    rate_at,
    seconds_of,
)
from deploy.bench.hub_here import admit_node, hub_here
from deploy.bench.machine import plain_url
from deploy.bench.made_log import NODE
from deploy.bench.made_statements import MadeStatement, Maker
from deploy.bench.world import HOST, World
from shared_platform.database.engine import Database
from shared_platform.transport.address_rules import AddressRules
from shared_platform.transport.outbound import Outbound, OutboundLimits
from shared_platform.transport.signed_client import Content, SignedClient
from shared_schema.identities import RandomIds
from shared_schema.instants import SystemClock
from shared_schema.signing_key import PublicKey

BATCH: Final = 500
GOAL_RATE: Final = 1_000.0
GOAL_PERCENT: Final = 25.0
_PATH: Final = "/federation/v1/intake"
_LIMITS: Final = OutboundLimits(read_seconds=120, total_seconds=120)
_CREATED: Final = 201


async def measure_intake(world: World) -> Measured:
    """Statements are signed beforehand; each run has an empty hub."""
    made = Maker(NODE, world.log.node_key, world.log.now).offers(world.sizes.statements)
    raws = [one.raw for one in made]
    here: list[Cost] = []
    there: list[float] = []
    limit: list[float] = []
    for _ in range(world.sizes.repeats):
        async with _hub_database(world) as database:
            here.append(await _inside(world, database, made))
            limit.append(await insert_seconds(database, raws, batch=BATCH))
        async with _hub_database(world) as database:
            there.append(await _oversockets(world, database, made))
    served = rate("statements over a socket, hub in its own process", len(made), there)
    inside = rate_at("statements, application in this process", len(made), here)
    inserted = rate("INSERT of the same bytes by 500", len(made), limit)
    return Measured(
        f"{len(made):,} statements of {sum(map(len, raws)) // len(raws):,} bytes",
        (served, inside, processor(len(made), here), inserted),
        (
            Goal("statements a second over a socket", served.median, "≥", GOAL_RATE, "/s"),
            Goal("of the INSERT", percent(served, inserted), "≥", GOAL_PERCENT, "%"),
        ),
    )


@asynccontextmanager
async def _hub_database(world: World) -> AsyncIterator[Database]:
    async with world.database("main_platform", "intake") as database:
        await admit_node(world, database)
        yield database


async def _inside(world: World, database: Database, made: Sequence[MadeStatement]) -> Cost:
    async with hub_here(world, database) as hub:
        client = client_of(world, Outbound(transport=httpx.ASGITransport(hub.app)))
        return await cost_of(lambda: deliver(client, made))


async def _oversockets(world: World, database: Database, made: Sequence[MadeStatement]) -> float:
    async with hub_process(world, database), sockets() as outbound:
        client = client_of(world, outbound)
        return await seconds_of(lambda: deliver(client, made))


@asynccontextmanager
async def hub_process(world: World, database: Database) -> AsyncIterator[Serving]:
    """The hub's program on this database, sequencer included."""
    settings = hub_environment(world, database)
    log = world.folder / "hub.log"
    async with serving(["main_platform", "serve"], settings, port=world.port, log=log) as hub:
        yield hub


def hub_environment(world: World, database: Database) -> dict[str, str]:
    """The settings of the run's hub, on this database."""
    given = world.hub_settings(database)
    return {
        "KAIXU_HUB_DATA_DIR": str(given.data_dir),
        "KAIXU_HUB_DATABASE_URL": plain_url(database.url),
        "KAIXU_HUB_PUBLIC_BASE_URL": world.hub_url,
        "KAIXU_HUB_LISTEN_PORT": str(world.port),
        "KAIXU_HUB_REVIEW_BACKLOG_LIMIT": str(given.review_backlog_limit),
        "KAIXU_HUB_DAILY_OFFER_LIMIT": str(given.daily_offer_limit),
        "KAIXU_HUB_READ_LIMIT": str(given.read_limit),
        "KAIXU_HUB_SEARCH_LIMIT": str(given.search_limit),
        "KAIXU_HUB_EXPORT_LIMIT": str(given.export_limit),
        "KAIXU_HUB_LOG_LEVEL": given.log_level,
    }


@asynccontextmanager
async def sockets() -> AsyncIterator[Outbound]:
    """The product's client, allowed to call this machine."""
    outbound = Outbound(AddressRules.of((HOST,)), limits=_LIMITS)
    try:
        yield outbound
    finally:
        await outbound.aclose()


def client_of(world: World, outbound: Outbound) -> SignedClient:
    """The made node as a caller of the run's hub."""
    own = world.hub_key.public

    def receipt_key(key_id: str) -> PublicKey | None:
        return own if key_id == own.key_id else None

    outbound.limits = _LIMITS
    return SignedClient(
        world.hub_url, world.log.node_key, receipt_key, outbound, SystemClock(), RandomIds()
    )


async def deliver(client: SignedClient, made: Sequence[MadeStatement]) -> None:
    """Send all of it, one batch after another, as the outbox does."""
    for first in range(0, len(made), BATCH):
        body = b"\n".join(one.raw for one in made[first : first + BATCH]) + b"\n"
        content = Content(body, "application/x-ndjson", idempotency_key=f"bench-batch-{first}")
        written = await client.post(_PATH, content)
        for line in written.body.splitlines():
            assert json.loads(line)["status"] == _CREATED, line
