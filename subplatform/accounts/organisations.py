"""Register, read, decide and change organisations. One credit code is one organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.sign_in.accounts import Account, Changed, change_account, find_account
from shared_platform.sign_in.tables import account
from shared_schema.credit_code import parse_credit_code
from shared_schema.identifier_refusal import IdentifierRefused
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError
from shared_schema.region import parse_region_code
from subplatform.accounts.errors import OrganisationNotFound, RegistrationRefused
from subplatform.accounts.permissions import NODE_POLICY
from subplatform.accounts.states import (
    ORGANISATION_TRANSITIONS,
    OrganisationAction,
    OrganisationState,
    after,
)
from subplatform.accounts.tables import ORGANISATION_ROLES, MemberRow, OrganisationRow
from subplatform.audit.acts import Act

_REGISTERING: Final = 0x6B61_6978_7508  # "kaixu", 8
MAX_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom forms name at first."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """What is stated of an organisation; an individual has no credit code."""

    name: str
    kind: str
    roles: tuple[str, ...]
    credit_code: str | None = None
    region: str | None = None
    contact: Contact = Contact()


@dataclass(frozen=True, slots=True)
class Applied:
    """The organisation of a registration, and whether its owners have to let one in."""

    organisation: OrganisationRow
    is_requested: bool


async def apply_for(
    session: AsyncSession,
    wanted: NewOrganisation,
    applicant: Account,
    *,
    at_once: bool,
    ids: IdSource,
    now: Instant,
) -> Applied:
    """Register the organisation with the applicant as its owner, or ask to join where it exists.

    Nobody joins an organisation silently: its owners are asked. One that was refused begins anew,
    without its former members. `at_once`: it may act without an operator's approval.

    Raises:
        RegistrationRefused: the applicant has a place already, or the code is missing or wrong.
    """
    await session.execute(select(func.pg_advisory_xact_lock(_REGISTERING)))
    if await session.get(MemberRow, applicant.id) is not None:
        raise RegistrationRefused("账号已属于一个单位 / the account belongs to an organisation")
    checked = checked_organisation(wanted)
    known = await _by_code(session, checked.credit_code)
    if known is not None and known.state != OrganisationState.REFUSED:
        session.add(_member(known, applicant, "editor", now=now, is_requested=True))
        act = Record(Act.MEMBERSHIP_ASKED, subject_of(known.id), applicant.name)
        await record(session, act, now=now)
        return Applied(known, is_requested=True)
    if known is None:
        organisation = _new(checked, ids.new_id(), now=now)
        session.add(organisation)
    else:
        organisation = await _begun_anew(session, known, checked)
    if at_once:
        organisation.state = OrganisationState.ACTIVE
    await session.flush()  # the member's foreign key
    session.add(_member(organisation, applicant, "owner", now=now))
    await give_roles(session, applicant.id, organisation.roles, now=now)
    act = Record(Act.ORGANISATION_REGISTERED, subject_of(organisation.id), applicant.name)
    await record(session, act, now=now)
    return Applied(organisation, is_requested=False)


def checked_organisation(wanted: NewOrganisation) -> NewOrganisation:
    """The same with its code in its plain form.

    Raises:
        RegistrationRefused: a code is wrong, missing, or stated of an individual.
    """
    errors: list[FieldError] = []
    code = None
    if wanted.kind != "individual":
        try:
            code = parse_credit_code(wanted.credit_code or "")
        except IdentifierRefused as refused:
            errors.append(FieldError("/credit_code", refused.code, refused.detail, "GB 32100-2015"))
    if wanted.region is not None:
        try:
            parse_region_code(wanted.region)
        except IdentifierRefused as refused:
            errors.append(FieldError("/region", refused.code, refused.detail, "GB/T 2260"))
    if not wanted.roles or not set(wanted.roles) <= set(ORGANISATION_ROLES):
        message = "请选择办理什么 / choose what the organisation does here"
        errors.append(FieldError("/roles", "organisation.roles", message))
    if errors:
        raise RegistrationRefused("单位信息有误 / the organisation cannot be registered so", errors)
    roles = tuple(sorted(set(wanted.roles)))
    return NewOrganisation(wanted.name, wanted.kind, roles, code, wanted.region, wanted.contact)


async def give_roles(
    session: AsyncSession, account_id: UUID, roles: Sequence[str], *, now: Instant
) -> None:
    """Let the account do what its organisation does here; its sessions end if that is more."""
    name = await session.scalar(select(account.c.name).where(account.c.id == account_id))
    if name is None:
        return
    known = await find_account(session, name)
    every = tuple(sorted({*known.roles, *roles}))
    await change_account(session, name, Changed(every), policy=NODE_POLICY, now=now)


async def _by_code(session: AsyncSession, code: str | None) -> OrganisationRow | None:
    if code is None:
        return None
    wanted = select(OrganisationRow).where(OrganisationRow.credit_code == code)
    return await session.scalar(wanted.with_for_update())


def _new(wanted: NewOrganisation, id_: UUID, *, now: Instant) -> OrganisationRow:
    return OrganisationRow(
        id=id_,
        state=OrganisationState.WAITING,
        name=wanted.name,
        kind=wanted.kind,
        credit_code=wanted.credit_code,
        region=wanted.region,
        roles=list(wanted.roles),
        contact_name=wanted.contact.name,
        contact_phone=wanted.contact.phone,
        contact_email=wanted.contact.email,
        created_at=now,
    )


async def _begun_anew(
    session: AsyncSession, row: OrganisationRow, wanted: NewOrganisation
) -> OrganisationRow:
    """A refused organisation, registered by others: what the first ones said counts no more."""
    row.state = after(
        ORGANISATION_TRANSITIONS, OrganisationState(row.state), OrganisationAction.APPLY
    )
    row.name, row.kind, row.region = wanted.name, wanted.kind, wanted.region
    row.roles, row.reason = list(wanted.roles), None
    row.contact_name, row.contact_phone = wanted.contact.name, wanted.contact.phone
    row.contact_email = wanted.contact.email
    await session.execute(delete(MemberRow).where(MemberRow.organisation_id == row.id))
    return row


def _member(
    organisation: OrganisationRow,
    applicant: Account,
    role: str,
    *,
    now: Instant,
    is_requested: bool = False,
) -> MemberRow:
    return MemberRow(
        account_id=applicant.id,
        organisation_id=organisation.id,
        role=role,
        is_requested=is_requested,
        since=now,
    )


async def find_organisation(session: AsyncSession, id_: UUID) -> OrganisationRow:
    """The organisation.

    Raises:
        OrganisationNotFound: there is none of that id.
    """
    row = await session.get(OrganisationRow, id_)
    if row is None:
        raise OrganisationNotFound("没有这个单位 / there is no such organisation")
    return row


async def find_by_code(session: AsyncSession, typed: str) -> OrganisationRow:
    """The active organisation of a credit code, or of the number that its own page shows.

    Raises:
        OrganisationNotFound: none, or not one that may act; the answer does not say which.
    """
    wanted = select(OrganisationRow).where(OrganisationRow.state == OrganisationState.ACTIVE)
    try:
        found = await session.scalar(wanted.where(OrganisationRow.id == UUID(typed.strip())))
    except ValueError:
        code = parse_credit_code(typed)
        found = await session.scalar(wanted.where(OrganisationRow.credit_code == code))
    if found is None:
        raise OrganisationNotFound(
            "本平台没有这个单位，或尚未通过审核 / no such organisation at this node, or not yet"
        )
    return found


async def list_organisations(
    session: AsyncSession,
    *,
    state: OrganisationState | None = None,
    words: str = "",
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[OrganisationRow]:
    """Organisations, the newest first; `words` are looked for in name and code."""
    wanted = select(OrganisationRow).order_by(OrganisationRow.id.desc()).limit(limit)
    if state is not None:
        wanted = wanted.where(OrganisationRow.state == state)
    if words:
        name = OrganisationRow.name.icontains(words, autoescape=True)
        code = OrganisationRow.credit_code.icontains(words, autoescape=True)
        wanted = wanted.where(or_(name, code))
    if before is not None:
        wanted = wanted.where(OrganisationRow.id < before)
    return (await session.scalars(wanted)).all()


async def decide_organisation(
    session: AsyncSession,
    id_: UUID,
    action: OrganisationAction,
    *,
    reason: str | None = None,
    by: str,
    now: Instant,
) -> OrganisationRow:
    """Approve or refuse; locks the organisation. Its members act from the next request on.

    Raises:
        OrganisationNotFound: there is none of that id.
        OrganisationStateConflict: it was decided already.
    """
    row = await session.get(OrganisationRow, id_, with_for_update=True)
    if row is None:
        raise OrganisationNotFound("没有这个单位 / there is no such organisation")
    row.state = after(ORGANISATION_TRANSITIONS, OrganisationState(row.state), action)
    row.decided_at, row.decided_by, row.reason = now, by, reason
    facts = {"action": action.value}
    await record(session, Record(Act.ORGANISATION_DECIDED, subject_of(id_), by, facts), now=now)
    return row


async def change_organisation(
    session: AsyncSession,
    id_: UUID,
    contact: Contact,
    *,
    region: str | None,
    by: str,
    now: Instant,
) -> OrganisationRow:
    """Set contact and region; name, code and kind were approved and stay.

    Raises:
        OrganisationNotFound: there is none of that id.
        IdentifierRefused: the region is no code of GB/T 2260.
    """
    row = await find_organisation(session, id_)
    row.region = None if region is None else parse_region_code(region)
    row.contact_name, row.contact_phone = contact.name, contact.phone
    row.contact_email = contact.email
    await record(session, Record(Act.ORGANISATION_CHANGED, subject_of(id_), by), now=now)
    return row


def subject_of(organisation: UUID) -> Subject:
    """An organisation as the audit trail names it."""
    return Subject("organisation", str(organisation))
