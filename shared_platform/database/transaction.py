"""One request = one transaction, committed before the answer is sent; clock and ids as values."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.identities import IdSource
from shared_schema.instants import Clock, Instant


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
