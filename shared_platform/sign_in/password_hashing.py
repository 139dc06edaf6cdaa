"""Hashes of passwords: argon2id (RFC 9106) in threads, at most one for each core.

A hash takes tens of milliseconds and 46 MiB on purpose. Whoever hashes holds no connection of the
database meanwhile, and where too many wait, the next is refused instead of queued.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

# OWASP Password Storage Cheat Sheet, argon2id: the row with most memory; one thread each.
_HASHER: Final = Argon2Hasher(time_cost=1, memory_cost=47_104, parallelism=1)
# Of a random password that was thrown away: whom nobody knows is checked against it.
_NOBODYS: Final = (
    "$argon2id$v=19$m=47104,t=1,p=1$MeIF/A2KVjiFjIR3VYpy/A"
    "$bs7BO89pLb+GEOLg0hsGyn9Yhs4+/4EaS+jukSaevhs"
)
_RETRY_SECONDS: Final = 5
Result = TypeVar("Result")


class TooManySignIns(DomainError):
    """More people sign in at this moment than this machine can check."""

    problem = ProblemType.RATE_LIMITED


class PasswordHashing:
    """One per process."""

    def __init__(self, *, at_once: int | None = None, waiting: int = 64) -> None:
        self._hashing = PasswordHash((_HASHER,))
        self._turns = asyncio.Semaphore(at_once or os.cpu_count() or 1)
        self._waiting = 0
        self._most_waiting = waiting

    async def hash(self, password: str) -> str:
        """The hash to store.

        Raises:
            TooManySignIns: too many wait already.
        """
        return await self._in_turn(lambda: self._hashing.hash(password))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether the password is right, and a newer hash to store if the old one is out of date.

        Without a stored hash the same work is done for nothing, so that the time of an answer does
        not tell which accounts there are.

        Raises:
            TooManySignIns: too many wait already.
        """
        if stored is None:
            await self._in_turn(lambda: self._hashing.verify(password, _NOBODYS))
            return False, None
        return await self._in_turn(lambda: self._hashing.verify_and_update(password, stored))

    async def _in_turn(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= self._most_waiting:
            raise TooManySignIns(retry_after_s=_RETRY_SECONDS)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
