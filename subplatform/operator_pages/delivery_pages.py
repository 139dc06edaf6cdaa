"""Deliveries: what is on its way, what the hub refused, retry, replay, and one with its history."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.audit.trail import records_of
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.refusal import DomainError
from subplatform.declarations.drafts import subject_of
from subplatform.operator_pages.callers import DeliveryDesk
from subplatform.operator_pages.delivery_view import (
    delivery_line,
    message_line,
    pause_line,
    record_line,
    statement_line,
)
from subplatform.operator_pages.delivery_words import DELIVERY_WORDS
from subplatform.outbox.condition import resume
from subplatform.outbox.deliveries import (
    ON_THE_WAY,
    DeliveryFilter,
    find_delivery,
    list_deliveries,
    read_standing,
    stored_receipt,
)
from subplatform.outbox.replay import hasten, replay_some
from subplatform.outbox.states import DeliveryState
from subplatform.recommendation.correct import take_back_refused
from subplatform.recommendation.messages import list_messages
from subplatform.recommendation.timeline import proof_file, read_timeline

router = APIRouter(include_in_schema=False)
PAGE: Final = 50
DELIVERIES: Final = "/deliveries"
View = Literal["way", "dead", "sent", "all"]
Oseq = Annotated[int, Path(ge=1, lt=10**18)]


class ReplayForm(BaseModel):
    """Which dead letters to send again."""

    model_config = ConfigDict(extra="forbid")

    oseqs: Annotated[tuple[int, ...], Field(min_length=1, max_length=PAGE)]


class ActForm(BaseModel):
    """What is to be done about one delivery, or about the pause."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["retry", "replay", "take_back", "resume"]


SentReplay = Annotated[Filled[ReplayForm], Depends(form_of(ReplayForm))]
SentAct = Annotated[Filled[ActForm], Depends(form_of(ActForm))]


@router.get(DELIVERIES)
async def deliveries_page(
    visit: DeliveryDesk,
    session: Transaction,
    ids: Ids,
    view: View = "way",
    after: Annotated[int, Query(ge=0, lt=10**18)] = 0,
) -> Response:
    """Deliveries by where they are; what was delivered comes newest first."""
    form = fresh(visit.reader, key=ids.new_token())
    return await _list_page(visit, session, form=form, view=view, after=after)


@router.post(f"{DELIVERIES}/replay")
async def replay_selection(
    visit: DeliveryDesk, sent: SentReplay, session: Transaction, now: Now
) -> Response:
    """Send the selected dead letters again."""

    async def act() -> Done:
        assert sent.model is not None
        done = await replay_some(session, sent.model.oseqs, by=visit.caller.name, now=now)
        said = Words(f"{len(done)} 条死信已重新排队。", f"{len(done)} dead letters queued again.")
        return Done(DELIVERIES, said)

    if sent.model is not None:
        return await submit_once(visit, sent, act, session=session, now=now)
    form = sent.view(visit.reader)
    return await _list_page(visit, session, form=form, view="dead", status=422)


@router.post(f"{DELIVERIES}/resumption")
async def end_pause(visit: DeliveryDesk, sent: SentAct, session: Transaction, now: Now) -> Response:
    """End a pause at once, as after keys were rotated."""

    async def act() -> Done:
        await resume(session, now=now)
        return Done(DELIVERIES, Words("已恢复，正在重试。", "Resumed; it is tried now."))

    return await submit_once(visit, sent, act, session=session, now=now)


@router.get(f"{DELIVERIES}/decisions")
async def messages_page(
    visit: DeliveryDesk,
    session: Transaction,
    before: Annotated[int | None, Query(ge=1, lt=10**18)] = None,
) -> Response:
    """What the hub told this node, newest first."""
    rows = await list_messages(session, before=before, limit=PAGE)
    reader = visit.reader
    following = [("before", str(rows[-1].id))] if len(rows) == PAGE else None
    facts = {
        "messages": [message_line(row, reader) for row in rows],
        "next_url": reader.link(f"{DELIVERIES}/decisions", following) if following else None,
    }
    template = "subplatform.operator_pages:messages.html"
    return show_page(visit, template, facts, words=DELIVERY_WORDS)


@router.get(f"{DELIVERIES}/{{oseq}}")
async def delivery_page(
    visit: DeliveryDesk, oseq: Oseq, session: Transaction, ids: Ids
) -> Response:
    """One delivery: its three receipts, its problem with what to do, its history."""
    form = fresh(visit.reader, key=ids.new_token())
    return await _one_page(visit, session, oseq, form=form)


