"""Links that let somebody in once: an invitation, a recovery. Stored as hashes, they expire."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.secret_hash import new_secret, secret_hash
from shared_platform.sign_in.tables import account, account_link
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

WELCOME_PATH: Final = "/welcome"


class Purpose(StrEnum):
    """What a link lets its reader do."""

    INVITATION = "invitation"
    RECOVERY = "recovery"


class LinkRefused(DomainError):
    """The link is unknown, used, replaced or too old; the answer never says which."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A live link and whom it is for."""

    account_id: UUID
    name: str
    display_name: str
    purpose: Purpose


def link_address(base_url: str, secret: str) -> str:
    """Where a link leads. The secret is in the query, which no log line of ours holds."""
    return f"{base_url}{WELCOME_PATH}?link={secret}"


async def issue_link(
    session: AsyncSession,
    account_id: UUID,
    *,
    purpose: Purpose,
    expires_at: Instant,
    ids: IdSource,
    now: Instant,
) -> str:
    """The secret of a new link; earlier ones of the same purpose stop working."""
    secret = new_secret(ids)
    same = (account_link.c.account_id == account_id) & (account_link.c.purpose == purpose)
    await session.execute(delete(account_link).where(same))
    await session.execute(
        insert(account_link).values(
            secret_hash=secret_hash(secret),
            account_id=account_id,
            purpose=purpose,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return secret


async def find_link(session: AsyncSession, secret: str, *, now: Instant) -> FoundLink:
    """The live link of that secret, locked, so that of two who use it at once one succeeds.

    Raises:
        LinkRefused: it is not live, or its account is switched off.
    """
    found = await session.execute(
        select(account_link, account.c.name, account.c.display_name)
        .join(account, account.c.id == account_link.c.account_id)
        .where(
            account_link.c.secret_hash == secret_hash(secret),
            account_link.c.used_at.is_(None),
            account_link.c.expires_at > now,
            account.c.is_active,
        )
        .with_for_update(of=account_link)
    )
    row = found.first()
    if row is None:
        raise LinkRefused(
            "链接已失效，请重新申请 / the link has been used or is too old; ask for a new one"
        )
    return FoundLink(row.account_id, row.name, row.display_name, Purpose(row.purpose))


async def use_links(session: AsyncSession, account_id: UUID, *, now: Instant) -> None:
    """Let no link of the account work any more."""
    theirs = (account_link.c.account_id == account_id) & account_link.c.used_at.is_(None)
    await session.execute(update(account_link).where(theirs).values(used_at=now))
