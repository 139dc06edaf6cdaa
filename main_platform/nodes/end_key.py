"""End a node's key: refused from the commit on, in every process, and revoked in the log."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.errors import KeyNotFound
from main_platform.nodes.inbox import Message, send
from main_platform.nodes.origin_lock import lock_origin
from main_platform.nodes.ports import Publish
from main_platform.nodes.tables import KeyChangeRow, NodeKeyRow
from shared_platform.audit.trail import SERVICE, Record, Subject, record
from shared_platform.database.signals import signal
from shared_platform.failpoint import failpoint
from shared_schema.instants import Instant, format_instant, whole_second
from shared_schema.log_entry import KeyRevoked
from shared_schema.strict_base64 import encode_base64

KEY_CHANNEL: Final = "kaixu_keys"
ROTATED: Final = "rotated"  # the sequencer lets such a revocation wait for its turn


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a key ends. `change` is the node's own envelope; None: two of the hub's staff decided."""

    reason: str
    by: str
    change: bytes | None = None
    suspect_from: Instant | None = None


async def lock_active_key(session: AsyncSession, key_id: str) -> NodeKeyRow:
    """The active key of that id with its node's intake, locked in the one order.

    Raises:
        KeyNotFound: no active key has that id.
    """
    node = await session.scalar(select(NodeKeyRow.node).where(NodeKeyRow.key_id == key_id))
    if node is not None:
        await lock_origin(session, node)
    row = await session.get(NodeKeyRow, key_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "active":
        raise KeyNotFound(detail=f"没有有效密钥 {key_id} / no active key has that id")
    return row


async def end_key(
    session: AsyncSession, row: NodeKeyRow, ending: Ending, *, publish: Publish, now: Instant
) -> None:
    """Revoke a locked, active key; what it signed earlier in the log stands.

    What it signed and the log does not hold yet goes back to its node by a job of its own.
    """
    row.state, row.revoked_at, row.unsettled = "revoked", now, row.use == "statement"
    row.suspect_from = ending.suspect_from
    await session.flush()  # before the inbox locks the node's row
    await publish(
        session,
        KeyRevoked(
            at=whole_second(now),
            node=row.node,
            key_id=row.key_id,
            reason=ending.reason,
            by="hub" if ending.change is None else "origin",
            change=None if ending.change is None else encode_base64(ending.change),
            suspect_from=ending.suspect_from,
        ),
    )
    facts = {
        "key_id": row.key_id,
        "use": row.use,
        "reason": ending.reason,
        "by": "hub" if ending.change is None else "origin",
        "suspect_from": ending.suspect_from and format_instant(ending.suspect_from),
    }
    await send(session, [Message(row.node, "key_revoked", facts)], now=now)
    act = Record(Act.KEY_REVOKED, Subject("node", row.node), ending.by, facts)
    await record(session, act, now=now)
    failpoint("revoke.recorded")
    await signal(session, KEY_CHANNEL)


async def end_overlaps(
    session: AsyncSession, *, publish: Publish, now: Instant, limit: int = 20
) -> int:
    """Revoke replaced keys whose overlap is over; how many, for a job that loops."""
    due = await session.scalars(
        select(NodeKeyRow.key_id)
        .where(NodeKeyRow.state == "active", NodeKeyRow.revoke_at <= now)
        .order_by(NodeKeyRow.node, NodeKeyRow.key_id)
        .limit(limit)
    )
    ended = 0
    for key_id in due.all():
        try:
            row = await lock_active_key(session, key_id)
        except KeyNotFound:  # somebody was faster
            continue
        change = await session.get_one(KeyChangeRow, row.ended_by)
        ending = Ending(ROTATED, SERVICE, change.envelope, row.suspect_from)
        await end_key(session, row, ending, publish=publish, now=now)
        ended += 1
    return ended
