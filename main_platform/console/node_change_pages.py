"""What registrars do to a node: suspend, resume, retire, its quota, its keys by two people."""

from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

from main_platform.console.enrolment_pages import ManagingNodes
from main_platform.console.node_pages import PATH
from main_platform.console.node_words import (
    ACTIONS,
    CONSEQUENCES,
    KEY_REASONS,
    NODE_WORDS,
    STANDING_REASONS,
)
from main_platform.monitoring.routes import DefaultQuota
from main_platform.nodes.quota import QuotaChange, change_quota, read_quota_set
from main_platform.nodes.read_nodes import find_node
from main_platform.nodes.revocations import (
    Proposal,
    confirm_revocation,
    drop_revocation,
    propose_revocation,
    read_revocation,
)
from main_platform.nodes.standing import StandingChange, change_standing
from main_platform.nodes.states import NodeAction
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import SHANGHAI
from shared_schema.refusal import DomainError
from shared_schema.statement import NodeId, ReasonCode

router = APIRouter(include_in_schema=False)
Action = Literal["suspend", "resume", "retire"]
_KEYS: Final = "/console/keys"
_REVOCATIONS: Final = "/console/key-revocations"


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StandingForm(_Form):
    """What is done to the node, and the public reason."""

    action: Action
    reason: ReasonCode


class QuotaForm(_Form):
    """What the node may send; left out: the hub's setting."""

    daily_offers: NonNegativeInt | None = None
    review_backlog: NonNegativeInt | None = None


class RevocationForm(_Form):
    """Why a key is to be revoked, and since which legal day it is suspect."""

    reason: ReasonCode
    suspect_from: date | None = None


class RulingForm(_Form):
    """What the second person decides."""

    ruling: Annotated[Literal["confirm", "drop"], Field()]


SentStanding = Annotated[Filled[StandingForm], Depends(form_of(StandingForm))]
SentQuota = Annotated[Filled[QuotaForm], Depends(form_of(QuotaForm))]
SentRevocation = Annotated[Filled[RevocationForm], Depends(form_of(RevocationForm))]
SentRuling = Annotated[Filled[RulingForm], Depends(form_of(RulingForm))]


@router.get(f"{PATH}/{{node}}/standing")
async def standing_page(
    visit: ManagingNodes,
    node: NodeId,
    session: Transaction,
    now: Now,
    ids: Ids,
    action: Annotated[Action, Query()],
) -> Response:
    """Say what will happen, and ask for the reason."""
    await find_node(session, node, now=now)
    form = fresh(visit.reader, key=ids.new_token(), values={"action": action})
    return _standing(visit, node, action, form)


