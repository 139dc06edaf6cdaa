"""How the log stands against what the nodes have seen of it: for staff, from the tables alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.queue_rows import queue_depth
from main_platform.cosigning.cosign import Wanted, read_wanted
from main_platform.cosigning.guard import is_restored
from main_platform.cosigning.tables import ForkEvidenceRow
from main_platform.nodes.cosigned import largest_shown, unheard_nodes
from main_platform.nodes.tables import CosignatureRow, CosignatureWaiverRow, NodeRow
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class CosignedNode:
    """What one node has vouched for; `waived_by`: the log goes on without it."""

    node: str
    state: str
    size: int
    signed_at: Instant | None
    is_heard: bool
    waived_by: str | None


@dataclass(frozen=True, slots=True)
class LogStanding:
    """The log and its nodes. It does not grow while `wanted` is set.

    `shown_size` is the largest checkpoint that somebody unknown has shown, 0 where none counts.
    `unheard` are awaited without limit where `is_restored`, otherwise for the grace period.
    """

    size: int
    signed_size: int
    waiting: int
    held: int
    is_restored: bool
    unheard: Sequence[str]
    wanted: Wanted | None
    shown_size: int
    forks: int
    nodes: Sequence[CosignedNode]


async def read_standing(session: AsyncSession) -> LogStanding:
    """How the log stands now."""
    head = await read_head(session)
    depth = await queue_depth(session)
    unheard = await unheard_nodes(session)
    forks = await session.scalar(select(func.count()).select_from(ForkEvidenceRow))
    return LogStanding(
        size=head.size,
        signed_size=head.checkpoint_size,
        waiting=depth.waiting,
        held=depth.held,
        is_restored=await is_restored(session),
        unheard=unheard,
        wanted=await read_wanted(session),
        shown_size=await largest_shown(session),
        forks=forks or 0,
        nodes=await _nodes(session, unheard),
    )


async def _nodes(session: AsyncSession, unheard: Sequence[str]) -> Sequence[CosignedNode]:
    node, cosigned, waived = NodeRow, CosignatureRow, CosignatureWaiverRow
    found = await session.execute(
        select(node.id, node.state, cosigned.size, cosigned.signed_at, waived.by)
        .outerjoin(cosigned, cosigned.node == node.id)
        .outerjoin(waived, waived.node == node.id)
        .where(node.state != "requested")
        .order_by(node.id)
    )
    return [
        CosignedNode(
            id_, state, size or 0, signed_at, is_heard=id_ not in unheard, waived_by=waived_by
        )
        for id_, state, size, signed_at, waived_by in found
    ]
