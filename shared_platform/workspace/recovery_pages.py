"""Forgotten passwords: a letter with a link if the address is known; the page never says."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reading
from shared_platform.sign_in.letters import LinkTerms, ask_recovery
from shared_platform.sign_in.throttle import Tried, TriedTooOften, take_try
from shared_platform.workspace.entry import address_of
from shared_platform.workspace.forms import Filled, form_of, fresh
from shared_platform.workspace.workspace_page import show_plain
from shared_schema.bilingual import halves

router = APIRouter(include_in_schema=False)
_TEMPLATE = "shared_platform.workspace:recovery.html"


class RecoveryForm(BaseModel):
    """Where to send the letter."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[
        str,
        Field(max_length=254, pattern=r"^\s*[^@\s]+@[^@\s]+\s*$"),
    ]


SentRecovery = Annotated[Filled[RecoveryForm], Depends(form_of(RecoveryForm))]


@router.get("/recovery")
async def recovery_page(request: Request, reader: Reading) -> Response:
    """The form for the address."""
    facts = {"form": fresh(reader), "is_asked": False, "action": reader.link("/recovery")}
    return show_plain(request, _TEMPLATE, facts, reader=reader)


@router.post("/recovery")
async def recover(
    request: Request,
    sent: SentRecovery,
    session: Transaction,
    reader: Reading,
    now: Now,
    ids: Ids,
) -> Response:
    """Queue the letter if there is an account; say the same in any case."""
    status = 422
    try:
        if sent.model is not None:
            state = request.app.state
            await state.sign_in_limit.take(address_of(request))
            await take_try(session, Tried("recovery", sent.model.email), now=now)
            terms = LinkTerms.of(state.settings)
            await ask_recovery(session, sent.model.email, terms, ids=ids, now=now)
            status = 200
    except TriedTooOften as refusal:
        sent, status = sent.with_error("", halves(refusal.detail)), 429
    facts = {
        "form": sent.view(reader),
        "is_asked": status == 200,  # noqa: PLR2004 - RFC 9110 §15.3.1
        "action": reader.link("/recovery"),
    }
    return show_plain(request, _TEMPLATE, facts, reader=reader, status=status)
