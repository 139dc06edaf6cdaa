"""Nodes that ask to join: two people hear the fingerprint on the telephone, or refuse."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from main_platform.console.node_pages import PATH, ReadingNodes, may_manage
from main_platform.console.node_view import Dictation, region_names
from main_platform.console.node_words import ENROLMENT_STATES, NODE_WORDS
from main_platform.nodes.confirm import Comparison, confirm_enrolment, refuse_enrolment
from main_platform.nodes.enrol import Enrolment, find_enrolment, list_enrolments
from main_platform.nodes.errors import EnrolmentDecided, FingerprintDiffers
from main_platform.staff.permissions import Permission
from main_platform.two_people import SecondPersonRequired
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.workspace.forms import Filled, FormError, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.refusal import DomainError
from shared_schema.text import PlainText

router = APIRouter(include_in_schema=False)
_managing = Depends(page_caller_with(Permission.MANAGE_NODES), scope="function")
ManagingNodes = Annotated[Visit, _managing]
ENROLMENTS: Final = "/console/enrolments"
_DIFFERS: Final = Words(
    "与收到的指纹不符。请再听一遍；仍不符则不要确认，这可能是冒充。",
    "This is not the fingerprint received. Listen again; if it still differs do not confirm:"
    " somebody may be posing as the node.",
)


class HeardForm(BaseModel):
    """What one registrar heard on the telephone."""

    model_config = ConfigDict(extra="forbid")

    first_group: Annotated[str, Field(min_length=4, max_length=10)]
    second_group: Annotated[str, Field(min_length=4, max_length=10)]
    all_heard: bool = False


class RefusalForm(BaseModel):
    """Why the node is not let in."""

    model_config = ConfigDict(extra="forbid")

    reason: PlainText


Heard = Annotated[Filled[HeardForm], Depends(form_of(HeardForm))]
Refused = Annotated[Filled[RefusalForm], Depends(form_of(RefusalForm))]


@router.get(ENROLMENTS)
async def enrolments_page(visit: ReadingNodes, session: Transaction) -> Response:
    """Those that wait, oldest first."""
    facts = {
        "enrolments": await list_enrolments(session, state="waiting"),
        "needed": visit.request.app.state.settings.enrolment_confirmations,
    }
    return show_page(visit, "main_platform.console:enrolments.html", facts, words=NODE_WORDS)


@router.get(f"{ENROLMENTS}/{{enrolment}}")
async def enrolment_page(
    visit: ReadingNodes, enrolment: UUID, session: Transaction, ids: Ids
) -> Response:
    """One of them, with its fingerprint to compare."""
    found = await find_enrolment(session, enrolment)
    form = fresh(visit.reader, key=ids.new_token())
    return _shown(visit, found, heard=form, refused=fresh(visit.reader, key=ids.new_token()))


@router.post(f"{ENROLMENTS}/{{enrolment}}")
async def confirm_page(
    visit: ManagingNodes, enrolment: UUID, sent: Heard, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Count this person's comparison; the last one needed lets the node in."""
    found = await find_enrolment(session, enrolment)
    settings, state = visit.request.app.state.settings, visit.request.app.state
    if sent.model is not None and not sent.model.all_heard:
        sent = sent.with_error("all_heard", NODE_WORDS["must_hear"])

    async def act() -> Done:
        assert sent.model is not None
        dictated = Dictation.of(found, visit.caller.name)
        whole = dictated.whole(sent.model.first_group, sent.model.second_group)
        confirmed = await confirm_enrolment(
            session,
            enrolment,
            comparison=Comparison(whole, settings.enrolment_confirmations),
            publish=state.publish,
            by=visit.caller.name,
            now=now,
        )
        return _done(confirmed)

    try:
        if sent.model is not None and not sent.errors:
            return await submit_once(visit, sent, act, session=session, now=now)
    except FingerprintDiffers:
        sent = sent.with_error("first_group", _DIFFERS)
    except (SecondPersonRequired, EnrolmentDecided) as refusal:
        sent = sent.refused(refusal)
    again = fresh(visit.reader, key=ids.new_token())
    return _shown(visit, found, heard=sent.view(visit.reader), refused=again)


@router.post(f"{ENROLMENTS}/{{enrolment}}/refusal")
async def refuse_page(
    visit: ManagingNodes, enrolment: UUID, sent: Refused, session: Transaction, now: Now, ids: Ids
) -> Response:
    """Refuse the enrolment; the node reads why."""
    found = await find_enrolment(session, enrolment)

    async def act() -> Done:
        assert sent.model is not None
        reason, by = sent.model.reason, visit.caller.name
        await refuse_enrolment(session, enrolment, reason=reason, by=by, now=now)
        said = Words(f"已拒绝 {found.node} 的申请。", f"The enrolment of {found.node} was refused.")
        return Done(ENROLMENTS, said)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    again = fresh(visit.reader, key=ids.new_token())
    return _shown(visit, found, heard=again, refused=sent.view(visit.reader))


def _done(confirmed: Enrolment) -> Done:
    node = confirmed.node
    if confirmed.state == "confirmed":
        let_in = Words(f"节点 {node} 已入网。", f"The node {node} is let in.")
        return Done(f"{PATH}/{node}", let_in)
    return Done(f"{ENROLMENTS}/{confirmed.id}", NODE_WORDS["you_confirmed"])


def _shown(visit: Visit, found: Enrolment, *, heard: FormView, refused: FormView) -> Response:
    errors: tuple[FormError, ...] = (*heard.errors, *refused.errors)
    facts = {
        "enrolment": found,
        "state_title": visit.reader.says(ENROLMENT_STATES[found.state]),
        "needed": visit.request.app.state.settings.enrolment_confirmations,
        "regions": region_names(found.scope["regions"], visit.reader),
        "dictation": Dictation.of(found, visit.caller.name),
        "form": heard if heard.errors or not refused.errors else refused,
        "heard": heard,
        "refused": refused,
        "may_manage": may_manage(visit),
        "has_confirmed": visit.caller.name in found.confirmations,
    }
    status = 422 if errors else 200
    page = "main_platform.console:enrolment.html"
    return show_page(visit, page, facts, words=NODE_WORDS, status=status)
