"""My patents: an inventory by number, with expiry and what is declared; from here to a form."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.listing_view import KIND_WORDS
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.patent_number import print_patent_number
from subplatform.declarations.patents import (
    NumbersRefused,
    add_patents,
    find_patent,
    list_patents,
    remove_patent,
)
from subplatform.holder_pages.declaration_pages import SentNothing
from subplatform.holder_pages.declaration_words import STATES
from subplatform.holder_pages.own_visit import Editing, OwnVisit, Reading
from subplatform.holder_pages.patent_words import PATENT_WORDS, REMOVED
from subplatform.patent_register.snapshots import keep_snapshots

router = APIRouter(include_in_schema=False)
PAGE: Final = 50
_PATH: Final = "/patents"


class NumbersForm(BaseModel):
    """Numbers of patents, one a line."""

    model_config = ConfigDict(extra="forbid")

    numbers: Annotated[str, Field(max_length=20_000)]

    def typed(self) -> list[str]:
        """Each number as it was typed."""
        return [line.strip() for line in self.numbers.splitlines() if line.strip()]


SentNumbers = Annotated[Filled[NumbersForm], Depends(form_of(NumbersForm))]


@router.get(_PATH)
async def patents_page(
    own: Reading,
    session: Transaction,
    ids: Ids,
    after: Annotated[str, Query(max_length=13)] = "",
) -> Response:
    """The inventory of one's organisation, by number."""
    form = fresh(own.visit.reader, key=ids.new_token())
    return await _page(own, session, form, after=after)


@router.post(_PATH)
async def add_numbers(own: Editing, sent: SentNumbers, session: Transaction, now: Now) -> Response:
    """Add patents by number, typed in any way."""
    whose = own.scope.own
    desk = own.visit.request.app.state.desk

    async def act() -> Done:
        assert sent.model is not None
        assert whose is not None
        added = await add_patents(session, whose, sent.model.typed(), by=own.name, now=now)
        known = await list_patents(session, whose, limit=500)
        facts = await desk.register.facts([one.number for one in known])
        await keep_snapshots(session, facts, now=now)
        return Done(_PATH, Words(f"已添加 {added} 件。", f"{added} added."))

    try:
        if sent.model is not None and whose is not None:
            return await submit_once(own.visit, sent, act, session=session, now=now)
    except NumbersRefused as refusal:
        sent = sent.refused(refusal)
    return await _page(own, session, sent.view(own.visit.reader))


@router.post(f"{_PATH}/{{number}}/removal")
async def remove_number(
    own: Editing, number: str, sent: SentNothing, session: Transaction, now: Now
) -> Response:
    """Take a patent out of the inventory; its declaration stays.

    Raises:
        PatentNotFound: one's organisation has none of that number there.
    """
    whose = own.scope.own
    await find_patent(session, whose, number)

    async def act() -> Done:
        assert whose is not None
        await remove_patent(session, whose, number, by=own.name, now=now)
        return Done(_PATH, REMOVED)

    return await submit_once(own.visit, sent, act, session=session, now=now)


async def _page(
    own: OwnVisit, session: Transaction, form: FormView, *, after: str = ""
) -> Response:
    reader, whose = own.visit.reader, own.scope.own
    found = [] if whose is None else await list_patents(session, whose, after=after, limit=PAGE)
    facts = {
        "form": form,
        "has_organisation": whose is not None,
        "patents": [
            {
                "number": one.number,
                "printed": print_patent_number(one.number),
                "kind": reader.says(KIND_WORDS[one.kind]),
                "title": one.title,
                "expires": one.expires,
                "is_expiry_known": one.is_expiry_known,
                "listing": one.listing,
                "state": one.state,
                "state_word": reader.says(STATES[one.state]) if one.state else "",
            }
            for one in found
        ],
        "next_url": reader.link(_PATH, [("after", found[-1].number)])
        if len(found) == PAGE
        else None,
        "first_url": reader.link(_PATH) if after else None,
    }
    status = 422 if form.errors else 200
    template = "subplatform.holder_pages:patents.html"
    return show_page(own.visit, template, facts, words=PATENT_WORDS, status=status)
