"""A holder's declarations: those they have, those they began, and the way to a new one."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from shared_platform.database.transaction import Now, Transaction
from shared_platform.workspace.workspace_page import show_page
from shared_schema.patent_number import print_patent_number
from subplatform.declarations.read_declarations import DeclarationQuery, list_declarations
from subplatform.declarations.states import Action, State, may
from subplatform.declarations.unfinished import list_forms
from subplatform.holder_pages.declaration_words import DECLARATION_WORDS, STATES
from subplatform.holder_pages.organisation_fields import choices
from subplatform.holder_pages.own_visit import Reading

router = APIRouter(include_in_schema=False)
PAGE: Final = 25
_TEMPLATE: Final = "subplatform.holder_pages:declarations.html"


@router.get("/declarations")
async def declarations_page(
    own: Reading,
    session: Transaction,
    now: Now,  # noqa: ARG001  as the others
    words: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=40)] = "",
    before: UUID | None = None,
) -> Response:
    """The list with its filters in the address; the newest first."""
    chosen = (State(state),) if state in STATES else ()
    query = DeclarationQuery(states=chosen, words=words.strip() or None, before=before, limit=PAGE)
    page = await list_declarations(session, query, within=own.scope)
    reader = own.visit.reader
    pairs = [(name, value) for name, value in (("words", words), ("state", state)) if value]
    is_filtered = bool(pairs or before)
    facts = {
        "lines": [
            {
                "listing": one.listing,
                "number": print_patent_number(one.application_number),
                "title": one.title,
                "state": one.state,
                "state_word": reader.says(STATES[one.state]),
                "version": one.version,
                "period_end": one.period_end,
                "updated_at": one.updated_at,
                "may_edit": may(State(one.state), Action.EDIT),
            }
            for one in page.lines
        ],
        "forms": [] if is_filtered else await list_forms(session, within=own.scope),
        "printed": print_patent_number,
        "states": choices(STATES, reader),
        "words_typed": words,
        "state_chosen": state,
        "is_filtered": is_filtered,
        "next_url": reader.link("/declarations", [*pairs, ("before", str(page.next))])
        if page.next
        else None,
        "first_url": reader.link("/declarations", pairs) if before else None,
    }
    return show_page(own.visit, _TEMPLATE, facts, words=DECLARATION_WORDS)
