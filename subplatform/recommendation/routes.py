"""Recommendations, withdrawals, and where a listing stands, for the node's people.

`app.state.signer` is how this node signs; `app.state.read_anchor()` gives what receipts are proven
by, None before enrolment.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.anchor import FederationAnchor
from subplatform.accounts.permissions import DeliveryManager, Recommender
from subplatform.declarations.errors import DeclarationNotFound
from subplatform.declarations.reach import ReadListing, WithdrawnListing
from subplatform.declarations.states import DeclarationStateConflict
from subplatform.recommendation.correct import take_back_refused
from subplatform.recommendation.errors import (
    ConsentMissing,
    NothingRefused,
    NotRecommendable,
    ProofNotFound,
)
from subplatform.recommendation.recommend import recommend
from subplatform.recommendation.schemas import (
    ListingStandingOut,
    RecommendationOut,
    RecommendIn,
    SuspensionIn,
    TimelineOut,
    WithdrawalIn,
)
from subplatform.recommendation.signing import Signer
from subplatform.recommendation.suspend import suspend
from subplatform.recommendation.timeline import proof_file, read_timeline
from subplatform.recommendation.withdraw import withdraw

_PEOPLE = (NotSignedIn, PermissionDenied)
_LISTING = (*_PEOPLE, DeclarationNotFound, DeclarationStateConflict)


def read_signer(request: Request) -> Signer:
    """How this node signs, from `app.state.signer`."""
    signer: Signer = request.app.state.signer
    return signer


def read_anchor(request: Request) -> FederationAnchor | None:
    """What receipts are proven by: the anchor that `enrol` stored, None before."""
    anchor: FederationAnchor | None = request.app.state.read_anchor()
    return anchor


OwnSigner = Annotated[Signer, Depends(read_signer)]
OwnAnchor = Annotated[FederationAnchor | None, Depends(read_anchor)]

router = APIRouter(prefix="/api/v1", tags=["recommendations"], route_class=StrictJsonRoute)


@router.post(
    "/recommendations",
    summary="推荐到主平台 / recommend to the hub",
    responses=problems(*_PEOPLE, NotRecommendable),
)
async def post_recommendation(
    body: RecommendIn, session: Transaction, caller: Recommender, signer: OwnSigner, now: Now
) -> RecommendationOut:
    """Sign verified declarations and queue them for the hub."""
    made = await recommend(session, body.wanted(), signer=signer, by=caller.name, now=now)
    return RecommendationOut.of(made)


@router.post(
    "/listings/{listing}/withdrawal",
    summary="撤回 / withdraw",
    responses=problems(*_LISTING, ConsentMissing),
)
async def post_withdrawal(
    body: WithdrawalIn,
    session: Transaction,
    listing: WithdrawnListing,
    signer: OwnSigner,
    now: Now,
) -> ListingStandingOut:
    """Withdraw a listing; before everything else on its way to the hub."""
    wish = body.wish()
    row = await withdraw(session, listing.id, wish, signer=signer, by=listing.name, now=now)
    return ListingStandingOut.of(row)


@router.post(
    "/listings/{listing}/suspension", summary="暂停 / suspend", responses=problems(*_LISTING)
)
async def post_suspension(
    listing: UUID,
    body: SuspensionIn,
    session: Transaction,
    caller: Recommender,
    signer: OwnSigner,
    now: Now,
) -> ListingStandingOut:
    """Suspend a published listing until somebody resumes it."""
    reason = body.reason()
    row = await suspend(session, listing, reason, signer=signer, by=caller.name, now=now)
    return ListingStandingOut.of(row)


@router.post(
    "/listings/{listing}/correction",
    summary="收回被拒收的声明 / take back what the hub's intake refused",
    responses=problems(*_LISTING, NothingRefused),
)
async def post_correction(
    listing: UUID, session: Transaction, caller: DeliveryManager, now: Now
) -> ListingStandingOut:
    """Put a declaration that is a dead letter back to correction, with the hub's reasons."""
    return ListingStandingOut.of(await take_back_refused(session, listing, by=caller.name, now=now))


@router.get(
    "/listings/{listing}/timeline",
    summary="声明的经过和回执 / timeline and receipts",
    responses=problems(*_PEOPLE, DeclarationNotFound),
)
async def get_timeline(
    session: Transaction, listing: ReadListing, anchor: OwnAnchor
) -> TimelineOut:
    """Show where a listing stands; its receipts are verified while you wait."""
    return TimelineOut.of(await read_timeline(session, listing.id, anchor=anchor))


@router.get(
    "/listings/{listing}/proof",
    summary="存在证明 / the .tlog-proof file",
    response_class=Response,
    responses=problems(*_PEOPLE, DeclarationNotFound, ProofNotFound),
)
async def get_proof(session: Transaction, listing: ReadListing) -> Response:
    """Give the proof that the listing's newest entry is in the signed log."""
    proof = await proof_file(session, listing.id)
    return Response(proof, media_type="text/plain; charset=utf-8")