@router.post(f"{PATH}/{{node}}/standing")
async def change_standing_page(
    visit: ManagingNodes, node: NodeId, sent: SentStanding, session: Transaction, now: Now
) -> Response:
    """Suspend, resume or retire the node."""

    async def act() -> Done:
        assert sent.model is not None
        change = StandingChange(NodeAction(sent.model.action), sent.model.reason)
        publish, by = visit.request.app.state.publish, visit.caller.name
        await change_standing(session, node, change=change, publish=publish, by=by, now=now)
        done = ACTIONS[sent.model.action]
        return Done(f"{PATH}/{node}", Words(f"{done.zh}：已完成。", f"{done.en}: done."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    action = sent.values.get("action", ["suspend"])[-1]
    known: Action = action if action in ACTIONS else "suspend"  # type: ignore[assignment]
    return _standing(visit, node, known, sent.view(visit.reader))


@router.get(f"{PATH}/{{node}}/quota")
async def quota_page(
    visit: ManagingNodes, node: NodeId, session: Transaction, default: DefaultQuota, ids: Ids
) -> Response:
    """What staff set for the node, beside the hub's settings."""
    given = await read_quota_set(session, node)
    values = {"daily_offers": given.daily_offers, "review_backlog": given.review_backlog}
    form = fresh(visit.reader, key=ids.new_token(), values=values)
    facts = {"node": node, "form": form, "default": default}
    return show_page(visit, "main_platform.console:node_quota.html", facts, words=NODE_WORDS)


@router.post(f"{PATH}/{{node}}/quota")
async def change_quota_page(
    visit: ManagingNodes,
    node: NodeId,
    sent: SentQuota,
    session: Transaction,
    default: DefaultQuota,
    now: Now,
) -> Response:
    """Set what the node may send from now on."""

    async def act() -> Done:
        assert sent.model is not None
        change = QuotaChange(sent.model.daily_offers, sent.model.review_backlog)
        await change_quota(session, node, change=change, by=visit.caller.name, now=now)
        return Done(f"{PATH}/{node}", Words("限额已更改。", "The quota was changed."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    facts = {"node": node, "form": sent.view(visit.reader), "default": default}
    page = "main_platform.console:node_quota.html"
    return show_page(visit, page, facts, words=NODE_WORDS, status=422)


@router.get(f"{_KEYS}/{{key_id}}/revocation")
async def revocation_form_page(visit: ManagingNodes, key_id: str, ids: Ids) -> Response:
    """Say what a revocation does, and ask why."""
    return _proposing(visit, key_id, fresh(visit.reader, key=ids.new_token()))


@router.post(f"{_KEYS}/{{key_id}}/revocation")
async def propose_page(
    visit: ManagingNodes,
    key_id: str,
    sent: SentRevocation,
    session: Transaction,
    now: Now,
    ids: Ids,
) -> Response:
    """Propose; another registrar confirms."""

    async def act() -> Done:
        assert sent.model is not None
        day = sent.model.suspect_from
        suspect = None if day is None else datetime.combine(day, time(), SHANGHAI)
        wanted = Proposal(key_id, sent.model.reason, suspect)
        row = await propose_revocation(session, wanted, by=visit.caller.name, ids=ids, now=now)
        said = Words(
            "已提议吊销，须另一位登记员确认。", "Proposed; another registrar must confirm."
        )
        return Done(f"{_REVOCATIONS}/{row.id}", said)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    return _proposing(visit, key_id, sent.view(visit.reader))


@router.get(f"{_REVOCATIONS}/{{revocation}}")
async def revocation_page(
    visit: ManagingNodes, revocation: UUID, session: Transaction, ids: Ids
) -> Response:
    """A proposal, for the second person."""
    return await _ruling(visit, revocation, session, fresh(visit.reader, key=ids.new_token()))


@router.post(f"{_REVOCATIONS}/{{revocation}}")
async def rule_page(
    visit: ManagingNodes, revocation: UUID, sent: SentRuling, session: Transaction, now: Now
) -> Response:
    """Confirm the proposal, or drop it."""

    async def act() -> Done:
        assert sent.model is not None
        by, publish = visit.caller.name, visit.request.app.state.publish
        if sent.model.ruling == "drop":
            row = await drop_revocation(session, revocation, by=by, now=now)
            return Done(f"{PATH}/{row.node}", Words("提议已撤销。", "The proposal was dropped."))
        row = await confirm_revocation(session, revocation, publish=publish, by=by, now=now)
        return Done(f"{PATH}/{row.node}", Words("密钥已吊销。", "The key was revoked."))

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    return await _ruling(visit, revocation, session, sent.view(visit.reader))


def _standing(visit: Visit, node: str, action: Action, form: FormView) -> Response:
    facts = {
        "node": node,
        "action": action,
        "action_title": visit.reader.says(ACTIONS[action]),
        "consequence": visit.reader.says(CONSEQUENCES[action]),
        "reasons": _choices(STANDING_REASONS, visit.reader),
        "form": form,
    }
    return _form_page(visit, "node_standing.html", facts)


def _proposing(visit: Visit, key_id: str, form: FormView) -> Response:
    reasons = _choices(KEY_REASONS, visit.reader)
    return _form_page(
        visit, "key_revocation.html", {"key_id": key_id, "form": form, "reasons": reasons}
    )


async def _ruling(visit: Visit, revocation: UUID, session: Transaction, form: FormView) -> Response:
    row = await read_revocation(session, revocation)
    reason = KEY_REASONS.get(row.reason, Words(row.reason, row.reason))
    facts = {
        "row": row,
        "reason": visit.reader.says(reason),
        "is_own": row.proposed_by == visit.caller.name,
        "form": form,
    }
    return _form_page(visit, "key_ruling.html", facts)


def _form_page(visit: Visit, template: str, facts: dict[str, Any]) -> Response:
    status = 422 if facts["form"].errors else 200
    page = f"main_platform.console:{template}"
    return show_page(visit, page, facts, words=NODE_WORDS, status=status)


def _choices(words: dict[str, Words], reader: Reader) -> list[tuple[str, str]]:
    return [(name, reader.says(one)) for name, one in words.items()]
