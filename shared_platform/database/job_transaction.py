"""A job's transaction: again when the database chose it as a victim."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

SERIALIZATION_FAILURE: Final = "40001"
DEADLOCK_DETECTED: Final = "40P01"

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


async def in_transaction(
    sessions: async_sessionmaker[AsyncSession],
    work: Callable[[AsyncSession], Awaitable[Result]],
    *,
    attempts: int = 3,
) -> Result:
    """Run a job's `work` in one transaction, again when the database chose it as a victim.

    Only serialization failures and deadlocks are tried again: both roll everything back first.

    Raises:
        DBAPIError: another failure, or still a victim at the last attempt.
    """
    for attempt in range(1, attempts):
        try:
            async with sessions.begin() as session:
                return await work(session)
        except DBAPIError as error:
            if sqlstate(error) not in {SERIALIZATION_FAILURE, DEADLOCK_DETECTED}:
                raise
            log.warning("transaction_repeated", attempt=attempt, sqlstate=sqlstate(error))
    async with sessions.begin() as session:
        return await work(session)


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-character code of the failure; None when the connection was lost."""
    code = getattr(error.orig, "sqlstate", None)
    return code if isinstance(code, str) else None
