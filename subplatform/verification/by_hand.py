"""A verifier decides: accept, ask for a correction by a day, refuse; register answers typed in.

Rules stay above people here: what a finding forbids nobody accepts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.tables import audit_record
from shared_platform.audit.trail import Record, record
from shared_schema.declaration import Declaration
from shared_schema.finding import Severity
from shared_schema.instants import Instant, legal_day
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError
from shared_schema.register_facts import RegisterFacts
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.judging import Verdict, circumstances
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import (
    CHECKABLE,
    Action,
    DeclarationStateConflict,
    State,
    next_state,
)
from subplatform.declarations.tables import DeclarationRow
from subplatform.patent_register.snapshots import keep_snapshots, kept_facts
from subplatform.verification.reasons import ENDING, reason_of

DEFAULT_DAYS: Final = 15
MOST_DAYS: Final = 180
_OWN_HAND: Final = (
    Act.DECLARATION_CREATED,
    Act.DECLARATION_EDITED,
    Act.DECLARATION_SUBMITTED,
    Act.REGISTER_RECORDED,
)


class NotAcceptable(DomainError):
    """Findings forbid to accept the declaration; `errors` names each with its source."""

    problem = ProblemType.RULE_VIOLATED


class AnotherVerifierNeeded(DomainError):
    """Who wrote the declaration, or its register answer, does not accept it as well."""

    problem = ProblemType.SECOND_PERSON_REQUIRED


class ReasonsNeeded(DomainError):
    """No reason was given, one is not known, or it does not end a procedure."""

    problem = ProblemType.SCHEMA_INVALID


class ReadingNotOfThisPatent(DomainError):
    """The register answer is of another patent, or of a day that has not come."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason by its code, and what the verifier says about it."""

    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to be corrected, and within how many days; calendar days, today not counted."""

    objections: Sequence[Objection]
    days: int = DEFAULT_DAYS


async def accept_declaration(
    session: AsyncSession,
    listing: UUID,
    *,
    by: str,
    now: Instant,
    by_another: bool = False,
) -> DeclarationRow:
    """Pass a declaration that no rule forbids, judged anew by the register reading on file.

    Locks it. With `by_another` the verifier must be nobody who wrote at it.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is past verification, or its holder is correcting it.
        NotAcceptable: findings forbid it.
        AnotherVerifierNeeded: `by` wrote it, handed it in, or typed its register answer.
    """
    row = await lock_declaration(session, listing)
    after = _passed(row)
    if by_another and await _has_written(session, row, by):
        raise AnotherVerifierNeeded(
            detail="提交或录入者不能自己核查通过，请另一位核查员办理"
            " / who wrote or handed it in cannot accept it: ask another verifier"
        )
    verdict = await _judged(session, row, now=now)
    _store(row, verdict)
    if verdict.is_blocked:
        errors = [one.to_field_error() for one in verdict.findings if _forbids(one.severity)]
        raise NotAcceptable(
            "有禁止通过的问题，请要求补正 / findings forbid it: ask for a correction", errors
        )
    row.state, row.return_reasons, row.updated_at = after, [], now
    facts = {"unchecked": row.unchecked_rules, "warnings": row.finding_codes}
    act = Record(Act.DECLARATION_ACCEPTED, subject_of(listing), by, facts)
    await record(session, act, now=now)
    return row


async def ask_correction(
    session: AsyncSession, listing: UUID, wanted: Correction, *, by: str, now: Instant
) -> DeclarationRow:
    """Give the declaration back to its holder with reasons at fields and a last day.

    Until it is handed in again no check passes it. Locks it.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is past verification.
        ReasonsNeeded: no reason, or one that is not known.
    """
    row = await lock_declaration(session, listing)
    reasons = _reasons(wanted.objections)
    row.state = next_state(State(row.state), Action.OBJECT)
    due = legal_day(now) + timedelta(days=wanted.days)
    row.return_reasons, row.correction_due, row.updated_at = reasons, due, now
    facts = {"reasons": [one["code"] for one in reasons], "due": str(due)}
    await record(session, Record(Act.CORRECTION_ASKED, subject_of(listing), by, facts), now=now)
    await tell(session, notice_of(row, "deadline"), now=now)
    return row


async def refuse_with_reasons(
    session: AsyncSession,
    listing: UUID,
    objections: Sequence[Objection],
    *,
    by: str,
    now: Instant,
) -> DeclarationRow:
    """End the procedure; the patent may be declared anew. Locks the declaration.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is not in the procedure.
        ReasonsNeeded: no reason, or one that does not end a procedure.
    """
    row = await lock_declaration(session, listing)
    reasons = _reasons(objections, among=ENDING)
    row.state = next_state(State(row.state), Action.REFUSE)
    row.return_reasons, row.correction_due, row.updated_at = reasons, None, now
    facts = {"reasons": [one["code"] for one in reasons]}
    await record(session, Record(Act.DECLARATION_REFUSED, subject_of(listing), by, facts), now=now)
    await tell(session, notice_of(row, "refused"), now=now)
    return row


async def take_reading(
    session: AsyncSession,
    listing: UUID,
    facts: Mapping[str, RegisterFacts],
    *,
    by: str,
    now: Instant,
) -> DeclarationRow:
    """Judge a declaration anew by a register reading, which is kept; its state stays.

    `facts` come from the register's adapter, or from a person who read it (`source` says which);
    an older reading never replaces a newer one. Locks the declaration.

    Raises:
        DeclarationNotFound: there is none of that id.
        DeclarationStateConflict: it is past verification.
        ReadingNotOfThisPatent: it is of another patent, or of a day to come.
    """
    row = await lock_declaration(session, listing)
    if State(row.state) not in CHECKABLE:
        raise DeclarationStateConflict(
            detail=f"声明状态为 {row.state}，不再核验 / {row.state}: it is past verification"
        )
    for number, one in facts.items():
        if number != row.application_number or one.as_of > legal_day(now):
            message = "查询日期不能晚于今天，专利号须一致 / not of this patent, or of a day to come"
            raise ReadingNotOfThisPatent(message, [FieldError("/as_of", "register.day", message)])
    await keep_snapshots(session, facts, now=now)
    _store(row, await _judged(session, row, now=now))
    if facts:
        one = facts[row.application_number]
        read = {"as_of": str(one.as_of), "source": one.source, "status": one.status}
        act = Record(Act.REGISTER_RECORDED, subject_of(listing), by, read)
        await record(session, act, now=now)
    return row


def _passed(row: DeclarationRow) -> State:
    state = State(row.state)
    is_unfinished = row.organisation_id is not None and state is State.DRAFT
    if state in {State.CORRECTION, State.VERIFIED} or is_unfinished:
        raise DeclarationStateConflict(
            detail=f"声明状态为 {row.state}，不能核查通过"
            f" / a declaration that is {row.state} cannot be accepted"
        )
    return next_state(state, Action.PASS)


async def _judged(session: AsyncSession, row: DeclarationRow, *, now: Instant) -> Verdict:
    numbers = [row.application_number]
    facts = await kept_facts(session, numbers)
    around = await circumstances(session, numbers, facts=facts, now=now)
    declaration = Declaration.model_validate(row.body)
    return around.judge(declaration, row.listing, report_demanded=row.report_demanded)


def _store(row: DeclarationRow, verdict: Verdict) -> None:
    for column, value in verdict.columns().items():
        setattr(row, column, value)


def _forbids(severity: Severity) -> bool:
    return severity is Severity.ERROR


def _reasons(
    objections: Sequence[Objection], *, among: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """The objections as they are stored and shown: code, text, field, rule and its source.

    Raises:
        ReasonsNeeded: none is given, or one is not among those that may be.
    """
    found: list[dict[str, Any]] = []
    for one in objections:
        row = reason_of(one.code)
        if row is None or (among is not None and one.code not in among):
            message = f"不能用的原因代码 {one.code} / not a reason for this: {one.code}"
            raise ReasonsNeeded(message, [FieldError("/codes", "reason.unknown", message)])
        told = f"{row.title.zh} / {row.title.en}"
        text = f"{row.title.zh}：{one.text} / {row.title.en}: {one.text}" if one.text else told
        said = {"code": one.code, "text": text, "pointer": row.pointer}
        found.append(said | ({"rule": row.rule, "source": row.source} if row.rule else {}))
    if not found:
        message = "至少选一个原因 / choose at least one reason"
        raise ReasonsNeeded(message, [FieldError("/codes", "reason.missing", message)])
    return found


async def _has_written(session: AsyncSession, row: DeclarationRow, by: str) -> bool:
    subject = subject_of(row.listing)
    found = await session.scalar(
        select(audit_record.c.id)
        .where(
            audit_record.c.subject_kind == subject.kind,
            audit_record.c.subject == subject.id,
            audit_record.c.actor == by,
            audit_record.c.act.in_([act.value for act in _OWN_HAND]),
        )
        .limit(1)
    )
    return found is not None
