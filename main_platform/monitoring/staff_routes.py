"""How nodes and hub do, for the hub's staff: health, quota, alarms, held entries."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from main_platform.catalogue.errors import HeldEntryNotFound
from main_platform.catalogue.queue_rows import read_held, release_held
from main_platform.monitoring.health import read_health
from main_platform.monitoring.held_schemas import HeldEntryOut, HeldReasonIn
from main_platform.monitoring.routes import DefaultQuota
from main_platform.monitoring.schemas import HealthOut, QuotaIn
from main_platform.nodes.errors import NodeNotFound
from main_platform.nodes.quota import QuotaChange, change_quota
from main_platform.review.discarded import discard_entry
from main_platform.staff.permissions import CatalogueManager, NodeReader, NodeRegistrar
from shared_platform.alarms.alarms import MAX_PAGE, list_alarms, open_alarms
from shared_platform.alarms.schemas import AlarmsOut
from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.statement import NodeId

_STAFF = (NotSignedIn, PermissionDenied)
HeldId = Annotated[int, Path(ge=1, lt=10**18)]

router = APIRouter(prefix="/api/v1", tags=["monitoring"], route_class=StrictJsonRoute)


@router.get("/health/nodes", responses=problems(*_STAFF))
async def read_all_health(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    quota: DefaultQuota,
    now: Now,
) -> list[HealthOut]:
    """Tell of every enrolled node: last contact, lag, gaps, clock, keys, queue and quota."""
    found = await read_health(session, default=quota, now=now)
    return [HealthOut.of(one, now=now) for one in found]


@router.get("/health/nodes/{node}", responses=problems(*_STAFF, NodeNotFound))
async def read_node_health(
    node: NodeId,
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    quota: DefaultQuota,
    now: Now,
) -> HealthOut:
    """Tell how one enrolled node does.

    Raises:
        NodeNotFound: none of that id is active or suspended.
    """
    found = await read_health(session, default=quota, now=now, node=node)
    if not found:
        raise NodeNotFound(detail=f"没有在册节点 {node} / no enrolled node has that id")
    return HealthOut.of(found[0], now=now)


@router.put("/nodes/{node}/quota", responses=problems(*_STAFF, NodeNotFound))
async def set_quota(
    node: NodeId,
    body: QuotaIn,
    session: Transaction,
    registrar: NodeRegistrar,
    quota: DefaultQuota,
    now: Now,
) -> HealthOut:
    """Set what a node may send a day and have under review; null restores the hub's setting."""
    change = QuotaChange(body.daily_offers, body.review_backlog)
    await change_quota(session, node, change=change, by=registrar.name, now=now)
    (found,) = await read_health(session, default=quota, now=now, node=node)
    return HealthOut.of(found, now=now)


@router.get("/alarms", summary="警报 / alarms", responses=problems(*_STAFF))
async def read_alarms(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    *,
    standing: bool = True,
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> AlarmsOut:
    """List the alarms that stand, each with what to do; or all ever raised, newest first."""
    if standing:
        return AlarmsOut.of(await open_alarms(session))
    return AlarmsOut.of(await list_alarms(session, before=before, limit=limit), limit=limit)


@router.get("/held-entries", responses=problems(*_STAFF))
async def read_held_entries(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 100,
) -> list[HeldEntryOut]:
    """List entries that readers would refuse, set aside with the reason, oldest first."""
    return [HeldEntryOut.of(one) for one in await read_held(session, limit=limit)]


@router.post("/held-entries/{held}/release", responses=problems(*_STAFF, HeldEntryNotFound))
async def release(
    held: HeldId, body: HeldReasonIn, session: Transaction, manager: CatalogueManager, now: Now
) -> list[HeldEntryOut]:
    """Queue a held entry again, once what was wrong about it has changed; those still held."""
    await release_held(session, held, reason=body.reason, by=manager.name, now=now)
    return [HeldEntryOut.of(one) for one in await read_held(session)]


@router.post("/held-entries/{held}/discard", responses=problems(*_STAFF, HeldEntryNotFound))
async def discard(
    held: HeldId, body: HeldReasonIn, session: Transaction, manager: CatalogueManager, now: Now
) -> list[HeldEntryOut]:
    """Decide that a held entry is never published; its bytes stay. Those still held."""
    await discard_entry(session, held, reason=body.reason, by=manager.name, now=now)
    return [HeldEntryOut.of(one) for one in await read_held(session)]
