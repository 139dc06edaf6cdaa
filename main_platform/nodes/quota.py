"""How much a node may send: what staff set for it, else the hub's settings."""

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.errors import NodeNotFound
from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import NodeQuotaRow, NodeRow
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class Quota:
    """Offers and resumptions of one legal day, and offers that may wait for review at once."""

    daily_offers: int
    review_backlog: int


@dataclass(frozen=True, slots=True)
class QuotaChange:
    """What staff set for a node; None: the hub's setting holds again."""

    daily_offers: int | None
    review_backlog: int | None


async def read_quota(session: AsyncSession, node: str, *, default: Quota) -> Quota:
    """The node's quota, `default` where staff set none."""
    row = await session.get(NodeQuotaRow, node, populate_existing=True)
    return default if row is None else quota_of(row, default)


async def read_quota_set(session: AsyncSession, node: str) -> QuotaChange:
    """What staff set for the node; None where the hub's settings hold."""
    row = await session.get(NodeQuotaRow, node)
    return (
        QuotaChange(None, None)
        if row is None
        else QuotaChange(row.daily_offers, row.review_backlog)
    )


def quota_of(row: NodeQuotaRow, default: Quota) -> Quota:
    """The quota of a stored row."""
    daily, backlog = row.daily_offers, row.review_backlog
    return Quota(
        default.daily_offers if daily is None else daily,
        default.review_backlog if backlog is None else backlog,
    )


async def change_quota(
    session: AsyncSession, node: str, *, change: QuotaChange, by: str, now: Instant
) -> None:
    """Set what the node may send from now on; the audit trail keeps who set what.

    Raises:
        NodeNotFound: none of that id is active or suspended.
    """
    row = await session.get(NodeRow, node)
    if row is None or row.state not in {NodeState.ACTIVE, NodeState.SUSPENDED}:
        raise NodeNotFound(detail=f"没有在册节点 {node} / no enrolled node has that id")
    wanted = {"daily_offers": change.daily_offers, "review_backlog": change.review_backlog}
    fresh = insert(NodeQuotaRow).values(node=node, **wanted)
    await session.execute(
        fresh.on_conflict_do_update(index_elements=[NodeQuotaRow.node], set_=wanted)
    )
    await record(
        session, Record(Act.NODE_QUOTA_CHANGED, Subject("node", node), by, wanted), now=now
    )
