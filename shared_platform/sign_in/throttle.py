"""Who guesses waits: tries that failed are counted by name and by address, known or not.

A name waits longer after each row of failures, up to a quarter of an hour, so that nobody is locked
out for good by a stranger. An unknown name waits as a known one does: the answer tells nothing.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.sign_in.secret_hash import secret_hash
from shared_platform.sign_in.tables import sign_in_failure
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

FREE_TRIES: Final = 5
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
_FORGOTTEN_AFTER: Final = timedelta(days=1)


class TriedTooOften(DomainError):
    """Too many tries failed, by this name or from this address."""

    problem = ProblemType.RATE_LIMITED


@dataclass(frozen=True, slots=True)
class Tried:
    """Whose tries are counted: what was typed, and for what."""

    what: str
    name: str

    @property
    def key(self) -> bytes:
        """No name is stored: people type passwords where names belong."""
        return secret_hash(f"{self.what}:{self.name.strip().lower()}")


async def take_try(session: AsyncSession, tried: Tried, *, now: Instant) -> timedelta:
    """Count a try before it is judged, so that many at once are many; forget it if it was right.

    Returns how long the name waits if this one was wrong.

    Locks the row of the name. A row of failures begins again after a day without one.

    Raises:
        TriedTooOften: the name waits; `retry_after_s` says how long.
    """
    fresh = upsert(sign_in_failure).values(
        key_hash=tried.key, failures=0, last_failed_at=now, waits_until=now
    )
    await session.execute(fresh.on_conflict_do_nothing(index_elements=["key_hash"]))
    mine = sign_in_failure.c.key_hash == tried.key
    row = (await session.execute(select(sign_in_failure).where(mine).with_for_update())).one()
    if row.waits_until > now:
        seconds = max(1, math.ceil((row.waits_until - now).total_seconds()))
        raise TriedTooOften(
            f"连续输错，请 {seconds} 秒后再试 / too many wrong tries; wait {seconds} s",
            retry_after_s=seconds,
        )
    is_old = row.last_failed_at < now - _FORGOTTEN_AFTER
    failures = 1 if is_old else row.failures + 1
    await session.execute(
        update(sign_in_failure)
        .where(mine)
        .values(failures=failures, last_failed_at=now, waits_until=now + wait_after(failures))
    )
    return wait_after(failures)


async def write_as_much(session: AsyncSession, tried: Tried, *, now: Instant) -> None:
    """Write as much as the record of a refusal is: a commit is waited for with every name."""
    mine = sign_in_failure.c.key_hash == tried.key
    await session.execute(update(sign_in_failure).where(mine).values(last_failed_at=now))


def wait_after(failures: int) -> timedelta:
    """How long a name waits after so many failures in a row: doubling, up to the longest."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings = min(failures - FREE_TRIES, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


async def forget_failures(session: AsyncSession, tried: Tried) -> None:
    """Begin again: the right password, or a new one by mail."""
    await session.execute(delete(sign_in_failure).where(sign_in_failure.c.key_hash == tried.key))


async def forget_old_failures(session: AsyncSession, *, now: Instant) -> int:
    """Delete rows that no longer count; returns how many."""
    old = sign_in_failure.c.last_failed_at < now - _FORGOTTEN_AFTER
    gone = delete(sign_in_failure).where(old).returning(sign_in_failure.c.key_hash)
    return len((await session.execute(gone)).all())


class AddressLimit:
    """How often one address may try in a minute, in this process: who guesses many names waits.

    Kept in memory: a restart begins again, and several processes each allow as much.
    """

    def __init__(self, *, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def take(self, address: str) -> None:
        """Count one try of this address.

        Raises:
            TriedTooOften: it has used its tries of this minute up.
        """
        if not await self._limiter.hit(self._item, address):
            raise TriedTooOften(
                "这个地址的尝试过多，请稍后再试 / too many tries from this address; wait a minute",
                retry_after_s=60,
            )
