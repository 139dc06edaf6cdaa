"""Find the key behind a signed request, and note the contact once the request is proven."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import NodeContactRow, NodeKeyRow, NodeRow
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.signed_requests import (
    EnrolledKey,
    KeyClaim,
    KeyStanding,
    SignedRequest,
    prove_sender,
    signed_node,
)
from shared_schema.bounded_json import JsonRefused, JsonTooLarge, parse_json
from shared_schema.enrolment import EnrolmentInvalid, read_enrolment
from shared_schema.instants import Instant
from shared_schema.message_signature import SignedMessage, find_signature
from shared_schema.request_signature import REQUEST_POLICY
from shared_schema.signing_key import PublicKey

_SEEN_EVERY: Final = timedelta(seconds=10)


async def find_node_key(
    session: AsyncSession, claim: KeyClaim, *, now: Instant
) -> EnrolledKey | None:
    """The statement key of that id with its standing; nothing is proven yet, nothing is written."""
    found = await session.execute(
        select(NodeKeyRow, NodeRow)
        .join(NodeRow, NodeRow.id == NodeKeyRow.node)
        .where(NodeKeyRow.key_id == claim.key_id, NodeKeyRow.use == "statement")
    )
    row = found.first()
    if row is None or row[0].state == "pending":
        return None
    key, node = row
    return EnrolledKey(node.id, PublicKey(key.algorithm, key.public_key), _standing(key, node, now))


async def find_changing_key(
    session: AsyncSession, claim: KeyClaim, *, now: Instant
) -> EnrolledKey | None:
    """The key that a change of keys is sent with: a statement key, or the recovery key.

    One past its `not_after` may still hand over to its successor. Of a suspended node only the
    recovery key is heard: who stole the other one must not make himself a new key.
    """
    _ = now
    found = await session.execute(
        select(NodeKeyRow, NodeRow)
        .join(NodeRow, NodeRow.id == NodeKeyRow.node)
        .where(
            NodeKeyRow.key_id == claim.key_id,
            NodeKeyRow.use.in_(["statement", "recovery"]),
            NodeKeyRow.state != "pending",
        )
    )
    row = found.first()
    if row is None:
        return None
    key, node = row
    standing = KeyStanding.ACTIVE
    if key.state == "revoked":
        standing = KeyStanding.REVOKED
    elif node.state == NodeState.RETIRED or (
        node.state == NodeState.SUSPENDED and key.use == "statement"
    ):
        standing = KeyStanding.NODE_SUSPENDED
    return EnrolledKey(node.id, PublicKey(key.algorithm, key.public_key), standing)


async def find_enrolling_key(
    session: AsyncSession, claim: KeyClaim, *, now: Instant
) -> EnrolledKey | None:
    """The key an enrolment proves possession of: the one in its own body, or one known already."""
    try:
        request = read_enrolment(parse_json(claim.sent)) if claim.sent else None
    except (JsonRefused, JsonTooLarge, EnrolmentInvalid):
        request = None  # the signature is refused first; the route then names what is wrong
    if request is not None and request.statement_key().key_id == claim.key_id:
        return EnrolledKey(request.node, request.statement_key())
    stored = await session.get(NodeKeyRow, claim.key_id)
    if stored is None or stored.use != "statement":
        return None
    _ = now
    return EnrolledKey(stored.node, PublicKey(stored.algorithm, stored.public_key))


def _standing(key: NodeKeyRow, node: NodeRow, now: Instant) -> KeyStanding:
    if key.state == "revoked":
        return KeyStanding.REVOKED
    if node.state != NodeState.ACTIVE:
        return KeyStanding.NODE_SUSPENDED
    return KeyStanding.EXPIRED if key.not_after <= now else KeyStanding.ACTIVE


_prove: Final = signed_node(find_node_key)


async def node_request(http: Request, session: Transaction, now: Now) -> SignedRequest:
    """A request whose signature holds, in the route's own transaction; notes the contact."""
    proven = await _prove(http, session, now)
    await note_contact(session, proven, now=now)
    return proven


async def node_poll(http: Request, now: Now) -> SignedRequest:
    """The same for a route that waits: its transaction has committed before the route begins.

    Otherwise every waiting node would hold a connection, and 50 nodes the whole pool.
    """
    sessions: async_sessionmaker[AsyncSession] = http.app.state.sessions
    async with sessions.begin() as session:
        return await node_request(http, session, now)


async def prove_node(http: Request, now: Instant) -> str:
    """The node that signed this request, proven in a short transaction of its own."""
    sessions: async_sessionmaker[AsyncSession] = http.app.state.sessions
    async with sessions() as session:
        return await prove_sender(http, session, find_node_key, now=now)


async def note_contact(session: AsyncSession, request: SignedRequest, *, now: Instant) -> None:
    """Write when the node was last in contact and how far its clock is off, at most every 10 s.

    The request must be proven, so that nobody else can hold the row; a twin passes it by. The row
    is locked nowhere else, so a long intake never stands in the way of a message to the node.
    """
    due = or_(NodeContactRow.seen_at.is_(None), NodeContactRow.seen_at < now - _SEEN_EVERY)
    free = (
        select(NodeContactRow.node)
        .where(NodeContactRow.node == request.node_id, due)
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        update(NodeContactRow)
        .where(NodeContactRow.node.in_(free))
        .values(seen_at=now, clock_offset_seconds=_offset_seconds(request.message, now))
    )


def _offset_seconds(message: SignedMessage, now: Instant) -> int:
    created: int = find_signature(message, REQUEST_POLICY).parameters["created"]
    return created - int(now.timestamp())


NodeRequest = Annotated[SignedRequest, Depends(node_request, scope="function")]
NodePoll = Annotated[SignedRequest, Depends(node_poll, scope="function")]
ChangingRequest = Annotated[
    SignedRequest, Depends(signed_node(find_changing_key), scope="function")
]
EnrollingRequest = Annotated[
    SignedRequest, Depends(signed_node(find_enrolling_key), scope="function")
]
