"""Notices of one's organisation, the newest first; looking at the page does not mark them read."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.patent_number import print_patent_number
from subplatform.accounts.members import find_membership
from subplatform.accounts.notices import MAX_PAGE, list_notices, mark_read, said_of
from subplatform.holder_pages.declaration_pages import SentNothing
from subplatform.holder_pages.organisation_pages import Belonging
from subplatform.holder_pages.patent_words import PATENT_WORDS

router = APIRouter(include_in_schema=False)
_PATH: Final = "/notices"
_READ: Final = Words("已全部标为已读。", "All are marked as read.")


@router.get(_PATH)
async def notices_page(
    visit: Belonging,
    session: Transaction,
    ids: Ids,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """What one's organisation was told."""
    member, reader = await find_membership(session, visit.caller), visit.reader
    rows = (
        await list_notices(session, member.organisation.id, before=before)
        if member and member.may_act
        else ()
    )
    lines = []
    for row in rows:
        heading, advice = said_of(row.kind, row.facts)
        lines.append(
            {
                "at": row.at,
                "heading": reader.says(heading),
                "advice": reader.says(advice),
                "number": print_patent_number(row.number) if row.number else "",
                "title": row.facts.get("title") or "",
                "address": f"/declarations/{row.listing}" if row.listing else "/organisation",
                "is_new": row.read_at is None,
            }
        )
    facts = {
        "lines": lines,
        "key": ids.new_token(),
        "has_new": any(line["is_new"] for line in lines),
        "next_url": reader.link(_PATH, [("before", str(rows[-1].id))])
        if len(rows) == MAX_PAGE
        else None,
    }
    return show_page(visit, "subplatform.holder_pages:notices.html", facts, words=PATENT_WORDS)


@router.post(_PATH)
async def mark_all_read(
    visit: Belonging, sent: SentNothing, session: Transaction, now: Now
) -> Response:
    """Let all of them count as read, for the whole organisation."""

    async def act() -> Done:
        member = await find_membership(session, visit.caller)
        if member is not None and member.may_act:
            await mark_read(session, member.organisation.id, now=now)
        return Done(_PATH, _READ)

    return await submit_once(visit, sent, act, session=session, now=now)