@router.post(f"{DELIVERIES}/{{oseq}}")
async def act_on_delivery(
    visit: DeliveryDesk, oseq: Oseq, sent: SentAct, session: Transaction, now: Now
) -> Response:
    """Try it now, send a dead letter again, or take it back to be corrected."""

    async def act() -> Done:
        assert sent.model is not None
        by, path = visit.caller.name, f"{DELIVERIES}/{oseq}"
        if sent.model.act == "retry":
            await hasten(session, oseq, by=by, now=now)
            return Done(path, Words("正在重试。", "It is tried now."))
        if sent.model.act == "take_back":
            row = await find_delivery(session, oseq)
            await take_back_refused(session, row.listing, by=by, now=now)
            return Done(path, Words("已收回，转为待补正。", "Taken back to be corrected."))
        await replay_some(session, [oseq], by=by, now=now)
        return Done(path, Words("已重新排队。", "Queued again."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    form = sent.view(visit.reader)
    return await _one_page(visit, session, oseq, form=form, status=422)


@router.get(f"{DELIVERIES}/{{oseq}}/receipt")
async def receipt_file(
    visit: DeliveryDesk,  # noqa: ARG001  named caller
    oseq: Oseq,
    session: Transaction,
) -> Response:
    """The hub's signed answer as a file."""
    stored = await stored_receipt(session, oseq)
    return _file(stored.to_json(), f"receipt-{oseq}.json", "application/json")


@router.get(f"{DELIVERIES}/{{oseq}}/proof")
async def inclusion_file(
    visit: DeliveryDesk,  # noqa: ARG001  named caller
    oseq: Oseq,
    session: Transaction,
) -> Response:
    """The proof that the listing's newest entry is in the log, as a file."""
    row = await find_delivery(session, oseq)
    proof = await proof_file(session, row.listing)
    return _file(proof, f"{row.listing}.tlog-proof", "text/plain; charset=utf-8")


def _file(content: bytes, name: str, media_type: str) -> Response:
    fields = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=fields)


async def _list_page(
    visit: Visit,
    session: Transaction,
    *,
    form: FormView,
    view: View,
    after: int = 0,
    status: int = 200,
) -> Response:
    wanted = DeliveryFilter(
        state={"dead": DeliveryState.DEAD, "sent": DeliveryState.SENT}.get(view),
        after=after,
        limit=PAGE,
        on_the_way=view == "way",
        newest_first=view in {"sent", "all"},
    )
    rows = await list_deliveries(session, wanted)
    standing, reader = await read_standing(session), visit.reader
    following = [("view", view), ("after", str(rows[-1].oseq))] if len(rows) == PAGE else None
    on_the_way = sum(standing.counts[state.value] for state in ON_THE_WAY)
    counts = {"way": on_the_way, "dead": standing.counts[DeliveryState.DEAD.value]}
    facts: dict[str, Any] = {
        "form": form,
        "view": view,
        "after": after,
        "counts": counts,
        "lines": [delivery_line(row, visit) for row in rows],
        "pause": pause_line(standing.condition, visit),
        "next_url": reader.link(DELIVERIES, following) if following else None,
    }
    template = "subplatform.operator_pages:deliveries.html"
    return show_page(visit, template, facts, words=DELIVERY_WORDS, status=status)


async def _one_page(
    visit: Visit, session: Transaction, oseq: int, *, form: FormView, status: int = 200
) -> Response:
    row = await find_delivery(session, oseq)
    anchor = visit.request.app.state.read_anchor()
    timeline = await read_timeline(session, row.listing, anchor=anchor)
    condition = (await read_standing(session)).condition
    records = await records_of(session, subject_of(row.listing))
    facts: dict[str, Any] = {
        "form": form,
        "one": delivery_line(row, visit),
        "row": row,
        "receipts": next(
            statement_line(line, visit) for line in timeline.statements if line.oseq == oseq
        ),
        "others": [
            delivery_line(one, visit)
            for one in await list_deliveries(session, DeliveryFilter(listing=row.listing))
            if one.oseq != oseq
        ],
        "pause": pause_line(condition, visit) if row.state == "waiting" else None,
        "history": [record_line(one, visit.reader) for one in records],
        "title": timeline.declaration.title,
    }
    template = "subplatform.operator_pages:delivery.html"
    return show_page(visit, template, facts, words=DELIVERY_WORDS, status=status)
