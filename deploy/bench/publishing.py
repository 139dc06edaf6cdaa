"""B7 and B8: from an examiner's approval, and from a withdrawal, to all nodes' copies."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select

from deploy.bench.figures import Figure, Goal, Measured
from deploy.bench.followers import Follower, all_of, followers
from deploy.bench.hub_here import admit_node
from deploy.bench.intake import client_of, deliver, hub_process, sockets
from deploy.bench.made_log import NODE
from deploy.bench.made_statements import MadeStatement, Maker
from deploy.bench.world import World
from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.catalogue.tables import LogHeadRow
from main_platform.nodes.tables import NodeKeyRow
from main_platform.review.decide import Ruling, Target, decide_many
from main_platform.review.reason_codes import Reason
from main_platform.review.second_look import BY_RISK
from main_platform.review.tables import ReviewRow
from main_platform.review.withdraw import withdraw_listing
from shared_platform.catalogue.tables import log_entry
from shared_platform.database.engine import Database
from shared_schema.entry_parts import Names, NodeKey, NodeScope
from shared_schema.instants import SystemClock
from shared_schema.log_entry import ListingOffered, NodeEnrolled

GOAL_P50: Final = 0.5
GOAL_P99: Final = 3.0
GOAL_WITHDRAWN: Final = 2.0
A_SECOND: Final = 2.0  # approvals
WITHDRAWALS: Final = 20
_EXAMINER: Final = "bench-examiner"


async def measure_publishing(world: World) -> Measured:
    """The hub is a process of its own; the copies' loops share this one, over real HTTP."""
    sizes = world.sizes
    maker = Maker(NODE, world.log.node_key, world.log.now)
    made = maker.offers(sizes.approvals)
    backlog = maker.offers(sizes.waiting)
    async with world.database("main_platform", "publishing") as database:
        await admit_node(world, database)
        async with hub_process(world, database), sockets() as outbound:
            await _enrol(world, database)
            await deliver(client_of(world, outbound), made)
            async with followers(world, sizes.nodes) as nodes:
                level = await _size(database)
                await all_of(nodes, lambda one: bool(one.sizes) and one.sizes[-1][1] >= level)
                approved = await _approvals(database, made, nodes)
                await _queue(database, [_offer(world, one) for one in backlog])
                gone, signed = await _withdrawals(database, made, nodes)
    return _judged(sizes.nodes, len(backlog), approved=approved, gone=gone, signed=signed)


def _judged(
    nodes: int,
    waiting: int,
    *,
    approved: Sequence[float],
    gone: Sequence[float],
    signed: Sequence[float],
) -> Measured:
    applied, lost = (
        Figure(name, "s", tuple(found))
        for name, found in (
            (f"approved → applied on all {nodes}", approved),
            (f"withdrawn → gone on all {nodes}, {waiting:,} offers waiting", gone),
        )
    )
    logged = Figure("withdrawn → in the hub's log", "s", tuple(signed))
    return Measured(
        f"{nodes} copies, {len(approved)} approvals at {A_SECOND:g}/s",
        (
            applied,
            Figure("the same, p99", "s", (quantile(approved, 0.99),)),
            lost,
            Figure("the same, p99", "s", (quantile(gone, 0.99),)),
            logged,
        ),
        (
            Goal("approved → applied on all, p50", applied.median, "≤", GOAL_P50, "s"),
            Goal("approved → applied on all, p99", quantile(approved, 0.99), "≤", GOAL_P99, "s"),
            Goal("withdrawn → gone on all, p99", quantile(gone, 0.99), "≤", GOAL_WITHDRAWN, "s"),
        ),
        (f"hub, PostgreSQL and all {nodes} copies share this machine's processors",),
    )


def quantile(found: Sequence[float], part: float) -> float:
    """The value that this part stays within."""
    ordered = sorted(found)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)]


