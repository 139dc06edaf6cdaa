"""Run the imports that people asked for, one after the other, telling how far each is."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, Final, NoReturn
from uuid import UUID

import structlog

from shared_platform.database.signals import Signals
from shared_schema.finding import Severity
from shared_schema.instants import Instant
from shared_schema.refusal import DomainError
from subplatform.declarations.desk import Desk
from subplatform.declarations.import_file import ChangedMeanwhile, Imported, ListImport, import_file
from subplatform.declarations.import_jobs import (
    IMPORT_CHANNEL,
    MOST_TRIES,
    JobAction,
    JobEnd,
    end_job,
    forget_jobs,
    list_of,
    move_job,
    problems_of,
    take_job,
)
from subplatform.declarations.import_schemas import SuppliedIn
from subplatform.declarations.importing.list_refused import (
    ListRefused,
    ListTooLarge,
    ProfileRefused,
)
from subplatform.declarations.importing.profile_files import choose_profile
from subplatform.declarations.importing.report import Outcome, ReportLine
from subplatform.declarations.tables import ImportJobRow

_EVERY_SECONDS: Final = 15.0
_TELLING_SECONDS: Final = 1.0
_FORGETTING_EVERY: Final = timedelta(hours=1)
_SHOWN: Final = frozenset({"refusal", Severity.ERROR.value, Severity.CONFLICT.value})
_OF_THE_LIST: Final = (ListRefused, ListTooLarge, ProfileRefused, ChangedMeanwhile)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ImportWork:
    """The imports of one node process."""

    desk: Desk
    signals: Signals
    data_dir: Path
    own_rules: str

    async def run(self) -> NoReturn:
        """Run what waits, until cancelled; any number of processes may do so."""
        forgotten_at: Instant | None = None
        while True:
            now = self.desk.clock.now()
            if forgotten_at is None or now - forgotten_at > _FORGETTING_EVERY:
                async with self.desk.sessions.begin() as session:
                    await forget_jobs(session, data_dir=self.data_dir, now=now)
                forgotten_at = now
            async with self.signals.awaiting(IMPORT_CHANNEL) as awaited:
                while await self.run_next():
                    pass
                await awaited.wait(_EVERY_SECONDS)

    async def run_next(self) -> bool:
        """Run one job to its end; whether there was one."""
        async with self.desk.sessions.begin() as session:
            job = await take_job(session, now=self.desk.clock.now())
        if job is None:
            return False
        end = await self._worked(job)
        async with self.desk.sessions.begin() as session:
            await end_job(session, job.id, end, now=self.desk.clock.now())
        _log.info("import_ended", job=str(job.id), action=end.action.value)
        return True

    async def _worked(self, job: ImportJobRow) -> JobEnd:
        if job.tries > MOST_TRIES:
            detail = "多次中断，请检查后重试 / interrupted too often: look why, then try again"
            return JobEnd(JobAction.FAIL, problem={"code": "internal_error", "detail": detail})
        telling = _Telling(self.desk, job.id)
        told = asyncio.create_task(telling.run())
        try:
            return _end_of(job, await self._imported(job, telling))
        except DomainError as refusal:
            action = JobAction.REFUSE if isinstance(refusal, _OF_THE_LIST) else JobAction.FAIL
            return JobEnd(action, problem=_problem(refusal))
        except OSError as error:
            _log.warning("import_interrupted", job=str(job.id), error=type(error).__name__)
            detail = "读写文件失败 / a file could not be read or written"
            return JobEnd(JobAction.FAIL, problem={"code": "storage_full", "detail": detail})
        finally:
            told.cancel()
            with suppress(asyncio.CancelledError):
                await told

    async def _imported(self, job: ImportJobRow, telling: "_Telling") -> Imported:
        wanted = ListImport(
            path=list_of(self.data_dir, job.id),
            file_name=job.file_name,
            profile=choose_profile(job.profile, rules=job.rules, own_rules=self.own_rules),
            data_dir=self.data_dir,
            supplied=SuppliedIn.model_validate(job.supplied).wanted(),
            dry_run=job.dry_run,
            whole=job.whole,
            organisation=job.organisation,
        )
        shown = problems_of(self.data_dir, job.id)
        draft = shown.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as lines:
            done = await import_file(
                self.desk,
                wanted,
                by=job.asked_by,
                on_progress=telling.tell,
                on_line=lambda line: _write_problem(lines, line),
            )
        draft.replace(shown)
        return done


@dataclass(slots=True)
class _Telling:
    """How far an import is, stored every second; the lease goes on with it."""

    desk: Desk
    job: UUID
    done: int = 0
    total: int | None = field(default=None)

    def tell(self, done: int, total: int | None) -> None:
        """Rows done, of how many."""
        self.done, self.total = done, total

    async def run(self) -> NoReturn:
        """Store it, until cancelled."""
        while True:
            async with self.desk.sessions.begin() as session:
                now = self.desk.clock.now()
                await move_job(session, self.job, done=self.done, total=self.total, now=now)
            await asyncio.sleep(_TELLING_SECONDS)


def _end_of(job: ImportJobRow, imported: Imported) -> JobEnd:
    counts = imported.report.to_json()
    if job.dry_run:
        return JobEnd(JobAction.END_READING, counts=counts)
    if imported.run is None:  # all was wanted or none
        refused = imported.report.outcomes[Outcome.REFUSED]
        detail = (
            f"有 {refused} 行不能导入，按“全部或不导入”未写入任何一行"
            f" / {refused} rows cannot be imported; all was wanted or none, so nothing was written"
        )
        problem = {"code": "rule_violated", "detail": detail}
        return JobEnd(JobAction.REFUSE, counts=counts, problem=problem)
    return JobEnd(JobAction.COMPLETE, run=imported.run, counts=counts)


def _write_problem(lines: IO[str], line: ReportLine) -> None:
    if any(entry.severity in _SHOWN for entry in line.entries):
        lines.write(json.dumps(line.to_json(), ensure_ascii=False) + "\n")


def _problem(refusal: DomainError) -> dict[str, Any]:
    return {
        "code": refusal.problem.code,
        "detail": refusal.detail,
        "errors": [one.to_json() for one in refusal.errors],
    }
