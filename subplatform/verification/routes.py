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
from subplatform.verification.by_hand import (
    AnotherVerifierNeeded,
    NotAcceptable,
    ReadingNotOfThisPatent,
    ReasonsNeeded,
    accept_declaration,
    ask_correction,
    take_reading,
)
from subplatform.verification.check import check_drafts
from subplatform.verification.recheck import recheck_sent
from subplatform.verification.resume import CausesRemain, resume_listing
from subplatform.verification.schemas import (
    CheckIn,
    CheckOut,
    CorrectionIn,
    ReadingIn,
    RecheckOut,
    ResumptionIn,
)

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


@router.post(
    "/declarations/{listing}/acceptance",
    responses=problems(
        *_USER,
        DeclarationNotFound,
        DeclarationStateConflict,
        NotAcceptable,
        AnotherVerifierNeeded,
    ),
)
async def accept(
    listing: UUID, http: Request, session: Transaction, verifier: Verifier, now: Now
) -> DeclarationOut:
    """Accept a declaration that no finding forbids."""
    another = http.app.state.settings.acceptance_by_another
    row = await accept_declaration(session, listing, by=verifier.name, now=now, by_another=another)
    return DeclarationOut.of(row)


@router.post(
    "/declarations/{listing}/correction",
    responses=problems(*_USER, DeclarationNotFound, DeclarationStateConflict, ReasonsNeeded),
)
async def correct(
    listing: UUID, body: CorrectionIn, session: Transaction, verifier: Verifier, now: Now
) -> DeclarationOut:
    """Give a declaration back to its holder with coded reasons and a last day."""
    row = await ask_correction(session, listing, body.wanted(), by=verifier.name, now=now)
    return DeclarationOut.of(row)


@router.put(
    "/declarations/{listing}/register-reading",
    responses=problems(
        *_USER, DeclarationNotFound, DeclarationStateConflict, ReadingNotOfThisPatent
    ),
)
async def record_reading(
    listing: UUID, body: ReadingIn, session: Transaction, verifier: Verifier, now: Now
) -> DeclarationOut:
    """Record what the patent register answered, and judge the declaration by it."""
    facts = {body.reading.application_number: body.reading}
    row = await take_reading(session, listing, facts, by=verifier.name, now=now)
    return DeclarationOut.of(row)
