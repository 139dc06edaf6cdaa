"""How nodes deliver statements: one by its address, many in a batch, and what arrived."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from main_platform.intake.batch import NDJSON, read_batch, write_results
from main_platform.intake.errors import (
    BatchTooLarge,
    DailyQuotaSpent,
    DuplicateOwn,
    OseqConflict,
    ReviewBacklog,
    RuleViolated,
    SchemaUnsupported,
    ScopeDenied,
    StatementUnfit,
    Tombstoned,
    VersionGap,
)
from main_platform.intake.ports import Desk
from main_platform.intake.receive import Outcome, receive, receive_one
from main_platform.intake.reconcile import PAGE, read_intake_state
from main_platform.intake.schemas import IntakeStateOut, ReceiptOut
from main_platform.intake.turns import IntakeTurns, TooManyAtOnce
from main_platform.nodes.errors import NotThisNode
from main_platform.nodes.key_lookup import NodeRequest, prove_node
from main_platform.nodes.quota import Quota
from main_platform.nodes.routes import OwnOrigin
from main_platform.nodes.schemas import body_document
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.failpoint import failpoint
from shared_platform.transport.idempotency import (
    IdempotencyClaim,
    IdempotencyInFlight,
    IdempotencyKeyRefused,
    IdempotencyMismatch,
    KeptAnswer,
    answer_once,
)
from shared_platform.transport.problem_answer import problem_answer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.problems import request_id
from shared_platform.transport.signed_answers import JSON, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS, SignedRequest
from shared_schema.instants import Instant
from shared_schema.rules import profile_named

_LAST = 10**18 - 1
_STATEMENT = (
    ScopeDenied,
    NotThisNode,
    StatementUnfit,
    SchemaUnsupported,
    OseqConflict,
    Tombstoned,
    VersionGap,
    DuplicateOwn,
    RuleViolated,
    DailyQuotaSpent,
    ReviewBacklog,
    TooManyAtOnce,
)
_BATCH = (
    TooManyAtOnce,
    BatchTooLarge,
    IdempotencyKeyRefused,
    IdempotencyMismatch,
    IdempotencyInFlight,
)


async def note_arrival() -> None:
    """Runs before anything of a request is verified."""
    failpoint("push.hub_received")


router = APIRouter(
    prefix="/federation/v1", tags=["federation"], dependencies=[Depends(note_arrival)]
)


async def read_desk(request: Request) -> Desk:
    """How this hub takes statements in, from `app.state.settings` and `app.state.intake_ports`."""
    settings = request.app.state.settings
    profile = profile_named(settings.rule_profile)
    quota = Quota(settings.daily_offer_limit, settings.review_backlog_limit)
    return Desk(profile, quota, request.app.state.intake_ports)


async def take_turn(http: Request, now: Now) -> AsyncIterator[None]:
    """Hold the sending node's turn from before the transaction opens until it has committed.

    Turns go to nodes that proved themselves: a key id in a header is only a claim, and anybody
    could use up another node's turns with it.
    """
    turns: IntakeTurns = http.app.state.intake_turns
    async with turns.turn(await prove_node(http, now)):
        yield


Turn = Annotated[None, Depends(take_turn, scope="function")]
IntakeDesk = Annotated[Desk, Depends(read_desk)]


@router.put(
    "/origins/{node}/statements/{oseq}",  # noqa: FAST003 - `own_origin` compares the node
    status_code=201,
    response_model=ReceiptOut,
    responses=problems(*SIGNATURE_REFUSALS, *_STATEMENT)
    | {200: {"model": ReceiptOut, "description": "Accepted before; the identical receipt"}},
    openapi_extra=body_document("application/json", "The statement's DSSE envelope"),
)
async def put_statement(
    turn: Turn,  # noqa: ARG001  held around everything else
    oseq: Annotated[int, Path(ge=1, le=_LAST)],
    http: Request,
    request: OwnOrigin,
    session: Transaction,
    desk: IntakeDesk,
    ids: Ids,
    now: Now,
) -> Response:
    """Deliver one statement; repeating it is safe. What is refused as equivocation is kept."""
    node, own = request.node_id, (ids, now)
    outcome = await receive_one(
        session, request.body, oseq=oseq, origin=node, desk=desk, ids_now=own
    )
    return _answer(http, request, outcome, now)


@router.post(
    "/intake",
    responses=problems(*SIGNATURE_REFUSALS, ScopeDenied, *_BATCH)
    | {200: {"description": "One result line for each line", "content": {NDJSON: {}}}},
    openapi_extra=body_document(NDJSON, "One DSSE envelope on each line, at most 500 and 4 MiB"),
)
async def post_intake(
    turn: Turn,  # noqa: ARG001  held around everything else
    http: Request,
    request: NodeRequest,
    session: Transaction,
    desk: IntakeDesk,
    ids: Ids,
    now: Now,
) -> Response:
    """Deliver up to 500 statements; each stands or falls alone. Needs an `Idempotency-Key`."""
    target = (request.message.method, request.message.url, request.sent)
    claim = IdempotencyClaim.of(request.node_id, request.header("idempotency-key"), request=target)

    async def act() -> KeptAnswer:
        lines = read_batch(request.body)
        outcomes = await receive(
            session, lines, origin=request.node_id, desk=desk, ids=ids, now=now
        )
        return write_results(outcomes, request_id=request_id(http), now=now)

    answer = await answer_once(session, claim, act, now=now)
    return signed_answer(answer, request, key=http.app.state.hub_key, now=now)


@router.get(
    "/origins/{node}/intake",  # noqa: FAST003 - `own_origin` compares the node
    responses=problems(*SIGNATURE_REFUSALS, NotThisNode),
)
async def read_own_intake(
    request: OwnOrigin,
    session: Transaction,
    desk: IntakeDesk,
    after: Annotated[int, Query(ge=0, le=_LAST)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> IntakeStateOut:
    """Tell the node which of its statements are here, and where they stand."""
    state = await read_intake_state(
        session, request.node_id, after=after, limit=limit, ports=desk.ports
    )
    return IntakeStateOut.of(state)


def _answer(http: Request, request: SignedRequest, outcome: Outcome, now: Instant) -> Response:
    """A receipt, or the refusal as an answer: raising it would roll the quarantine back."""
    if outcome.refusal is not None:
        return problem_answer(outcome.refusal, request_id=request_id(http), now=now)
    assert outcome.receipt is not None  # an outcome has one of the two
    answer = KeptAnswer(outcome.status, outcome.receipt, JSON)
    return signed_answer(answer, request, key=http.app.state.hub_key, now=now)