async def _approvals(
    database: Database, made: Sequence[MadeStatement], nodes: list[Follower]
) -> list[float]:
    """Approve one after another at the set pace; the seconds from commit until the last copy."""
    began: dict[UUID, float] = {}
    start = time.perf_counter()
    for place, one in enumerate(made):
        await asyncio.sleep(max(start + place / A_SECOND - time.perf_counter(), 0))
        await _approve(database, [one.listing])
        began[one.listing] = time.perf_counter()
    serials = await _serials(database, made)
    last = max(serials.values())
    await all_of(nodes, lambda node: node.sizes[-1][1] > last)
    return [
        max(node.reached_at(serials[listing] + 1) for node in nodes) - committed
        for listing, committed in began.items()
    ]


async def _withdrawals(
    database: Database, made: Sequence[MadeStatement], nodes: list[Follower]
) -> tuple[list[float], list[float]]:
    """Withdraw while the queue is full; the seconds until gone everywhere, and until logged."""
    gone: list[float] = []
    signed: list[float] = []
    for one in made[:WITHDRAWALS]:
        async with database.sessions.begin() as session:
            reason, now = Reason("other", "bench"), SystemClock().now()
            await withdraw_listing(session, one.listing, reason=reason, by=_EXAMINER, now=now)
        committed = time.perf_counter()
        await _logged(database, one.listing)
        signed.append(time.perf_counter() - committed)
        await all_of(nodes, partial(_has_withdrawn, one.listing))
        gone.append(max(node.withdrawn[one.listing] for node in nodes) - committed)
    return gone, signed


def _has_withdrawn(listing: UUID, node: Follower) -> bool:
    return listing in node.withdrawn


async def _queue(database: Database, queued: Sequence[Queued]) -> None:
    async with database.sessions.begin() as session:
        await queue_entries(session, queued)


async def _approve(database: Database, listings: Sequence[UUID]) -> None:
    async with database.sessions.begin() as session:
        found = await session.scalars(select(ReviewRow.id).where(ReviewRow.listing.in_(listings)))
        targets = [Target(one, None) for one in found]
        now = SystemClock().now()
        decided = await decide_many(
            session, targets, Ruling("approve"), second_look=BY_RISK, by=_EXAMINER, now=now
        )
    assert len(decided) == len(listings)
    assert not any(one.refusal for one in decided), decided


async def _serials(database: Database, made: Sequence[MadeStatement]) -> dict[UUID, int]:
    """Where the offers stand in the log, once all of them do."""
    wanted = [one.listing for one in made]
    asked = select(log_entry.c.listing, log_entry.c.serial).where(log_entry.c.listing.in_(wanted))
    while True:
        async with database.sessions() as session:
            found = {row.listing: row.serial for row in await session.execute(asked)}
        if len(found) == len(wanted):
            return found
        await asyncio.sleep(0.01)


async def _logged(database: Database, listing: UUID) -> None:
    asked = (
        select(log_entry.c.serial)
        .join(LogHeadRow, LogHeadRow.checkpoint_size > log_entry.c.serial)
        .where(log_entry.c.listing == listing, log_entry.c.kind == "listing_withdrawn")
    )
    while True:
        async with database.sessions() as session:
            if await session.scalar(asked) is not None:
                return
        await asyncio.sleep(0.005)


async def _size(database: Database) -> int:
    async with database.sessions() as session:
        return await session.scalar(select(LogHeadRow.checkpoint_size)) or 0


async def _enrol(world: World, database: Database) -> None:
    """Tell the log of the node and its key, as the confirmation of an enrolment does."""
    entry = NodeEnrolled(
        at=world.log.now,
        node=NODE,
        names=Names(zh="测速节点", en="Bench node"),
        keys=(NodeKey.of(world.log.node_key.public, use="statement"),),
        scope=NodeScope(regions=("44",), kinds=("licence",)),
    )
    await _queue(database, [Queued(entry)])
    async with database.sessions() as session:
        assert await session.scalar(select(NodeKeyRow.key_id)) is not None


def _offer(world: World, made: MadeStatement) -> Queued:
    entry = ListingOffered.model_validate(
        {
            "at": world.log.now,
            "origin": NODE,
            "listing": made.listing,
            "version": 1,
            "application_number": made.number,
            "statement_hash": made.statement_hash,
            "object_hash": made.object_hash,
            "key_id": world.log.node_key.key_id,
            "standing": "primary",
            "decision": {"rule": "examined", "second_pair": False},
        }
    )
    return Queued(entry, made.raw)
