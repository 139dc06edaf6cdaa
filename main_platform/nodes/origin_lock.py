"""The lock of one node's intake: whoever takes statements in, or ends the key they are signed with.

It comes after the locks of patents and before those of listings (`main_platform.intake.locks`).
"""

from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

_ORIGIN: Final = select(
    func.pg_advisory_xact_lock(func.hashtextextended(bindparam("origin"), 0x6B61_6978_2000))
)


async def lock_origin(session: AsyncSession, origin: str) -> None:
    """One intake of a node at a time: counters, chains and keys are then read without races."""
    await session.execute(_ORIGIN, {"origin": origin})
