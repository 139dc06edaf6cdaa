"""The peers beside us in one run: pycsw harvested by OAI-PMH, our log copied and verified.

Both serve over HTTP to one reader on the same machine. The harvester reads and counts only; our
reader checks every signature and proof, and stores all of it with its indexes.
"""

import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import httpx
from lxml import etree

from deploy.bench.bootstrap import SHAPE, follow
from deploy.bench.child_processes import BenchFailed
from deploy.bench.copies import copy_seconds
from deploy.bench.delta import CHANGES
from deploy.bench.figures import Cost, Figure, Goal, Measured, percent, rate, rate_at, ratio
from deploy.bench.month import catch_up, log_over_http
from deploy.bench.pycsw_peer import Peer, a_pycsw
from deploy.bench.world import World
from shared_platform.harvest.protocol import OAI
from shared_schema.instants import format_instant

GOAL_TIMES: Final = 20.0
_ASKED: Final = 4  # the first is not counted
_END: Final = {"", "0"}  # tokens of the last page; pycsw says 0
_SECONDS: Final = 600.0  # for one answer


@dataclass(slots=True)
class _Theirs:
    harvest: list[float] = field(default_factory=list)
    delta: list[float] = field(default_factory=list)
    bytes: int = 0


@dataclass(slots=True)
class _Ours:
    bootstrap: list[Cost] = field(default_factory=list)
    over_http: list[Cost] = field(default_factory=list)
    copy: list[float] = field(default_factory=list)
    delta: list[float] = field(default_factory=list)
    bytes: int = 0


async def measure_peers(world: World) -> Measured:
    """The peer is harvested before and after our own runs, so that both meet the same machine."""
    size, apart = world.sizes.peers, replace(world)  # with a log of its own
    apart.log.grow(size)
    theirs = _Theirs()
    at, later = (format_instant(apart.log.now + timedelta(days=day)) for day in (0, 1))
    async with a_pycsw(apart) as peer:
        apart.tell(f"peers: {size:,} listings into pycsw")
        await peer.load(apart.log.entries, at=at)
        await _harvest(apart, peer, theirs)
        ours = await _ours(apart)
        await _harvest(apart, peer, theirs)
        await peer.load(apart.log.entries[-CHANGES:], at=later)
        theirs.delta = [await _changes(peer, since=later) for _ in range(_ASKED)][1:]
    return _judged(size, ours, theirs)


async def _harvest(world: World, peer: Peer, theirs: _Theirs) -> None:
    """All records, page after page, as a harvester does.

    Raises:
        BenchFailed: some are missing.
    """
    world.tell("peers: harvesting pycsw …")
    began = time.perf_counter()
    found, theirs.bytes = await _records(peer, {})
    theirs.harvest.append(time.perf_counter() - began)
    known = sum(one.object_bytes is not None for one in world.log.entries[: world.sizes.peers])
    if found != known:
        raise BenchFailed(f"pycsw gave {found:,} of {known:,} records")


async def _changes(peer: Peer, *, since: str) -> float:
    began = time.perf_counter()
    found, _ = await _records(peer, {"from": since})
    if found != CHANGES:
        raise BenchFailed(f"pycsw gave {found} of {CHANGES} changes")
    return (time.perf_counter() - began) * 1000


async def _records(peer: Peer, bounds: dict[str, str]) -> tuple[int, int]:
    """How many records ListRecords gives until its last token, and their bytes."""
    count, weight = 0, 0
    token: dict[str, str] = {}
    asked = {"mode": "oaipmh", "verb": "ListRecords", "metadataPrefix": "oai_dc"} | bounds
    async with httpx.AsyncClient(trust_env=False, timeout=_SECONDS) as client:
        while True:
            answer = await client.get(peer.address, params=asked | token)
            page = etree.fromstring(answer.raise_for_status().content)
            count += len(page.findall(f".//{{{OAI}}}record"))
            weight += len(answer.content)
            following = page.findtext(f".//{{{OAI}}}resumptionToken") or ""
            if following in _END:
                return count, weight
            token = {"resumptionToken": following}


async def _ours(world: World) -> _Ours:
    """Copies from memory (B4), then over HTTP from a hub that has 100 entries more."""
    ours, log = _Ours(), world.log
    log.prepare_pages()
    rows = [(one.serial, one.leaf, one.object_bytes) for one in log.entries]
    async with AsyncExitStack() as stack:
        level = []
        for run in range(world.sizes.repeats):
            world.tell("peers: our verified copy …")
            database = await stack.enter_async_context(world.database("subplatform", f"b{run}"))
            ours.bootstrap.append(await follow(world, database))
            ours.copy.append(await copy_seconds(database, rows, shape=SHAPE))
            level.append(database)
        log.grow(log.size + CHANGES)
        source = await stack.enter_async_context(log_over_http(world))
        for database in level:
            cost, _ = await catch_up(world, database, source)
            ours.delta.append(cost.seconds * 1000)
        for run in range(world.sizes.repeats):
            world.tell("peers: our verified copy over HTTP …")
            async with world.database("subplatform", f"h{run}") as database:
                cost, report = await catch_up(world, database, source)
            ours.over_http.append(cost)
            ours.bytes = report.bytes
    return ours


def _judged(size: int, ours: _Ours, theirs: _Theirs) -> Measured:
    harvest = rate("pycsw, harvested by OAI-PMH", size, theirs.harvest)
    here = rate_at("ours, verified and stored, from memory (B4)", size, ours.bootstrap)
    over_http = rate_at("ours, verified and stored, over HTTP", size + CHANGES, ours.over_http)
    copied = rate("COPY of the same bytes", size, ours.copy)
    their_delta = Figure(f"pycsw, {CHANGES} changes by from=", "ms", tuple(theirs.delta))
    our_delta = Figure(f"ours, {CHANGES} changes pulled and verified", "ms", tuple(ours.delta))
    return Measured(
        f"{size:,} listings",
        (
            harvest,
            here,
            over_http,
            copied,
            Figure("of COPY, from memory", "%", (percent(here, copied),)),
            their_delta,
            our_delta,
            Figure("pycsw's delta to ours", "×", (ratio(their_delta, our_delta),)),
            Figure("pycsw, Dublin Core in all", "MB", (theirs.bytes / 1_000_000,)),
            Figure("ours, whole signed statements in all", "MB", (ours.bytes / 1_000_000,)),
        ),
        (
            Goal("B4 to the harvest", ratio(here, harvest), "≥", GOAL_TIMES),
            Goal("the same over HTTP", ratio(over_http, harvest), "≥", GOAL_TIMES),
        ),
        ("pycsw 2.6.2 on SQLite, one process; its harvester reads and counts, ours verifies",),
    )
