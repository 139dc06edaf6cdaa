"""Honest federations followed by a node, with everything that honestly goes wrong on the way.

Run `count` syncs over random histories: publishing, withdrawing, suspending, erasing, keys rotated
and revoked, nodes suspended, retired and enrolled; short pages, a checkpoint that is a moment old,
answers that are lost, runs that are cancelled, two runs at once. None may raise an alarm, and the
copy must end at the signed root. `deploy/drill` may call `run_clean_syncs` with a database of its
own.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.tables import alarm
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import quarantined_entry
from shared_platform.transport.outbound import PeerUnreachable
from shared_schema.instants import Instant
from shared_schema.log_entry import NodeResumed, NodeRetired, NodeSuspended
from shared_schema.log_page import write_page
from shared_schema.signing_key import SigningKey
from shared_schema.sync_refusals import PositionMoved
from subplatform.catalogue_mirror.pull import Mirroring, complete, pull
from tests.shared_platform.hub_log_peer import Federation, HubLog, Offered, a_number

HISTORY_LENGTH: Final = 25  # syncs before another federation takes over
Sessions = async_sessionmaker[AsyncSession]


@dataclass
class CleanSyncs:
    """What the runs met. `alarms` must stay empty."""

    syncs: int = 0
    interrupted: int = 0
    applied: int = 0
    alarms: list[str] = field(default_factory=list)


@dataclass
class LifeOfAFederation:
    """Honest things that happen to a federation, one after another."""

    chance: Random
    federation: Federation = field(default_factory=Federation)
    living: list[Offered] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    numbers: int = 0

    def __post_init__(self) -> None:
        """Begin with one node."""
        self.enrol()

    def happen(self) -> None:
        """One thing more."""
        events: list[Callable[[], object]] = [self.offer] * 4
        events += [self.renew, self.withdraw, self.pause, self.erase, self.enrol, self.rotate]
        events += [self.suspend_and_resume, self.lapse, self.retire]
        self.chance.choice(events)()

    def enrol(self) -> None:
        self.nodes.append(self.federation.enrol(f"node-{len(self.federation.node_keys)}"))

    def offer(self) -> None:
        self.numbers += 1
        node = self.chance.choice(self.nodes)
        self.living.append(self.federation.offer(node, a_number(self.numbers)))

    def _one(self) -> Offered:
        if not self.living:
            self.offer()
        return self.chance.choice(self.living)

    def renew(self) -> None:
        self.federation.offer_again(self._one())

    def withdraw(self) -> None:
        offered = self._one()
        self.living.remove(offered)
        self.federation.change(offered, "withdraw")

    def lapse(self) -> None:
        offered = self._one()
        self.living.remove(offered)
        self.federation.hub_change(offered, "withdraw")

    def pause(self) -> None:
        offered = self._one()
        self.federation.change(offered, "suspend")
        self.federation.change(offered, "resume")

    def erase(self) -> None:
        offered = self._one()
        self.living.remove(offered)  # without its terms it ends
        self.federation.erase(self.chance.choice(offered.versions))

    def rotate(self) -> None:
        node = self.chance.choice(self.nodes)
        fresh = SigningKey.from_seed(self.chance.randbytes(32))
        rotation = self.federation.rotation(node, fresh)
        self.federation.hub.append(rotation.added)
        self.federation.node_keys[node] = fresh
        if self.chance.random() < 0.5:
            self.federation.hub.append(rotation.revoked)

    def suspend_and_resume(self) -> None:
        hub, node = self.federation.hub, self.chance.choice(self.nodes)
        hub.append(NodeSuspended(at=hub.now, node=node, reason="investigation"))
        hub.append(NodeResumed(at=hub.now, node=node))

    def retire(self) -> None:
        if len(self.nodes) < 2:
            return
        hub, node = self.federation.hub, self.chance.choice(self.nodes)
        self.nodes.remove(node)
        self.living = [offered for offered in self.living if offered.node != node]
        hub.append(NodeRetired(at=hub.now, node=node, reason="merged"))


@dataclass
class HonestSource:
    """The hub as a node meets it on a bad day: slow, short, lost; never wrong."""

    life: LifeOfAFederation
    known: int  # entries that the hub has signed for this reader before
    fails_at: int | None = None
    asked: int = 0

    @property
    def hub(self) -> HubLog:
        return self.life.federation.hub

    async def _arrive(self) -> None:
        await asyncio.sleep(0)
        self.asked += 1
        if self.asked == self.fails_at:
            raise PeerUnreachable("the answer was lost")

    async def checkpoint(self) -> bytes:
        await self._arrive()
        self.known = self.life.chance.randint(self.known, self.hub.size)  # cached for a moment
        size = self.known
        return self.hub.note(size)

    async def entries(self, first: int, *, limit: int, wait_seconds: int = 0) -> bytes:
        await self._arrive()
        _ = wait_seconds
        short = self.life.chance.randint(1, limit)
        return write_page(first, self.hub.page(first, short), tree_size=self.hub.size)

    async def consistency(self, first: int, second: int) -> bytes:
        await self._arrive()
        return await self.hub.consistency(first, second)

    async def handovers(self, first: int) -> bytes:
        return await self.hub.handovers(first)


@dataclass(frozen=True)
class _Still:
    instant: Instant

    def now(self) -> Instant:
        return self.instant


async def run_clean_syncs(
    sessions: Sessions, *, empty: Callable[[], object], count: int, seed: int
) -> CleanSyncs:
    """Follow honest logs `count` times on the node behind `sessions`.

    `empty` makes the node's database new for the next federation; it is awaited when it must be.
    """
    chance = Random(seed)
    met = CleanSyncs()
    while met.syncs < count and not met.alarms:
        emptied = empty()
        if asyncio.iscoroutine(emptied):
            await emptied
        life, known = LifeOfAFederation(chance), 1
        for _ in range(min(HISTORY_LENGTH, count - met.syncs)):
            if met.alarms:
                return met
            for _ in range(chance.randint(0, 6)):
                life.happen()
            source = HonestSource(life, known)
            known = life.federation.hub.size  # what is signed by the next time
            await _sync_somehow(sessions, source, met)
        await _finish(sessions, life, met)
    return met


async def _sync_somehow(sessions: Sessions, source: HonestSource, met: CleanSyncs) -> None:
    """One sync as it comes: undisturbed, cut off, cancelled half-way, or two at once."""
    chance, met.syncs = source.life.chance, met.syncs + 1
    mirroring = Mirroring(source, source.hub.anchor, _Still(source.hub.now))
    manner = chance.choice(("whole", "whole", "lost", "cancelled", "twice"))
    if manner == "lost":
        source.fails_at = chance.randint(1, 4)
        with suppress(PeerUnreachable):
            await pull(sessions, mirroring)
    elif manner == "cancelled":
        running = asyncio.create_task(pull(sessions, mirroring))
        for _ in range(chance.randint(1, 30)):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait([running])
        met.interrupted += running.cancelled()
    elif manner == "twice":
        ends = await asyncio.gather(
            pull(sessions, mirroring), pull(sessions, mirroring), return_exceptions=True
        )
        wrong = [end for end in ends if isinstance(end, BaseException)]
        assert all(isinstance(end, PositionMoved) for end in wrong), wrong
    else:
        met.applied += (await pull(sessions, mirroring)).applied
    await _note_alarms(sessions, source, met)


async def _finish(sessions: Sessions, life: LifeOfAFederation, met: CleanSyncs) -> None:
    """At the end the copy holds all that was signed, and nothing is set aside."""
    source = HonestSource(life, life.federation.hub.size)
    mirroring = Mirroring(source, source.hub.anchor, _Still(source.hub.now))
    await pull(sessions, mirroring)
    await complete(sessions, mirroring)
    await _note_alarms(sessions, source, met)
    async with sessions() as session:
        position = await read_position(session)
    assert position.range.root() == source.hub.range.root()


async def _note_alarms(sessions: Sessions, source: HonestSource, met: CleanSyncs) -> None:
    """Every alarm that was ever raised, and what lies in the quarantine while one stands."""
    async with sessions() as session:
        raised = (await session.execute(select(alarm.c.code, alarm.c.detail))).all()
        set_aside = (await session.execute(select(quarantined_entry))).all() if raised else []
    entries = [f"{row.serial} {row.code} {row.detail}" for row in set_aside]
    met.alarms += [f"{row.code} at {source.hub.size}: {row.detail} {entries}" for row in raised]
