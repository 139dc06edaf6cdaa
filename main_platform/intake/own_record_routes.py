"""A node's own statements and receipts, back to the node: signed by it, and for nobody else."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from main_platform.intake.batch import NDJSON
from main_platform.intake.own_records import (
    MAX_STATEMENTS,
    read_own_receipts,
    read_own_statements,
)
from main_platform.nodes.errors import NotThisNode
from main_platform.nodes.routes import OwnOrigin
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.signed_answers import json_answer, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS

_LAST: Final = 10**18 - 1

router = APIRouter(prefix="/federation/v1/origins/{node}", tags=["federation"])


class OwnStatementsOut(BaseModel):
    """A page of the node's own statements."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statements: list[dict[str, Any]]
    highest: int
    next: int | None


After = Annotated[int, Query(ge=0, le=_LAST)]


@router.get(
    "/statements",
    responses=problems(*SIGNATURE_REFUSALS, NotThisNode) | {200: {"model": OwnStatementsOut}},
)
async def read_statements(
    request: OwnOrigin,
    session: Transaction,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_STATEMENTS)] = MAX_STATEMENTS,
) -> Response:
    """Give the node its own statements as they came, published or not; for a rebuilt node."""
    page = await read_own_statements(session, request.node_id, after=after, limit=limit)
    return json_answer({"statements": page.statements, "highest": page.highest, "next": page.next})


@router.get(
    "/receipts",
    responses=problems(*SIGNATURE_REFUSALS, NotThisNode)
    | {200: {"description": "One result line for each statement", "content": {NDJSON: {}}}},
)
async def read_receipts(
    http: Request,
    request: OwnOrigin,
    session: Transaction,
    now: Now,
    through: Annotated[int, Query(ge=1, le=_LAST)],
    after: After = 0,
) -> Response:
    """Give the receipts of own statements once more, under a signature of the hub; at most 500."""
    body = await read_own_receipts(session, request.node_id, after=after, through=through)
    answer = KeptAnswer(200, body, NDJSON)
    return signed_answer(answer, request, key=http.app.state.hub_key, now=now)
