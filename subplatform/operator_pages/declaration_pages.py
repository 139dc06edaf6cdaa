"""One declaration's verification: what it says beside what was found; accept, check, recommend."""

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict

from shared_platform.audit.trail import records_of
from shared_platform.database.transaction import Ids, Now, Transaction
from shared_platform.public_pages.reader import Reader
from shared_platform.sign_in.access_policy import Caller
from shared_platform.workspace.forms import Filled, FormView, form_of, fresh
from shared_platform.workspace.submit_once import Done, submit_once
from shared_platform.workspace.visit import Visit
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant, legal_day
from shared_schema.patent_number import print_patent_number
from shared_schema.refusal import DomainError
from shared_schema.rules.table import RULE_TABLE
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.declarations.drafts import find_declaration, subject_of
from subplatform.declarations.procedure import demand_report
from subplatform.declarations.states import CHECKABLE, Action, State, may
from subplatform.declarations.tables import DeclarationRow
from subplatform.operator_pages.callers import AskingVerifier, DeskVerifier
from subplatform.operator_pages.declaration_view import (
    STALE_DAYS,
    finding_lines,
    is_stale,
    items_of,
    reason_lines,
    register_lines,
)
from subplatform.operator_pages.desk_words import OPERATION_WORDS, STATE_WORDS
from subplatform.operator_pages.evidence_pages import evidence_of
from subplatform.operator_pages.queue_pages import QUEUE
from subplatform.operator_pages.said import said_on
from subplatform.operator_pages.verification_words import RECORD_WORDS, VERIFICATION_WORDS
from subplatform.outbox.deliveries import DeliveryFilter, list_deliveries
from subplatform.patent_register.snapshots import kept_facts
from subplatform.recommendation.recommend import PILOT_PROFILES, Wanted, recommend
from subplatform.verification.by_hand import accept_declaration, take_reading

router = APIRouter(include_in_schema=False)
HISTORY: Final = 100
_ACCEPTED: Final = Words("核查通过。", "Accepted.")
_RECOMMENDED: Final = Words("核查通过，已报送主平台。", "Accepted and recommended to the hub.")
_SENT: Final = Words("已报送主平台。", "Recommended to the hub.")


class VerdictForm(BaseModel):
    """Which button; `answers`: the verifier answers for rules that nobody could check."""

    model_config = ConfigDict(extra="forbid")

    act: Literal["accept", "accept_and_recommend", "recommend"]
    answers: bool = False


class ReportDemandForm(BaseModel):
    """A button alone."""

    model_config = ConfigDict(extra="forbid")


SentVerdict = Annotated[Filled[VerdictForm], Depends(form_of(VerdictForm))]
SentDemand = Annotated[Filled[ReportDemandForm], Depends(form_of(ReportDemandForm))]


@router.get(f"{QUEUE}/{{listing}}")
async def declaration_page(
    visit: DeskVerifier, listing: UUID, session: Transaction, now: Now, ids: Ids
) -> Response:
    """The declaration beside checks, register answer, evidence and history."""
    form = fresh(visit.reader, key=ids.new_token())
    return await _page(visit, session, listing, form=form, now=now)


@router.post(f"{QUEUE}/{{listing}}")
async def decide(
    visit: DeskVerifier, listing: UUID, sent: SentVerdict, session: Transaction, now: Now
) -> Response:
    """Accept, recommend, or both in one go."""

    async def act() -> Done:
        assert sent.model is not None
        return await _act(visit, session, listing, wanted=sent.model, now=now)

    try:
        if sent.model is not None:
            return await submit_once(visit, sent, act, session=session, now=now)
    except DomainError as refusal:
        sent = sent.refused(refusal)
    form = sent.view(visit.reader)
    return await _page(visit, session, listing, form=form, now=now, status=422)


@router.post(f"{QUEUE}/{{listing}}/check")
async def check_again(visit: AskingVerifier, listing: UUID, now: Now) -> Response:
    """Ask the register and let the rules look again; the state stays."""
    state = visit.request.app.state
    async with state.sessions() as session:
        row = await find_declaration(session, listing)
        number = row.application_number
    facts = await state.desk.register.facts([number])
    async with state.sessions.begin() as session:
        await take_reading(session, listing, facts, by=visit.caller.name, now=now)
    said = (
        Words("已按登记簿最新答复重新核查。", "Checked again by the register's newest answer.")
        if facts
        else Words(
            "已重新核查。登记簿没有这件专利的答复，可以人工录入。",
            "Checked again. The register knows nothing of this patent: record its answer by hand.",
        )
    )
    return await said_on(visit, f"{QUEUE}/{listing}", said)


@router.post(f"{QUEUE}/{{listing}}/report-demand")
async def ask_report(
    visit: DeskVerifier, listing: UUID, sent: SentDemand, session: Transaction, now: Now
) -> Response:
    """Demand an evaluation or search report."""

    async def act() -> Done:
        await demand_report(session, listing, by=visit.caller.name, now=now)
        said = Words("已要求提交评价或检索报告。", "A report was demanded.")
        return Done(f"{QUEUE}/{listing}", said)

    return await submit_once(visit, sent, act, session=session, now=now)


