"""Ask for a correction by a day, or refuse: coded reasons, each with its own explanation."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.refusal import DomainError
from shared_schema.text import PlainText
from subplatform.declarations.drafts import find_declaration
from subplatform.operator_pages.callers import DeskVerifier
from subplatform.operator_pages.declaration_pages import heading
from subplatform.operator_pages.queue_pages import QUEUE
from subplatform.operator_pages.verification_words import VERIFICATION_WORDS
from subplatform.verification.by_hand import (
    DEFAULT_DAYS,
    MOST_DAYS,
    Correction,
    Objection,
    ask_correction,
    refuse_with_reasons,
)
from subplatform.verification.reasons import ENDING, VerificationReason

router = APIRouter(include_in_schema=False)
_CODES: Final = tuple(one.code for one in VerificationReason)
_NOTES: Final[dict[str, Any]] = {f"note_{code}": (PlainText | None, None) for code in _CODES}


class _Objections(BaseModel):
    model_config = ConfigDict(extra="forbid")

    codes: Annotated[tuple[str, ...], Field(min_length=1, max_length=len(_CODES))]

    def objections(self) -> Sequence[Objection]:
        """The chosen codes with what was written beside each."""
        return [Objection(code, getattr(self, f"note_{code}", None) or "") for code in self.codes]


class _Timed(_Objections):
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = DEFAULT_DAYS


CorrectionForm = create_model("CorrectionForm", __base__=_Timed, **_NOTES)
RefusalForm = create_model("RefusalForm", __base__=_Objections, **_NOTES)
SentCorrection = Annotated[Filled[_Timed], Depends(form_of(CorrectionForm))]
SentRefusal = Annotated[Filled[_Objections], Depends(form_of(RefusalForm))]


@router.get(f"{QUEUE}/{{listing}}/correction")
async def correction_page(
    visit: DeskVerifier, listing: UUID, session: Transaction, ids: Ids
) -> Response:
    """The form for a correction; what the rules object to is ticked already."""
    row = await find_declaration(session, listing)
    known = [
        one.code
        for one in VerificationReason
        if one.value.rule in row.finding_codes and one.value.rule is not None
    ]
    values = {"codes": list(dict.fromkeys(known)), "days": DEFAULT_DAYS}
    form = fresh(visit.reader, key=ids.new_token(), values=values)
    return await _page(visit, session, listing, form=form, codes=_CODES)


@router.post(f"{QUEUE}/{{listing}}/correction")
async def send_correction(
    visit: DeskVerifier, listing: UUID, sent: SentCorrection, session: Transaction, now: Now
) -> Response:
    """Give the declaration back to its holder."""

    async def act() -> Done:
        assert sent.model is not None
        wanted = Correction(sent.model.objections(), sent.model.days)
        row = await ask_correction(session, listing, wanted, by=visit.caller.name, now=now)
        due = row.correction_due
        return Done(
            QUEUE,
            Words(f"已要求补正，截止 {due}（自然日）。", f"To be corrected by {due}."),
        )

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    form = sent.view(visit.reader)
    return await _page(visit, session, listing, form=form, codes=_CODES, status=422)


@router.get(f"{QUEUE}/{{listing}}/refusal")
async def refusal_page(
    visit: DeskVerifier, listing: UUID, session: Transaction, ids: Ids
) -> Response:
    """The form for a refusal, which says that nothing follows it."""
    form = fresh(visit.reader, key=ids.new_token())
    return await _page(visit, session, listing, form=form, codes=ENDING, refuses=True)


@router.post(f"{QUEUE}/{{listing}}/refusal")
async def send_refusal(
    visit: DeskVerifier, listing: UUID, sent: SentRefusal, session: Transaction, now: Now
) -> Response:
    """End the procedure."""

    async def act() -> Done:
        assert sent.model is not None
        reasons = sent.model.objections()
        await refuse_with_reasons(session, listing, reasons, by=visit.caller.name, now=now)
        return Done(QUEUE, Words("已不予受理。", "It was refused."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    form = sent.view(visit.reader)
    return await _page(visit, session, listing, form=form, codes=ENDING, refuses=True, status=422)


async def _page(
    visit: Visit,
    session: Transaction,
    listing: UUID,
    *,
    form: FormView,
    codes: Sequence[str],
    refuses: bool = False,
    status: int = 200,
) -> Response:
    row = await find_declaration(session, listing)
    says = visit.reader.says
    facts = heading(row, visit.reader) | {
        "form": form,
        "refuses": refuses,
        "most_days": MOST_DAYS,
        "choices": [
            {
                "code": one.code,
                "title": says(one.value.title),
                "rule": one.value.rule or "",
                "source": one.value.source,
            }
            for one in VerificationReason
            if one.code in codes
        ],
    }
    template = "subplatform.operator_pages:objection.html"
    return show_page(visit, template, facts, words=VERIFICATION_WORDS, status=status)
