"""One entry that readers would refuse: release it once the cause is gone, or discard it."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.errors import HeldEntryNotFound
from main_platform.catalogue.queue_rows import find_held, release_held
from main_platform.console.callers import WithdrawingListings
from main_platform.console.held_words import HELD_WORDS
from main_platform.console.static_files import console_version
from main_platform.review.discarded import discard_entry
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.markup import local_time
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import halves
from shared_schema.text import PlainText

router = APIRouter(include_in_schema=False)
PATH: Final = "/console/held-entries"
_BACK: Final = "/console"
HeldId = Annotated[int, Path(ge=1, lt=10**18)]


class HeldForm(BaseModel):
    """What becomes of the entry, and why."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["release", "discard"]
    reason: PlainText


SentHeld = Annotated[Filled[HeldForm], Depends(form_of(HeldForm))]


@router.get(f"{PATH}/{{held}}")
async def held_page(
    visit: WithdrawingListings, held: HeldId, session: Transaction, ids: Ids
) -> Response:
    """The entry, why it is held, and the form."""
    return await _page(visit, session, held, form=fresh(visit.reader, key=ids.new_token()))


@router.post(f"{PATH}/{{held}}")
async def decide_held(
    visit: WithdrawingListings, held: HeldId, sent: SentHeld, session: Transaction, now: Now
) -> Response:
    """Release or discard it."""

    async def act() -> Done:
        assert sent.model is not None
        use_case = release_held if sent.model.act == "release" else discard_entry
        by = visit.caller.name
        await use_case(session, held, reason=sent.model.reason, by=by, now=now)
        said = HELD_WORDS["released" if sent.model.act == "release" else "discarded"]
        return Done(_BACK, said)

    if sent.model is not None:
        return await submit_once(visit, sent, act, session=session, now=now)
    return await _page(visit, session, held, form=sent.view(visit.reader))


async def _page(visit: Visit, session: AsyncSession, held: int, *, form: FormView) -> Response:
    one = await find_held(session, held)
    if one is None:
        raise HeldEntryNotFound(detail=f"没有搁置条目 {held} / no held entry has that id")
    reader = visit.reader
    facts = {
        "code": one.refusal.code,
        "detail": reader.says(halves(one.refusal.detail)),
        "since": local_time(one.held_at),
        "entry": one.leaf.decode("utf-8", "replace"),
        "form": form,
        "action": reader.link(f"{PATH}/{held}"),
        "acts": [(name, reader.says(HELD_WORDS[name])) for name in ("release", "discard")],
        "console_version": console_version(),
    }
    template = "main_platform.console:held.html"
    status = 422 if form.errors else 200
    return show_page(visit, template, facts, words=HELD_WORDS, status=status)
