"""Imports that run by themselves: asked for in a browser, read first, then written; followed.

The list lies in `data_dir/jobs/<id>/list`, beside it what became of its rows. A process that is
killed loses its lease, and the next look takes the job up again: what was committed stays, and the
rest follows.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.signals import signal
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from subplatform.accounts.scope import Scope
from subplatform.declarations.errors import ImportNotFound
from subplatform.declarations.import_schemas import SuppliedIn
from subplatform.declarations.tables import IMPORT_JOBS, ImportJobRow

IMPORT_CHANNEL: Final = "kaixu_import"
LEASE: Final = timedelta(seconds=30)
MOST_TRIES: Final = 3
KEPT: Final = timedelta(days=7)
"""How long a list stays here after its import: it may name people."""


class JobState(StrEnum):
    """Where an import is."""

    WAITING = "waiting"
    RUNNING = "running"
    READ = "read"  # nothing was written: look at it, then import
    DONE = "done"
    REFUSED = "refused"  # the list cannot be imported as it is; nothing was written
    FAILED = "failed"  # something here is wrong; what was committed stays


class JobAction(StrEnum):
    """What happens to an import."""

    TAKE = "take"
    END_READING = "end_reading"
    COMPLETE = "complete"
    REFUSE = "refuse"
    FAIL = "fail"
    ASK = "ask"  # a person wants it run: in earnest, or again


TRANSITIONS: Final = {
    (JobState.WAITING, JobAction.TAKE): JobState.RUNNING,
    (JobState.RUNNING, JobAction.TAKE): JobState.RUNNING,  # the lease was over
    (JobState.RUNNING, JobAction.END_READING): JobState.READ,
    (JobState.RUNNING, JobAction.COMPLETE): JobState.DONE,
    (JobState.RUNNING, JobAction.REFUSE): JobState.REFUSED,
    (JobState.RUNNING, JobAction.FAIL): JobState.FAILED,
    (JobState.READ, JobAction.ASK): JobState.WAITING,
    (JobState.REFUSED, JobAction.ASK): JobState.WAITING,
    (JobState.FAILED, JobAction.ASK): JobState.WAITING,
}


class JobStateConflict(DomainError):
    """The import is not in a state for this."""

    problem = ProblemType.STATE_CONFLICT


@dataclass(frozen=True, slots=True)
class WantedJob:
    """A list that somebody uploaded, and how it is to be read."""

    file_name: str
    profile: str
    supplied: SuppliedIn
    rules: str | None = None
    organisation: UUID | None = None


async def ask_job(
    session: AsyncSession, job: UUID, wanted: WantedJob, *, by: str, now: Instant
) -> ImportJobRow:
    """Have the list at the job's place read; nothing is written before somebody wants it."""
    row = ImportJobRow(
        id=job,
        state=JobState.WAITING,
        file_name=wanted.file_name,
        profile=wanted.profile,
        rules=wanted.rules,
        supplied=wanted.supplied.model_dump(mode="json"),
        organisation=wanted.organisation,
        dry_run=True,
        whole=False,
        asked_by=by,
        asked_at=now,
        tries=0,
        rows_done=0,
    )
    session.add(row)
    await signal(session, IMPORT_CHANNEL)
    return row


async def ask_again(
    session: AsyncSession, job: UUID, *, dry_run: bool, whole: bool, by: str, now: Instant
) -> ImportJobRow:
    """Run a job that has ended once more: in earnest, or after something was put right.

    Locks it.

    Raises:
        ImportNotFound: there is none of that id.
        JobStateConflict: it runs, or its rows were imported.
    """
    row = await _lock(session, job)
    row.state = _next(row.state, JobAction.ASK)
    row.dry_run, row.whole, row.asked_by, row.asked_at = dry_run, whole, by, now
    row.finished_at, row.problem, row.tries, row.rows_done = None, None, 0, 0
    await signal(session, IMPORT_CHANNEL)
    return row


