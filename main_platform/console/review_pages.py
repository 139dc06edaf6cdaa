"""One review: the offer beside what the screening found, and the decision on it."""

from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.callers import (
    ConfirmingDecisions,
    DecidingReviews,
    ReadingReviews,
    looking,
    may,
    promise_of,
)
from main_platform.console.decision_form import (
    SentDecision,
    fresh_decision,
    reason_choices,
)
from main_platform.console.desk_words import VERDICT_WORDS
from main_platform.console.next_waiting import next_waiting
from main_platform.console.queue_pages import PATH
from main_platform.console.queue_query import AskedQueue, QueueQuery
from main_platform.console.review_view import review_view
from main_platform.console.review_words import REVIEW_WORDS
from main_platform.console.static_files import console_version
from main_platform.review.decide import Decided, Ruling, Target, confirm_many, decide_many
from main_platform.review.detail import ReviewDetail, read_review
from main_platform.review.errors import (
    ReasonRefused,
    ReviewNotFound,
    ReviewStateConflict,
    SecondPersonRequired,
    StaleReview,
)
from main_platform.review.second_look import second_look_of
from main_platform.review.states import ReviewState
from main_platform.review.tables import ReviewRow
from main_platform.staff.permissions import Permission
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import FormView
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number
from shared_schema.region import region_name

router = APIRouter(include_in_schema=False)
Decide = Callable[[Target, Ruling], Awaitable[list[Decided]]]
_REFUSALS: Final = (
    ReasonRefused,
    ReviewNotFound,
    ReviewStateConflict,
    SecondPersonRequired,
    StaleReview,
)


@router.get(f"{PATH}/{{review}}")
async def review_page(
    visit: ReadingReviews,
    review: UUID,
    asked: AskedQueue,
    session: Transaction,
    ids: Ids,
    now: Now,
) -> Response:
    """The review with all that an examiner needs, and the form of the decision."""
    detail = await read_review(session, review, region=visit.region)
    step = _step_of(detail.row, visit)
    values = {"statement_hash": detail.row.statement_hash, "step": step or "first"}
    form = fresh_decision(visit.reader, key=ids.new_token(), values=values)
    return await _page(visit, session, detail, form=form, asked=asked, now=now)


@router.post(f"{PATH}/{{review}}/decision")
async def decide_page(
    visit: DecidingReviews,
    review: UUID,
    sent: SentDecision,
    asked: AskedQueue,
    session: Transaction,
    now: Now,
) -> Response:
    """Decide it, claiming it on the way, and go on to the next one that waits."""
    policy = second_look_of(visit.request.app.state.settings)

    async def decide(target: Target, ruling: Ruling) -> list[Decided]:
        by = visit.caller.name
        return await decide_many(session, [target], ruling, second_look=policy, by=by, now=now)

    return await _decided(visit, review, sent, session=session, asked=asked, now=now, act=decide)


@router.post(f"{PATH}/{{review}}/confirmation")
async def confirm_page(
    visit: ConfirmingDecisions,
    review: UUID,
    sent: SentDecision,
    asked: AskedQueue,
    session: Transaction,
    now: Now,
) -> Response:
    """Decide it as the second person, and go on to the next one that waits for that."""

    async def confirm(target: Target, ruling: Ruling) -> list[Decided]:
        return await confirm_many(session, [target], ruling, by=visit.caller.name, now=now)

    return await _decided(visit, review, sent, session=session, asked=asked, now=now, act=confirm)


async def _decided(
    visit: Visit,
    review: UUID,
    sent: SentDecision,
    *,
    session: AsyncSession,
    asked: QueueQuery,
    now: Instant,
    act: Decide,
) -> Response:
    """Decide once for the form's key; what is refused is shown above the form as it was filled."""

    async def decide() -> Done:
        assert sent.model is not None
        ruling = sent.model.ruling()
        (decided,) = await act(Target(review, sent.model.statement_hash), ruling)
        if decided.refusal is not None:
            raise decided.refusal
        row = (await read_review(session, review)).row
        said = VERDICT_WORDS[ruling.verdict]
        number = print_patent_number(row.application_number)
        notice = Words(f"{number}：{said.zh}。", f"{number}: {said.en}.")
        return Done(await _next_address(visit, review, session, asked=asked, now=now), notice)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, decide, session=session, now=now)
    except _REFUSALS as refusal:
        sent = sent.refused(refusal)
    detail = await read_review(session, review)
    form = sent.view(visit.reader)
    return await _page(visit, session, detail, form=form, asked=asked, now=now)


async def _next_address(
    visit: Visit, review: UUID, session: AsyncSession, *, asked: QueueQuery, now: Instant
) -> str:
    """The next one of the same list that is still to be done; the list when it is empty."""
    wanted = asked.wanted(
        by=visit.caller.name, region=None, promise=promise_of(visit.request), now=now
    )
    await session.flush()
    found = await next_waiting(session, wanted, past=review, order=asked.queue_order)
    return visit.reader.link(f"{PATH}/{found}" if found else PATH, asked.pairs())


def _step_of(row: ReviewRow, visit: Visit) -> str | None:
    """Which step of the decision is this visitor's: the first, the second, or none."""
    by = visit.caller.name
    if row.state == ReviewState.SECOND_REVIEW:
        is_others = row.first_approver != by and row.resolution is None
        return "second" if is_others and may(visit, Permission.CONFIRM_DECISIONS) else None
    is_free = row.state == ReviewState.WAITING
    is_own = row.state == ReviewState.CLAIMED and row.claimed_by == by
    return "first" if (is_free or is_own) and may(visit, Permission.DECIDE_REVIEWS) else None


async def _page(
    visit: Visit,
    session: AsyncSession,
    detail: ReviewDetail,
    *,
    form: FormView,
    asked: QueueQuery,
    now: Instant,
) -> Response:
    reader, row = visit.reader, detail.row
    step = _step_of(row, visit)
    policy = second_look_of(visit.request.app.state.settings)
    here = reader.link(f"{PATH}/{row.id}", asked.pairs())
    act = "confirmation" if step == "second" else "decision"
    facts = {
        "one": review_view(detail, await looking(visit, session, now=now)),
        "form": form,
        "step": step,
        "action": reader.link(f"{PATH}/{row.id}/{act}", asked.pairs()),
        "choices": reason_choices(reader, "return", "reject", rules=frozenset(row.finding_codes)),
        "verdicts": [(name, reader.says(words)) for name, words in VERDICT_WORDS.items()],
        "needs_second": step == "first" and (row.high_risk or policy.scope == "all"),
        "decides": may(visit, Permission.DECIDE_REVIEWS),
        "is_first_approver": row.first_approver == visit.caller.name,
        "here_again": here,
        "queue_url": reader.link(PATH, asked.pairs()),
        "next_url": reader.link(f"{PATH}/next", [*asked.pairs(), ("past", str(row.id))]),
        "is_public": detail.public_body is not None,
        "region": region_name(visit.region, reader.lang) if visit.region else "",
        "console_version": console_version(),
    }
    status = 422 if form.errors else 200
    template = "main_platform.console:review.html"
    return show_page(visit, template, facts, words=REVIEW_WORDS, status=status)
