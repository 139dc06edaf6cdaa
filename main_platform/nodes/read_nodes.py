"""Look at nodes: all of them, one of them, with their keys."""

from collections import defaultdict
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.errors import NodeNotFound
from main_platform.nodes.schemas import NodeOut
from main_platform.nodes.tables import CosignatureRow, NodeContactRow, NodeKeyRow, NodeRow
from shared_schema.bilingual import Words
from shared_schema.instants import Instant

_NODES: Final = (
    select(NodeRow, NodeContactRow, func.coalesce(CosignatureRow.size, 0))
    .join(NodeContactRow, NodeContactRow.node == NodeRow.id)
    .outerjoin(CosignatureRow, CosignatureRow.node == NodeRow.id)
    .order_by(NodeRow.id)
)


async def list_nodes(session: AsyncSession, *, now: Instant) -> list[NodeOut]:
    """All nodes by id, each with its keys; two statements."""
    nodes = (await session.execute(_NODES)).all()
    keys: dict[str, list[NodeKeyRow]] = defaultdict(list)
    found = await session.execute(select(NodeKeyRow).order_by(NodeKeyRow.use, NodeKeyRow.key_id))
    for key in found.scalars():
        keys[key.node].append(key)
    return [
        NodeOut.of(node, contact, keys=keys[node.id], cosigned_size=size, now=now)
        for node, contact, size in nodes
    ]


async def read_node_names(session: AsyncSession) -> dict[str, Words]:
    """What each node is called, by its id, in the order of the ids."""
    found = await session.execute(
        select(NodeRow.id, NodeRow.name_zh, NodeRow.name_en).order_by(NodeRow.id)
    )
    return {node: Words(zh, en) for node, zh, en in found}


async def find_node(session: AsyncSession, node: str, *, now: Instant) -> NodeOut:
    """One node with its keys.

    Raises:
        NodeNotFound: there is none of that id.
    """
    row = (await session.execute(_NODES.where(NodeRow.id == node))).one_or_none()
    if row is None:
        raise NodeNotFound(detail=f"没有节点 {node} / no such node")
    own = select(NodeKeyRow).where(NodeKeyRow.node == node).order_by(NodeKeyRow.use)
    keys = list((await session.execute(own)).scalars())
    return NodeOut.of(row[0], row[1], keys=keys, cosigned_size=row[2], now=now)
