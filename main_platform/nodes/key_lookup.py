"""Find the key behind a signed request, for `shared_platform.transport.signed_requests`."""

from typing import Annotated, Final

from fastapi import Depends
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.states import NodeState
from main_platform.nodes.tables import NodeKeyRow, NodeRow
from shared_platform.transport.signed_requests import (
    EnrolledKey,
    KeyClaim,
    KeyStanding,
    SignedRequest,
    signed_node,
)
from shared_schema.bounded_json import JsonRefused, JsonTooLarge, parse_json
from shared_schema.enrolment import EnrolmentInvalid, read_enrolment
from shared_schema.instants import Instant
from shared_schema.signing_key import PublicKey

_SEEN_EVERY_SECONDS: Final = 10


async def find_node_key(
    session: AsyncSession, claim: KeyClaim, *, now: Instant
) -> EnrolledKey | None:
    """The statement key of that id with its standing; notes the contact, at most every 10 s."""
    found = await session.execute(
        select(NodeKeyRow, NodeRow)
        .join(NodeRow, NodeRow.id == NodeKeyRow.node)
        .where(NodeKeyRow.key_id == claim.key_id, NodeKeyRow.use == "statement")
    )
    row = found.first()
    if row is None or row[0].state == "pending":
        return None
    key, node = row
    seen = node.last_seen_at
    if seen is None or abs((now - seen).total_seconds()) > _SEEN_EVERY_SECONDS:
        await session.execute(update(NodeRow).where(NodeRow.id == node.id).values(last_seen_at=now))
    return EnrolledKey(node.id, PublicKey(key.algorithm, key.public_key), _standing(key, node, now))


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


NodeRequest = Annotated[SignedRequest, Depends(signed_node(find_node_key), scope="function")]
EnrollingRequest = Annotated[
    SignedRequest, Depends(signed_node(find_enrolling_key), scope="function")
]
