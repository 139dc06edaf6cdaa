"""Suspend, resume and retire a node: each becomes an entry of the log."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.errors import NodeNotFound
from main_platform.nodes.ports import Publish
from main_platform.nodes.states import NodeAction, NodeState, next_node_state
from main_platform.nodes.tables import NodeRow
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant, whole_second
from shared_schema.log_entry import LogEntry, NodeResumed, NodeRetired, NodeSuspended

_ACTS = {
    NodeAction.SUSPEND: Act.NODE_SUSPENDED,
    NodeAction.RESUME: Act.NODE_RESUMED,
    NodeAction.RETIRE: Act.NODE_RETIRED,
}


@dataclass(frozen=True, slots=True)
class StandingChange:
    """What to do to a node, and the code of the reason, which becomes public."""

    action: NodeAction
    reason: str


async def change_standing(
    session: AsyncSession,
    node: str,
    *,
    change: StandingChange,
    publish: Publish,
    by: str,
    now: Instant,
) -> NodeState:
    """Suspend, resume or retire a node. Locks its row.

    A retired node's listings stay until each is withdrawn (protocol §10).

    Raises:
        NodeNotFound: there is none of that id.
        NodeStateConflict: its state does not allow the action.
    """
    row = await lock_node(session, node)
    row.state = after = next_node_state(NodeState(row.state), change.action)
    await publish(session, _entry(node, change, now=now))
    act = Record(_ACTS[change.action], Subject("node", node), by, {"reason": change.reason})
    await record(session, act, now=now)
    return after


async def lock_node(session: AsyncSession, node: str) -> NodeRow:
    """The node's row, locked until the transaction ends.

    Raises:
        NodeNotFound: there is none of that id.
    """
    row = await session.get(NodeRow, node, with_for_update=True)
    if row is None:
        raise NodeNotFound(detail=f"没有节点 {node} / no such node")
    return row


def _entry(node: str, change: StandingChange, *, now: Instant) -> LogEntry:
    if change.action is NodeAction.SUSPEND:
        return NodeSuspended(at=whole_second(now), node=node, reason=change.reason)
    if change.action is NodeAction.RESUME:
        return NodeResumed(at=whole_second(now), node=node, reason=change.reason)
    return NodeRetired(at=whole_second(now), node=node, reason=change.reason)
