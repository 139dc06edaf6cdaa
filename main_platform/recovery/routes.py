"""How nodes give lost entries back."""

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from main_platform.cosigning.cosign import read_wanted
from main_platform.cosigning.errors import LogForked
from main_platform.cosigning.forks import Fork, keep_fork
from main_platform.cosigning.schemas import CosignedOut, WantedOut
from main_platform.intake.routes import Turn
from main_platform.intake.turns import TooManyAtOnce
from main_platform.nodes.key_lookup import NodeRequest
from main_platform.nodes.schemas import body_document
from main_platform.recovery.accept import Sender, accept_recovery
from main_platform.recovery.errors import RecoveryRefused
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.problems import request_id
from shared_platform.transport.signed_answers import kept_json, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS

router = APIRouter(prefix="/federation/v1", tags=["federation"])


class RecoveredOut(CosignedOut):
    """The answer to a recovery page."""

    applied: int = Field(description="entries that the hub did not hold")


@router.post(
    "/log/recovery",
    response_model=RecoveredOut,
    responses=problems(*SIGNATURE_REFUSALS, RecoveryRefused, LogForked, TooManyAtOnce),
    openapi_extra=body_document("application/json", "checkpoint, rest, and a page of entries"),
)
async def post_recovery(
    turn: Turn,  # noqa: ARG001  held around everything else: one page of a node at a time
    http: Request,
    request: NodeRequest,
    session: Transaction,
    ids: Ids,
    now: Now,
) -> Response:
    """Give entries back that the hub has lost; safe to repeat, believed only if the hub signed.

    A page refused for its root may come again with `past`: proof that the hub signed two logs.
    """
    state = http.app.state
    sender = Sender(request.node_id, state.anchor)
    applied = await accept_recovery(session, request.body, sender=sender, ids=ids, now=now)
    if isinstance(applied, Fork):
        await keep_fork(session, applied, now=now)  # raising would roll the evidence back
        return problem_answer(applied.refusal(), request_id=request_id(http), now=now)
    wanted = WantedOut.of(await read_wanted(session))
    answer = RecoveredOut(recovery_wanted=wanted, applied=applied)
    kept = kept_json(answer.model_dump(mode="json", by_alias=True), status=200)
    return signed_answer(kept, request, key=state.hub_key, now=now)
