"""Use cases on accounts. They write no audit record: the service's own folder does."""

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, any_, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.access_policy import AccessPolicy
from shared_platform.sign_in.browser_sessions import end_sessions
from shared_platform.sign_in.tables import account
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.region import parse_region_code

NAME_FORM: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}")
EMAIL_FORM: Final = re.compile(r"[^\s@<>\",;]{1,64}@[^\s@<>\",;]{1,190}")


class AccountNameRefused(DomainError):
    """The name cannot be one: it is shown in audit trails and typed on command lines."""

    problem = ProblemType.SCHEMA_INVALID


class EmailRefused(DomainError):
    """The address is not one that letters reach."""

    problem = ProblemType.SCHEMA_INVALID


class AccountExists(DomainError):
    """The name or the address is taken."""

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
    email: str | None = None
    region: str | None = None
    used_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an administrator states of a new account.

    `region` is the GB/T 2260 code that roles bound to a region work for.
    """

    name: str
    display_name: str
    roles: tuple[str, ...]
    email: str | None = None
    region: str | None = None


async def create_account(
    session: AsyncSession, wanted: NewAccount, *, policy: AccessPolicy, ids: IdSource, now: Instant
) -> Account:
    """Add an account that can do nothing until a token is issued for it.

    Raises:
        AccountNameRefused: the name is not of the form of `NAME_FORM`.
        EmailRefused: the address is not one.
        AccountExists: the name or the address is taken.
        UnknownRole: a role is not one of the policy's.
        RolesApart: two of the roles must not be one person's.
        RegionMissing: a role works for a region, and none is named.
        IdentifierRefused: the region is no code of GB/T 2260.
    """
    if not NAME_FORM.fullmatch(wanted.name):
        raise AccountNameRefused(
            detail="账号名用 2–63 个小写字母、数字和 . _ @ - / 2 to 63 of a-z 0-9 . _ @ -"
        )
    roles = policy.check_roles(wanted.roles)
    if wanted.region is not None:
        parse_region_code(wanted.region)
    policy.check_region(roles, wanted.region)
    created = Account(
        ids.new_id(),
        wanted.name,
        wanted.display_name,
        roles,
        is_active=True,
        created_at=now,
        email=folded_email(wanted.email) if wanted.email else None,
        region=wanted.region,
    )
    if not await _add(session, created):
        raise AccountExists(
            detail=f"账号 {wanted.name!r} 或其邮箱已存在 / the name or the address is taken"
        )
    return created


async def _add(session: AsyncSession, created: Account) -> bool:
    """Insert the account; False where its name or address is taken."""
    added = await session.execute(
        upsert(account)
        .values(
            id=created.id,
            name=created.name,
            display_name=created.display_name,
            email=created.email,
            region=created.region,
            roles=list(created.roles),
            created_at=created.created_at,
        )
        .on_conflict_do_nothing()
        .returning(account.c.id)
    )
    return added.first() is not None


@dataclass(frozen=True, slots=True)
class Changed:
    """What to change of an account; members left out stay as they are."""

    roles: tuple[str, ...] | None = None
    is_active: bool | None = None
    region: str | None = None

    def facts(self) -> dict[str, Any]:
        """What the audit trail says of it."""
        given = {"roles": self.roles, "is_active": self.is_active, "region": self.region}
        return {name: value for name, value in given.items() if value is not None}


async def list_accounts(session: AsyncSession) -> list[Account]:
    """All accounts by name."""
    found = await session.execute(select(account).order_by(account.c.name))
    return [_account(row) for row in found]


@dataclass(frozen=True, slots=True)
class AccountQuery:
    """Which accounts, by name; `words` is looked for in name, display name and address.

    `after` is the last name of the page before.
    """

    words: str = ""
    role: str = ""
    after: str = ""
    limit: int = 50


async def search_accounts(session: AsyncSession, query: AccountQuery) -> list[Account]:
    """A page of accounts in the order of their names."""
    wanted = select(account).order_by(account.c.name).limit(query.limit)
    if query.words.strip():
        words = query.words.strip()
        wanted = wanted.where(
            or_(
                account.c.name.icontains(words, autoescape=True),
                account.c.display_name.icontains(words, autoescape=True),
                account.c.email.icontains(words, autoescape=True),
            )
        )
    if query.role:
        wanted = wanted.where(literal(query.role) == any_(account.c.roles))
    if query.after:
        wanted = wanted.where(account.c.name > query.after)
    return [_account(row) for row in await session.execute(wanted)]


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


async def find_account_by_email(session: AsyncSession, email: str) -> Account | None:
    """The account with that address, however it is written; None where there is none."""
    typed = email.strip().lower()
    found = (await session.execute(select(account).where(account.c.email == typed))).first()
    return None if found is None else _account(found)


def folded_email(email: str) -> str:
    """The address as it is stored.

    Raises:
        EmailRefused: it is not one.
    """
    folded = email.strip().lower()
    if not EMAIL_FORM.fullmatch(folded):
        raise EmailRefused(detail="邮箱地址不对 / this is not an e-mail address")
    return folded


async def change_account(
    session: AsyncSession,
    name: str,
    wanted: Changed,
    *,
    policy: AccessPolicy,
    now: Instant,
) -> Account:
    """Set roles or region, or switch the account off and on; its tokens follow at once.

    Sessions of browsers end with any of them: who may do something else proves again who it is.

    Raises:
        AccountNotFound: there is none of that name.
        UnknownRole: a role is not one of the policy's.
        RolesApart: two of the roles must not be one person's.
        RegionMissing: a role works for a region, and none is named.
        IdentifierRefused: the region is no code of GB/T 2260.
    """
    before = await find_account(session, name)
    roles = before.roles if wanted.roles is None else policy.check_roles(wanted.roles)
    is_active = before.is_active if wanted.is_active is None else wanted.is_active
    region = before.region if wanted.region is None else parse_region_code(wanted.region)
    policy.check_region(roles, region)
    await session.execute(
        update(account)
        .where(account.c.id == before.id)
        .values(
            roles=list(roles),
            is_active=is_active,
            region=region,
            used_at=now if is_active and not before.is_active else before.used_at,
        )
    )
    if (roles, is_active, region) != (before.roles, before.is_active, before.region):
        await end_sessions(session, before.id)
    return await find_account(session, name)


def _account(row: Row[Any]) -> Account:
    return Account(
        row.id,
        row.name,
        row.display_name,
        tuple(row.roles),
        row.is_active,
        row.created_at,
        row.email,
        row.region,
        row.used_at,
    )
