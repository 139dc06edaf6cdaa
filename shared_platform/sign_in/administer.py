"""What administrators do to accounts, each with its record in the audit trail."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.accounts import (
    Account,
    Changed,
    NewAccount,
    change_account,
    create_account,
    find_account,
)
from shared_platform.sign_in.acts import SignInAct
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.letters import FACTOR_REMOVED, LinkTerms, invite, tell_of_change
from shared_platform.sign_in.second_factor import remove_second_factor
from shared_schema.identities import IdSource
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class AccountActs:
    """The service's names for what its audit trail records about accounts."""

    added: StrEnum
    changed: StrEnum
    token_issued: StrEnum
    tokens_revoked: StrEnum


@dataclass(frozen=True, slots=True)
class Office:
    """Whose accounts these are: the service's roles, and its names for acts."""

    policy: AccessPolicy
    acts: AccountActs


async def add_person(
    session: AsyncSession,
    wanted: NewAccount,
    office: Office,
    *,
    by: str,
    ids: IdSource,
    now: Instant,
) -> Account:
    """Add an account that waits for its invitation.

    Raises:
        AccountNameRefused, EmailRefused, AccountExists: name or address cannot be taken.
        UnknownRole, RolesApart, RegionMissing: the roles cannot be given so.
        IdentifierRefused: the region is no code of GB/T 2260.
    """
    added = await create_account(session, wanted, policy=office.policy, ids=ids, now=now)
    facts = {"roles": list(added.roles), "region": added.region}
    await record(session, Record(office.acts.added, _of(added.name), by, facts), now=now)
    return added


async def change_person(
    session: AsyncSession, name: str, wanted: Changed, *, office: Office, by: str, now: Instant
) -> Account:
    """Set roles or region, or switch the account off or on; its sessions end.

    Raises:
        AccountNotFound: there is none of that name.
        UnknownRole, RolesApart, RegionMissing: the roles cannot be given so.
        IdentifierRefused: the region is no code of GB/T 2260.
    """
    changed = await change_account(session, name, wanted, policy=office.policy, now=now)
    act = Record(office.acts.changed, _of(name), by, wanted.facts())
    await record(session, act, now=now)
    return changed


async def invite_person(
    session: AsyncSession, name: str, terms: LinkTerms, *, by: str, ids: IdSource, now: Instant
) -> str:
    """The address of a new invitation, sent by mail too where the account has an address.

    Raises:
        AccountNotFound: there is none of that name.
    """
    owner = await find_account(session, name)
    address = await invite(session, owner, terms, ids=ids, now=now)
    await record(session, Record(SignInAct.INVITED, _of(name), by), now=now)
    return address


async def reset_second_factor(
    session: AsyncSession, name: str, *, by: str, ids: IdSource, now: Instant
) -> None:
    """Take device and recovery codes away, end all sessions, tell the owner by mail.

    Raises:
        AccountNotFound: there is none of that name.
    """
    owner = await find_account(session, name)
    await remove_second_factor(session, owner.id)
    await end_sessions(session, owner.id)
    await record(session, Record(SignInAct.SECOND_FACTOR_REMOVED, _of(name), by), now=now)
    await tell_of_change(session, owner, FACTOR_REMOVED, ids=ids, now=now)


async def end_persons_sessions(session: AsyncSession, name: str, *, by: str, now: Instant) -> int:
    """Sign the account out everywhere; from how many browsers.

    Raises:
        AccountNotFound: there is none of that name.
    """
    owner = await find_account(session, name)
    ended = await end_sessions(session, owner.id)
    act = Record(SignInAct.SESSIONS_ENDED, _of(name), by, {"sessions": ended})
    await record(session, act, now=now)
    return ended


def _of(name: str) -> Subject:
    return Subject("account", name)
