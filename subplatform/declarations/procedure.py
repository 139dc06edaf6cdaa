"""The acceptance procedure by hand: submit, take up, demand a report, refuse (plan, part 2(2))."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_schema.declaration import Declaration
from shared_schema.instants import Instant
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.judging import circumstances
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import (
    CHECKABLE,
    Action,
    DeclarationStateConflict,
    State,
    next_state,
)
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.snapshots import kept_facts


async def submit_draft(
    session: AsyncSession, listing: UUID, *, by: str, now: Instant
) -> DeclarationRow:
    """Hand the draft in for verification.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is neither a draft nor under correction.
    """
    row = await lock_declaration(session, listing)
    _move(row, Action.SUBMIT, now=now)
    row.correction_due = None
    await record(session, Record(Act.DECLARATION_SUBMITTED, subject_of(listing), by), now=now)
    return row


async def take_up(session: AsyncSession, listing: UUID, *, by: str, now: Instant) -> DeclarationRow:
    """Begin to verify a submitted declaration by hand; imports leave it alone from now on.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it was not submitted.
    """
    row = await lock_declaration(session, listing)
    _move(row, Action.TAKE_UP, now=now)
    await record(session, Record(Act.DECLARATION_TAKEN_UP, subject_of(listing), by), now=now)
    return row


async def demand_report(
    session: AsyncSession, listing: UUID, *, by: str, now: Instant
) -> DeclarationRow:
    """Ask for an evaluation or search report (DEC-14 under the pilot), and judge anew.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it was sent already.
    """
    row = await lock_declaration(session, listing)
    if State(row.state) not in CHECKABLE:
        raise DeclarationStateConflict(
            detail=f"声明状态为 {row.state}，不再核验 / {row.state}: it is past verification"
        )
    numbers = [row.application_number]
    facts = await kept_facts(session, numbers)
    around = await circumstances(session, numbers, facts=facts, now=now)
    row.report_demanded = True
    declaration = Declaration.model_validate(row.body)
    verdict = around.judge(declaration, listing, report_demanded=True)
    if verdict.is_blocked:
        _move(row, Action.OBJECT, now=now)
    for column, value in verdict.columns().items():
        setattr(row, column, value)
    await record(session, Record(Act.REPORT_DEMANDED, subject_of(listing), by), now=now)
    await tell(session, notice_of(row, "report_demanded"), now=now)
    return row


async def refuse_declaration(
    session: AsyncSession, listing: UUID, *, reason: str, by: str, now: Instant
) -> DeclarationRow:
    """End the procedure with a reason; the patent may be declared anew.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is not in the procedure.
    """
    row = await lock_declaration(session, listing)
    _move(row, Action.REFUSE, now=now)
    row.return_reasons = [*row.return_reasons, {"code": "refused_by_node", "text": reason}]
    act = Record(Act.DECLARATION_REFUSED, subject_of(listing), by, {"reason": reason})
    await record(session, act, now=now)
    await tell(session, notice_of(row, "refused"), now=now)
    return row


def _move(row: DeclarationRow, action: Action, *, now: Instant) -> None:
    row.state = next_state(State(row.state), action)
    row.updated_at = now
