"""Make the files of an issue from the log, as often as needed: the contents are always the same.

A new issue gets its first edition; one of which something was erased gets another without it, and
the files of the former one are removed; one whose files were lost gets them back.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.audit.acts import Act
from main_platform.catalogue.verify import unchanging
from main_platform.monthly_issue.catalogue_then import CatalogueThen, read_catalogue
from main_platform.monthly_issue.compose import (
    Numbered,
    canonical,
    compose,
    number_as_before,
    number_entries,
)
from main_platform.monthly_issue.errors import IssueUnprovable
from main_platform.monthly_issue.freeze import ISSUE
from main_platform.monthly_issue.glyphs import renderer
from main_platform.monthly_issue.issue_files import IssueFile, IssueFolder
from main_platform.monthly_issue.print_data import volume_data
from main_platform.monthly_issue.read_issues import Issue, find_issue, last_erasure, list_issues
from main_platform.monthly_issue.tables import (
    IssueEditionRow,
    IssueEntryRow,
    IssueErratumLineRow,
    IssueErratumRow,
    IssueRow,
)
from main_platform.monthly_issue.tables_of_entries import csv_of, write_xlsx
from main_platform.monthly_issue.typeset import typeset
from shared_platform.audit.trail import SERVICE, Record, Subject, record
from shared_platform.database.file_lock import FileLock
from shared_schema.instants import Instant, whole_second

VOLUME_ENTRIES: Final = 5_000  # about 0.8 GB of memory while a volume is set
JSON: Final = "application/json"
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PDF: Final = "application/pdf"
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
Sessions = async_sessionmaker[AsyncSession]


@dataclass(frozen=True, slots=True)
class Contents:
    """What an issue says, read at one moment: its entries, its document, and that document's form.

    `through` is the serial of the last erasure by then.
    """

    row: IssueRow
    entries: Sequence[Numbered]
    document: dict[str, Any]
    through: int

    @property
    def json(self) -> bytes:
        """The JSON file."""
        return canonical(self.document)


@dataclass(frozen=True, slots=True)
class Issues:
    """What making the files of issues needs."""

    sessions: Sessions
    folder: IssueFolder
    volume_entries: int = VOLUME_ENTRIES

    async def make_due(self, *, now: Instant) -> list[IssueEditionRow]:
        """Make every edition that is due; nothing while another process does so.

        Raises:
            IssueUnprovable: the log is not the one an issue was frozen with.
            TypesettingFailed: a PDF could not be set.
        """
        lock = FileLock(self.folder.lock_file())
        if not lock.try_alone():
            return []
        try:
            return await self._make_due(now)
        finally:
            lock.release()

    async def _make_due(self, now: Instant) -> list[IssueEditionRow]:
        async with self.sessions() as session:
            issues = await list_issues(session)
        made = []
        for issue in issues:
            cause = await asyncio.to_thread(self._cause, issue)
            edition = await self._make(issue, cause, now) if cause is not None else None
            made += [edition] if edition is not None else []
        async with self.sessions() as session:
            kept = {file.sha256 for one in await list_issues(session) for file in one.files}
        await asyncio.to_thread(self.folder.keep, kept)
        return made

    def _cause(self, issue: Issue) -> str | None:
        """Why an edition is due; None where the latest is whole."""
        if issue.latest is None:
            return "frozen"
        if issue.unlogged:
            return None  # until the log tells; nothing is given out meanwhile
        if issue.erased:
            return "erased"
        is_whole = all(self.folder.path(file).exists() for file in issue.files)
        return None if is_whole else "restored"

    async def _make(self, issue: Issue, cause: str, now: Instant) -> IssueEditionRow | None:
        """The new edition; None where lost files came back exactly as they were."""
        contents = await read_contents(self.sessions, issue.row.number)
        edition = len(issue.editions) + 1
        if cause == "restored" and await self._are_back(issue, contents):
            return None
        files, unprintable = await self._files(contents, edition)
        row = {
            "number": issue.row.number,
            "edition": edition,
            "cause": cause,
            "erasures_through": contents.through,
            "counts": contents.document["counts"],
            "files": [file.facts() for file in files],
            "unprintable": unprintable,
            "renderer": renderer(),
            "made_at": whole_second(now),
        }
        async with self.sessions.begin() as session:
            await _store(session, row, contents, erased=issue.erased, now=now)
            stored = await session.get_one(IssueEditionRow, (issue.row.number, edition))
        _log.info("issue_edition_made", number=issue.row.number, edition=edition, cause=cause)
        return stored

    async def _are_back(self, issue: Issue, contents: Contents) -> bool:
        """Whether the same programs are still here, and made the lost files with the same bytes."""
        _refuse_other_json(issue, contents)
        made, _ = await self._files(contents, len(issue.editions))
        return made == issue.files

    async def _files(self, contents: Contents, edition: int) -> tuple[list[IssueFile], list[str]]:
        number = contents.row.number
        stem = number if edition == 1 else f"{number}-r{edition}"
        raw = contents.json
        json_hash = sha256(raw).hexdigest()
        table = await asyncio.to_thread(csv_of, contents.entries)
        files = [
            await asyncio.to_thread(self.folder.store, f"{stem}.json", JSON, raw),
            await asyncio.to_thread(self.folder.store, f"{stem}.csv", _CSV, table),
        ]
        unprintable: set[str] = set()
        with TemporaryDirectory(prefix="kaixu-issue-") as made:
            place = Path(made)
            book = place / "entries.xlsx"
            await write_xlsx(book, contents.entries, made_at=contents.row.frozen_at)
            files.append(
                await asyncio.to_thread(self.folder.store, f"{stem}.xlsx", _XLSX, book.read_bytes())
            )
            for name, entries, volume in _volumes(stem, contents.entries, self.volume_entries):
                words = await asyncio.to_thread(
                    volume_data,
                    contents.document,
                    entries,
                    volume=volume,
                    json_hash=json_hash,
                    edition=edition,
                )
                at = int(contents.row.frozen_at.timestamp())
                pdf, missing = await typeset(place, words, at=at)
                unprintable |= set(missing)
                files.append(await asyncio.to_thread(self.folder.store, name, _PDF, pdf))
        return files, sorted(unprintable)


async def read_contents(sessions: Sessions, number: str) -> Contents:
    """Make an issue's contents again from the log, at one moment.

    Raises:
        NoSuchIssue: no issue has this number.
        IssueUnprovable: the log's first entries do not have the root of the issue's checkpoint.
    """
    async with unchanging(sessions) as session:
        issue = await find_issue(session, number)
        through = await last_erasure(session)
        numbers = await _numbers(session, number)
        then = await read_catalogue(session, issue.row.log_size)
    refuse_other_log(issue.row, then)
    if numbers:
        entries = number_as_before(numbers, then.published)
    else:
        entries = number_entries(issue.row, then.published)
    document = await asyncio.to_thread(compose, issue.row, entries)
    return Contents(issue.row, entries, document, through)


def refuse_other_log(row: IssueRow, then: CatalogueThen) -> None:
    """Return if the entries folded are those of the issue's checkpoint.

    Raises:
        IssueUnprovable: size or root differ.
    """
    if (then.size, then.root) != (row.log_size, row.log_root):
        raise IssueUnprovable(
            f"{row.number}：日志 {row.log_size} 条的根应为 {row.log_root.hex()}，"
            f"现为 {then.size} 条 {then.root.hex()} / the log is not the one that was frozen"
        )


def _refuse_other_json(issue: Issue, contents: Contents) -> None:
    """Lost files come back only as they were.

    Raises:
        IssueUnprovable: the log now gives other contents.
    """
    was = next(file.sha256 for file in issue.files if file.media_type == JSON)
    found = sha256(contents.json).hexdigest()
    if found != was:
        raise IssueUnprovable(
            f"{issue.row.number}：由日志重算的摘要 {found} 与封存时 {was} 不同"
            " / made again from the log, the issue differs from what was frozen"
        )


async def _numbers(session: AsyncSession, number: str) -> dict[UUID, int]:
    entry = IssueEntryRow
    found = await session.execute(select(entry.listing, entry.no).where(entry.number == number))
    return {row.listing: row.no for row in found}


async def _store(
    session: AsyncSession,
    row: dict[str, Any],
    contents: Contents,
    *,
    erased: Sequence[int],
    now: Instant,
) -> None:
    """The edition, its entries if it is the first, and no line of errata about what was erased."""
    number = row["number"]
    await session.execute(insert(IssueEditionRow).values(row))
    if row["edition"] == 1 and contents.entries:
        await session.execute(
            insert(IssueEntryRow), [_entry(number, one) for one in contents.entries]
        )
    about = select(IssueErratumRow.seq).where(
        IssueErratumRow.number == number, IssueErratumRow.no.in_(erased)
    )
    line = IssueErratumLineRow
    await session.execute(delete(line).where(line.number == number, line.seq.in_(about)))
    facts = {name: row[name] for name in ("edition", "cause", "files")}
    act = Record(Act.ISSUE_EDITION_MADE, Subject(ISSUE, number), SERVICE, facts)
    await record(session, act, now=now)


def _entry(number: str, one: Numbered) -> dict[str, Any]:
    return {
        "number": number,
        "no": one.no,
        "listing": one.standing.listing,
        "terms_object": one.standing.terms_object,
    }


def _volumes(
    stem: str, entries: Sequence[Numbered], size: int
) -> list[tuple[str, Sequence[Numbered], tuple[int, int]]]:
    """Name, entries and place of each volume; an empty issue has one."""
    many = max(1, -(-len(entries) // size))
    return [
        (
            f"{stem}.pdf" if many == 1 else f"{stem}-{place}.pdf",
            entries[(place - 1) * size : place * size],
            (place, many),
        )
        for place in range(1, many + 1)
    ]
