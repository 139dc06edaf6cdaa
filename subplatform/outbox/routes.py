"""Deliveries to the hub, for the node's operators."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from subplatform.accounts.permissions import DeliveryManager
from subplatform.outbox.condition import resume
from subplatform.outbox.deliveries import (
    MAX_PAGE,
    DeliveryFilter,
    find_delivery,
    list_deliveries,
    read_standing,
    stored_receipt,
)
from subplatform.outbox.replay import DeliveryNotFound, hasten, replay, replay_all
from subplatform.outbox.schemas import DeliveriesOut, DeliveryOut, OutboxOut, ReplayedOut
from subplatform.outbox.states import DeliveryState, DeliveryStateConflict

_PEOPLE = (NotSignedIn, PermissionDenied)
ProblemCode = Annotated[str | None, Query(max_length=100, examples=["rule_violated"])]
Oseq = Annotated[int, Path(ge=1, lt=10**18)]

router = APIRouter(prefix="/api/v1/deliveries", tags=["deliveries"])


@router.get("", summary="推送列表 / deliveries", responses=problems(*_PEOPLE))
async def read_deliveries(
    session: Transaction,
    manager: DeliveryManager,  # noqa: ARG001  named caller
    state: DeliveryState | None = None,
    listing: UUID | None = None,
    problem: ProblemCode = None,
    after: Annotated[int, Query(ge=0, lt=10**18)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> DeliveriesOut:
    """List deliveries by state, listing and last problem, in the order of their numbers."""
    wanted = DeliveryFilter(state, listing, problem, after, limit)
    return DeliveriesOut.of(list(await list_deliveries(session, wanted)), limit=limit)


@router.get("/standing", summary="发件箱状态 / the outbox", responses=problems(*_PEOPLE))
async def read_outbox(session: Transaction, manager: DeliveryManager) -> OutboxOut:  # noqa: ARG001  named caller
    """Show how the outbox stands as a whole."""
    return OutboxOut.of(await read_standing(session))


@router.post("/replay", summary="全部重发 / replay all", responses=problems(*_PEOPLE))
async def replay_dead_letters(
    session: Transaction, manager: DeliveryManager, now: Now, problem: ProblemCode = None
) -> ReplayedOut:
    """Send every dead letter again, or those with one problem; doing it twice changes nothing."""
    replayed = await replay_all(session, problem=problem, by=manager.name, now=now)
    return ReplayedOut(replayed=replayed)


@router.post("/resume", summary="恢复推送 / end a pause", responses=problems(*_PEOPLE))
async def resume_outbox(session: Transaction, manager: DeliveryManager, now: Now) -> OutboxOut:  # noqa: ARG001  named caller
    """End a pause at once, as after keys were rotated."""
    await resume(session, now=now)
    return OutboxOut.of(await read_standing(session))


@router.get(
    "/{oseq}", summary="一条推送 / one delivery", responses=problems(*_PEOPLE, DeliveryNotFound)
)
async def read_delivery(
    oseq: Oseq,
    session: Transaction,
    manager: DeliveryManager,  # noqa: ARG001  named caller
) -> DeliveryOut:
    """Show one delivery with its last problem or its receipt."""
    return DeliveryOut.of(await find_delivery(session, oseq))


@router.get(
    "/{oseq}/receipt",
    summary="签名回执 / signed receipt",
    response_class=Response,
    responses=problems(*_PEOPLE, DeliveryNotFound),
)
async def read_receipt(
    oseq: Oseq,
    session: Transaction,
    manager: DeliveryManager,  # noqa: ARG001  named caller
) -> Response:
    """Give the hub's signed answer as a file that anybody with the hub's key can check."""
    stored = await stored_receipt(session, oseq)
    return Response(stored.to_json(), media_type="application/json")


@router.post(
    "/{oseq}/replay",
    summary="重发 / replay",
    responses=problems(*_PEOPLE, DeliveryNotFound, DeliveryStateConflict),
)
async def replay_delivery(
    oseq: Oseq, session: Transaction, manager: DeliveryManager, now: Now
) -> DeliveryOut:
    """Send one dead letter again, the same bytes."""
    await replay(session, oseq, by=manager.name, now=now)
    return DeliveryOut.of(await find_delivery(session, oseq))


@router.post(
    "/{oseq}/retry",
    summary="立即重试 / try now",
    responses=problems(*_PEOPLE, DeliveryNotFound, DeliveryStateConflict),
)
async def retry_delivery(
    oseq: Oseq, session: Transaction, manager: DeliveryManager, now: Now
) -> DeliveryOut:
    """Try a statement at once that waits for its next try."""
    await hasten(session, oseq, by=manager.name, now=now)
    return DeliveryOut.of(await find_delivery(session, oseq))
