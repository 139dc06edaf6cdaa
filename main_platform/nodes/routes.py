"""What a node asks of the hub about itself: enrolment, inbox, standing."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from starlette.responses import Response

from main_platform.nodes.change_keys import change_keys
from main_platform.nodes.cosigned import is_asked
from main_platform.nodes.enrol import find_enrolment, request_enrolment
from main_platform.nodes.errors import (
    EnrolmentNotFound,
    KeyChangeStale,
    KeyTaken,
    NodeExists,
    NotThisNode,
    TooManyKeys,
    TooManyWaiting,
)
from main_platform.nodes.inbox import INBOX_CHANNEL, agrees, read_messages
from main_platform.nodes.key_lookup import (
    ChangingRequest,
    EnrollingRequest,
    NodePoll,
    NodeRequest,
)
from main_platform.nodes.schemas import (
    EnrolmentOut,
    InboxOut,
    KeyChangeOut,
    MessageOut,
    body_document,
)
from main_platform.nodes.states import NodeStateConflict
from shared_platform.database.signals import Signals
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.failpoint import failpoint
from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.signed_answers import JSON, kept_json, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS
from shared_schema.enrolment import EnrolmentInvalid, read_enrolment
from shared_schema.key_change import KeyChangeRefused, KeyChangeUnauthorised
from shared_schema.refusal import FieldError

MAX_WAIT_SECONDS = 25.0

router = APIRouter(prefix="/federation/v1", tags=["federation"])


@router.post(
    "/enrolments",
    status_code=202,
    response_model=EnrolmentOut,
    responses=problems(*SIGNATURE_REFUSALS, EnrolmentInvalid, NodeExists, KeyTaken, TooManyWaiting),
)
async def enrol(
    http: Request, request: EnrollingRequest, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Ask to join; the request is signed by the statement key in its own body."""
    wanted = read_enrolment(request.json())
    asked = EnrolmentOut.of(await request_enrolment(session, wanted, ids=ids, now=now))
    answer = kept_json(asked.model_dump(mode="json"), status=202)
    return signed_answer(answer, request, key=http.app.state.hub_key, now=now)


@router.get("/enrolments/{enrolment}", responses=problems(*SIGNATURE_REFUSALS, EnrolmentNotFound))
async def read_own_enrolment(
    enrolment: UUID, request: EnrollingRequest, session: Transaction
) -> EnrolmentOut:
    """Tell the node how its enrolment stands.

    Raises:
        EnrolmentNotFound: there is none of that id, or it is another node's.
    """
    found = await find_enrolment(session, enrolment)
    if found.node != request.node_id:
        raise EnrolmentNotFound
    return EnrolmentOut.of(found)


@router.post(
    "/origins/{node}/keys",
    status_code=201,
    response_model=KeyChangeOut,
    responses=problems(
        *SIGNATURE_REFUSALS,
        NotThisNode,
        KeyChangeRefused,
        KeyChangeUnauthorised,
        KeyChangeStale,
        KeyTaken,
        TooManyKeys,
        NodeStateConflict,
    )
    | {200: {"model": KeyChangeOut, "description": "Applied before; the identical receipt"}},
    openapi_extra=body_document("application/json", "The key change's DSSE envelope"),
)
async def post_key_change(
    node: str, http: Request, request: ChangingRequest, session: Transaction, now: Now
) -> Response:
    """Add, replace or revoke a key; signed by a statement key or, on this route alone, recovery.

    Raises:
        NotThisNode: the path names another node.
    """
    _check_own(request, node)
    state = http.app.state
    done = await change_keys(session, request.body, origin=node, publish=state.publish, now=now)
    answer = KeptAnswer(200 if done.is_repeated else 201, done.receipt, JSON)
    return signed_answer(answer, request, key=state.hub_key, now=now)


@router.get("/inbox", responses=problems(*SIGNATURE_REFUSALS))
async def read_inbox(
    http: Request,
    request: NodePoll,
    after: Annotated[int, Query(ge=0, le=10**15)] = 0,
    wait: Annotated[float, Query(ge=0, le=MAX_WAIT_SECONDS)] = 0,
    last: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
) -> InboxOut:
    """Give the messages after `after`; with `wait`, hold the answer until there is one.

    `last` is the identity of message `after` as the node read it: a restored hub has another.
    """
    read = None if last is None or not after else (after, last)
    if read is not None and not await _agrees(http, request.node_id, read):
        return InboxOut(messages=[], next=after, agrees=False)
    found = await _wait_for_news(http, request.node_id, after=after, wait=wait)
    if found.messages:
        failpoint("approve.notice_leaving")
    messages = [MessageOut.model_validate(one) for one in found.messages]
    following = messages[-1].seq if messages else after
    return InboxOut(messages=messages, next=following, cosignature_wanted=found.is_asked)


@dataclass(frozen=True, slots=True)
class _News:
    """What a poll is answered with at once; `is_asked`: the hub waits for a cosignature."""

    messages: list[dict[str, Any]]
    is_asked: bool


async def _agrees(http: Request, node: str, read: tuple[int, str]) -> bool:
    seq, identity = read
    sessions: async_sessionmaker[AsyncSession] = http.app.state.sessions
    async with sessions() as session:
        return await agrees(session, node, seq=seq, identity=identity)


async def _wait_for_news(http: Request, node: str, *, after: int, wait: float) -> _News:
    sessions: async_sessionmaker[AsyncSession] = http.app.state.sessions
    signals: Signals = http.app.state.signals
    async with signals.awaiting(INBOX_CHANNEL, node) as awaited:
        found = await _read(sessions, node, after)
        if found.messages or found.is_asked or not await awaited.wait(wait):
            return found
    return await _read(sessions, node, after)


async def _read(sessions: async_sessionmaker[AsyncSession], node: str, after: int) -> _News:
    async with sessions() as session:
        messages = await read_messages(session, node, after=after)
        return _News(messages, await is_asked(session, node))


async def own_origin(node: str, request: NodeRequest) -> NodeRequest:
    """A signed request whose path names the node that signed it.

    Raises:
        NotThisNode: the path names another node.
    """
    _check_own(request, node)
    return request


def _check_own(request: NodeRequest, node: str) -> None:
    if request.node_id != node:
        message = f"{request.node_id} 不能操作 {node} 的数据 / another node's data"
        raise NotThisNode(message, [FieldError("/node", "scope.address", message, "protocol §5")])


OwnOrigin = Annotated[NodeRequest, Depends(own_origin, scope="function")]
