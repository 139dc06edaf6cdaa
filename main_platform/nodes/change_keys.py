"""A node changes its own keys: checked as every reader will check it, applied once, receipted."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.end_key import Ending, end_key
from main_platform.nodes.errors import KeyChangeStale, KeyTaken, NotThisNode, TooManyKeys
from main_platform.nodes.inbox import Message, send
from main_platform.nodes.origin_lock import lock_origin
from main_platform.nodes.ports import Publish
from main_platform.nodes.standing import lock_node
from main_platform.nodes.states import NodeState, NodeStateConflict
from main_platform.nodes.tables import KeyChangeRow, NodeKeyRow
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.entry_parts import NodeKey
from shared_schema.instants import Instant, format_instant, whole_second
from shared_schema.key_change import (
    LONGEST_OVERLAP,
    SignedKeyChange,
    due_at,
    read_change,
    verify_change,
)
from shared_schema.log_entry import KeyAdded
from shared_schema.refusal import FieldError
from shared_schema.signing_key import PublicKey
from shared_schema.strict_base64 import encode_base64

WINDOW: Final = timedelta(hours=24)  # a recovery key is offline: its envelope is carried by hand
MAX_ACTIVE: Final = 2  # of one use after a change: the present key and its successor


@dataclass(frozen=True, slots=True)
class Changed:
    """The receipt's exact bytes, and whether the change had been applied before."""

    receipt: bytes
    is_repeated: bool


async def change_keys(
    session: AsyncSession, raw: bytes, *, origin: str, publish: Publish, now: Instant
) -> Changed:
    """Apply a key change; one that was applied before gives its receipt again and nothing else.

    Locks the node's intake and its row. What the log will say is checked here by the very function
    that every reader uses.

    Raises:
        KeyChangeRefused: it is no key change.
        NotThisNode: it is another node's.
        KeyChangeStale: it was made too long ago, or ends the old key too late.
        KeyChangeUnauthorised: those who must sign it did not.
        KeyTaken: the new key is known already.
        TooManyKeys: two keys of that use are active.
        NodeStateConflict: the node has left.
    """
    signed = read_change(raw)
    if signed.change.node != origin:
        message = f"变更属于节点 {signed.change.node} / another node's change"
        raise NotThisNode(message, [FieldError("/node", "key_change.node", message)])
    await lock_origin(session, origin)
    known = await session.get(KeyChangeRow, signed.change_hash)
    if known is not None:
        return Changed(known.receipt, is_repeated=True)
    node = await lock_node(session, origin)
    if node.state == NodeState.RETIRED:
        raise NodeStateConflict(detail="节点已退出 / the node has left")
    _check_times(signed, now)
    rows = await _active_keys(session, origin)
    verify_change(signed, {name: _stated(row) for name, row in rows.items()})
    receipt = receipt_of(signed, now)
    session.add(
        KeyChangeRow(
            change_hash=signed.change_hash,
            node=origin,
            envelope=raw,
            receipt=receipt,
            received_at=now,
        )
    )
    await session.flush()  # the keys refer to it
    await _apply(session, signed, rows, publish=publish, now=now)
    return Changed(receipt, is_repeated=False)


async def _active_keys(session: AsyncSession, node: str) -> dict[str, NodeKeyRow]:
    found = await session.scalars(
        select(NodeKeyRow)
        .where(NodeKeyRow.node == node, NodeKeyRow.state == "active")
        .order_by(NodeKeyRow.key_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.key_id: row for row in found}


def _stated(row: NodeKeyRow) -> NodeKey:
    public = PublicKey(row.algorithm, row.public_key)
    return NodeKey.model_validate(
        NodeKey.of(public, use="statement").model_dump()
        | {"use": row.use, "not_after": whole_second(row.not_after)}
    )


def _check_times(signed: SignedKeyChange, now: Instant) -> None:
    change = signed.change
    if abs(change.issued_at - now) > WINDOW:
        message = "变更须在签发后 24 小时内送达 / deliver a change within 24 hours of its making"
        raise KeyChangeStale(message, [FieldError("/issued_at", "key_change.window", message)])
    if change.overlap_until is not None and change.overlap_until > now + LONGEST_OVERLAP:
        message = f"重叠期至多 {LONGEST_OVERLAP.days} 天 / the overlap is too long"
        raise KeyChangeStale(message, [FieldError("/overlap_until", "key_change.overlap", message)])
    if change.key is not None and (change.key.not_after is None or change.key.not_after <= now):
        message = "新密钥已过期 / the new key has expired already"
        raise KeyChangeStale(message, [FieldError("/key/not_after", "key_change.expired", message)])


async def _apply(
    session: AsyncSession,
    signed: SignedKeyChange,
    rows: dict[str, NodeKeyRow],
    *,
    publish: Publish,
    now: Instant,
) -> None:
    change = signed.change
    if change.key is not None:
        await _add(session, signed, change.key, rows=rows, publish=publish, now=now)
    if change.ends is None:
        return
    ended, due = rows[change.ends], due_at(change)
    ended.ended_by, ended.suspect_from = signed.change_hash, change.suspect_from
    if change.action == "revoke" or due is None or due <= now:
        ending = Ending(change.reason, change.node, signed.raw, change.suspect_from)
        await end_key(session, ended, ending, publish=publish, now=now)
    else:
        ended.revoke_at = due


async def _add(
    session: AsyncSession,
    signed: SignedKeyChange,
    key: NodeKey,
    *,
    rows: dict[str, NodeKeyRow],
    publish: Publish,
    now: Instant,
) -> None:
    node = signed.change.node
    if await session.get(NodeKeyRow, key.key_id) is not None:
        raise KeyTaken(detail="密钥已登记过，请生成新密钥 / the key is known already: make another")
    due = due_at(signed.change)
    ending = signed.change.replaces if due is not None and due <= now else None
    if sum(row.use == key.use and row.key_id != ending for row in rows.values()) >= MAX_ACTIVE:
        raise TooManyKeys(
            detail=f"已有 {MAX_ACTIVE} 把有效的 {key.use} 密钥，先吊销旧的"
            f" / {MAX_ACTIVE} {key.use} keys are active: end one of them first"
        )
    session.add(
        NodeKeyRow(
            key_id=key.key_id,
            node=node,
            use=key.use,
            algorithm=key.algorithm,
            public_key=key.verifier().raw,
            state="active",
            not_after=key.not_after,
            added_at=now,
        )
    )
    entry = KeyAdded(at=whole_second(now), node=node, key=key, change=encode_base64(signed.raw))
    await publish(session, entry)
    facts = {"key_id": key.key_id, "use": key.use, "replaces": signed.change.replaces}
    await session.flush()  # before the inbox locks the node's row
    await send(session, [Message(node, "key_added", facts)], now=now)
    act = Record(Act.KEY_ADDED, Subject("node", node), node, facts)
    await record(session, act, now=now)


def receipt_of(signed: SignedKeyChange, now: Instant) -> bytes:
    """The body of the receipt for an applied change; made once and stored."""
    change, due = signed.change, due_at(signed.change)
    return orjson.dumps(
        {
            "node": change.node,
            "action": change.action,
            "added": None if change.key is None else change.key.key_id,
            "ends": change.ends,
            "ends_at": None if due is None else format_instant(due),
            "change_hash": signed.change_hash,
            "received_at": format_instant(now),
            "state": "applied",
        }
    )
