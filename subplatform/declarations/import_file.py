"""Import a published list: rows in batches, one transaction each; a report of every row.

A crash leaves whole batches; running the same import again completes it, and once more changes
nothing. An import that is wanted whole reads the list first and writes nothing where a row of it
would be refused; then all its rows are one transaction. Reading and judging run in a thread, so a
server goes on answering.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.job_transaction import in_transaction
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError
from shared_schema.register_facts import RegisterFacts
from subplatform.declarations.desk import Desk, Progress
from subplatform.declarations.import_batch import (
    BatchOrigin,
    StoredRow,
    numbers_of,
    store_batch,
)
from subplatform.declarations.import_runs import (
    ListFile,
    begin_run,
    count_rows,
    end_run,
    report_folder,
)
from subplatform.declarations.importing.profile import ImportProfile
from subplatform.declarations.importing.profile_files import check_columns
from subplatform.declarations.importing.published_list import read_drafts
from subplatform.declarations.importing.reading import OpenedList, open_list
from subplatform.declarations.importing.report import ImportReport, Outcome, ReportLine
from subplatform.declarations.importing.report_files import csv_report, json_report
from subplatform.declarations.importing.row_problem import DraftRow, RowRefusal
from subplatform.declarations.importing.supplied import NOTHING, Supplied

BATCH: Final = 500

_Read = DraftRow | RowRefusal
Writer = Callable[[ReportLine], None]
_CHANGED: Final = (
    "导入期间有声明发生变化，全部未写入，请再试一次"
    " / declarations changed meanwhile, so nothing was written: try again"
)


class ChangedMeanwhile(DomainError):
    """A row that was fine is refused now; all was wanted or none, so nothing was written."""

    problem = ProblemType.STATE_CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ListImport:
    """A list to import.

    Attributes:
        path: The file on this machine, untrusted.
        file_name: As its owner calls it; shown, never opened.
        profile: Which column is what.
        data_dir: The node's folder; reports go to `imports/<id>/` in it.
        supplied: What the operator adds to every row.
        dry_run: Only report; no row, no record and no file is written.
        organisation: Whose declarations these become; declarations of others are not touched.
            None: of holders without an account, by the node's own people.
        whole: All rows or none.
    """

    path: Path
    file_name: str
    profile: ImportProfile
    data_dir: Path
    supplied: Supplied = NOTHING
    dry_run: bool = False
    organisation: UUID | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """The counts of an import; `run` is None for a dry run, and where all was wanted or none."""

    run: UUID | None
    report: ImportReport


async def import_file(
    desk: Desk,
    wanted: ListImport,
    *,
    by: str,
    on_progress: Progress | None = None,
    on_line: Writer | None = None,
) -> Imported:
    """Import the list and write its report; `on_line` is given what became of each row.

    Where all was wanted or none and a row is refused, `run` is None and nothing was written.

    Raises:
        ListRefused: not a list that can be read, or the profile's columns are not there.
        ListTooLarge: more bytes than are read.
        RegisterFileRefused: the node's register file is wrong; batches before it stay.
    """
    total = await asyncio.to_thread(_count_rows, wanted.path) if on_progress else None

    def told(done: int) -> None:
        if on_progress is not None:
            on_progress(done, total)

    lines = () if on_line is None else (on_line,)
    if wanted.whole and not wanted.dry_run:
        return await _import_whole(desk, wanted, by=by, told=told, lines=lines)
    with open_list(wanted.path) as opened:
        report = _fresh_report(wanted, opened)
        if wanted.dry_run:
            await _Import(desk, wanted, report, None, lines).read(opened, told)
            return Imported(None, report)
        async with _recorded(desk, wanted, report, by=by) as (run, writers):
            await _Import(desk, wanted, report, run, (*writers, *lines)).read(opened, told)
    return Imported(run, report)


async def _import_whole(
    desk: Desk,
    wanted: ListImport,
    *,
    by: str,
    told: Callable[[int], None],
    lines: tuple[Writer, ...],
) -> Imported:
    """Read all, ask the register; then write all in one transaction, unless a row is refused."""
    facts: dict[str, RegisterFacts] = {}
    with open_list(wanted.path) as opened:
        report = _fresh_report(wanted, opened)
        await _Import(desk, wanted, report, None, lines, facts).read(opened, told)
    if report.outcomes[Outcome.REFUSED]:
        return Imported(None, report)
    known = replace(desk, register=_Known(facts))
    with open_list(wanted.path) as opened:
        report = _fresh_report(wanted, opened)
        recorded = _recorded(desk, wanted, report, by=by)
        async with recorded as (run, writers), desk.sessions.begin() as session:
            await _Import(known, wanted, report, run, writers, session=session).read(opened, told)
            _refuse_what_changed(report)
    return Imported(run, report)


def _refuse_what_changed(report: ImportReport) -> None:
    """Undo all where somebody else changed a declaration after the list was read.

    Raises:
        ChangedMeanwhile: a row that was fine is refused now.
    """
    if report.outcomes[Outcome.REFUSED]:
        raise ChangedMeanwhile(_CHANGED)


def _fresh_report(wanted: ListImport, opened: OpenedList) -> ImportReport:
    unread = check_columns(wanted.profile, opened.columns)
    return ImportReport(wanted.profile.name, wanted.file_name, opened.encoding, unread)


def _count_rows(path: Path) -> int:
    with open_list(path) as opened:
        return sum(1 for _ in opened.rows)


@dataclass(frozen=True, slots=True)
class _Known:
    """The register's answers as they were read before the transaction."""

    answers: Mapping[str, RegisterFacts]

    async def facts(self, numbers: Iterable[str]) -> Mapping[str, RegisterFacts]:
        """Those of the numbers that the register knew."""
        return {number: self.answers[number] for number in numbers if number in self.answers}