async def _act(
    visit: Visit, session: Transaction, listing: UUID, *, wanted: VerdictForm, now: Instant
) -> Done:
    state, by = visit.request.app.state, visit.caller.name
    if wanted.act != "recommend":
        another = state.settings.acceptance_by_another
        await accept_declaration(session, listing, by=by, now=now, by_another=another)
        if wanted.act == "accept":
            return Done(QUEUE, _ACCEPTED)
    NODE_POLICY.require(visit.caller, Permission.RECOMMEND)
    await session.flush()  # recommending reads the row anew, under lock
    one = Wanted((listing,), accepts_unchecked=wanted.answers)
    await recommend(session, one, signer=state.signer, by=by, now=now)
    return Done(QUEUE, _SENT if wanted.act == "recommend" else _RECOMMENDED)


async def _page(
    visit: Visit,
    session: Transaction,
    listing: UUID,
    *,
    form: FormView,
    now: Instant,
    status: int = 200,
) -> Response:
    row = await find_declaration(session, listing)
    facts = heading(row, visit.reader) | {
        "form": form,
        "row": row,
        "items": items_of(Declaration.model_validate(row.body), row.findings, visit.reader),
        "findings": finding_lines(row.findings, visit.reader),
        "reasons": reason_lines(row.return_reasons, visit.reader),
        "unchecked": [(code, _rule(code, visit.reader)) for code in row.unchecked_rules],
        "is_overdue": row.correction_due is not None and row.correction_due < legal_day(now),
        "register": await _register(session, row, visit.reader, now=now),
        "history": await _history(session, listing, visit.reader),
        "deliveries": await _deliveries(session, listing, visit.reader),
        "may": _open_acts(row, visit.caller),
        "evidence": await evidence_of(session, row),
        "is_pilot": row.profile in PILOT_PROFILES,
    }
    template = "subplatform.operator_pages:declaration.html"
    return show_page(visit, template, facts, words=VERIFICATION_WORDS, status=status)


def heading(row: DeclarationRow, reader: Reader) -> dict[str, Any]:
    """What stands above every page about a declaration."""
    return {
        "listing": str(row.listing),
        "number": print_patent_number(row.application_number),
        "heading": row.title or reader.says(VERIFICATION_WORDS["untitled"]),
        "state_word": reader.says(STATE_WORDS[row.state]),
        "here_path": f"{QUEUE}/{row.listing}",
    }


def _open_acts(row: DeclarationRow, caller: Caller) -> dict[str, bool]:
    """Which buttons the state and the visitor's permissions open."""
    state = State(row.state)
    is_handed_in = state in {State.SUBMITTED, State.VERIFYING}
    is_ours = state is State.DRAFT and row.organisation_id is None
    accepts = (is_handed_in or is_ours) and not row.is_blocked
    recommends = NODE_POLICY.allows(caller, Permission.RECOMMEND)
    return {
        "accept": accepts,
        "recommend": recommends and (accepts or state is State.VERIFIED),
        "only_recommend": recommends and state is State.VERIFIED,
        "correct": may(state, Action.OBJECT) and state is not State.CORRECTION,
        "refuse": may(state, Action.REFUSE),
        "check": state in CHECKABLE,
        "demand": state in CHECKABLE and not row.report_demanded,
        "import": NODE_POLICY.allows(caller, Permission.EDIT_DECLARATIONS),
        "deliver": NODE_POLICY.allows(caller, Permission.MANAGE_DELIVERIES),
    }


async def _register(
    session: Transaction, row: DeclarationRow, reader: Reader, *, now: Instant
) -> dict[str, Any] | None:
    facts = (await kept_facts(session, [row.application_number])).get(row.application_number)
    if facts is None:
        return None
    return {
        "as_of": facts.as_of,
        "source": facts.source,
        "lines": register_lines(facts, reader),
        "stale_days": STALE_DAYS if is_stale(facts, today=legal_day(now)) else 0,
    }


async def _history(session: Transaction, listing: UUID, reader: Reader) -> list[dict[str, Any]]:
    acts = await records_of(session, subject_of(listing), limit=HISTORY)
    unknown = Words("", "")
    return [
        {
            "at": one.at,
            "by": one.actor,
            "act": reader.says(RECORD_WORDS.get(one.act, unknown)) or one.act,
        }
        for one in acts
    ]


async def _deliveries(session: Transaction, listing: UUID, reader: Reader) -> list[dict[str, Any]]:
    rows = await list_deliveries(session, DeliveryFilter(listing=listing, newest_first=True))
    line = reader.says(VERIFICATION_WORDS["statement_line"])
    return [
        {
            "oseq": row.oseq,
            "text": line.format(row.oseq, row.version, reader.says(OPERATION_WORDS[row.op])),
        }
        for row in rows
    ]


def _rule(code: str, reader: Reader) -> str:
    row = RULE_TABLE[code]
    return reader.says(Words(row.check_zh, row.check_en))
