"""Conflicts: the list, two or more offers side by side, and how it ends."""

from typing import Annotated, Any, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.callers import ReadingReviews, ResolvingConflicts, looking, may
from main_platform.console.conflict_view import conflict_view, held_views
from main_platform.console.conflict_words import CHOICE_WORDS, CHOSEN_WORDS, CONFLICT_WORDS
from main_platform.console.decision_form import (
    ReasonsForm,
    fresh_decision,
    reason_choices,
    with_texts,
)
from main_platform.console.static_files import console_version
from main_platform.review.approve import REPLACE
from main_platform.review.conflicts import list_conflicts
from main_platform.review.decide import Target
from main_platform.review.detail import ReviewDetail, read_review
from main_platform.review.errors import (
    ReasonRefused,
    ReviewStateConflict,
    SecondPersonRequired,
    StaleReview,
)
from main_platform.review.resolve import Choice, Resolution, resolve_conflict
from main_platform.review.states import ReviewState
from main_platform.staff.permissions import Permission
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormView, form_of
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.declaration import Sha256Hex
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number
from shared_schema.region import region_name
from shared_schema.text import PlainText

router = APIRouter(include_in_schema=False)
PATH: Final = "/console/conflicts"
_PAGE: Final = 25
_REFUSALS: Final = (ReasonRefused, ReviewStateConflict, SecondPersonRequired, StaleReview)


class _ResolutionForm(ReasonsForm):
    choice: Choice
    statement_hash: Sha256Hex
    text: PlainText | None = None

    def resolution(self) -> Resolution:
        """The choice; reasons count for a return alone."""
        reasons = self.reasons_given() if self.choice == "return" else ()
        return Resolution(self.choice, reasons, self.text)


ResolutionForm = cast(
    type[_ResolutionForm], with_texts("ResolutionForm", _ResolutionForm, "return")
)
SentResolution = Annotated[Filled[_ResolutionForm], Depends(form_of(ResolutionForm))]


@router.get(PATH)
async def conflicts_page(
    visit: ReadingReviews, session: Transaction, now: Now, after: UUID | None = None
) -> Response:
    """The conflicts that wait, oldest first."""
    held = await list_conflicts(session, after=after, limit=_PAGE + 1, region=visit.region)
    reader = visit.reader
    shown, is_more = held[:_PAGE], len(held) > _PAGE
    facts = {
        "rows": held_views(shown, await looking(visit, session, now=now)),
        "more": reader.link(PATH, [("after", str(shown[-1].row.id))]) if is_more else None,
        "first_page": reader.link(PATH) if after else None,
        "region": region_name(visit.region, reader.lang) if visit.region else "",
        "console_version": console_version(),
    }
    return show_page(visit, "main_platform.console:conflicts.html", facts, words=CONFLICT_WORDS)


@router.get(f"{PATH}/{{review}}")
async def conflict_page(
    visit: ReadingReviews, review: UUID, session: Transaction, ids: Ids, now: Now
) -> Response:
    """One conflict: every offer of the patent beside the held one."""
    detail = await read_review(session, review, region=visit.region)
    values = {"statement_hash": detail.row.statement_hash}
    form = fresh_decision(visit.reader, key=ids.new_token(), values=values)
    return await _page(visit, session, detail, form=form, now=now)


@router.post(f"{PATH}/{{review}}")
async def resolve_page(
    visit: ResolvingConflicts, review: UUID, sent: SentResolution, session: Transaction, now: Now
) -> Response:
    """Settle it, or take the first of two steps."""

    async def resolve() -> Done:
        assert sent.model is not None
        wanted = sent.model
        target = Target(review, wanted.statement_hash)
        by = visit.caller.name
        await resolve_conflict(session, target, wanted.resolution(), by=by, now=now)
        row = (await read_review(session, review)).row
        said, number = CHOSEN_WORDS[wanted.choice], print_patent_number(row.application_number)
        notice = Words(said.zh.format(number), said.en.format(number))
        if row.state == ReviewState.SECOND_REVIEW:
            must = CONFLICT_WORDS["awaits_second"]
            notice = Words(f"{notice.zh}{must.zh}。", f"{notice.en} {must.en.capitalize()}.")
        return Done(PATH, notice)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, resolve, session=session, now=now)
    except _REFUSALS as refusal:
        sent = sent.refused(refusal)
    detail = await read_review(session, review)
    return await _page(visit, session, detail, form=sent.view(visit.reader), now=now)


async def _page(
    visit: Visit, session: AsyncSession, detail: ReviewDetail, *, form: FormView, now: Instant
) -> Response:
    reader, row = visit.reader, detail.row
    is_held = row.state == ReviewState.CONFLICT_HOLD or row.resolution == REPLACE
    facts: dict[str, Any] = {
        "one": conflict_view(detail, await looking(visit, session, now=now)),
        "form": form,
        "is_held": is_held,
        "resolves": is_held and may(visit, Permission.RESOLVE_CONFLICTS),
        "is_second": row.resolution == REPLACE,
        "is_own": row.first_approver == visit.caller.name,
        "action": reader.link(f"{PATH}/{row.id}"),
        "choices": [
            (name, reader.says(words))
            for name, words in CHOICE_WORDS.items()
            if not (name == REPLACE and row.resolution and row.first_approver == visit.caller.name)
        ],
        "reasons_offered": reason_choices(reader, "return", rules=frozenset(row.finding_codes)),
        "console_version": console_version(),
    }
    status = 422 if form.errors else 200
    template = "main_platform.console:conflict.html"
    return show_page(visit, template, facts, words=CONFLICT_WORDS, status=status)
