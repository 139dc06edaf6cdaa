"""Bearer tokens of programs: random, stored as hashes, limited in time and to what they are for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.access_policy import AccessPolicy, Caller, NotSignedIn
from shared_platform.sign_in.accounts import find_account
from shared_platform.sign_in.secret_hash import new_secret, secret_hash
from shared_platform.sign_in.tables import account, account_token
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

TOKEN_DAYS: Final = 90  # a token that nobody renews stops working after a quarter
MOST_DAYS: Final = 366
_USED_EVERY: Final = timedelta(hours=1)  # a row written for every call would cost more than it says


class ScopeRefused(DomainError):
    """A token would be allowed what its owner is not."""

    problem = ProblemType.SCHEMA_INVALID


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is for: a label, and the permissions it is limited to; None: all its owner's."""

    label: str
    scopes: tuple[str, ...] | None = None
    days: int = TOKEN_DAYS


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; the token itself is shown once, when it is made."""

    id: UUID
    label: str
    scopes: tuple[str, ...] | None
    created_at: Instant
    last_used_at: Instant | None
    expires_at: Instant


async def issue_token(
    session: AsyncSession, name: str, wanted: NewToken, *, ids: IdSource, now: Instant
) -> str:
    """Make a bearer token of 256 random bits; it is returned once and stored only as a hash.

    Raises:
        AccountNotFound: there is no account of that name.
    """
    owner = await find_account(session, name)
    token = f"kaixu_{new_secret(ids)}"
    await session.execute(
        insert(account_token).values(
            token_hash=secret_hash(token),
            id=ids.new_id(),
            account_id=owner.id,
            label=wanted.label,
            scopes=None if wanted.scopes is None else list(wanted.scopes),
            created_at=now,
            expires_at=now + timedelta(days=wanted.days),
        )
    )
    return token


def check_scopes(scopes: Sequence[str], caller: Caller, policy: AccessPolicy) -> tuple[str, ...]:
    """The scopes, sorted and without repeats: a token never may what its owner may not.

    Raises:
        ScopeRefused: one of them is not among the owner's permissions.
    """
    wanted = tuple(sorted(set(scopes)))
    own = {permission.value for permission in policy.permissions(caller)}
    beyond = [scope for scope in wanted if scope not in own]
    if beyond:
        raise ScopeRefused(
            f"权限 {beyond[0]!r} 不在本账号权限内 / the account itself may not {beyond[0]!r}"
        )
    return wanted


async def list_tokens(session: AsyncSession, account_id: UUID, *, now: Instant) -> list[Token]:
    """The account's live tokens, the newest first."""
    found = await session.execute(
        select(account_token)
        .where(
            account_token.c.account_id == account_id,
            account_token.c.revoked_at.is_(None),
            account_token.c.expires_at > now,
        )
        .order_by(account_token.c.created_at.desc(), account_token.c.id)
    )
    return [_token(row) for row in found]


async def revoke_token(session: AsyncSession, id_: UUID, *, account_id: UUID, now: Instant) -> bool:
    """Revoke one live token of that account at once; whether there was one."""
    revoked = await session.execute(
        update(account_token)
        .where(
            account_token.c.id == id_,
            account_token.c.account_id == account_id,
            account_token.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(account_token.c.id)
    )
    return revoked.first() is not None


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
    theirs = account_token.c.token_hash == secret_hash(token)
    found = await session.execute(
        select(
            account.c.id,
            account.c.name,
            account.c.roles,
            account.c.region,
            account_token.c.scopes,
            account_token.c.last_used_at,
        )
        .join(account_token, account_token.c.account_id == account.c.id)
        .where(
            theirs,
            account_token.c.revoked_at.is_(None),
            account_token.c.expires_at > now,
            account.c.is_active,
        )
    )
    row = found.first()
    if row is None:
        raise NotSignedIn(detail="令牌无效或已过期 / the token is unknown, expired or revoked")
    if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY:
        await session.execute(update(account_token).where(theirs).values(last_used_at=now))
    scopes = None if row.scopes is None else frozenset(row.scopes)
    return Caller(row.id, row.name, tuple(row.roles), scopes=scopes, region=row.region)


def _token(row: Row[Any]) -> Token:
    scopes = None if row.scopes is None else tuple(row.scopes)
    return Token(row.id, row.label, scopes, row.created_at, row.last_used_at, row.expires_at)
