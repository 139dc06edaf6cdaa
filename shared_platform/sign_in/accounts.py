"""Use cases on accounts and tokens. They write no audit record: the service's own folder does."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.access_policy import AccessPolicy, Caller, NotSignedIn
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.tables import account, account_token
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

NAME_FORM: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}")
TOKEN_DAYS = 90  # a token that nobody renews stops working after a quarter


class AccountNameRefused(DomainError):
    """The name cannot be one: it is shown in audit trails and typed on command lines."""

    problem = ProblemType.SCHEMA_INVALID


class AccountExists(DomainError):
    """The name is taken."""

    problem = ProblemType.ALREADY_EXISTS


class AccountNotFound(DomainError):
    """No account has that name or id."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account as shown to administrators."""

    id: UUID
    name: str
    display_name: str
    roles: tuple[str, ...]
    is_active: bool
    created_at: Instant


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an administrator states of a new account."""

    name: str
    display_name: str
    roles: tuple[str, ...]


async def create_account(
    session: AsyncSession, wanted: NewAccount, *, policy: AccessPolicy, ids: IdSource, now: Instant
) -> Account:
    """Add an account that can do nothing until a token is issued for it.

    Raises:
        AccountNameRefused: the name is not of the form of `NAME_FORM`.
        AccountExists: the name is taken.
        UnknownRole: a role is not one of the policy's.
    """
    if not NAME_FORM.fullmatch(wanted.name):
        raise AccountNameRefused(
            detail="账号名用 2–63 个小写字母、数字和 . _ @ - / 2 to 63 of a-z 0-9 . _ @ -"
        )
    roles = policy.check_roles(wanted.roles)
    created = Account(
        ids.new_id(), wanted.name, wanted.display_name, roles, is_active=True, created_at=now
    )
    added = await session.execute(
        upsert(account)
        .values(
            id=created.id,
            name=created.name,
            display_name=created.display_name,
            roles=list(roles),
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(account.c.id)
    )
    if added.first() is None:
        raise AccountExists(detail=f"账号 {wanted.name!r} 已存在 / the account exists")
    return created


async def list_accounts(session: AsyncSession) -> list[Account]:
    """All accounts by name."""
    found = await session.execute(select(account).order_by(account.c.name))
    return [_account(row) for row in found]


async def find_account(session: AsyncSession, name: str) -> Account:
    """The account of that name.

    Raises:
        AccountNotFound: there is none.
    """
    found = await session.execute(select(account).where(account.c.name == name))
    row = found.first()
    if row is None:
        raise AccountNotFound(detail=f"没有账号 {name!r} / there is no such account")
    return _account(row)


async def change_account(
    session: AsyncSession,
    name: str,
    *,
    policy: AccessPolicy,
    roles: tuple[str, ...] | None = None,
    is_active: bool | None = None,
) -> Account:
    """Set roles, or switch the account off and on; its tokens stop and start with it at once.

    Sessions of browsers end with either: whoever may do something else proves again who they are.

    Raises:
        AccountNotFound: there is none of that name.
        UnknownRole: a role is not one of the policy's.
    """
    before = await find_account(session, name)
    wanted_roles = before.roles if roles is None else policy.check_roles(roles)
    wanted_active = before.is_active if is_active is None else is_active
    await session.execute(
        update(account)
        .where(account.c.id == before.id)
        .values(roles=list(wanted_roles), is_active=wanted_active)
    )
    if (wanted_roles, wanted_active) != (before.roles, before.is_active):
        await end_sessions(session, before.id)
    return await find_account(session, name)


async def issue_token(
    session: AsyncSession, name: str, *, label: str, ids: IdSource, now: Instant
) -> str:
    """Make a bearer token of 256 random bits; it is returned once and stored only as a hash.

    Raises:
        AccountNotFound: there is no account of that name.
    """
    owner = await find_account(session, name)
    token = f"kaixu_{ids.new_token()}{ids.new_token()}"
    await session.execute(
        insert(account_token).values(
            token_hash=_hash(token),
            account_id=owner.id,
            label=label,
            created_at=now,
            expires_at=now + timedelta(days=TOKEN_DAYS),
        )
    )
    return token


async def revoke_tokens(session: AsyncSession, name: str, *, now: Instant) -> int:
    """Revoke every live token of the account; returns how many there were.

    Raises:
        AccountNotFound: there is no account of that name.
    """
    owner = await find_account(session, name)
    revoked = await session.execute(
        update(account_token)
        .where(account_token.c.account_id == owner.id, account_token.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(account_token.c.token_hash)
    )
    return len(revoked.all())


async def authenticate(session: AsyncSession, token: str, *, now: Instant) -> Caller:
    """The caller whose token this is. The look-up is by hash, so its time tells nothing.

    Raises:
        NotSignedIn: the token is unknown, expired, revoked, or its account is switched off.
    """
    found = await session.execute(
        select(account.c.id, account.c.name, account.c.roles)
        .join(account_token, account_token.c.account_id == account.c.id)
        .where(
            account_token.c.token_hash == _hash(token),
            account_token.c.revoked_at.is_(None),
            account_token.c.expires_at > now,
            account.c.is_active,
        )
    )
    row = found.first()
    if row is None:
        raise NotSignedIn(detail="令牌无效或已过期 / the token is unknown, expired or revoked")
    return Caller(row.id, row.name, tuple(row.roles))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _account(row: Row[Any]) -> Account:
    return Account(
        row.id, row.name, row.display_name, tuple(row.roles), row.is_active, row.created_at
    )
