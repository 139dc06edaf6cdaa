"""Staff compare the fingerprint with the node's operator; the last of them lets the node in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.enrol import Enrolment
from main_platform.nodes.errors import (
    EnrolmentDecided,
    EnrolmentNotFound,
    FingerprintDiffers,
)
from main_platform.nodes.ports import Publish
from main_platform.nodes.states import EnrolmentState, NodeAction, NodeState, next_node_state
from main_platform.nodes.tables import EnrolmentRow, NodeKeyRow, NodeRow
from main_platform.two_people import SecondPersonRequired
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.enrolment import EnrolmentRequest
from shared_schema.entry_parts import NodeScope
from shared_schema.instants import Instant, whole_second
from shared_schema.log_entry import NodeEnrolled

EXPIRY: Final = "hub"
"""Who refuses what expires, in the audit trail."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The fingerprint as the node's operator read it out, and how many people must hear it."""

    fingerprint: str
    needed: int


async def confirm_enrolment(
    session: AsyncSession,
    enrolment: UUID,
    *,
    comparison: Comparison,
    publish: Publish,
    by: str,
    now: Instant,
) -> Enrolment:
    """Record one person's comparison of the fingerprint; the last one needed activates the node.

    Locks the enrolment. On activation the node's keys and scope become an entry of the log.

    Raises:
        EnrolmentNotFound: there is none of that id.
        EnrolmentDecided: it was decided before.
        FingerprintDiffers: what the operator read out is not the fingerprint received.
        SecondPersonRequired: this person confirmed before.
    """
    row = await _lock_waiting(session, enrolment)
    if "".join(comparison.fingerprint.split()).lower() != row.fingerprint.replace(" ", ""):
        raise FingerprintDiffers(
            detail="指纹不符，请勿确认，并用电话与节点核对"
            " / the fingerprints differ: do not confirm, call the operator"
        )
    if by in row.confirmations:
        raise SecondPersonRequired(detail="须由另一人确认 / another person must confirm")
    row.confirmations = [*row.confirmations, by]
    act = Record(Act.ENROLMENT_CONFIRMED, Subject("node", row.node), by, {"enrolment": str(row.id)})
    await record(session, act, now=now)
    if len(row.confirmations) >= comparison.needed:
        await _activate(session, row, publish=publish, now=now)
    return Enrolment.of(row)


async def refuse_enrolment(
    session: AsyncSession, enrolment: UUID, *, reason: str, by: str, now: Instant
) -> Enrolment:
    """Refuse the wish to join; the node may ask again.

    Raises:
        EnrolmentNotFound: there is none of that id.
        EnrolmentDecided: it was decided before.
    """
    row = await _lock_waiting(session, enrolment)
    await _refuse(session, row, reason=reason, by=by, now=now)
    return Enrolment.of(row)


async def refuse_enrolments(
    session: AsyncSession, wanted: Sequence[UUID], *, reason: str, by: str, now: Instant
) -> list[Enrolment]:
    """Refuse these wishes for one reason, all or none; locks them in the order of their ids.

    Raises:
        EnrolmentNotFound: there is none of some id.
        EnrolmentDecided: one was decided before.
    """
    return [
        await refuse_enrolment(session, one, reason=reason, by=by, now=now)
        for one in sorted(set(wanted))
    ]


async def expire_enrolments(
    session: AsyncSession, *, days: int, now: Instant, limit: int = 200
) -> int:
    """Refuse what has waited longer than `days`, so that it stands in nobody's way; how many.

    Passes by what somebody is deciding at this moment. The nodes may ask again.
    """
    row = EnrolmentRow
    past = await session.scalars(
        select(row)
        .where(row.state == EnrolmentState.WAITING, row.requested_at < now - timedelta(days=days))
        .order_by(row.requested_at, row.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = past.all()
    reason = (
        f"{days} 天内无人确认，已过期，可再次申请 / nobody confirmed within {days} days: ask again"
    )
    for one in rows:
        await _refuse(session, one, reason=reason, by=EXPIRY, now=now)
    return len(rows)


async def _refuse(
    session: AsyncSession, row: EnrolmentRow, *, reason: str, by: str, now: Instant
) -> None:
    row.state, row.reason, row.decided_at = EnrolmentState.REFUSED, reason, now
    await session.execute(
        delete(NodeKeyRow).where(NodeKeyRow.node == row.node, NodeKeyRow.state == "pending")
    )
    act = Record(Act.ENROLMENT_REFUSED, Subject("node", row.node), by, {"reason": reason})
    await record(session, act, now=now)


async def _lock_waiting(session: AsyncSession, enrolment: UUID) -> EnrolmentRow:
    row = await session.get(EnrolmentRow, enrolment, with_for_update=True)
    if row is None:
        raise EnrolmentNotFound
    if row.state != EnrolmentState.WAITING:
        raise EnrolmentDecided(detail=f"已处理：{row.state} / decided before: {row.state}")
    return row


async def _activate(
    session: AsyncSession, row: EnrolmentRow, *, publish: Publish, now: Instant
) -> None:
    row.state, row.decided_at = EnrolmentState.CONFIRMED, now
    node = await session.get_one(NodeRow, row.node, with_for_update=True)
    node.state = next_node_state(NodeState(node.state), NodeAction.ACTIVATE)
    request = EnrolmentRequest.model_validate(row.request)
    await session.execute(
        update(NodeKeyRow)
        .where(NodeKeyRow.node == row.node, NodeKeyRow.state == "pending")
        .values(state="active", added_at=now)
    )
    await publish(
        session,
        NodeEnrolled(
            at=whole_second(now),
            node=node.id,
            names=request.names,
            keys=request.keys,
            scope=NodeScope.model_validate(node.scope),
        ),
    )
