"""Verification: check drafts, recheck what was sent, resume what was suspended."""

from uuid import UUID

from fastapi import APIRouter, Request

from shared_platform.database.transaction import Now, Transaction
from shared_platform.sign_in.access_policy import NotSignedIn, PermissionDenied
from shared_platform.transport.problem_documents import problems
from shared_platform.transport.strict_json import StrictJsonRoute
from shared_schema.rules import ProfileUnknown
from subplatform.accounts.permissions import Verifier
from subplatform.declarations.errors import DeclarationNotFound
from subplatform.declarations.schemas import DeclarationOut
from subplatform.declarations.states import DeclarationStateConflict
from subplatform.patent_register.file_register import RegisterFileRefused
from subplatform.verification.check import check_drafts
from subplatform.verification.recheck import recheck_sent
from subplatform.verification.resume import CausesRemain, resume_listing
from subplatform.verification.schemas import CheckIn, CheckOut, RecheckOut, ResumptionIn

_USER = (NotSignedIn, PermissionDenied)

router = APIRouter(prefix="/api/v1", tags=["verification"], route_class=StrictJsonRoute)


@router.post("/checks", responses=problems(*_USER, RegisterFileRefused, ProfileUnknown))
async def check(http: Request, body: CheckIn, verifier: Verifier) -> CheckOut:
    """Check drafts against rules and register; the answer comes when all are done."""
    return CheckOut.of(await check_drafts(http.app.state.desk, body.listings, by=verifier.name))


@router.post("/rechecks", responses=problems(*_USER, RegisterFileRefused))
async def recheck(http: Request, verifier: Verifier) -> RecheckOut:
    """Compare everything that was sent with the register, and stop what must not be accepted."""
    state = http.app.state
    return RecheckOut.of(await recheck_sent(state.desk, sign=state.sign_change, by=verifier.name))


@router.post(
    "/declarations/{listing}/resumption",
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict, CausesRemain),
)
async def resume(
    listing: UUID,
    body: ResumptionIn,
    http: Request,
    session: Transaction,
    verifier: Verifier,
    now: Now,
) -> DeclarationOut:
    """Publish a suspended listing again."""
    sign = http.app.state.sign_change
    row = await resume_listing(
        session, listing, body.wanted(), sign=sign, by=verifier.name, now=now
    )
    return DeclarationOut.of(row)
