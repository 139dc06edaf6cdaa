"""The members of an organisation: let in, invite, change, remove. Somebody always owns it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_platform.database.transaction import Transaction
from shared_platform.sign_in.access_policy import Caller, PermissionDenied
from shared_platform.sign_in.accounts import NewAccount, create_account, find_account_by_email
from shared_platform.sign_in.caller import caller_with
from shared_platform.sign_in.letters import LinkTerms, invite
from shared_platform.sign_in.tables import account
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from subplatform.accounts.errors import MemberNotFound, MemberRefused, NoOrganisation
from subplatform.accounts.organisations import find_organisation, give_roles, subject_of
from subplatform.accounts.permissions import NODE_POLICY, Permission
from subplatform.accounts.states import OrganisationState
from subplatform.accounts.tables import MemberRow, OrganisationRow
from subplatform.audit.acts import Act


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's own place: in which organisation, as what; `name` is the account's."""

    account: UUID
    name: str
    organisation: OrganisationRow
    role: str
    is_requested: bool

    @property
    def is_owner(self) -> bool:
        """Whether they decide who belongs to it."""
        return self.role == "owner" and not self.is_requested

    @property
    def may_act(self) -> bool:
        """Whether the organisation may act, and they for it."""
        return not self.is_requested and self.organisation.state == OrganisationState.ACTIVE

    def require_owner(self) -> None:
        """Let only owners of an active organisation go on.

        Raises:
            PermissionDenied: they are no owner, or the organisation may not act yet.
        """
        if not (self.is_owner and self.may_act):
            raise PermissionDenied(
                "只有已通过审核的单位的管理员可以办理"
                " / only owners of an approved organisation may do this"
            )

    def require_editor(self) -> None:
        """Let only those go on who may act for the organisation.

        Raises:
            PermissionDenied: they only read, or the organisation may not act yet.
        """
        if not self.may_act or self.role == "viewer":
            raise PermissionDenied(
                "需要本单位的编辑权限，且单位已通过审核"
                " / this needs an editor of an approved organisation"
            )


@dataclass(frozen=True, slots=True)
class Member:
    """One member as the others see them."""

    account: UUID
    name: str
    display_name: str
    email: str | None
    role: str
    is_requested: bool
    since: Instant
    has_signed_in: bool


async def find_membership(session: AsyncSession, caller: Caller) -> Membership | None:
    """The caller's place; None without one."""
    place = await session.get(MemberRow, caller.id)
    if place is None:
        return None
    organisation = await find_organisation(session, place.organisation_id)
    return Membership(caller.id, caller.name, organisation, place.role, place.is_requested)


async def own_membership(
    session: Transaction,
    caller: Annotated[Caller, Depends(caller_with(Permission.OWN_ORGANISATION), scope="function")],
) -> Membership:
    """A dependency: the caller's place in their organisation, whatever its state.

    Raises:
        NoOrganisation: they have none.
    """
    found = await find_membership(session, caller)
    if found is None:
        raise NoOrganisation(
            "账号不属于任何单位：请先登记或申请加入 / the account belongs to no organisation yet"
        )
    return found


OwnMembership = Annotated[Membership, Depends(own_membership, scope="function")]


