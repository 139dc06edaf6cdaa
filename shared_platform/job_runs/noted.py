"""Note each round of a loop: staff see what works and what does not without reading logs."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.job_runs.tables import job_run
from shared_schema.instants import Clock

Result = TypeVar("Result")
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A loop: its name, and seconds between the end of one round and the next at the latest."""

    name: str
    every_seconds: float


async def noted(
    sessions: async_sessionmaker[AsyncSession],
    clock: Clock,
    job: Job,
    *,
    work: Callable[[], Awaitable[Result]],
) -> Result:
    """Do one round and note how it ended; a failure goes on to whoever waits it out.

    The note is a transaction of its own after the work; where it cannot be written the work stands.
    """
    began = clock.now()
    try:
        done = await work()
    except Exception as failure:
        kind = type(failure).__name__
        columns = {"failed_at": clock.now(), "failure": kind, "next_at": None}
        await _note(sessions, job.name, columns)
        raise
    now = clock.now()
    next_at = now + timedelta(seconds=job.every_seconds)
    took = (now - began).total_seconds()
    await _note(sessions, job.name, {"ran_at": now, "seconds": took, "next_at": next_at})
    return done


async def read_job_runs(session: AsyncSession) -> Sequence[Row[Any]]:
    """Every loop that was ever noted, by name."""
    return (await session.execute(select(job_run).order_by(job_run.c.name))).all()


async def _note(
    sessions: async_sessionmaker[AsyncSession], name: str, columns: dict[str, object]
) -> None:
    fresh = insert(job_run).values(name=name, **columns)
    try:
        async with sessions.begin() as session:
            await session.execute(
                fresh.on_conflict_do_update(index_elements=["name"], set_=columns)
            )
    except (OSError, SQLAlchemyError) as failure:
        _log.warning("job_not_noted", job=name, error=type(failure).__name__)
