"""Use cases on portal keys. They write no audit record: the commands do."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.portal_keys.tables import portal_key, portal_key_use
from shared_platform.transport.limit_reads import KEY_PREFIX, PortalKey, PortalKeyInvalid
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError, FieldError

MAX_TIMES: Final = 1_000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")
_MAX_CONTACT: Final = 200
_INVALID: Final = (
    "门户密钥不存在、已吊销或已过期；请去掉 Authorization，或向运营方换取"
    " / the portal key is unknown, revoked or expired: leave out Authorization, or ask for another"
)


class PortalKeyRefused(DomainError):
    """Name, contact or limit cannot be those of a key; `errors` names which."""

    problem = ProblemType.SCHEMA_INVALID


class PortalKeyExists(DomainError):
    """The name is taken, if by a revoked key: what was counted under it must stay its own."""

    problem = ProblemType.ALREADY_EXISTS


class PortalKeyNotFound(DomainError):
    """No key has that name."""

    problem = ProblemType.NOT_FOUND


@dataclass(frozen=True, slots=True)
class WantedKey:
    """What an administrator states of a new key; without `expires_at` it holds until revoked."""

    name: str
    contact: str
    times: int
    expires_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as administrators see it, with what was asked under it since a day."""

    name: str
    contact: str
    times: int
    created_at: Instant
    expires_at: Instant | None
    revoked_at: Instant | None
    granted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Use:
    """How often one key was used against one budget on one legal day."""

    key: UUID
    day: date
    budget: str
    granted: int
    refused: int


async def add_key(session: AsyncSession, wanted: WantedKey, *, ids: IdSource, now: Instant) -> str:
    """Make a key of 256 random bits; it is returned once and stored only as a hash.

    Raises:
        PortalKeyRefused: name, contact, limit or end cannot be those of a key.
        PortalKeyExists: the name is taken.
    """
    _check(wanted, now)
    token = f"{KEY_PREFIX}{ids.new_token()}{ids.new_token()}"
    added = await session.execute(
        insert(portal_key)
        .values(
            id=ids.new_id(),
            name=wanted.name,
            contact=wanted.contact,
            key_hash=_hash(token),
            times=wanted.times,
            created_at=now,
            expires_at=wanted.expires_at,
        )
        .on_conflict_do_nothing(index_elements=["name"])
        .returning(portal_key.c.id)
    )
    if added.first() is None:
        raise PortalKeyExists(f"已有密钥 {wanted.name!r}，请换一个名称 / take another name")
    return token


async def revoke_key(session: AsyncSession, name: str, *, now: Instant) -> Instant:
    """Revoke a key for good, everywhere within a second; since when it is revoked.

    Raises:
        PortalKeyNotFound: there is none of that name.
    """
    ended = func.coalesce(portal_key.c.revoked_at, now)
    changed = await session.execute(
        update(portal_key)
        .where(portal_key.c.name == name)
        .values(revoked_at=ended)
        .returning(portal_key.c.revoked_at)
    )
    row = changed.first()
    if row is None:
        raise PortalKeyNotFound(f"没有密钥 {name!r} / there is no portal key of that name")
    since: Instant = row.revoked_at
    return since


async def list_keys(session: AsyncSession, *, since: date) -> list[ShownKey]:
    """All keys by name, with their use since a legal day."""
    counted = (
        select(
            portal_key_use.c.key,
            func.sum(portal_key_use.c.granted).label("granted"),
            func.sum(portal_key_use.c.refused).label("refused"),
        )
        .where(portal_key_use.c.day >= since)
        .group_by(portal_key_use.c.key)
        .subquery()
    )
    found = await session.execute(
        select(portal_key, counted.c.granted, counted.c.refused)
        .outerjoin(counted, counted.c.key == portal_key.c.id)
        .order_by(portal_key.c.name)
    )
    return [_shown(row) for row in found]


async def find_key(session: AsyncSession, token: str, *, now: Instant) -> PortalKey:
    """The key of a token. The look-up is by hash, so its time tells nothing.

    Raises:
        PortalKeyInvalid: it is unknown, revoked or expired.
    """
    found = await session.execute(
        select(portal_key.c.id, portal_key.c.times).where(
            portal_key.c.key_hash == _hash(token),
            portal_key.c.revoked_at.is_(None),
            func.coalesce(portal_key.c.expires_at > now, true()),
        )
    )
    row = found.first()
    if row is None:
        raise PortalKeyInvalid(_INVALID)
    return PortalKey(row.id, row.times)


async def add_uses(session: AsyncSession, uses: list[Use]) -> None:
    """Add to what was counted; in one order, so that no two processes wait for each other."""
    rows = [
        {
            "key": one.key,
            "day": one.day,
            "budget": one.budget,
            "granted": one.granted,
            "refused": one.refused,
        }
        for one in sorted(uses, key=lambda one: (one.key, one.day, one.budget))
    ]
    new = insert(portal_key_use).values(rows)
    counted = {name: portal_key_use.c[name] + new.excluded[name] for name in ("granted", "refused")}
    await session.execute(
        new.on_conflict_do_update(index_elements=["key", "day", "budget"], set_=counted)
    )


def _check(wanted: WantedKey, now: Instant) -> None:
    """Refuse what cannot be a key's.

    Raises:
        PortalKeyRefused: see `errors`.
    """
    errors = []
    if not _NAME.fullmatch(wanted.name):
        message = "用 2–63 个小写字母、数字和 . _ - / 2 to 63 of a-z 0-9 . _ -"
        errors.append(FieldError("name", "portal_key.name", message))
    if not 0 < len(wanted.contact.strip()) <= _MAX_CONTACT:
        message = "写明联系人，1–200 字 / say whom to reach, 1 to 200 characters"
        errors.append(FieldError("contact", "portal_key.contact", message))
    if not 1 <= wanted.times <= MAX_TIMES:
        message = f"倍数为 1–{MAX_TIMES} / 1 to {MAX_TIMES} times the limits of an address"
        errors.append(FieldError("times", "portal_key.times", message))
    if wanted.expires_at is not None and wanted.expires_at <= now:
        message = "有效期须在将来 / the end must lie in the future"
        errors.append(FieldError("days", "portal_key.days", message))
    if errors:
        raise PortalKeyRefused("密钥信息有误 / the key cannot be made so", errors)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def _shown(row: Row[Any]) -> ShownKey:
    return ShownKey(
        row.name,
        row.contact,
        row.times,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        int(row.granted or 0),
        int(row.refused or 0),
    )
