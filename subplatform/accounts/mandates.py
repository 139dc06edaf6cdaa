"""Mandates: what an organisation lets an agent's organisation do for it, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.sign_in.access_policy import PermissionDenied
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.identities import IdSource
from shared_schema.instants import Instant, legal_day
from shared_schema.patent_number import parse_application_number
from shared_schema.refusal import DomainError, FieldError
from subplatform.accounts.errors import MandateNotFound, MandateRefused, OrganisationNotFound
from subplatform.accounts.members import Membership
from subplatform.accounts.organisations import find_by_code
from subplatform.accounts.states import (
    MANDATE_TRANSITIONS,
    MandateAction,
    MandateState,
    after,
)
from subplatform.accounts.tables import MandateRow, OrganisationRow
from subplatform.audit.acts import Act


@dataclass(frozen=True, slots=True)
class NewMandate:
    """What an agent asks for. `numbers` as typed; empty: all patents of the organisation."""

    organisation: str
    begins_on: date
    ends_on: date
    may_declare: bool
    may_withdraw: bool
    numbers: tuple[str, ...] = ()
    document_sha256: str | None = None
    document_name: str | None = None


@dataclass(frozen=True, slots=True)
class MandateLine:
    """A mandate with the names of both sides."""

    mandate: MandateRow
    organisation_name: str
    agent_name: str

    def stands_on(self, today: date) -> bool:
        """Whether it lets the agent act on that day."""
        row = self.mandate
        return row.state == MandateState.ACCEPTED and row.begins_on <= today <= row.ends_on


async def propose_mandate(
    session: AsyncSession, agent: Membership, wanted: NewMandate, *, ids: IdSource, now: Instant
) -> MandateRow:
    """Ask an organisation for a mandate; nothing is allowed until it accepts.

    Raises:
        PermissionDenied: the caller does not act for an agent's organisation.
        MandateRefused: no such organisation, or its days, acts or patents cannot be so.
    """
    agent.require_editor()
    if "agent" not in agent.organisation.roles:
        raise PermissionDenied(
            "本单位未登记为代理机构 / your organisation is not registered as an agent"
        )
    principal, numbers, errors = await _checked(session, agent, wanted, today=legal_day(now))
    if errors or principal is None:
        raise MandateRefused("委托信息有误 / the mandate cannot be so", errors)
    row = MandateRow(
        id=ids.new_id(),
        state=MandateState.PROPOSED,
        organisation_id=principal.id,
        agent_id=agent.organisation.id,
        may_declare=wanted.may_declare,
        may_withdraw=wanted.may_withdraw,
        numbers=numbers or None,
        begins_on=wanted.begins_on,
        ends_on=wanted.ends_on,
        document_sha256=wanted.document_sha256,
        document_name=wanted.document_name,
        proposed_by=agent.name,
        proposed_at=now,
    )
    session.add(row)
    facts = {"organisation": str(principal.id), "agent": str(agent.organisation.id)}
    act = Record(Act.MANDATE_PROPOSED, subject_of(row.id), agent.name, facts)
    await record(session, act, now=now)
    return row


async def _checked(
    session: AsyncSession, agent: Membership, wanted: NewMandate, *, today: date
) -> tuple[OrganisationRow | None, list[str], list[FieldError]]:
    errors: list[FieldError] = []
    principal = None
    try:
        principal = await find_by_code(session, wanted.organisation)
    except (OrganisationNotFound, IdentifierRefused) as refused:
        errors.append(_at("organisation", refused))
    if principal is not None and principal.id == agent.organisation.id:
        message = "不能委托本单位 / an organisation needs no mandate of its own"
        errors.append(FieldError("/organisation", "mandate.self", message))
    if not wanted.begins_on <= wanted.ends_on or wanted.ends_on < today:
        message = "委托止日须不早于起日和今日 / it must end on or after its first day and today"
        errors.append(FieldError("/ends_on", "mandate.days", message))
    if not (wanted.may_declare or wanted.may_withdraw):
        message = "请选择委托事项 / choose what the agent may do"
        errors.append(FieldError("/acts", "mandate.acts", message))
    numbers = []
    for typed in wanted.numbers:
        try:
            numbers.append(parse_application_number(typed))
        except IdentifierRefused as refused:
            errors.append(_at("numbers", refused))
    return principal, sorted(set(numbers)), errors


def _at(field: str, refused: DomainError) -> FieldError:
    code = getattr(refused, "code", f"mandate.{field}")
    return FieldError(f"/{field}", str(code), refused.detail)


async def decide_mandate(
    session: AsyncSession, who: Membership, mandate: UUID, *, action: MandateAction, now: Instant
) -> MandateRow:
    """Accept or refuse, by an owner of the organisation; revoke, by either side, at once.

    Locks the mandate.

    Raises:
        MandateNotFound: there is none of that id that concerns the caller's organisation.
        PermissionDenied: the caller is no owner, or of the side that only asked.
        OrganisationStateConflict: it was decided already.
    """
    row = await session.get(MandateRow, mandate, with_for_update=True)
    sides = {row.organisation_id, row.agent_id} if row is not None else set()
    if row is None or who.organisation.id not in sides:
        raise MandateNotFound("没有这项委托 / there is no such mandate")
    who.require_owner()
    is_principal = who.organisation.id == row.organisation_id
    if action is not MandateAction.REVOKE and not is_principal:
        raise PermissionDenied(
            "由委托单位决定是否接受 / the organisation that gives the mandate decides"
        )
    row.state = after(MANDATE_TRANSITIONS, MandateState(row.state), action)
    row.decided_by, row.decided_at = who.name, now
    facts = {"action": action.value}
    await record(
        session, Record(Act.MANDATE_DECIDED, subject_of(mandate), who.name, facts), now=now
    )
    return row


async def list_mandates(session: AsyncSession, organisation: UUID) -> Sequence[MandateLine]:
    """All mandates that the organisation gave or was given, the newest first."""
    principal, agent = aliased(OrganisationRow), aliased(OrganisationRow)
    found = await session.execute(
        select(MandateRow, principal.name, agent.name)
        .join(principal, principal.id == MandateRow.organisation_id)
        .join(agent, agent.id == MandateRow.agent_id)
        .where(or_(MandateRow.organisation_id == organisation, MandateRow.agent_id == organisation))
        .order_by(MandateRow.id.desc())
        .limit(200)
    )
    return [MandateLine(row, giver, taker) for row, giver, taker in found]


def subject_of(mandate: UUID) -> Subject:
    """A mandate as the audit trail names it."""
    return Subject("mandate", str(mandate))
