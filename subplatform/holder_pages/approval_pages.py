"""All organisations of the node, for its operators: approve, refuse with a reason."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import halves
from shared_schema.text import PlainText
from subplatform.accounts.organisations import (
    decide_organisation,
    find_organisation,
    list_organisations,
)
from subplatform.accounts.permissions import Permission
from subplatform.accounts.states import (
    OrganisationAction,
    OrganisationState,
    OrganisationStateConflict,
)
from subplatform.holder_pages.organisation_fields import KINDS, choices
from subplatform.holder_pages.organisation_words import (
    DECIDED,
    ORGANISATION_STATES,
    ORGANISATION_WORDS,
)
from subplatform.holder_pages.registration_words import REGISTRATION_WORDS

router = APIRouter(include_in_schema=False)
_PATH: Final = "/organisations"
_PAGE: Final = 50
Manager = Annotated[
    Visit, Depends(page_caller_with(Permission.MANAGE_ORGANISATIONS), scope="function")
]


class DecisionForm(BaseModel):
    """Approve, or refuse with a reason."""

    model_config = ConfigDict(extra="forbid")

    action: Annotated[str, Field(pattern="^(approve|refuse)$")]
    reason: Annotated[PlainText, Field(max_length=500)] | None = None


SentDecision = Annotated[Filled[DecisionForm], Depends(form_of(DecisionForm))]


@router.get(_PATH)
async def organisations_page(
    visit: Manager,
    session: Transaction,
    ids: Ids,
    state: Annotated[str, Query(max_length=20)] = OrganisationState.WAITING.value,
    words: Annotated[str, Query(max_length=100)] = "",
    before: UUID | None = None,
) -> Response:
    """Those that wait, or all, the newest first."""
    chosen = OrganisationState(state) if state in ORGANISATION_STATES else None
    rows = await list_organisations(
        session, state=chosen, words=words.strip(), before=before, limit=_PAGE
    )
    reader = visit.reader
    pairs = [("state", state), *([("words", words)] if words else [])]
    facts = {
        "rows": rows,
        "form": fresh(reader, key=ids.new_token()),
        "states": choices(ORGANISATION_STATES, reader),
        "state_chosen": state,
        "words_typed": words,
        "says_state": ORGANISATION_STATES,
        "says_kind": KINDS,
        "next_url": reader.link(_PATH, [*pairs, ("before", str(rows[-1].id))])
        if len(rows) == _PAGE
        else None,
    }
    template = "subplatform.holder_pages:organisations.html"
    shown = {**REGISTRATION_WORDS, **ORGANISATION_WORDS}
    return show_page(visit, template, facts, words=shown)


@router.post(f"{_PATH}/{{organisation}}")
async def decide_page(
    visit: Manager, organisation: UUID, sent: SentDecision, session: Transaction, now: Now
) -> Response:
    """Approve or refuse an organisation; its members act, or read why not.

    Raises:
        OrganisationNotFound: there is none of that id.
    """
    await find_organisation(session, organisation)

    async def act() -> Done:
        action = OrganisationAction(sent.model.action if sent.model else "refuse")
        reason = sent.model.reason if sent.model else None
        try:
            await decide_organisation(
                session, organisation, action, reason=reason, by=visit.caller.name, now=now
            )
        except OrganisationStateConflict as refusal:  # somebody else decided meanwhile
            return Done(f"{_PATH}?state={ORGANISATION_ALL}", halves(refusal.detail))
        return Done(_PATH, DECIDED)

    return await submit_once(visit, sent, act, session=session, now=now)


ORGANISATION_ALL: Final = "all"
