"""Erasures: staff propose, confirm and refuse them; a node asks for its own listings."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from main_platform.erasure.confirm import confirm_erasure, refuse_erasure
from main_platform.erasure.errors import (
    ErasureNotFound,
    ErasureStateConflict,
    ExtentUnfit,
    NothingToErase,
    VersionsUnsettled,
    WishInvalid,
)
from main_platform.erasure.ports import OnErased
from main_platform.erasure.propose import Wish, ask_erasure, propose_erasure
from main_platform.erasure.read_erasures import MAX_PAGE, find_erasure, list_erasures
from main_platform.erasure.schemas import (
    ErasureIn,
    ErasureOut,
    ErasurePageOut,
    ErasureRefusalIn,
    ErasureWishIn,
    read_wish,
)
from main_platform.erasure.states import ErasureState
from main_platform.nodes.errors import NotThisNode
from main_platform.nodes.key_lookup import NodeRequest
from main_platform.review.errors import ListingUnknown, ReasonRefused, SecondPersonRequired
from main_platform.staff.permissions import Eraser
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.signed_answers import kept_json, signed_answer
from shared_platform.transport.signed_requests import SIGNATURE_REFUSALS
from shared_platform.transport.strict_json import StrictJsonRoute

_STAFF: Final = (NotSignedIn, PermissionDenied)
_CHOICE: Final = (ExtentUnfit, NothingToErase, VersionsUnsettled)

_WISH: Final = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ErasureWishIn.model_json_schema()}},
    }
}

node_router = APIRouter(prefix="/federation/v1", tags=["federation"])
router = APIRouter(prefix="/api/v1", tags=["erasures"], route_class=StrictJsonRoute)


async def read_on_erased(request: Request) -> Sequence[OnErased]:
    """What else is told of an erasure, from `app.state.on_erased`; none where nobody keeps more."""
    told: Sequence[OnErased] = getattr(request.app.state, "on_erased", ())
    return told


Told = Annotated[Sequence[OnErased], Depends(read_on_erased)]


@node_router.post(
    "/erasures",
    status_code=202,
    response_model=ErasureOut,
    responses=problems(
        *SIGNATURE_REFUSALS, WishInvalid, ReasonRefused, ListingUnknown, NotThisNode
    ),
    openapi_extra=_WISH,
)
async def ask(
    http: Request, request: NodeRequest, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Ask for the erasure of an own listing; asking again answers how it stands."""
    wish = read_wish(request.json())
    row = await ask_erasure(session, wish, node=request.node_id, now=now, ids=ids)
    answer = kept_json(ErasureOut.of(row, to_node=True).model_dump(mode="json"), status=202)
    return signed_answer(answer, request, key=http.app.state.hub_key, now=now)


@node_router.get("/erasures/{erasure}", responses=problems(*SIGNATURE_REFUSALS, ErasureNotFound))
async def read_own(erasure: UUID, request: NodeRequest, session: Transaction) -> ErasureOut:
    """Tell the node how its erasure stands."""
    row = await find_erasure(session, erasure, origin=request.node_id)
    return ErasureOut.of(row, to_node=True)


@router.get("/erasures", responses=problems(*_STAFF))
async def read_erasures(
    session: Transaction,
    eraser: Eraser,  # noqa: ARG001  named caller
    state: ErasureState | None = None,
    before: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> ErasurePageOut:
    """List erasures, newest first; `state=asked` are the nodes' wishes that wait."""
    rows = await list_erasures(session, state=state, before=before, limit=limit)
    items = [ErasureOut.of(row) for row in rows]
    return ErasurePageOut(items=items, next=items[-1].erasure if len(items) == limit else None)


@router.get("/erasures/{erasure}", responses=problems(*_STAFF, ErasureNotFound))
async def read_erasure(erasure: UUID, session: Transaction, eraser: Eraser) -> ErasureOut:  # noqa: ARG001  named caller
    """Show one erasure."""
    return ErasureOut.of(await find_erasure(session, erasure))


@router.post(
    "/listings/{listing}/erasures",
    status_code=201,
    responses=problems(*_STAFF, ListingUnknown, ReasonRefused, *_CHOICE),
)
async def propose(
    listing: UUID, body: ErasureIn, session: Transaction, eraser: Eraser, now: Now, ids: Ids
) -> ErasureOut:
    """Propose to erase a listing's statements; another person must confirm."""
    wish = Wish(listing, body.reason, body.extent)
    return ErasureOut.of(await propose_erasure(session, wish, by=eraser.name, now=now, ids=ids))


@router.post(
    "/erasures/{erasure}/confirmation",
    responses=problems(
        *_STAFF, ErasureNotFound, ErasureStateConflict, SecondPersonRequired, *_CHOICE
    ),
)
async def confirm(
    erasure: UUID, session: Transaction, eraser: Eraser, told: Told, now: Now
) -> ErasureOut:
    """Erase for good, as the second person; every copy of the log follows."""
    row = await confirm_erasure(session, erasure, on_erased=told, by=eraser.name, now=now)
    return ErasureOut.of(row)


@router.post(
    "/erasures/{erasure}/refusal",
    responses=problems(*_STAFF, ErasureNotFound, ErasureStateConflict, ReasonRefused),
)
async def refuse(
    erasure: UUID, body: ErasureRefusalIn, session: Transaction, eraser: Eraser, now: Now
) -> ErasureOut:
    """Refuse an erasure with a coded reason."""
    row = await refuse_erasure(session, erasure, reason=body.reason, by=eraser.name, now=now)
    return ErasureOut.of(row)
