"""Two of the hub's staff revoke a node's key: one proposes, another one confirms."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.end_key import Ending, end_key, lock_active_key
from main_platform.nodes.errors import (
    KeyNotFound,
)
from main_platform.nodes.ports import Publish
from main_platform.nodes.tables import KeyRevocationRow, NodeKeyRow
from main_platform.two_people import (
    ProposalDecided,
    ProposalNotFound,
    decide,
    is_confirmed_by,
    lock_proposal,
)
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.identities import IdSource
from shared_schema.instants import Instant, format_instant


@dataclass(frozen=True, slots=True)
class Proposal:
    """Which key, the public code of the reason, and since when its signatures are suspect."""

    key_id: str
    reason: str
    suspect_from: Instant | None = None


async def propose_revocation(
    session: AsyncSession, wanted: Proposal, *, by: str, ids: IdSource, now: Instant
) -> KeyRevocationRow:
    """Propose to revoke an active key; the same proposal by the same person is the same one.

    Nothing else happens until somebody else confirms. Who cannot wait suspends the node.

    Raises:
        KeyNotFound: no active key has that id.
        ProposalDecided: another proposal about the key waits.
    """
    key = await session.get(NodeKeyRow, wanted.key_id, with_for_update=True)
    if key is None or key.state != "active":
        raise KeyNotFound(detail=f"没有有效密钥 {wanted.key_id} / no active key has that id")
    waiting = await session.scalar(
        select(KeyRevocationRow).where(
            KeyRevocationRow.key_id == wanted.key_id, KeyRevocationRow.state == "waiting"
        )
    )
    if waiting is not None:
        said = Proposal(waiting.key_id, waiting.reason, waiting.suspect_from)
        if (said, waiting.proposed_by) == (wanted, by):
            return waiting
        raise ProposalDecided(
            detail=f"{waiting.proposed_by} 已提议吊销，请确认 {waiting.id}"
            f" / it was proposed before: confirm {waiting.id}"
        )
    row = KeyRevocationRow(
        id=ids.new_id(),
        key_id=wanted.key_id,
        node=key.node,
        reason=wanted.reason,
        suspect_from=wanted.suspect_from,
        state="waiting",
        proposed_by=by,
        proposed_at=now,
    )
    session.add(row)
    await record(session, _record(Act.KEY_REVOCATION_PROPOSED, row, by), now=now)
    return row


async def confirm_revocation(
    session: AsyncSession, revocation: UUID, *, publish: Publish, by: str, now: Instant
) -> KeyRevocationRow:
    """Revoke the key at once; repeating one's own confirmation changes nothing.

    Raises:
        ProposalNotFound: there is none of that id.
        ProposalDecided: it was dropped, or somebody else confirmed it.
        SecondPersonRequired: who proposed it cannot confirm it.
        KeyNotFound: the key was revoked meanwhile.
    """
    found = await session.get(KeyRevocationRow, revocation)
    if found is None:
        raise ProposalNotFound
    if found.state == "waiting":
        await lock_active_key(session, found.key_id)
    row = await lock_proposal(session, KeyRevocationRow, revocation)
    if is_confirmed_by(row, by):
        return row
    decide(row, "confirmed", by=by, now=now)
    key = await session.get_one(NodeKeyRow, row.key_id)
    ending = Ending(row.reason, by, None, row.suspect_from)
    await end_key(session, key, ending, publish=publish, now=now)
    return row


async def drop_revocation(
    session: AsyncSession, revocation: UUID, *, by: str, now: Instant
) -> KeyRevocationRow:
    """Drop a proposal; anybody who may propose may drop.

    Raises:
        ProposalNotFound: there is none of that id.
        ProposalDecided: it was decided before.
    """
    row = await lock_proposal(session, KeyRevocationRow, revocation)
    decide(row, "dropped", by=by, now=now)
    await record(session, _record(Act.KEY_REVOCATION_DROPPED, row, by), now=now)
    return row


async def read_revocation(session: AsyncSession, revocation: UUID) -> KeyRevocationRow:
    """The proposal of that id.

    Raises:
        ProposalNotFound: there is none.
    """
    row = await session.get(KeyRevocationRow, revocation)
    if row is None:
        raise ProposalNotFound
    return row


async def list_revocations(
    session: AsyncSession, *, state: str | None = None
) -> list[KeyRevocationRow]:
    """Proposals, newest first, at most 200; of one state, when given."""
    query = select(KeyRevocationRow).order_by(KeyRevocationRow.proposed_at.desc()).limit(200)
    if state is not None:
        query = query.where(KeyRevocationRow.state == state)
    return list((await session.scalars(query)).all())


def _record(act: Act, row: KeyRevocationRow, by: str) -> Record:
    suspect = row.suspect_from and format_instant(row.suspect_from)
    facts = {"key_id": row.key_id, "reason": row.reason, "suspect_from": suspect}
    return Record(act, Subject("node", row.node), by, facts)
