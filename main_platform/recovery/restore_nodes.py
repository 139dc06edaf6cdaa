"""Nodes and keys as the log's entries say, where the backup is older than they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.change_keys import receipt_of
from main_platform.nodes.states import EnrolmentState, NodeState
from main_platform.nodes.tables import (
    EnrolmentRow,
    KeyChangeRow,
    NodeContactRow,
    NodeKeyRow,
    NodeRow,
)
from main_platform.recovery.restored import Restored
from shared_schema.enrolment import EnrolmentRequest
from shared_schema.entry_parts import NodeKey
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.key_change import SignedKeyChange, due_at, read_change
from shared_schema.log_entry import (
    KeyAdded,
    KeyRevoked,
    NodeEnrolled,
    NodeResumed,
    NodeRetired,
    NodeSuspended,
)
from shared_schema.strict_base64 import decode_base64

RECOVERED: Final = "登记已在日志中 / enrolled in the log with other keys"
_STATES: Final = {
    NodeSuspended: NodeState.SUSPENDED,
    NodeResumed: NodeState.ACTIVE,
    NodeRetired: NodeState.RETIRED,
}


@dataclass(frozen=True, slots=True)
class _Books:
    session: AsyncSession
    ids: IdSource


async def restore_nodes(
    session: AsyncSession, restored: Sequence[Restored], *, ids: IdSource
) -> None:
    """Bring nodes, enrolments, keys and key changes to where the entries leave them."""
    books = _Books(session, ids)
    for one in restored:
        entry = one.entry
        if isinstance(entry, NodeEnrolled):
            await _enrolled(books, entry)
        elif isinstance(entry, KeyAdded):
            await _key_added(session, entry)
        elif isinstance(entry, KeyRevoked):
            await _key_revoked(session, entry)
        elif isinstance(entry, NodeSuspended | NodeResumed | NodeRetired):
            state = _STATES[type(entry)]
            await session.execute(
                update(NodeRow).where(NodeRow.id == entry.node).values(state=state)
            )


async def _enrolled(books: _Books, entry: NodeEnrolled) -> None:
    session, node = books.session, entry.node
    scope = entry.scope.model_dump(mode="json")
    names = {"name_zh": entry.names.zh, "name_en": entry.names.en}
    told = {**names, "state": NodeState.ACTIVE, "scope": scope}
    fresh = insert(NodeRow).values(id=node, inbox_head=0, created_at=entry.at, **told)
    await session.execute(fresh.on_conflict_do_update(index_elements=["id"], set_=told))
    await session.execute(insert(NodeContactRow).values(node=node).on_conflict_do_nothing())
    request = EnrolmentRequest(node=node, names=entry.names, keys=entry.keys, scope=entry.scope)
    await _settle_enrolments(books, request, at=entry.at)
    for key in entry.keys:
        await _store_key(session, _columns(node, key, at=entry.at))


async def _settle_enrolments(books: _Books, request: EnrolmentRequest, *, at: Instant) -> None:
    """The wish that the log fulfilled is confirmed; another one that waits cannot be any more."""
    session, row = books.session, EnrolmentRow
    waiting = await session.scalars(
        select(row).where(row.node == request.node, row.state == EnrolmentState.WAITING)
    )
    for one in waiting.all():
        is_the_one = one.fingerprint == request.fingerprint()
        one.state = EnrolmentState.CONFIRMED if is_the_one else EnrolmentState.REFUSED
        one.reason = None if is_the_one else RECOVERED
        one.decided_at = at
    await session.flush()  # the look below must see it
    known = await session.scalar(
        select(row.id).where(row.node == request.node, row.state == EnrolmentState.CONFIRMED)
    )
    if known is None:
        wish: dict[str, Any] = {
            "id": books.ids.new_id(),
            "node": request.node,
            "request": request.model_dump(mode="json"),
            "fingerprint": request.fingerprint(),
            "state": EnrolmentState.CONFIRMED,
            "confirmations": [],
            "requested_at": at,
            "decided_at": at,
        }
        await session.execute(insert(row).values(wish))


async def _key_added(session: AsyncSession, entry: KeyAdded) -> None:
    await _store_key(session, _columns(entry.node, entry.key, at=entry.at))
    signed = _change(entry.change)
    await _store_change(session, signed, at=entry.at)
    if signed.change.ends is not None:
        await session.execute(
            update(NodeKeyRow)
            .where(NodeKeyRow.key_id == signed.change.ends, NodeKeyRow.state == "active")
            .values(ended_by=signed.change_hash, revoke_at=due_at(signed.change))
        )


async def _key_revoked(session: AsyncSession, entry: KeyRevoked) -> None:
    ended_by = None
    if entry.change is not None:
        signed = _change(entry.change)
        await _store_change(session, signed, at=entry.at)
        ended_by = signed.change_hash
    row = NodeKeyRow
    await session.execute(
        update(row)
        .where(row.key_id == entry.key_id, row.state != "revoked")
        .values(
            state="revoked",
            revoked_at=entry.at,
            suspect_from=entry.suspect_from,
            ended_by=ended_by,
            unsettled=row.use == "statement",
        )
    )


async def _store_key(session: AsyncSession, columns: dict[str, Any]) -> None:
    """Insert the key; one that the backup holds as pending becomes active."""
    fresh = insert(NodeKeyRow).values(state="active", **columns)
    await session.execute(
        fresh.on_conflict_do_update(
            index_elements=["key_id"],
            set_={"state": "active", "added_at": fresh.excluded.added_at},
            where=NodeKeyRow.state == "pending",
        )
    )


async def _store_change(session: AsyncSession, signed: SignedKeyChange, *, at: Instant) -> None:
    fresh = insert(KeyChangeRow).values(
        change_hash=signed.change_hash,
        node=signed.change.node,
        envelope=signed.raw,
        receipt=receipt_of(signed, at),
        received_at=at,
    )
    await session.execute(fresh.on_conflict_do_nothing())


def _columns(node: str, key: NodeKey, *, at: Instant) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "node": node,
        "use": key.use,
        "algorithm": key.algorithm,
        "public_key": key.verifier().raw,
        "not_after": key.not_after,
        "added_at": at,
    }


def _change(text: str) -> SignedKeyChange:
    """The key change in an entry, which was verified when the entry was read."""
    return read_change(decode_base64(text) or b"")
