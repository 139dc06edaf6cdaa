"""How this node does, from what is stored: queue, copy, contact, clock, keys; nobody is asked.

Counted by index over what waits or is dead, never over everything that was ever sent.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from shared_schema.status_report import StatusReport
from subplatform.catalogue_mirror.status import MirrorStatus, read_status
from subplatform.monitoring.hub_view import StoredView, last_view
from subplatform.outbox.condition import Condition, read_condition
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import OutboxMessageRow

_ON_THE_WAY = (DeliveryState.WAITING, DeliveryState.LEASED)
_WITHHELD = (DeliveryState.DEAD, DeliveryState.CANCELLED)


@dataclass(frozen=True, slots=True)
class NodeCondition:
    """The node at one moment. `conflicts`: dead letters under numbers that hold something else."""

    waiting: int
    oldest_waiting_at: Instant | None
    dead: int
    conflicts: int
    withheld: int
    highest_sent: int
    outbox: Condition
    mirror: MirrorStatus
    hub: StoredView | None

    def report(self, codes: tuple[str, ...], critical: tuple[str, ...]) -> StatusReport:
        """What the hub is told."""
        paused = self.outbox.paused
        oldest = self.oldest_waiting_at
        return StatusReport(
            waiting=self.waiting,
            dead=self.dead,
            withheld=self.withheld,
            oldest_waiting_at=None if oldest is None else oldest.replace(microsecond=0),
            size=self.mirror.size,
            paused=None if paused is None else str(paused["code"]),
            alarms=codes[:100],
            critical=critical[:100],
        )


async def read_node_condition(session: AsyncSession, *, now: Instant) -> NodeCondition:
    """How the node does at `now`."""
    row = OutboxMessageRow
    way = await session.execute(
        select(func.count(), func.min(row.created_at)).where(row.state.in_(_ON_THE_WAY))
    )
    waiting, oldest = way.one()
    sent = select(func.max(row.oseq)).where(row.state == DeliveryState.SENT)
    highest = await session.scalar(sent) or 0
    code = row.last_problem["code"].astext
    dead = await session.execute(
        select(
            func.count(),
            func.count().filter(code == "oseq_conflict"),
        ).where(row.state == DeliveryState.DEAD)
    )
    dead_count, conflicts = dead.one()
    withheld = select(func.count()).where(row.state.in_(_WITHHELD), row.oseq < highest)
    return NodeCondition(
        waiting=waiting,
        oldest_waiting_at=oldest,
        dead=dead_count,
        conflicts=conflicts,
        withheld=await session.scalar(withheld) or 0,
        highest_sent=highest,
        outbox=await read_condition(session),
        mirror=await read_status(session, now=now),
        hub=await last_view(session),
    )
