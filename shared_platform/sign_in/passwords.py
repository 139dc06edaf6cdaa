"""Passwords of accounts: which are strong enough, who has which, and signing in by one."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.tables import account
from shared_schema.instants import Instant


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is needed to check a password; never shown."""

    account_id: UUID
    name: str
    password_hash: str | None
    is_active: bool


async def read_credentials(session: AsyncSession, name: str) -> Credentials | None:
    """The account that signs in by this name or this address; None where there is none."""
    typed = name.strip().lower()
    found = await session.execute(
        select(account.c.id, account.c.name, account.c.password_hash, account.c.is_active)
        .where((account.c.name == typed) | (account.c.email == typed))
        .order_by((account.c.name == typed).desc())
        .limit(1)
    )
    row = found.first()
    return None if row is None else Credentials(row.id, row.name, row.password_hash, row.is_active)


async def set_password(
    session: AsyncSession, account_id: UUID, *, password_hash: str, now: Instant
) -> None:
    """Store a password that somebody chose, as its hash."""
    await session.execute(
        update(account)
        .where(account.c.id == account_id)
        .values(password_hash=password_hash, password_changed_at=now)
    )


async def renew_hash(session: AsyncSession, account_id: UUID, *, password_hash: str) -> None:
    """Store the same password hashed by today's rules."""
    await session.execute(
        update(account).where(account.c.id == account_id).values(password_hash=password_hash)
    )
