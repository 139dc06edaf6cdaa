"""Hear the nodes before the log grows: a restored hub does not know what it has lost.

Each start of a sequencer asks all nodes anew and waits for those that have ever cosigned. Once at
least half of them have answered, it waits for the others a grace period at most, which is longer
than any node that runs can take; below half it waits without limit. After a restore that was
declared it waits for every active node. Staff may waive a node by name.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.audit.acts import Act
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.catalogue.tables import LogHeadRow
from main_platform.cosigning.errors import NothingToWaive
from main_platform.nodes.cosigned import count_cosigners, unheard_nodes
from main_platform.nodes.inbox import INBOX_CHANNEL
from main_platform.nodes.tables import (
    CosignatureRow,
    CosignatureWaiverRow,
    LogGuardRow,
    NodeRow,
)
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.database.signals import signal
from shared_schema.instants import Clock, Instant

_THE_ROW: Final = 1
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(slots=True)
class NodeHearing:
    """One sequencer's hearing.

    `grace_seconds` bounds the wait for the rest once at least half of the nodes were heard.
    """

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    grace_seconds: float
    _until: float | None = None
    _is_over: bool = False

    async def begin(self) -> None:
        """Ask all nodes how much they have seen, and wake those that wait at their inboxes."""
        async with self.sessions.begin() as session:
            await ask_nodes(session, now=self.clock.now())
        self._until = asyncio.get_running_loop().time() + self.grace_seconds

    async def missing(self, session: AsyncSession) -> Sequence[str]:
        """The nodes to wait for; none before `begin`, as in a command's own process.

        Ends the state after a restore once every node was heard, in the session's transaction.
        """
        if self._until is None or self._is_over:
            return ()
        unheard = await unheard_nodes(session)
        if unheard and (self._is_in_grace() or await must_be_heard(session, unheard)):
            return unheard
        if not unheard:
            await session.execute(
                update(LogGuardRow)
                .where(LogGuardRow.restored_at.is_not(None))
                .values(restored_at=None)
            )
        else:
            _log.warning("nodes_unheard", nodes=list(unheard), waited_seconds=self.grace_seconds)
        self._is_over = True
        return ()

    def _is_in_grace(self) -> bool:
        return self._until is not None and asyncio.get_running_loop().time() < self._until


async def must_be_heard(session: AsyncSession, unheard: Sequence[str]) -> bool:
    """Whether the log waits for these however long: after a restore, or if they are the most.

    A backup tells as little of what it lacks as a healthy copy, so silence proves nothing.
    """
    if await is_restored(session):
        return True
    return 2 * len(unheard) > await count_cosigners(session)


async def ask_nodes(session: AsyncSession, *, now: Instant) -> int:
    """The next question, which every node answers with a cosignature; its number."""
    fresh = insert(LogGuardRow).values(id=_THE_ROW, question=1, asked_at=now)
    asked = fresh.on_conflict_do_update(
        index_elements=["id"], set_={"question": LogGuardRow.question + 1, "asked_at": now}
    ).returning(LogGuardRow.question)
    number: int = (await session.execute(asked)).scalar_one()
    for node in await session.scalars(select(NodeRow.id).where(NodeRow.state == "active")):
        await signal(session, INBOX_CHANNEL, node)
    return number


async def is_restored(session: AsyncSession) -> bool:
    """Whether every active node must be heard, since the database came from a backup."""
    return await session.scalar(select(LogGuardRow.restored_at)) is not None


async def mark_restored(
    session: AsyncSession, *, by: str, now: Instant, facts: Mapping[str, Any] | None = None
) -> None:
    """From its next start on the sequencer waits for every active node, however long it takes.

    `facts` are what else was lost, for the audit trail.
    """
    fresh = insert(LogGuardRow).values(id=_THE_ROW, question=0, restored_at=now)
    await session.execute(
        fresh.on_conflict_do_update(index_elements=["id"], set_={"restored_at": now})
    )
    await record(session, Record(Act.HUB_RESTORED, Subject("log", "hub"), by, facts or {}), now=now)


async def waive_node(
    session: AsyncSession, node: str, *, reason: str, by: str, now: Instant
) -> None:
    """Let the log go on without hearing this node, whatever it has cosigned.

    What only that node holds is lost for good: a larger log of its is then a fork.

    Raises:
        NothingToWaive: the log does not wait for this node, or it is waived already.
    """
    if node not in await unheard_nodes(session) and not await _is_ahead(session, node):
        raise NothingToWaive(f"日志并不等待 {node} / the log does not wait for {node}")
    values = {"node": node, "by": by, "reason": reason, "at": now}
    await session.execute(insert(CosignatureWaiverRow).values(values).on_conflict_do_nothing())
    act = Record(Act.NODE_WAIVED, Subject("node", node), by, {"reason": reason})
    await record(session, act, now=now)
    await signal(session, PUBLISH_CHANNEL)


async def _is_ahead(session: AsyncSession, node: str) -> bool:
    """Whether the node holds more of the log than this hub, and still counts."""
    cosigned = await session.scalar(
        select(CosignatureRow.size).where(
            CosignatureRow.node == node,
            ~select(CosignatureWaiverRow.node).where(CosignatureWaiverRow.node == node).exists(),
        )
    )
    size = await session.scalar(select(LogHeadRow.size))
    return (cosigned or 0) > (size or 0)
