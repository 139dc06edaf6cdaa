"""What waits for a second person, in one place; and the log's key, which two people change."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.errors import LogKeyStale
from main_platform.catalogue.log_key_proposals import (
    confirm_log_key,
    drop_log_key,
    list_log_key_proposals,
)
from main_platform.catalogue.tables import LogKeyProposalRow
from main_platform.console.callers import looking, may
from main_platform.console.erasure_view import erasure_view
from main_platform.console.proposals import count_half_replaced, count_node_proposals
from main_platform.console.row_view import Looking, row_views
from main_platform.console.second_look_words import SECOND_WORDS, SURE
from main_platform.console.static_files import console_version
from main_platform.erasure.read_erasures import list_erasures
from main_platform.review.queue import QueueOrder, ReviewFilter, list_reviews
from main_platform.review.states import ReviewState
from main_platform.staff.permissions import Permission
from main_platform.two_people import ProposalDecided, ProposalNotFound, SecondPersonRequired
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.markup import local_time
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import PageCaller, Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page

router = APIRouter(include_in_schema=False)
PATH: Final = "/console/second-looks"
_LOG_KEY: Final = "/console/log-key"
_SHOWN: Final = 10
_REFUSALS: Final = (LogKeyStale, ProposalDecided, SecondPersonRequired)
_managing = Depends(page_caller_with(Permission.MANAGE_LOG_KEY), scope="function")
ManagingLogKey = Annotated[Visit, _managing]


class KeyForm(BaseModel):
    """What is to become of a proposal; a confirmation needs the box."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["confirm", "drop"]
    is_sure: bool = False


SentKey = Annotated[Filled[KeyForm], Depends(form_of(KeyForm))]


@router.get(PATH)
async def second_looks_page(visit: PageCaller, session: Transaction, now: Now) -> Response:
    """Everything that this visitor may confirm, by kind."""
    look = await looking(visit, session, now=now)
    facts: dict[str, Any] = {"console_version": console_version()}
    for name, (permission, read) in _SECTIONS.items():
        facts[name] = await read(visit, session, look) if may(visit, permission) else None
    facts["is_empty"] = all(facts[name] is None for name in _SECTIONS)
    template = "main_platform.console:second_looks.html"
    return show_page(visit, template, facts, words=SECOND_WORDS)


async def _reviews(_visit: Visit, session: AsyncSession, look: Looking) -> Any:  # noqa: ANN401
    wanted = ReviewFilter(
        states=frozenset({ReviewState.SECOND_REVIEW}), approved_by_others_than=look.by
    )
    page = await list_reviews(session, wanted, limit=_SHOWN, order=QueueOrder.OLDEST)
    return row_views(page.rows, look)


async def _conflicts(_visit: Visit, session: AsyncSession, _look: Looking) -> int:
    return await count_half_replaced(session)


async def _erasures(visit: Visit, session: AsyncSession, _look: Looking) -> Any:  # noqa: ANN401
    found = [
        *await list_erasures(session, state="asked", limit=_SHOWN),
        *await list_erasures(session, state="proposed", limit=_SHOWN),
    ]
    return [erasure_view(row, visit.reader) for row in found]


async def _log_keys(_visit: Visit, session: AsyncSession, _look: Looking) -> Any:  # noqa: ANN401
    rows = await list_log_key_proposals(session)
    return [
        (row.id, row.action, row.proposed_by, local_time(row.proposed_at))
        for row in rows
        if row.state == "waiting"
    ]


async def _nodes(_visit: Visit, session: AsyncSession, _look: Looking) -> int:
    return await count_node_proposals(session)


_SECTIONS: Final[dict[str, tuple[Permission, Callable[..., Any]]]] = {
    "reviews": (Permission.CONFIRM_DECISIONS, _reviews),
    "conflicts": (Permission.RESOLVE_CONFLICTS, _conflicts),
    "erasures": (Permission.ERASE_STATEMENTS, _erasures),
    "log_keys": (Permission.MANAGE_LOG_KEY, _log_keys),
    "nodes": (Permission.MANAGE_NODES, _nodes),
}


@router.get(f"{_LOG_KEY}/{{proposal}}")
async def log_key_page(
    visit: ManagingLogKey, proposal: UUID, session: Transaction, ids: Ids
) -> Response:
    """One proposal about the log's key."""
    return await _page(visit, session, proposal, form=fresh(visit.reader, key=ids.new_token()))


@router.post(f"{_LOG_KEY}/{{proposal}}")
async def decide_log_key(
    visit: ManagingLogKey, proposal: UUID, sent: SentKey, session: Transaction, now: Now
) -> Response:
    """Confirm it as another person, or drop it."""
    if sent.model is not None and sent.model.act == "confirm" and not sent.model.is_sure:
        sent = sent.with_error("is_sure", SURE)

    async def act() -> Done:
        assert sent.model is not None
        by = visit.caller.name
        if sent.model.act == "confirm":
            await confirm_log_key(session, proposal, by=by, now=now)
            return Done(PATH, SECOND_WORDS["confirmed"])
        await drop_log_key(session, proposal, by=by, now=now)
        return Done(PATH, SECOND_WORDS["dropped"])

    try:
        if sent.model is not None and not sent.errors:
            return await submit_once(visit, sent, act, session=session, now=now)
    except _REFUSALS as refusal:
        sent = sent.refused(refusal)
    return await _page(visit, session, proposal, form=sent.view(visit.reader))


async def _page(visit: Visit, session: AsyncSession, proposal: UUID, *, form: FormView) -> Response:
    row = await session.get(LogKeyProposalRow, proposal)
    if row is None:
        raise ProposalNotFound
    facts = {
        "one": row,
        "since": local_time(row.proposed_at),
        "is_own": row.proposed_by == visit.caller.name,
        "form": form,
        "action": visit.reader.link(f"{_LOG_KEY}/{proposal}"),
        "console_version": console_version(),
    }
    template = "main_platform.console:log_key.html"
    status = 422 if form.errors else 200
    return show_page(visit, template, facts, words=SECOND_WORDS, status=status)
