"""One request = one transaction, committed before the answer is sent; clock and ids as values."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Final, TypeVar

import structlog
from fastapi import Depends, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant

SERIALIZATION_FAILURE: Final = "40001"
DEADLOCK_DETECTED: Final = "40P01"

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


async def open_transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """A session of `app.state.sessions`: committed when the route returns, else rolled back."""
    sessions: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with sessions.begin() as session:
        yield session


# With the default scope the commit would come after the answer: a failing one still answers 201.
Transaction = Annotated[AsyncSession, Depends(open_transaction, scope="function")]


async def read_now(request: Request) -> Instant:
    """The instant of this request, from `app.state.clock`."""
    clock: Clock = request.app.state.clock
    return clock.now()


async def read_ids(request: Request) -> IdSource:
    """The source of identifiers, `app.state.ids`."""
    ids: IdSource = request.app.state.ids
    return ids


Now = Annotated[Instant, Depends(read_now)]
Ids = Annotated[IdSource, Depends(read_ids)]


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