async def take_job(session: AsyncSession, *, now: Instant) -> ImportJobRow | None:
    """The oldest job that waits or was interrupted, held for `LEASE`; None where there is none."""
    row = await session.scalar(
        select(ImportJobRow)
        .where(
            or_(
                ImportJobRow.state == JobState.WAITING,
                (ImportJobRow.state == JobState.RUNNING) & (ImportJobRow.lease_until < now),
            )
        )
        .order_by(ImportJobRow.asked_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    row.state, row.lease_until = _next(row.state, JobAction.TAKE), now + LEASE
    row.tries += 1
    return row


async def move_job(
    session: AsyncSession, job: UUID, *, done: int, total: int | None, now: Instant
) -> None:
    """Say how far it is, and hold it on."""
    row = await session.get(ImportJobRow, job, with_for_update=True)
    if row is not None and row.state == JobState.RUNNING:
        row.rows_done, row.rows_total, row.lease_until = done, total, now + LEASE


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a run ended: with the report's counts, or with the problem that is in its way."""

    action: JobAction
    run: UUID | None = None
    counts: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None


async def end_job(session: AsyncSession, job: UUID, end: JobEnd, *, now: Instant) -> None:
    """Store the end of a run.

    Raises:
        ImportNotFound: it was taken away meanwhile.
        JobStateConflict: somebody else ended it.
    """
    row = await _lock(session, job)
    row.state, row.lease_until = _next(row.state, end.action), None
    row.run, row.counts, row.problem = end.run or row.run, end.counts, end.problem
    row.finished_at = now
    if end.counts is not None:
        row.rows_done = int(end.counts["rows_read"])


async def find_job(session: AsyncSession, job: UUID, *, within: Scope) -> ImportJobRow:
    """One job.

    Raises:
        ImportNotFound: there is none of that id, or it is of another organisation.
    """
    wanted = select(ImportJobRow).where(
        ImportJobRow.id == job, within.whole(IMPORT_JOBS.c.organisation)
    )
    row = await session.scalar(wanted.execution_options(populate_existing=True))
    if row is None:
        raise ImportNotFound(f"没有导入 {job} / there is no import {job}")
    return row


async def list_jobs(
    session: AsyncSession, *, within: Scope, before: UUID | None = None, limit: int = 20
) -> Sequence[ImportJobRow]:
    """Jobs of the scope, the newest first, from the one before `before`."""
    reached = select(ImportJobRow).where(within.whole(IMPORT_JOBS.c.organisation))
    wanted = reached.order_by(ImportJobRow.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(ImportJobRow.id < before)
    return (await session.scalars(wanted)).all()


async def forget_jobs(session: AsyncSession, *, data_dir: Path, now: Instant) -> int:
    """Remove lists and jobs that ended more than `KEPT` ago; the imports' own records stay."""
    over = (ImportJobRow.finished_at < now - KEPT) & (ImportJobRow.state != JobState.RUNNING)
    gone = await session.scalars(delete(ImportJobRow).where(over).returning(ImportJobRow.id))
    jobs = gone.all()
    for job in jobs:
        shutil.rmtree(job_folder(data_dir, job), ignore_errors=True)
    return len(jobs)


def job_folder(data_dir: Path, job: UUID) -> Path:
    """Where the list of a job is, and what became of its rows."""
    return data_dir / "jobs" / str(job)


def list_of(data_dir: Path, job: UUID) -> Path:
    """The list of a job."""
    return job_folder(data_dir, job) / "list"


def problems_of(data_dir: Path, job: UUID) -> Path:
    """The rows with problems, one JSON object on each line, of the last run that ended."""
    return job_folder(data_dir, job) / "problems.jsonl"


def _next(state: str, action: JobAction) -> JobState:
    after = TRANSITIONS.get((JobState(state), action))
    if after is None:
        raise JobStateConflict(
            detail=f"导入状态为 {state}，不能 {action.value} / an import that is {state} cannot"
        )
    return after


async def _lock(session: AsyncSession, job: UUID) -> ImportJobRow:
    row = await session.get(ImportJobRow, job, with_for_update=True, populate_existing=True)
    if row is None:
        raise ImportNotFound(f"没有导入 {job} / there is no import {job}")
    return row
