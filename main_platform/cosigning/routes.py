"""How nodes vouch for the log, and what staff see of it."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from main_platform.catalogue.log_head import read_head
from main_platform.cosigning.cosign import accept_cosignature, read_wanted
from main_platform.cosigning.errors import (
    CosignatureRefused,
    ForkNotFound,
    LogForked,
    NothingToWaive,
)
from main_platform.cosigning.forks import evidence_of, find_fork, keep_fork, list_forks
from main_platform.cosigning.guard import waive_node
from main_platform.cosigning.schemas import (
    CosignedOut,
    ForkOut,
    ForksOut,
    LogStandingOut,
    ShownOut,
    WaiverIn,
    WantedOut,
)
from main_platform.cosigning.shown import show_checkpoint, waive_shown
from main_platform.cosigning.standing import read_standing
from main_platform.nodes.key_lookup import NodeRequest
from main_platform.nodes.schemas import body_document
from main_platform.staff.permissions import NodeReader, NodeRegistrar
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.problems import request_id
from shared_platform.transport.signed_answers import kept_json, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.statement import NodeId

_STAFF = (NotSignedIn, PermissionDenied)
PAGE = 100
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "fork-evidence/1", "content": {"application/json": {}}}
}

router = APIRouter(prefix="/federation/v1", tags=["federation"])
public_router = APIRouter(prefix="/federation/v1", tags=["log"])
staff_router = APIRouter(prefix="/api/v1/log", tags=["log"], route_class=StrictJsonRoute)


@router.post(
    "/log/cosignatures",
    response_model=CosignedOut,
    responses=problems(*SIGNATURE_REFUSALS, CosignatureRefused, LogForked),
    openapi_extra=body_document("text/plain", "The checkpoint with the node's cosignature"),
)
async def post_cosignature(
    http: Request, request: NodeRequest, session: Transaction, now: Now
) -> Response:
    """Vouch for a checkpoint whose entries were all proven; tells which entries the hub lacks."""
    state = http.app.state
    fork = await accept_cosignature(
        session, request.body, node=request.node_id, anchor=state.anchor, now=now
    )
    if fork is not None:
        await keep_fork(session, fork, now=now)  # raising would roll the evidence back
        return problem_answer(fork.refusal(), request_id=request_id(http), now=now)
    answer = CosignedOut(recovery_wanted=WantedOut.of(await read_wanted(session)))
    kept = kept_json(answer.model_dump(mode="json", by_alias=True), status=200)
    return signed_answer(kept, request, key=state.hub_key, now=now)


@public_router.post(
    "/log/shown",
    responses=problems(CosignatureRefused, LogForked),
    openapi_extra=body_document("text/plain", "A checkpoint under the log's key"),
)
async def post_shown(http: Request, session: Transaction, now: Now) -> ShownOut:
    """Show the hub a checkpoint of its own log; needs no key, for the checkpoint proves itself."""
    anchor = http.app.state.anchor
    is_lost = await show_checkpoint(session, await http.body(), anchor=anchor, now=now)
    return ShownOut(size=(await read_head(session)).size, is_lost=is_lost)


@staff_router.post("/shown/waiver", responses=problems(*_STAFF, NothingToWaive))
async def waive_what_was_shown(
    body: WaiverIn, session: Transaction, registrar: NodeRegistrar, now: Now
) -> LogStandingOut:
    """Let the log go on although larger checkpoints of it were shown; what they cover is lost."""
    await waive_shown(session, reason=body.reason, by=registrar.name, now=now)
    return LogStandingOut.of(await read_standing(session))


@staff_router.get("/standing", responses=problems(*_STAFF))
async def read_log_standing(session: Transaction, reader: NodeReader) -> LogStandingOut:  # noqa: ARG001  named caller
    """Show the log against what the nodes have seen of it, and what it waits for."""
    return LogStandingOut.of(await read_standing(session))


@staff_router.get("/forks", responses=problems(*_STAFF))
async def read_forks(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    before: Annotated[int | None, Query(ge=1)] = None,
) -> ForksOut:
    """Show the evidence that the log was signed in two versions, newest first."""
    rows = await list_forks(session, before=before, limit=PAGE)
    following = rows[-1].id if len(rows) == PAGE else None
    return ForksOut(forks=[ForkOut.of(row) for row in rows], next=following)


@staff_router.get(
    "/forks/{fork}",
    response_class=Response,
    responses=_FILE | problems(*_STAFF, ForkNotFound),
)
async def read_fork(fork: int, session: Transaction, reader: NodeReader) -> Response:  # noqa: ARG001  named caller
    """Give both checkpoints and the proof; `kaixu-verify --fork FILE` checks it anywhere."""
    evidence = (await evidence_of(session, await find_fork(session, fork))).write()
    name = f'attachment; filename="fork-{fork}.json"'
    return Response(evidence, media_type="application/json", headers={"content-disposition": name})


@staff_router.post("/waivers/{node}", responses=problems(*_STAFF, NothingToWaive))
async def waive(
    node: NodeId, body: WaiverIn, session: Transaction, registrar: NodeRegistrar, now: Now
) -> LogStandingOut:
    """Let the log go on without hearing a node; what only that node holds is lost."""
    await waive_node(session, node, reason=body.reason, by=registrar.name, now=now)
    return LogStandingOut.of(await read_standing(session))
