"""Messages from the hub to a node: dense per node, kept, read as often as the node likes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.tables import InboxMessageRow, NodeRow
from shared_platform.database.signals import signal
from shared_schema.instants import Instant, format_instant
from shared_schema.message_identity import message_identity

INBOX_CHANNEL: Final = "kaixu_inbox"
PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell a node: `kind` names the body's shape (docs/wire-contract.md)."""

    node: str
    kind: str
    body: dict[str, Any]


async def send(session: AsyncSession, messages: Sequence[Message], *, now: Instant) -> None:
    """Add messages at the end of their nodes' inboxes.

    Locks the rows of the nodes in order of their ids, so that numbers stay dense under concurrency.
    """
    by_node: dict[str, list[Message]] = defaultdict(list)
    for message in messages:
        by_node[message.node].append(message)
    rows: list[dict[str, Any]] = []
    for node, own in sorted(by_node.items()):
        moved = await session.execute(
            update(NodeRow)
            .where(NodeRow.id == node)
            .values(inbox_head=NodeRow.inbox_head + len(own))
            .returning(NodeRow.inbox_head)
        )
        first = moved.scalar_one() - len(own) + 1
        rows += [
            {"node": node, "seq": seq, "kind": one.kind, "body": one.body, "created_at": now}
            for seq, one in enumerate(own, start=first)
        ]
        await signal(session, INBOX_CHANNEL, node)
    if rows:
        await session.execute(insert(InboxMessageRow), rows)


async def agrees(session: AsyncSession, node: str, *, seq: int, identity: str) -> bool:
    """Whether the message under this number is the one that the node has read."""
    row = await session.get(InboxMessageRow, (node, seq))
    if row is None:
        return False
    own = message_identity(seq, row.kind, format_instant(row.created_at), body=row.body)
    return own == identity


async def read_messages(
    session: AsyncSession, node: str, *, after: int, limit: int = PAGE
) -> list[dict[str, Any]]:
    """The node's messages after sequence number `after`, oldest first."""
    found = await session.execute(
        select(InboxMessageRow)
        .where(InboxMessageRow.node == node, InboxMessageRow.seq > after)
        .order_by(InboxMessageRow.seq)
        .limit(limit)
    )
    return [
        {
            "seq": row.seq,
            "kind": row.kind,
            "at": format_instant(row.created_at),
            "body": row.body,
        }
        for row in found.scalars()
    ]
