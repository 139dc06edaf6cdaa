"""A node asks to join: it proves possession of its statement key and waits for two people."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.nodes.errors import EnrolmentNotFound, KeyTaken, NodeExists, TooManyWaiting
from main_platform.nodes.states import EnrolmentState, NodeState
from main_platform.nodes.tables import EnrolmentRow, NodeContactRow, NodeKeyRow, NodeRow
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.enrolment import EnrolmentRequest
from shared_schema.identities import IdSource
from shared_schema.instants import Instant

MAX_WAITING: Final = 200
RETRY_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolment as node and staff see it."""

    id: UUID
    node: str
    names: dict[str, str]
    scope: dict[str, list[str]]
    fingerprint: str
    state: str
    confirmations: tuple[str, ...]
    requested_at: Instant
    reason: str | None

    @classmethod
    def of(cls, row: EnrolmentRow) -> "Enrolment":
        """The row without the node's raw request."""
        return cls(
            row.id,
            row.node,
            row.request["names"],
            row.request["scope"],
            row.fingerprint,
            row.state,
            tuple(row.confirmations),
            row.requested_at,
            row.reason,
        )


async def request_enrolment(
    session: AsyncSession, request: EnrolmentRequest, *, ids: IdSource, now: Instant
) -> Enrolment:
    """Store the wish to join; the same request again gives the same enrolment.

    The caller has verified that the request is signed by the statement key it names. Locks the
    node's row.

    Raises:
        NodeExists: the id is taken by a node with other keys.
        KeyTaken: a key is known already.
        TooManyWaiting: staff must decide about others first.
    """
    await session.execute(
        insert(NodeRow)
        .values(
            id=request.node,
            name_zh=request.names.zh,
            name_en=request.names.en,
            state=NodeState.REQUESTED,
            scope=request.scope.model_dump(mode="json"),
            inbox_head=0,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    await session.execute(insert(NodeContactRow).values(node=request.node).on_conflict_do_nothing())
    node = await session.get_one(NodeRow, request.node, with_for_update=True)
    newest = await _newest(session, request.node)
    if newest is not None and newest.state != EnrolmentState.REFUSED:
        if newest.fingerprint == request.fingerprint():
            return Enrolment.of(newest)
        raise NodeExists(
            detail=f"节点 {request.node} 已用其他密钥登记 / enrolled with other keys before"
        )
    await _refuse_flood(session)
    return await _store(session, node, request=request, ids=ids, now=now)


async def find_enrolment(session: AsyncSession, enrolment: UUID) -> Enrolment:
    """The enrolment of that id.

    Raises:
        EnrolmentNotFound: there is none.
    """
    row = await session.get(EnrolmentRow, enrolment)
    if row is None:
        raise EnrolmentNotFound
    return Enrolment.of(row)


async def list_enrolments(
    session: AsyncSession,
    *,
    state: str | None = None,
    after: UUID | None = None,
    limit: int = MAX_WAITING,
) -> list[Enrolment]:
    """A page of enrolments, oldest first; of one state, and after one of them, when given.

    Raises:
        EnrolmentNotFound: there is none of the id `after`.
    """
    row = EnrolmentRow
    query = select(row).order_by(row.requested_at, row.id).limit(limit)
    if state is not None:
        query = query.where(row.state == state)
    if after is not None:
        last = await session.get(row, after)
        if last is None:
            raise EnrolmentNotFound
        query = query.where(tuple_(row.requested_at, row.id) > (last.requested_at, last.id))
    return [Enrolment.of(one) for one in (await session.execute(query)).scalars()]


async def newest_enrolment(session: AsyncSession, node: str) -> Enrolment | None:
    """How the node last asked to join; None where it never did."""
    row = await _newest(session, node)
    return None if row is None else Enrolment.of(row)


async def _newest(session: AsyncSession, node: str) -> EnrolmentRow | None:
    newest = (
        select(EnrolmentRow)
        .where(EnrolmentRow.node == node)
        .order_by(EnrolmentRow.requested_at.desc(), EnrolmentRow.id.desc())
        .limit(1)
    )
    return (await session.execute(newest)).scalar_one_or_none()


async def _store(
    session: AsyncSession,
    node: NodeRow,
    *,
    request: EnrolmentRequest,
    ids: IdSource,
    now: Instant,
) -> Enrolment:
    node.name_zh, node.name_en = request.names.zh, request.names.en
    node.scope = request.scope.model_dump(mode="json")  # a refused wish may have asked for another
    row = EnrolmentRow(
        id=ids.new_id(),
        node=node.id,
        request=request.model_dump(mode="json"),
        fingerprint=request.fingerprint(),
        state=EnrolmentState.WAITING,
        confirmations=[],
        requested_at=now,
    )
    session.add(row)
    await _store_keys(session, request)
    act = Record(
        Act.ENROLMENT_REQUESTED,
        Subject("node", node.id),
        node.id,
        {"enrolment": str(row.id), "fingerprint": row.fingerprint},
    )
    await record(session, act, now=now)
    return Enrolment.of(row)


async def _store_keys(session: AsyncSession, request: EnrolmentRequest) -> None:
    rows = [
        {
            "key_id": key.key_id,
            "node": request.node,
            "use": key.use,
            "algorithm": key.algorithm,
            "public_key": key.verifier().raw,
            "state": "pending",
            "not_after": key.not_after,
        }
        for key in request.keys
    ]
    new = insert(NodeKeyRow).values(rows).on_conflict_do_nothing().returning(NodeKeyRow.key_id)
    if len((await session.execute(new)).all()) < len(rows):
        raise KeyTaken(detail="密钥已登记过，请生成新密钥 / a key is known already: make new keys")


async def _refuse_flood(session: AsyncSession) -> None:
    waiting = select(func.count()).where(EnrolmentRow.state == EnrolmentState.WAITING)
    if (await session.scalar(waiting) or 0) >= MAX_WAITING:
        raise TooManyWaiting(
            detail="待确认的登记过多，请联系省级平台 / too many enrolments wait: call the hub",
            retry_after_s=RETRY_SECONDS,
        )