@dataclass(frozen=True, slots=True)
class _Import:
    """One import under way; with a session all of it is that session's transaction.

    `asked` collects what the register answered.
    """

    desk: Desk
    wanted: ListImport
    report: ImportReport
    run: UUID | None
    writers: tuple[Writer, ...] = ()
    asked: dict[str, RegisterFacts] | None = None
    session: AsyncSession | None = None

    async def read(self, opened: OpenedList, told: Callable[[int], None]) -> None:
        """Store and report the list batch by batch."""
        rows = read_drafts(opened.rows, self.wanted.profile, self.wanted.supplied)
        while batch := await asyncio.to_thread(_take, rows):
            facts = await self.desk.register.facts(numbers_of(batch))
            if self.asked is not None:
                self.asked.update(facts)
            store = partial(self._store, batch=batch, facts=facts)
            if self.session is None:
                stored = await in_transaction(self.desk.sessions, store)
            else:
                stored = await store(self.session)
            await asyncio.to_thread(self._write, stored)
            told(self.report.rows_read)

    async def _store(
        self, session: AsyncSession, *, batch: Sequence[_Read], facts: Mapping[str, RegisterFacts]
    ) -> list[StoredRow]:
        profile = self.wanted.profile
        origin = BatchOrigin(
            self.run,
            self.wanted.file_name,
            profile.name,
            profile.number.column,
            self.wanted.organisation,
        )
        now = self.desk.clock.now()
        stored = await store_batch(
            session, batch, origin=origin, facts=facts, now=now, ids=self.desk.ids
        )
        if self.run is not None:
            await count_rows(session, self.run, Counter(row.outcome for row in stored))
        return stored

    def _write(self, stored: Sequence[StoredRow]) -> None:
        """Report what is committed, never before."""
        for row in stored:
            if isinstance(row.read, RowRefusal):
                line = self.report.add_refusal(row.read)
            else:
                line = self.report.add_draft(row.read, outcome=row.outcome, findings=row.findings)
            for write in self.writers:
                write(line)


def _take(rows: Iterator[_Read]) -> list[_Read]:
    return list(islice(rows, BATCH))


@asynccontextmanager
async def _recorded(
    desk: Desk, wanted: ListImport, report: ImportReport, *, by: str
) -> AsyncIterator[tuple[UUID, tuple[Writer, ...]]]:
    """The record and the report files of an import, ended in whatever way the block ends."""
    run = desk.ids.new_id()
    digest = await asyncio.to_thread(_sha256, wanted.path)
    file = ListFile(wanted.file_name, digest, wanted.profile.name, wanted.organisation)
    async with desk.sessions.begin() as session:
        await begin_run(session, run, file, by=by, now=desk.clock.now())
    counts = None
    try:
        with ExitStack() as files:
            folder = report_folder(wanted.data_dir, run)
            folder.mkdir(parents=True)
            as_csv = files.enter_context(csv_report(folder / "report.csv"))
            as_json = files.enter_context(json_report(folder / "report.json", report))
            yield run, (as_csv, as_json)
        counts = report.to_json()
    finally:
        async with desk.sessions.begin() as session:
            await end_run(session, run, counts=counts, now=desk.clock.now())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
