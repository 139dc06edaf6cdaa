"""Withdrawals and suspensions: what is on its way, and what the office does by itself."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.console.callers import ReadingReviews, WithdrawingListings, looking, may
from main_platform.console.decision_form import (
    ReasonsForm,
    fresh_decision,
    reason_choices,
    with_texts,
)
from main_platform.console.static_files import console_version
from main_platform.console.withdrawal_view import (
    ChangeView,
    StandingView,
    change_view,
    standing_view,
)
from main_platform.console.withdrawal_words import (
    DONE,
    ONE_REASON,
    SURE,
    TITLES,
    WITHDRAWAL_WORDS,
)
from main_platform.review.errors import ListingNotPublished, ListingUnknown, ReasonRefused
from main_platform.review.standing import list_changes, listings_of_patent, read_standing
from main_platform.review.suspend import resume_listing, suspend_listing
from main_platform.review.withdraw import withdraw_listing
from main_platform.staff.permissions import Permission
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.transport.problems import NoSuchPath
from shared_platform.workspace.forms import Filled, FormView, form_of
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words, halves
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.patent_number import parse_application_number, print_patent_number
from shared_schema.region import region_name

router = APIRouter(include_in_schema=False)
PATH: Final = "/console/withdrawals"
_PAGE: Final = 50
_MOST_ID: Final = 10**15
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Kind = Literal["withdraw", "suspend", "resume"]
_USE_CASES: Final[Mapping[str, Callable[..., Awaitable[object]]]] = {
    "withdraw": withdraw_listing,
    "suspend": suspend_listing,
    "resume": resume_listing,
}


class _OfficeForm(ReasonsForm):
    is_sure: bool = False


OfficeForm = cast(
    type[_OfficeForm], with_texts("OfficeForm", _OfficeForm, "withdraw", "suspend", "resume")
)
SentOffice = Annotated[Filled[_OfficeForm], Depends(form_of(OfficeForm))]


@dataclass(frozen=True, slots=True)
class _Sought:
    """What was looked for, and what was found or why it cannot be."""

    found: Sequence[StandingView] = ()
    error: str = ""


@router.get(PATH)
async def withdrawals_page(
    visit: ReadingReviews,
    session: Transaction,
    now: Now,
    number: Annotated[str, Query(max_length=60)] = "",
    waiting: Literal["", "1"] = "",
    before: Annotated[int | None, Query(ge=1, le=_MOST_ID)] = None,
) -> Response:
    """What was withdrawn or suspended of late, and the way to any listing."""
    reader = visit.reader
    rows = await list_changes(
        session,
        only_waiting=waiting == "1",
        before=before,
        limit=_PAGE + 1,
        region=visit.region,
    )
    look = await looking(visit, session, now=now)
    shown: list[ChangeView] = [change_view(row, look) for row in rows[:_PAGE]]
    sought = await _seek(visit, session, number)
    pairs = [("waiting", waiting)] if waiting else []
    is_more = len(rows) > _PAGE
    facts = {
        "number": number,
        "found": sought.found,
        "error": sought.error,
        "rows": shown,
        "waiting": waiting == "1",
        "more": reader.link(PATH, [*pairs, ("before", str(shown[-1].id))]) if is_more else None,
        "first_page": reader.link(PATH, pairs) if before else None,
        "erases": may(visit, Permission.ERASE_STATEMENTS),
        "acts": may(visit, Permission.WITHDRAW_LISTINGS),
        "region": region_name(visit.region, reader.lang) if visit.region else "",
        "console_version": console_version(),
    }
    template = "main_platform.console:withdrawals.html"
    return show_page(visit, template, facts, words=WITHDRAWAL_WORDS)


@router.get(f"{PATH}/{{listing}}/{{kind}}")
async def office_page(
    visit: WithdrawingListings, listing: UUID, kind: Kind, session: Transaction, ids: Ids
) -> Response:
    """What will happen, the reason, and a box that says one is sure."""
    form = fresh_decision(visit.reader, key=ids.new_token(), values={})
    return await _page(visit, session, listing, kind=kind, form=form)


@router.post(f"{PATH}/{{listing}}/{{kind}}")
async def act_page(
    visit: WithdrawingListings,
    listing: UUID,
    kind: Kind,
    sent: SentOffice,
    session: Transaction,
    now: Now,
) -> Response:
    """Withdraw, suspend or resume it."""
    sent = _checked(sent)

    async def act() -> Done:
        assert sent.model is not None
        (reason,) = sent.model.reasons_given()
        await _USE_CASES[kind](session, listing, reason=reason, by=visit.caller.name, now=now)
        standing = await read_standing(session, listing)
        number = print_patent_number(standing.row.application_number)
        said = DONE[kind]
        return Done(PATH, Words(said.zh.format(number), said.en.format(number)))

    try:
        if sent.model is not None and not sent.errors:
            return await submit_once(visit, sent, act, session=session, now=now)
    except (ReasonRefused, ListingNotPublished) as refusal:
        sent = sent.refused(refusal)
    return await _page(visit, session, listing, kind=kind, form=sent.view(visit.reader))


def _checked(sent: SentOffice) -> SentOffice:
    """One reason, and the box ticked: what no default may stand for."""
    if sent.model is None:
        return sent
    if len(sent.model.reasons) != 1:
        sent = sent.with_error("reasons", ONE_REASON)
    if sent.model is not None and not sent.model.is_sure:
        sent = sent.with_error("is_sure", SURE)
    return sent


async def _page(
    visit: Visit, session: AsyncSession, listing: UUID, *, kind: Kind, form: FormView
) -> Response:
    reader = visit.reader
    standing = await read_standing(session, listing)
    if kind not in standing.allowed and not form.errors:
        raise NoSuchPath("此时不能这样办理 / this cannot be done to it now")
    facts = {
        "one": standing_view(standing, reader),
        "kind": kind,
        "title": reader.says(TITLES[kind]),
        "form": form,
        "action": reader.link(f"{PATH}/{listing}/{kind}"),
        "choices": reason_choices(reader, kind),
        "console_version": console_version(),
    }
    status = 422 if form.errors else 200
    template = "main_platform.console:office_act.html"
    return show_page(visit, template, facts, words=WITHDRAWAL_WORDS, status=status)


async def _seek(visit: Visit, session: AsyncSession, typed: str) -> _Sought:
    """Listings by what was typed: a patent number in any form, or a listing's id."""
    if not typed.strip():
        return _Sought()
    reader = visit.reader
    try:
        if _ID.fullmatch(typed.strip()):
            found = [await read_standing(session, UUID(typed.strip()), region=visit.region)]
        else:
            number = parse_application_number(typed)
            found = await listings_of_patent(session, number, region=visit.region)
    except ListingUnknown:
        found = []
    except IdentifierRefused as refusal:
        return _Sought(error=reader.says(halves(refusal.detail or "")))
    if not found:
        return _Sought(error=reader.says(WITHDRAWAL_WORDS["found_none"]))
    return _Sought(tuple(standing_view(one, reader) for one in found))
