"""The last erasure in the log: what was written to a file before it is not given out any more."""

from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.tables import DECISIONS, log_entry

# `DECISIONS` is the predicate of the partial index, word for word.
LAST_ERASURE: Final = select(func.coalesce(func.max(log_entry.c.serial), -1)).where(
    text(DECISIONS), log_entry.c.kind == "object_erased"
)

OutdatedThrough = Callable[[AsyncSession], Awaitable[int]]
"""The largest size of the log at which a file may hold what was erased; -1 where none may."""


async def last_erasure(session: AsyncSession) -> int:
    """The serial of the last erasure in the log; -1 where there is none.

    A file made at that size of the log or a smaller one may hold what was erased.
    """
    found: int = (await session.execute(LAST_ERASURE)).scalar_one()
    return found
