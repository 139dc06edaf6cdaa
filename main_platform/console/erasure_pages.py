"""Erasures: one person proposes, another confirms; or somebody refuses with a coded reason."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.erasure_view import erasure_view
from main_platform.console.second_look_words import EXTENT_WORDS, SECOND_WORDS, SURE
from main_platform.console.static_files import console_version
from main_platform.erasure.confirm import KEEP, confirm_erasure, refuse_erasure
from main_platform.erasure.errors import (
    ErasureStateConflict,
    ExtentUnfit,
    NothingToErase,
    VersionsUnsettled,
)
from main_platform.erasure.propose import ERASE, Wish, propose_erasure
from main_platform.erasure.read_erasures import find_erasure
from main_platform.erasure.routes import Told
from main_platform.erasure.states import ErasureState, Extent
from main_platform.review.errors import ReasonRefused, SecondPersonRequired
from main_platform.review.reason_codes import codes_for
from main_platform.review.standing import read_standing
from main_platform.staff.permissions import Permission
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.patent_number import print_patent_number

router = APIRouter(include_in_schema=False)
PATH: Final = "/console/erasures"
_BACK: Final = "/console/second-looks"
_REFUSALS: Final = (
    ErasureStateConflict,
    ExtentUnfit,
    NothingToErase,
    ReasonRefused,
    SecondPersonRequired,
    VersionsUnsettled,
)
_erasing = Depends(page_caller_with(Permission.ERASE_STATEMENTS), scope="function")
ErasingStatements = Annotated[Visit, _erasing]


class ProposalForm(BaseModel):
    """Which statements, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    extent: Extent | None = None


class DecisionForm(BaseModel):
    """What becomes of an erasure; a confirmation needs the box, a refusal its reason."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["confirm", "refuse"]
    is_sure: bool = False
    reason: str = ""


SentProposal = Annotated[Filled[ProposalForm], Depends(form_of(ProposalForm))]
SentDecision = Annotated[Filled[DecisionForm], Depends(form_of(DecisionForm))]


@router.get(f"{PATH}/of/{{listing}}")
async def proposal_page(
    visit: ErasingStatements, listing: UUID, session: Transaction, ids: Ids
) -> Response:
    """Propose to erase what a listing's statements said."""
    form = fresh(visit.reader, key=ids.new_token())
    return await _proposal(visit, session, listing, form=form)


@router.post(f"{PATH}/of/{{listing}}")
async def propose_page(
    visit: ErasingStatements,
    listing: UUID,
    sent: SentProposal,
    session: Transaction,
    ids: Ids,
    now: Now,
) -> Response:
    """Propose it; another person must confirm."""

    async def propose() -> Done:
        assert sent.model is not None
        wish = Wish(listing, sent.model.reason, sent.model.extent)
        await propose_erasure(session, wish, by=visit.caller.name, now=now, ids=ids)
        return Done(_BACK, SECOND_WORDS["proposed"])

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, propose, session=session, now=now)
    except _REFUSALS as refusal:
        sent = sent.refused(refusal)
    return await _proposal(visit, session, listing, form=sent.view(visit.reader))


@router.get(f"{PATH}/{{erasure}}")
async def erasure_page(
    visit: ErasingStatements, erasure: UUID, session: Transaction, ids: Ids
) -> Response:
    """One erasure, and what this visitor may do about it."""
    return await _erasure(visit, session, erasure, form=fresh(visit.reader, key=ids.new_token()))


@router.post(f"{PATH}/{{erasure}}")
async def decide_page(
    visit: ErasingStatements,
    erasure: UUID,
    sent: SentDecision,
    session: Transaction,
    told: Told,
    now: Now,
) -> Response:
    """Confirm it as another person, or refuse it."""
    if sent.model is not None and sent.model.act == "confirm" and not sent.model.is_sure:
        sent = sent.with_error("is_sure", SURE)

    async def decide() -> Done:
        assert sent.model is not None
        by, wanted = visit.caller.name, sent.model
        if wanted.act == "confirm":
            await confirm_erasure(session, erasure, on_erased=told, by=by, now=now)
            return Done(_BACK, SECOND_WORDS["confirmed"])
        await refuse_erasure(session, erasure, reason=wanted.reason, by=by, now=now)
        return Done(_BACK, SECOND_WORDS["refused"])

    try:
        if sent.model is not None and not sent.errors:
            return await submit_once(visit, sent, decide, session=session, now=now)
    except _REFUSALS as refusal:
        sent = sent.refused(refusal)
    return await _erasure(visit, session, erasure, form=sent.view(visit.reader))


async def _proposal(
    visit: Visit, session: AsyncSession, listing: UUID, *, form: FormView
) -> Response:
    reader, standing = visit.reader, await read_standing(session, listing)
    facts = {
        "listing": listing,
        "title": standing.title or "",
        "number": print_patent_number(standing.row.application_number),
        "form": form,
        "action": reader.link(f"{PATH}/of/{listing}"),
        "reasons": _reasons(reader, ERASE),
        "extents": [(name, reader.says(words)) for name, words in EXTENT_WORDS.items()],
        "console_version": console_version(),
    }
    status = 422 if form.errors else 200
    template = "main_platform.console:erasure_proposal.html"
    return show_page(visit, template, facts, words=SECOND_WORDS, status=status)


async def _erasure(
    visit: Visit, session: AsyncSession, erasure: UUID, *, form: FormView
) -> Response:
    row, reader = await find_erasure(session, erasure), visit.reader
    facts = {
        "one": erasure_view(row, reader),
        "is_own": row.proposed_by == visit.caller.name,
        "is_open": row.state in {ErasureState.ASKED, ErasureState.PROPOSED},
        "form": form,
        "action": reader.link(f"{PATH}/{erasure}"),
        "propose_url": reader.link(f"{PATH}/of/{row.listing}"),
        "reasons": _reasons(reader, KEEP),
        "console_version": console_version(),
    }
    status = 422 if form.errors else 200
    template = "main_platform.console:erasure.html"
    return show_page(visit, template, facts, words=SECOND_WORDS, status=status)


def _reasons(reader: Reader, verdict: str) -> list[tuple[str, str]]:
    return [(row.code, reader.says(Words(row.zh, row.en))) for row in codes_for(verdict)]