async def list_members(session: AsyncSession, organisation: UUID) -> Sequence[Member]:
    """Who belongs to it; requests first, then in the order of their coming."""
    found = await session.execute(
        select(
            MemberRow.account_id,
            account.c.name,
            account.c.display_name,
            account.c.email,
            MemberRow.role,
            MemberRow.is_requested,
            MemberRow.since,
            account.c.password_hash.is_not(None),
        )
        .join(account, account.c.id == MemberRow.account_id)
        .where(MemberRow.organisation_id == organisation)
        .order_by(MemberRow.is_requested.desc(), MemberRow.since, MemberRow.account_id)
    )
    return [Member(*row) for row in found]


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an owner invites, and as what."""

    email: str
    display_name: str
    role: str


async def invite_member(
    session: AsyncSession,
    owner: Membership,
    invited: Invited,
    *,
    terms: LinkTerms,
    ids: IdSource,
    now: Instant,
) -> None:
    """Open an account for somebody as a member and send them a link to choose a password.

    Raises:
        PermissionDenied: the caller is no owner.
        MemberRefused: the address has an account; its owner asks to join by the credit code.
        EmailRefused: the address is not one.
    """
    owner.require_owner()
    if await find_account_by_email(session, invited.email) is not None:
        raise MemberRefused(
            "该邮箱已有账号，请其登录后在“单位”页申请加入"
            " / the address has an account: let them sign in and ask to join"
        )
    organisation = owner.organisation
    wanted = NewAccount(
        account_name(invited.email, ids),
        invited.display_name,
        tuple(organisation.roles),
        invited.email,
    )
    made = await create_account(session, wanted, policy=NODE_POLICY, ids=ids, now=now)
    session.add(
        MemberRow(account_id=made.id, organisation_id=organisation.id, role=invited.role, since=now)
    )
    await invite(session, made, terms, ids=ids, now=now)
    facts = {"member": made.name, "role": invited.role}
    act = Record(Act.MEMBER_INVITED, subject_of(organisation.id), owner.name, facts)
    await record(session, act, now=now)


def account_name(email: str, ids: IdSource) -> str:
    """A name for an account that has an address: its mailbox, and what makes it unique."""
    mailbox = email.strip().lower().partition("@")[0]
    kept = "".join(one for one in mailbox if one.isascii() and (one.isalnum() or one in "._-"))
    return f"{kept.strip('._-')[:30] or 'user'}-{str(ids.new_id())[-8:]}"


async def change_member(
    session: AsyncSession, owner: Membership, member: UUID, *, role: str, now: Instant
) -> None:
    """Give a member another role; somebody who asked to join is let in by it.

    Raises:
        PermissionDenied: the caller is no owner.
        MemberNotFound: the organisation has no such member.
        MemberRefused: nobody would own the organisation.
    """
    owner.require_owner()
    row = await _lock_member(session, owner, member)
    if row.role == "owner" and role != "owner":
        await _require_other_owner(session, row)
    if row.is_requested:
        await give_roles(session, member, owner.organisation.roles, now=now)
    row.role, row.is_requested = role, False
    facts = {"member": str(member), "role": role}
    act = Record(Act.MEMBER_CHANGED, subject_of(row.organisation_id), owner.name, facts)
    await record(session, act, now=now)


async def remove_member(
    session: AsyncSession, owner: Membership, member: UUID, *, now: Instant
) -> None:
    """Take somebody's place away, or decline a request; they reach nothing from now on.

    Members may leave by themselves.

    Raises:
        PermissionDenied: the caller is neither an owner nor the member.
        MemberNotFound: the organisation has no such member.
        MemberRefused: nobody would own the organisation.
    """
    if member != owner.account:
        owner.require_owner()
    row = await _lock_member(session, owner, member)
    if row.role == "owner":
        await _require_other_owner(session, row)
    await session.delete(row)
    facts = {"member": str(member)}
    act = Record(Act.MEMBER_REMOVED, subject_of(row.organisation_id), owner.name, facts)
    await record(session, act, now=now)


async def _lock_member(session: AsyncSession, owner: Membership, member: UUID) -> MemberRow:
    """The member of the same organisation; the organisation is locked, so owners are counted.

    Raises:
        MemberNotFound: the organisation has none such.
    """
    await session.get(OrganisationRow, owner.organisation.id, with_for_update=True)
    row = await session.get(MemberRow, member, populate_existing=True)
    if row is None or row.organisation_id != owner.organisation.id:
        raise MemberNotFound("没有这个成员 / there is no such member")
    return row


async def _require_other_owner(session: AsyncSession, row: MemberRow) -> None:
    others = await session.scalar(
        select(func.count()).where(
            MemberRow.organisation_id == row.organisation_id,
            MemberRow.role == "owner",
            MemberRow.is_requested.is_(False),
            MemberRow.account_id != row.account_id,
        )
    )
    if not others:
        raise MemberRefused(
            "单位至少要有一名管理员：请先指定另一名"
            " / an organisation needs an owner: make somebody else one first"
        )
