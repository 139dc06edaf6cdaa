"""What the hub's registrars do about nodes."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request

from main_platform.nodes.confirm import (
    Comparison,
    confirm_enrolment,
    refuse_enrolment,
    refuse_enrolments,
)
from main_platform.nodes.enrol import MAX_WAITING, list_enrolments
from main_platform.nodes.errors import (
    EnrolmentDecided,
    EnrolmentNotFound,
    FingerprintDiffers,
    KeyNotFound,
    NodeNotFound,
)
from main_platform.nodes.read_nodes import find_node, list_nodes
from main_platform.nodes.revocations import (
    Proposal,
    confirm_revocation,
    drop_revocation,
    list_revocations,
    propose_revocation,
)
from main_platform.nodes.schemas import (
    ConfirmationIn,
    EnrolmentOut,
    KeyRevocationIn,
    KeyRevocationOut,
    NodeOut,
    RefusalIn,
    RefusalsIn,
    StandingIn,
)
from main_platform.nodes.standing import StandingChange, change_standing
from main_platform.nodes.states import NodeStateConflict
from main_platform.staff.permissions import NodeReader, NodeRegistrar
from main_platform.two_people import ProposalDecided, ProposalNotFound, SecondPersonRequired
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.statement import NodeId

_STAFF = (NotSignedIn, PermissionDenied)

router = APIRouter(prefix="/api/v1", tags=["nodes"], route_class=StrictJsonRoute)


@router.get("/nodes", responses=problems(*_STAFF))
async def read_nodes(session: Transaction, reader: NodeReader, now: Now) -> list[NodeOut]:  # noqa: ARG001  named caller
    """List all nodes with their keys."""
    return await list_nodes(session, now=now)


@router.get("/nodes/{node}", responses=problems(*_STAFF, NodeNotFound))
async def read_node(node: NodeId, session: Transaction, reader: NodeReader, now: Now) -> NodeOut:  # noqa: ARG001  named caller
    """Show one node."""
    return await find_node(session, node, now=now)


@router.get("/enrolments", responses=problems(*_STAFF, EnrolmentNotFound))
async def read_enrolments(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    state: Literal["waiting", "confirmed", "refused"] | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_WAITING)] = MAX_WAITING,
) -> list[EnrolmentOut]:
    """List enrolments, oldest first; the last one's id continues as `after`."""
    found = await list_enrolments(session, state=state, after=after, limit=limit)
    return [EnrolmentOut.of(one) for one in found]


@router.post(
    "/enrolments/refusals",
    responses=problems(*_STAFF, EnrolmentNotFound, EnrolmentDecided),
)
async def refuse_many(
    body: RefusalsIn, session: Transaction, registrar: NodeRegistrar, now: Now
) -> list[EnrolmentOut]:
    """Refuse many enrolments for one reason, all or none."""
    refused = await refuse_enrolments(
        session, body.enrolments, reason=body.reason, by=registrar.name, now=now
    )
    return [EnrolmentOut.of(one) for one in refused]


@router.post(
    "/enrolments/{enrolment}/confirmations",
    responses=problems(
        *_STAFF, EnrolmentNotFound, EnrolmentDecided, FingerprintDiffers, SecondPersonRequired
    ),
)
async def confirm(
    enrolment: UUID,
    body: ConfirmationIn,
    http: Request,
    session: Transaction,
    registrar: NodeRegistrar,
    now: Now,
) -> EnrolmentOut:
    """Confirm that the operator read out this very fingerprint."""
    state = http.app.state
    heard = Comparison(body.fingerprint, state.settings.enrolment_confirmations)
    confirmed = await confirm_enrolment(
        session, enrolment, comparison=heard, publish=state.publish, by=registrar.name, now=now
    )
    return EnrolmentOut.of(confirmed)


@router.post(
    "/enrolments/{enrolment}/refusal",
    responses=problems(*_STAFF, EnrolmentNotFound, EnrolmentDecided),
)
async def refuse(
    enrolment: UUID, body: RefusalIn, session: Transaction, registrar: NodeRegistrar, now: Now
) -> EnrolmentOut:
    """Refuse an enrolment with a reason."""
    refused = await refuse_enrolment(
        session, enrolment, reason=body.reason, by=registrar.name, now=now
    )
    return EnrolmentOut.of(refused)


@router.post("/nodes/{node}/standing", responses=problems(*_STAFF, NodeNotFound, NodeStateConflict))
async def set_standing(
    node: NodeId,
    body: StandingIn,
    http: Request,
    session: Transaction,
    registrar: NodeRegistrar,
    now: Now,
) -> NodeOut:
    """Suspend, resume or retire a node."""
    change = StandingChange(body.action, body.reason)
    publish = http.app.state.publish
    await change_standing(session, node, change=change, publish=publish, by=registrar.name, now=now)
    return await find_node(session, node, now=now)


@router.get("/key-revocations", responses=problems(*_STAFF))
async def read_revocations(
    session: Transaction,
    reader: NodeReader,  # noqa: ARG001  named caller
    state: Literal["waiting", "confirmed", "dropped"] | None = None,
) -> list[KeyRevocationOut]:
    """List proposals to revoke keys, newest first."""
    return [KeyRevocationOut.of(one) for one in await list_revocations(session, state=state)]


@router.post(
    "/keys/{key_id}/revocation",
    status_code=202,
    responses=problems(*_STAFF, KeyNotFound, ProposalDecided),
)
async def propose(
    key_id: str,
    body: KeyRevocationIn,
    session: Transaction,
    registrar: NodeRegistrar,
    ids: Ids,
    now: Now,
) -> KeyRevocationOut:
    """Propose to revoke a node's key; a second person must confirm."""
    wanted = Proposal(key_id, body.reason, body.suspect_from)
    row = await propose_revocation(session, wanted, by=registrar.name, ids=ids, now=now)
    return KeyRevocationOut.of(row)


@router.post(
    "/key-revocations/{revocation}/confirmation",
    responses=problems(
        *_STAFF, ProposalNotFound, ProposalDecided, SecondPersonRequired, KeyNotFound
    ),
)
async def confirm_key_revocation(
    revocation: UUID, http: Request, session: Transaction, registrar: NodeRegistrar, now: Now
) -> KeyRevocationOut:
    """Revoke the key at once; what it signed in the log stands."""
    publish = http.app.state.publish
    row = await confirm_revocation(session, revocation, publish=publish, by=registrar.name, now=now)
    return KeyRevocationOut.of(row)


@router.delete(
    "/key-revocations/{revocation}",
    responses=problems(*_STAFF, ProposalNotFound, ProposalDecided),
)
async def drop_key_revocation(
    revocation: UUID, session: Transaction, registrar: NodeRegistrar, now: Now
) -> KeyRevocationOut:
    """Drop a proposal that nobody has confirmed."""
    return KeyRevocationOut.of(
        await drop_revocation(session, revocation, by=registrar.name, now=now)
    )
