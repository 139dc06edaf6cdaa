"""Looking issues up: their rows, their editions, and whether an erasure waits for a new one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import ERASURE_QUEUED, PublishQueueRow
from main_platform.monthly_issue.errors import NoSuchIssue
from main_platform.monthly_issue.issue_files import IssueFile
from main_platform.monthly_issue.tables import IssueEditionRow, IssueEntryRow, IssueRow
from shared_platform.catalogue.tables import DECISIONS, log_entry
from shared_schema.log_entry import ObjectErased, read_entry

MAX_PAGE: Final = 120
# The predicate of the partial index, word for word.
_ERASURES: Final = (text(DECISIONS), log_entry.c.kind == "object_erased")


class IssueState(StrEnum):
    """What readers find: derived from editions and erasures, stored nowhere."""

    PREPARING = "preparing"  # frozen; its first files are being made
    PUBLISHED = "published"
    RENEWING = "renewing"  # something in it was erased; files are withheld until they are made anew


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue with its editions, oldest first."""

    row: IssueRow
    editions: tuple[IssueEditionRow, ...]
    erased: tuple[int, ...]  # entries that the latest edition still shows, and must not
    unlogged: tuple[int, ...] = ()  # the same, where the erasure is confirmed and not logged yet

    @property
    def latest(self) -> IssueEditionRow | None:
        """The edition whose files are given out."""
        return self.editions[-1] if self.editions else None

    @property
    def state(self) -> IssueState:
        """What readers find."""
        if self.latest is None:
            return IssueState.PREPARING
        return IssueState.RENEWING if self.erased or self.unlogged else IssueState.PUBLISHED

    @property
    def files(self) -> list[IssueFile]:
        """The files of the latest edition."""
        return [] if self.latest is None else [IssueFile.of(one) for one in self.latest.files]


async def find_issue(session: AsyncSession, number: str) -> Issue:
    """One issue by its number.

    Raises:
        NoSuchIssue: there is none.
    """
    row = await session.get(IssueRow, number)
    if row is None:
        raise NoSuchIssue(f"没有第 {number} 期 / there is no issue {number}")
    return (await _with_editions(session, [row]))[0]


async def list_issues(
    session: AsyncSession, *, before: str | None = None, limit: int | None = None
) -> list[Issue]:
    """Issues, newest month first, from the one before a number."""
    query = select(IssueRow).order_by(IssueRow.number.desc()).limit(limit)
    if before is not None:
        query = query.where(IssueRow.number < before)
    return await _with_editions(session, list(await session.scalars(query)))


async def last_erasure(session: AsyncSession) -> int:
    """The serial of the last erasure in the log; -1 where there is none."""
    found = await session.scalar(select(func.max(log_entry.c.serial)).where(*_ERASURES))
    return -1 if found is None else int(found)


async def _with_editions(session: AsyncSession, rows: Sequence[IssueRow]) -> list[Issue]:
    edition = IssueEditionRow
    found = await session.scalars(
        select(edition)
        .where(edition.number.in_([row.number for row in rows]))
        .order_by(edition.number, edition.edition)
    )
    editions: dict[str, list[IssueEditionRow]] = {}
    for one in found:
        editions.setdefault(one.number, []).append(one)
    queued = await _queued_erasures(session) if editions else []
    newest = await last_erasure(session) if editions else -1
    issues = []
    for row in rows:
        of = editions.get(row.number, [])
        logged: list[bytes] = []
        if of and of[-1].erasures_through < newest:
            logged = await _logged_erasures(session, after=of[-1].erasures_through)
        erased = await _entries_of(session, row.number, logged)
        unlogged = await _entries_of(session, row.number, queued)
        issues.append(Issue(row, tuple(of), tuple(erased), tuple(unlogged)))
    return issues


async def _entries_of(session: AsyncSession, number: str, hashes: Sequence[bytes]) -> list[int]:
    """The numbers of the issue's entries whose terms are these objects; looked up by index."""
    if not hashes:
        return []
    entry = IssueEntryRow
    found = await session.scalars(
        select(entry.no)
        .where(entry.number == number, entry.terms_object.in_(hashes))
        .order_by(entry.no)
    )
    return list(found)


async def _logged_erasures(session: AsyncSession, *, after: int) -> list[bytes]:
    """The hashes of the objects that the log erased after this serial."""
    leaves = await session.scalars(
        select(log_entry.c.leaf)
        .where(*_ERASURES, log_entry.c.serial > after)
        .order_by(log_entry.c.serial)
    )
    return _erased_objects(leaves)


async def _queued_erasures(session: AsyncSession) -> list[bytes]:
    """The hashes of the objects whose erasure two people have confirmed, but no entry tells yet."""
    leaves = await session.scalars(select(PublishQueueRow.leaf).where(text(ERASURE_QUEUED)))
    return _erased_objects(leaves)


def _erased_objects(leaves: Iterable[bytes]) -> list[bytes]:
    found = []
    for leaf in leaves:
        entry = read_entry(leaf)
        if isinstance(entry, ObjectErased):
            found.append(bytes.fromhex(entry.object_hash))
    return found
