"""The records of imports: begun, moved on with each batch, ended; and their reports as files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant
from subplatform.accounts.scope import Scope
from subplatform.audit.acts import Act
from subplatform.declarations.errors import ImportNotFound
from subplatform.declarations.importing.report import Outcome
from subplatform.declarations.tables import IMPORT_RUNS, ImportRunRow


@dataclass(frozen=True, slots=True)
class ListFile:
    """The file of an import: its name, digest and profile, and whose declarations it holds."""

    name: str
    sha256: str
    profile: str
    organisation: UUID | None = None


async def begin_run(
    session: AsyncSession, run: UUID, file: ListFile, *, by: str, now: Instant
) -> None:
    """Record that an import begins; one of the same file that never ended was interrupted."""
    await session.execute(
        update(IMPORT_RUNS)
        .where(
            IMPORT_RUNS.c.file_sha256 == file.sha256,
            IMPORT_RUNS.c.profile == file.profile,
            IMPORT_RUNS.c.organisation_id.is_not_distinct_from(file.organisation),
            IMPORT_RUNS.c.state == "running",
        )
        .values(state="interrupted")
    )
    await session.execute(
        insert(IMPORT_RUNS).values(
            id=run,
            state="running",
            file_name=file.name,
            file_sha256=file.sha256,
            profile=file.profile,
            organisation_id=file.organisation,
            started_by=by,
            started_at=now,
        )
    )
    facts = {"file": file.name, "sha256": file.sha256, "profile": file.profile}
    await record(
        session, Record(Act.LIST_IMPORTED, Subject("import", str(run)), by, facts), now=now
    )


async def count_rows(session: AsyncSession, run: UUID, outcomes: Counter[Outcome]) -> None:
    """Add a batch's outcomes, in the batch's own transaction."""
    columns = IMPORT_RUNS.c
    await session.execute(
        update(IMPORT_RUNS)
        .where(columns.id == run)
        .values(
            rows_new=columns.rows_new + outcomes[Outcome.NEW],
            rows_updated=columns.rows_updated + outcomes[Outcome.UPDATED],
            rows_unchanged=columns.rows_unchanged + outcomes[Outcome.UNCHANGED],
            rows_refused=columns.rows_refused + outcomes[Outcome.REFUSED],
        )
    )


async def end_run(
    session: AsyncSession, run: UUID, *, counts: dict[str, Any] | None, now: Instant
) -> None:
    """Record the end: complete with the report's counts, or interrupted without."""
    state = "interrupted" if counts is None else "completed"
    await session.execute(
        update(IMPORT_RUNS)
        .where(IMPORT_RUNS.c.id == run)
        .values(state=state, counts=counts, finished_at=now)
    )


async def list_runs(
    session: AsyncSession, *, within: Scope, before: UUID | None = None, limit: int = 50
) -> Sequence[ImportRunRow]:
    """Imports of the scope, the newest first, from the one before `before`."""
    reached = select(ImportRunRow).where(within.whole(IMPORT_RUNS.c.organisation_id))
    wanted = reached.order_by(ImportRunRow.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(ImportRunRow.id < before)
    return (await session.scalars(wanted)).all()


async def find_run(session: AsyncSession, run: UUID, *, within: Scope) -> ImportRunRow:
    """One import.

    Raises:
        ImportNotFound: there is none of that id, or it is of another organisation.
    """
    is_this = (ImportRunRow.id == run) & within.whole(IMPORT_RUNS.c.organisation_id)
    row = await session.scalar(select(ImportRunRow).where(is_this))
    if row is None:
        raise ImportNotFound(f"没有导入 {run} / there is no import {run}")
    return row


def report_folder(data_dir: Path, run: UUID) -> Path:
    """Where the reports of one import are."""
    return data_dir / "imports" / str(run)


def report_file(data_dir: Path, run: UUID, kind: Literal["csv", "json"]) -> Path:
    """The report of an import as a file.

    Raises:
        ImportNotFound: there is no such report on this machine.
    """
    file = report_folder(data_dir, run) / f"report.{kind}"
    if not file.is_file():
        raise ImportNotFound(f"导入 {run} 没有报告文件 / import {run} has no report file")
    return file
