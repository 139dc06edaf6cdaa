"""How the node does, for its people."""

from typing import Annotated

from fastapi import APIRouter, Query

from shared_platform.alarms.alarms import MAX_PAGE, list_alarms, open_alarms
from shared_platform.alarms.schemas import AlarmsOut
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from subplatform.accounts.permissions import StatusReader
from subplatform.monitoring.condition import read_node_condition
from subplatform.monitoring.schemas import ConditionOut

_PEOPLE = (NotSignedIn, PermissionDenied)

router = APIRouter(prefix="/api/v1", tags=["monitoring"])


@router.get("/condition", summary="节点状况 / how the node does", responses=problems(*_PEOPLE))
async def read_condition(
    session: Transaction,
    reader: StatusReader,  # noqa: ARG001  named caller
    now: Now,
) -> ConditionOut:
    """Show queue, lag, contact, clock, and how the hub sees this node: gaps, keys, quota."""
    return ConditionOut.of(await read_node_condition(session, now=now))


@router.get("/alarms", summary="警报 / alarms", responses=problems(*_PEOPLE))
async def read_alarms(
    session: Transaction,
    reader: StatusReader,  # noqa: ARG001  named caller
    *,
    standing: bool = True,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> AlarmsOut:
    """List the alarms that stand, each with what to do; or all ever raised, newest first."""
    if standing:
        return AlarmsOut.of(await open_alarms(session))
    return AlarmsOut.of(await list_alarms(session, before=before, limit=limit), limit=limit)
