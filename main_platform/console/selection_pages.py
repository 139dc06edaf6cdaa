"""Decide over a selection: a page that says what will be decided, and the result of each."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.callers import (
    ConfirmingDecisions,
    DecidingReviews,
    ReadingReviews,
    looking,
)
from main_platform.console.decision_form import (
    PICK,
    Picked,
    SentSelection,
    fresh_decision,
    reason_choices,
)
from main_platform.console.desk_words import VERDICT_WORDS
from main_platform.console.queue_pages import PATH
from main_platform.console.queue_words import QUEUE_WORDS
from main_platform.console.row_view import row_views
from main_platform.console.static_files import console_version
from main_platform.review.decide import Decided, Target, confirm_many, decide_many
from main_platform.review.errors import ReasonRefused
from main_platform.review.queue import read_rows
from main_platform.review.second_look import second_look_of
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormView, form_of
from shared_platform.workspace.local_path import local_path
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words, halves
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.patent_number import print_patent_number

router = APIRouter(include_in_schema=False)
_FIRST: Final = "/console/selections"
_SECOND: Final = "/console/confirmations"
_RESULTS: Final = "/console/selections/results"
_MOST: Final = 50
Step = Literal["first", "second"]


class PickedForm(BaseModel):
    """What was ticked in the queue, and the list to come back to."""

    model_config = ConfigDict(extra="forbid")

    picked: Picked
    back: str = ""


SentPicks = Annotated[Filled[PickedForm], Depends(form_of(PickedForm))]
Shown = Annotated[list[UUID], Query(alias="review", max_length=_MOST)]


@router.post(_FIRST)
async def confirm_selection(
    visit: DecidingReviews, sent: SentPicks, session: Transaction, ids: Ids, now: Now
) -> Response:
    """Show what was picked and ask for the decision; nothing is decided yet."""
    return await _ask(visit, sent, session=session, ids=ids, now=now, step="first")


@router.post(_SECOND)
async def confirm_second_selection(
    visit: ConfirmingDecisions, sent: SentPicks, session: Transaction, ids: Ids, now: Now
) -> Response:
    """The same for what others approved."""
    return await _ask(visit, sent, session=session, ids=ids, now=now, step="second")


@router.post(f"{_FIRST}/decision")
async def decide_selection(
    visit: DecidingReviews, sent: SentSelection, session: Transaction, now: Now
) -> Response:
    """Decide each of them; what is refused stays as it is and is listed with the reason."""
    return await _decide(visit, sent, session, now=now, step="first")


@router.post(f"{_SECOND}/decision")
async def decide_second_selection(
    visit: ConfirmingDecisions, sent: SentSelection, session: Transaction, now: Now
) -> Response:
    """The same as the second person."""
    return await _decide(visit, sent, session, now=now, step="second")


@router.get(_RESULTS)
async def results_page(
    visit: ReadingReviews,
    session: Transaction,
    now: Now,
    shown: Shown,
    back: Annotated[str, Query(max_length=1_000)] = "",
) -> Response:
    """Where each of them stands now."""
    rows = await read_rows(session, shown, region=visit.region)
    facts = {
        "rows": row_views(rows, await looking(visit, session, now=now)),
        "back": _back(visit, back),
        "console_version": console_version(),
    }
    return show_page(visit, "main_platform.console:results.html", facts, words=QUEUE_WORDS)


async def _ask(
    visit: Visit,
    sent: Filled[PickedForm],
    *,
    session: AsyncSession,
    ids: IdSource,
    now: Instant,
    step: Step,
) -> Response:
    picked = sent.model.picked if sent.model else []
    back = (sent.values.get("back") or [""])[-1]
    values = {"picked": picked, "back": back, "step": step}
    form = fresh_decision(visit.reader, key=ids.new_token(), values=values)
    return await _page(visit, session, form, now=now, step=step)


async def _decide(
    visit: Visit, sent: SentSelection, session: AsyncSession, *, now: Instant, step: Step
) -> Response:
    async def decide() -> Done:
        assert sent.model is not None
        targets = list(_targets(sent.model.picked))
        ruling, by = sent.model.ruling(), visit.caller.name
        if step == "second":
            decided = await confirm_many(session, targets, ruling, by=by, now=now)
        else:
            policy = second_look_of(visit.request.app.state.settings)
            decided = await decide_many(
                session, targets, ruling, second_look=policy, by=by, now=now
            )
        pairs = [("review", str(one.review)) for one in targets]
        address = visit.reader.link(_RESULTS, [*pairs, ("back", sent.model.back)])
        numbers = await read_rows(session, [one.review for one in targets])
        printed = {row.id: print_patent_number(row.application_number) for row in numbers}
        return Done(address, _said(decided, printed))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, decide, session=session, now=now)
    except ReasonRefused as refusal:
        sent = sent.refused(refusal)
    return await _page(visit, session, sent.view(visit.reader), now=now, step=step)


async def _page(
    visit: Visit, session: AsyncSession, form: FormView, *, now: Instant, step: Step
) -> Response:
    reader = visit.reader
    picked = list(form.values.get("picked", ()))
    rows = await read_rows(session, [one.review for one in _targets(picked)])
    rules = frozenset(code for row in rows for code in row.finding_codes)
    facts = {
        "form": form,
        "picked": picked,
        "rows": row_views(rows, await looking(visit, session, now=now)),
        "step": step,
        "action": reader.link(f"{_SECOND if step == 'second' else _FIRST}/decision"),
        "choices": reason_choices(reader, "return", "reject", rules=rules),
        "verdicts": [(name, reader.says(words)) for name, words in VERDICT_WORDS.items()],
        "back": _back(visit, form.value("back")),
        "console_version": console_version(),
    }
    status = 422 if form.errors else 200
    template = "main_platform.console:selection.html"
    return show_page(visit, template, facts, words=QUEUE_WORDS, status=status)


def _targets(picked: Iterable[str]) -> Iterable[Target]:
    """The reviews of those ticks that are well-formed; others can only be made by hand."""
    for one in picked:
        if PICK.fullmatch(one) is None:
            continue
        review, _, statement_hash = one.partition(".")
        yield Target(UUID(review), statement_hash)


def _said(decided: Sequence[Decided], numbers: dict[UUID, str]) -> Words:
    """How many, and for each refused one why: a line each."""
    refused = [one for one in decided if one.refusal is not None]
    done = len(decided) - len(refused)
    said = Words(
        f"已办理 {done} 件，未办理 {len(refused)} 件。",
        f"Decided: {done}. Not decided: {len(refused)}.",
    )
    zh, en = [said.zh], [said.en]
    for one in refused:
        assert one.refusal is not None
        row = one.refusal.problem.value
        why = (
            halves(one.refusal.detail) if one.refusal.detail else Words(row.title_zh, row.title_en)
        )
        number = numbers.get(one.review, str(one.review))
        zh.append(f"{number}：{why.zh}")
        en.append(f"{number}: {why.en}")
    return Words("\n".join(zh), "\n".join(en))


def _back(visit: Visit, back: str) -> str:
    return local_path(back) or visit.reader.link(PATH)
