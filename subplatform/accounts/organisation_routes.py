"""The API of organisations: those of the node for its operators, one's own for its members."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.sign_in.accounts import EmailRefused
from shared_platform.sign_in.letters import LinkTerms
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.instants import legal_day
from subplatform.accounts.errors import (
    MandateNotFound,
    MandateRefused,
    MemberNotFound,
    MemberRefused,
    NoOrganisation,
    OrganisationNotFound,
)
from subplatform.accounts.mandates import decide_mandate, list_mandates, propose_mandate
from subplatform.accounts.members import (
    OwnMembership,
    change_member,
    invite_member,
    list_members,
    remove_member,
)
from subplatform.accounts.organisations import (
    MAX_PAGE,
    change_organisation,
    decide_organisation,
    list_organisations,
)
from subplatform.accounts.permissions import OrganisationManager
from subplatform.accounts.schemas import (
    InvitationIn,
    MandateIn,
    MandateOut,
    MemberChange,
    MemberOut,
    OrganisationChange,
    OrganisationOut,
    OrganisationsOut,
    RefusalIn,
)
from subplatform.accounts.states import (
    MandateAction,
    OrganisationAction,
    OrganisationState,
    OrganisationStateConflict,
)

_PEOPLE = (NotSignedIn, PermissionDenied)
_OWN = (*_PEOPLE, NoOrganisation)
_DECIDED = (*_PEOPLE, OrganisationNotFound, OrganisationStateConflict)
_MANDATE = (*_OWN, MandateNotFound, OrganisationStateConflict)

router = APIRouter(prefix="/api/v1", tags=["organisations"], route_class=StrictJsonRoute)


@router.get("/organisations", responses=problems(*_PEOPLE))
async def read_organisations(
    session: Transaction,
    manager: OrganisationManager,  # noqa: ARG001  named caller
    state: OrganisationState | None = None,
    words: Annotated[str, Query(max_length=100)] = "",
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> OrganisationsOut:
    """List the node's organisations, the newest first."""
    rows = await list_organisations(session, state=state, words=words, before=before, limit=limit)
    following = rows[-1].id if len(rows) == limit else None
    return OrganisationsOut(items=[OrganisationOut.of(row) for row in rows], next=following)


@router.post("/organisations/{organisation}/approval", responses=problems(*_DECIDED))
async def approve_organisation(
    organisation: UUID, session: Transaction, manager: OrganisationManager, now: Now
) -> OrganisationOut:
    """Let an organisation that registered act at this node."""
    row = await decide_organisation(
        session, organisation, OrganisationAction.APPROVE, by=manager.name, now=now
    )
    return OrganisationOut.of(row)


@router.post("/organisations/{organisation}/refusal", responses=problems(*_DECIDED))
async def refuse_organisation(
    organisation: UUID,
    body: RefusalIn,
    session: Transaction,
    manager: OrganisationManager,
    now: Now,
) -> OrganisationOut:
    """Refuse an organisation that registered, with a reason for its members."""
    row = await decide_organisation(
        session,
        organisation,
        OrganisationAction.REFUSE,
        reason=body.reason,
        by=manager.name,
        now=now,
    )
    return OrganisationOut.of(row)


@router.get("/organisation", responses=problems(*_OWN))
async def read_own_organisation(member: OwnMembership) -> OrganisationOut:
    """Show one's own organisation, whatever its state."""
    return OrganisationOut.of(member.organisation)


@router.put("/organisation", responses=problems(*_OWN))
async def change_own_organisation(
    body: OrganisationChange, session: Transaction, member: OwnMembership, now: Now
) -> OrganisationOut:
    """Set the contact that forms begin with, and the region."""
    member.require_owner()
    row = await change_organisation(
        session, member.organisation.id, body.contact(), region=body.region, by=member.name, now=now
    )
    return OrganisationOut.of(row)


@router.get("/organisation/members", responses=problems(*_OWN))
async def read_members(session: Transaction, member: OwnMembership) -> list[MemberOut]:
    """List the members of one's own organisation, and who asks to join."""
    if not member.may_act:
        return []
    return [MemberOut.of(one) for one in await list_members(session, member.organisation.id)]


@router.post(
    "/organisation/members",
    status_code=204,
    responses=problems(*_OWN, MemberRefused, EmailRefused),
)
async def add_member(
    body: InvitationIn,
    http: Request,
    session: Transaction,
    member: OwnMembership,
    now: Now,
    ids: Ids,
) -> None:
    """Invite somebody; they choose a password by the link that is sent to them."""
    terms = LinkTerms.of(http.app.state.settings)
    await invite_member(session, member, body.wanted(), terms=terms, ids=ids, now=now)


@router.put(
    "/organisation/members/{account}",
    status_code=204,
    responses=problems(*_OWN, MemberNotFound, MemberRefused),
)
async def edit_member(
    account: UUID, body: MemberChange, session: Transaction, member: OwnMembership, now: Now
) -> None:
    """Give a member another role, or let somebody in who asked."""
    await change_member(session, member, account, role=body.role, now=now)


@router.delete(
    "/organisation/members/{account}",
    status_code=204,
    responses=problems(*_OWN, MemberNotFound, MemberRefused),
)
async def take_member_out(
    account: UUID, session: Transaction, member: OwnMembership, now: Now
) -> None:
    """Take a member out, decline a request, or leave."""
    await remove_member(session, member, account, now=now)


@router.get("/mandates", responses=problems(*_OWN))
async def read_mandates(session: Transaction, member: OwnMembership, now: Now) -> list[MandateOut]:
    """List the mandates that one's own organisation gave or was given."""
    if not member.may_act:
        return []
    today = legal_day(now)
    lines = await list_mandates(session, member.organisation.id)
    return [MandateOut.of(line, today=today) for line in lines]


@router.post("/mandates", status_code=201, responses=problems(*_OWN, MandateRefused))
async def ask_for_mandate(
    body: MandateIn, session: Transaction, member: OwnMembership, now: Now, ids: Ids
) -> dict[str, UUID]:
    """Ask an organisation for a mandate, as an agent."""
    row = await propose_mandate(session, member, body.wanted(), ids=ids, now=now)
    return {"id": row.id}


@router.post("/mandates/{mandate}/acceptance", status_code=204, responses=problems(*_MANDATE))
async def accept_mandate(
    mandate: UUID, session: Transaction, member: OwnMembership, now: Now
) -> None:
    """Give the mandate that an agent asked for."""
    await decide_mandate(session, member, mandate, action=MandateAction.ACCEPT, now=now)


@router.post("/mandates/{mandate}/refusal", status_code=204, responses=problems(*_MANDATE))
async def refuse_mandate(
    mandate: UUID, session: Transaction, member: OwnMembership, now: Now
) -> None:
    """Refuse the mandate that an agent asked for."""
    await decide_mandate(session, member, mandate, action=MandateAction.REFUSE, now=now)


@router.post("/mandates/{mandate}/revocation", status_code=204, responses=problems(*_MANDATE))
async def revoke_mandate(
    mandate: UUID, session: Transaction, member: OwnMembership, now: Now
) -> None:
    """End a mandate at once, from either side."""
    await decide_mandate(session, member, mandate, action=MandateAction.REVOKE, now=now)
