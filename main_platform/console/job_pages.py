"""What runs by itself: loops and chores, queues, alarms with what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Response
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.queue_rows import queue_depth
from main_platform.console.job_words import JOB_WORDS, JOBS
from main_platform.review.queue import count_reviews
from main_platform.staff.permissions import Permission
from shared_platform.alarms.alarms import open_alarms
from shared_platform.alarms.schemas import AlarmOut
from shared_platform.audit.check_chain import read_trail_state
from shared_platform.database.transaction import Now, Transaction
from shared_platform.job_runs.noted import read_job_runs
from shared_platform.mail.tables import mail_letter
from shared_platform.workspace.visit import Visit, page_caller_with
from shared_platform.workspace.workspace_page import show_page
from shared_schema.bilingual import Words
from shared_schema.instants import Instant, parse_instant

router = APIRouter(include_in_schema=False)
_reading = Depends(page_caller_with(Permission.READ_NODES), scope="function")
Reading = Annotated[Visit, _reading]
PATH: Final = "/console/jobs"
_GRACE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class JobLine:
    """One loop: its title, its last round, and `fine`, `late` or `failing`."""

    row: Row[Any]
    title: Words
    state: str


@dataclass(frozen=True, slots=True)
class Queue:
    """Something that waits: how much, since when, and where to look at it."""

    name: str
    waiting: int
    oldest: Instant | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class ShownAlarm:
    """An alarm that stands, in words."""

    out: AlarmOut
    raised_at: Instant


@router.get(PATH)
async def jobs_page(visit: Reading, session: Transaction, now: Now) -> Response:
    """Alarms, queues and loops."""
    alarms = [AlarmOut.of(row) for row in await open_alarms(session)]
    facts = {
        "alarms": [ShownAlarm(one, parse_instant(one.raised_at)) for one in alarms],
        "queues": await _queues(session),
        "jobs": [job_line(row, now=now) for row in await read_job_runs(session)],
    }
    return show_page(visit, "main_platform.console:jobs.html", facts, words=JOB_WORDS)


def job_line(row: Row[Any], *, now: Instant) -> JobLine:
    """The loop as it stands: failing after its last round failed, late when none came in time."""
    state = "fine"
    if row.failed_at is not None and (row.ran_at is None or row.failed_at > row.ran_at):
        state = "failing"
    elif row.next_at is not None and now > row.next_at + _GRACE:
        state = "late"
    return JobLine(row, JOBS.get(row.name, Words(row.name, row.name)), state)


async def _queues(session: AsyncSession) -> Sequence[Queue]:
    depth, trail = await queue_depth(session), await read_trail_state(session)
    waiting, since = (await count_reviews(session)).get("waiting", (0, None))
    letter = mail_letter.c
    due = (letter.sent_at.is_(None), letter.gave_up_at.is_(None))
    unsent = select(func.count(), func.min(letter.queued_at)).where(*due)
    letters, oldest = (await session.execute(unsent)).one()
    return (
        Queue("log_queue", depth.waiting, depth.oldest, "/console/catalogue"),
        Queue("held", depth.held, None, "/console/catalogue"),
        Queue("reviews", waiting, since),
        Queue("mail", letters, oldest),
        Queue("unsealed", trail.unsealed, trail.oldest_unsealed),
    )
