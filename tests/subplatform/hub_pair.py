"""A hub and one enrolled node in one process, each on its own database."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
from sqlalchemy import select

from main_platform.review.decide import Ruling, Target, confirm_many, decide_many
from main_platform.review.second_look import BY_RISK
from main_platform.review.tables import ReviewRow
from shared_platform.database.engine import Database
from shared_platform.transport.outbound import Outbound
from shared_schema.enrolment import KEY_USES
from shared_schema.identities import SeededIds
from subplatform.catalogue_mirror.pull import Mirroring, pull
from subplatform.hub_client.hub import Hub
from subplatform.hub_client.node_keys import KeyRing, key_file, write_new
from subplatform.outbox.deliver import Sending
from subplatform.recommendation.confirm import confirm_published
from subplatform.recommendation.proofs import collect_proofs
from subplatform.recommendation.run import Following, read_inbox
from subplatform.recommendation.signing import Signer
from subplatform.recommendation.timeline import Timeline, read_timeline
from tests.main_platform.hub_places import ANode, OpenHub, an_open_hub
from tests.subplatform.recommending import Recommending


@dataclass
class Pair:
    """A hub and one enrolled node, each on its own database."""

    hub: OpenHub
    node: Recommending
    client: Hub
    folder: Path

    @property
    def node_id(self) -> str:
        return self.client.node

    async def decide(self, ruling: Ruling, *, sequences: bool = True) -> None:
        """Two examiners decide everything that waits, then the log is written if `sequences`."""
        async with self.hub.database.sessions() as session:
            open_reviews = select(ReviewRow.id, ReviewRow.statement_hash).where(
                ReviewRow.state.in_(["waiting", "second_review"])
            )
            found: Sequence[tuple[UUID, str]] = [
                (row.id, row.statement_hash) for row in await session.execute(open_reviews)
            ]
        targets, now = [Target(*one) for one in found], self.hub.clock.now()
        async with self.hub.database.sessions.begin() as session:
            await decide_many(
                session, targets, ruling, second_look=BY_RISK, by="chen.jing", now=now
            )
        async with self.hub.database.sessions.begin() as session:
            await confirm_many(session, targets, ruling, by="liu.yang", now=now)
        if sequences:
            await self.hub.context.sequencer.drain()

    async def follow(self) -> None:
        """What the node's loops do: inbox, log, proofs."""
        sessions, clock = self.node.sessions, self.node.clock
        following = Following(self.client, self.node_id, clock, signer=self.node.signer)
        while (await read_inbox(sessions, following)).applied:
            pass
        anchor = self.client.anchor
        mirroring = Mirroring(
            self.client.log(), anchor, clock, (self.client.learn_log_keys, confirm_published)
        )
        await pull(sessions, mirroring)
        await collect_proofs(
            sessions,
            lambda serial, size: self.client.inclusion_proof(serial, size=size),
            node=self.node_id,
            now=clock.now(),
        )

    async def timeline(self, listing: UUID) -> Timeline:
        async with self.node.sessions() as session:
            return await read_timeline(session, listing, anchor=self.client.anchor)


@asynccontextmanager
async def a_pair(
    hub_database: Database, node_database: Database, folder: Path
) -> AsyncIterator[Pair]:
    """Enrolled, with the node's keys as files in `folder`/keys."""
    async with an_open_hub(hub_database, folder) as hub:
        for name in ("wang.wei", "zhao.lei"):
            await hub.hire(name, "node_registrar")
        enrolled = ANode(hub)
        await enrolled.join("wang.wei", "zhao.lei")
        await hub.context.sequencer.drain()
        keys = folder / "node-keys"
        keys.mkdir()
        for use in KEY_USES:
            write_new(key_file(keys, use), enrolled.key(use).to_pem())
        ring = KeyRing(keys)
        node = Recommending(node_database.sessions)
        client = Hub(
            hub.context.log_key.anchor,
            node=enrolled.id,
            key=ring.statement,
            outbound=Outbound(transport=httpx.ASGITransport(hub.app)),
            clock=node.clock,
            ids=SeededIds(41),
        )
        node.signer = Signer(enrolled.id, ring.statement, node.ids)
        node.sending = Sending(
            client, node.clock, SeededIds(5), lambda: 0.5, signed_by=ring.statement
        )
        yield Pair(hub, node, client, keys)
