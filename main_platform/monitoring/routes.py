"""What a node is told about itself, and what it reports."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from main_platform.cosigning.cosign import read_wanted
from main_platform.cosigning.schemas import WantedOut
from main_platform.monitoring.health import read_health
from main_platform.monitoring.report import ReportInvalid, read_report, store_report
from main_platform.monitoring.schemas import HealthOut, OwnNodeOut, StatusReceiptOut
from main_platform.nodes.cosigned import is_asked
from main_platform.nodes.key_lookup import NodeRequest
from main_platform.nodes.quota import Quota
from main_platform.nodes.read_nodes import find_node
from shared_platform.database.transaction import Now, Transaction
from shared_platform.transport.idempotency import KeptAnswer
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.signed_answers import JSON, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS
from shared_schema.status_report import StatusReport

router = APIRouter(prefix="/federation/v1", tags=["federation"])
REPORT_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/StatusReport"},
                "example": StatusReport(
                    waiting=3, dead=0, withheld=0, size=5000, alarms=("outbox_old",)
                ).model_dump(mode="json"),
            }
        },
    }
}


async def default_quota(request: Request) -> Quota:
    """The quota of nodes for which staff set none, from `app.state.settings`."""
    settings = request.app.state.settings
    return Quota(settings.daily_offer_limit, settings.review_backlog_limit)


DefaultQuota = Annotated[Quota, Depends(default_quota)]


@router.get("/nodes/self", responses=problems(*SIGNATURE_REFUSALS))
async def read_own_node(
    request: NodeRequest, session: Transaction, quota: DefaultQuota, now: Now
) -> OwnNodeOut:
    """Tell the node all the hub knows about it: lag, gaps, keys, quota, clock, queue."""
    node = await find_node(session, request.node_id, now=now)
    found = await read_health(session, default=quota, now=now, node=request.node_id)
    health = HealthOut.of(found[0], now=now) if found else None
    return OwnNodeOut(
        **node.model_dump(),
        health=health,
        recovery_wanted=WantedOut.of(await read_wanted(session)),
        cosignature_wanted=await is_asked(session, request.node_id),
    )


@router.post(
    "/reports/status",
    response_model=StatusReceiptOut,
    responses=problems(*SIGNATURE_REFUSALS, ReportInvalid),
    openapi_extra=REPORT_BODY,
)
async def post_status(
    http: Request, request: NodeRequest, session: Transaction, quota: DefaultQuota, now: Now
) -> Response:
    """Take a node's report of itself and answer with the hub's view of it; the last one counts."""
    await store_report(session, request.node_id, read_report(request.json()), now=now)
    node = await find_node(session, request.node_id, now=now)
    (health,) = await read_health(session, default=quota, now=now, node=request.node_id)
    told = StatusReceiptOut(health=HealthOut.of(health, now=now), inbox_head=node.inbox_head)
    answer = KeptAnswer(200, orjson.dumps(told.model_dump(mode="json")), JSON)
    return signed_answer(answer, request, key=http.app.state.hub_key, now=now)
