"""Prove an issue: from the log, from its signed checkpoint, and from the files as they lie here."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typing_extensions import override

from main_platform.monthly_issue.compose import Numbered, number_entries
from main_platform.monthly_issue.errata import broken_links, read_errata
from main_platform.monthly_issue.errors import IssueBeingMade, IssueUnprovable
from main_platform.monthly_issue.issue_files import IssueFolder
from main_platform.monthly_issue.make_files import JSON, Contents, Sessions, read_contents
from main_platform.monthly_issue.read_issues import Issue, IssueState, find_issue
from main_platform.monthly_issue.tables import IssueEntryRow, IssueRow
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_schema.anchor import FederationAnchor
from shared_schema.log_following import read_vouched
from shared_schema.refusal import DomainError


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that does not hold."""

    code: str
    detail: str

    @override
    def __str__(self) -> str:
        """As a line."""
        return f"{self.code}: {self.detail}"


async def verify_issue(
    sessions: Sessions, folder: IssueFolder, anchor: FederationAnchor, *, number: str
) -> list[Breach]:
    """Everything wrong with an issue; empty when all of it holds.

    Proven: its checkpoint is signed by the log's key; the stored log has that root at that size;
    the JSON made again from the log is the one that was published, its entries under the same
    numbers; every file here has its hash; the errata are chained.

    Raises:
        NoSuchIssue: no issue has this number.
        IssueBeingMade: its files are not there yet.
    """
    async with sessions() as session:
        issue = await find_issue(session, number)
        if issue.state is not IssueState.PUBLISHED:
            raise IssueBeingMade("正在生成文件 / the files are being made", retry_after_s=10)
        keys = await read_log_keys(session)
        errata = await read_errata(session, number)
        rows = await _rows(session, number)
    found = []
    try:
        vouched = read_vouched(issue.row.checkpoint, anchor, keys=keys)
        if (vouched.size, vouched.root) != (issue.row.log_size, issue.row.log_root):
            found.append(Breach("issue.checkpoint", f"signed {vouched.size} {vouched.root.hex()}"))
    except DomainError as refused:
        found.append(Breach("issue.checkpoint", str(refused)))
    try:
        contents = await read_contents(sessions, number)
    except IssueUnprovable as refused:
        return [*found, Breach("issue.log", refused.detail)]
    found += await asyncio.to_thread(lambda: list(_against_log(issue, contents, rows)))
    found += await asyncio.to_thread(lambda: list(_files(issue, folder)))
    found += [Breach("issue.erratum", f"seq {seq}") for seq in broken_links(errata)]
    return found


def _against_log(
    issue: Issue, contents: Contents, rows: Sequence[tuple[object, ...]]
) -> Iterator[Breach]:
    published = next((file.sha256 for file in issue.files if file.media_type == JSON), "")
    remade = sha256(contents.json).hexdigest()
    if remade != published:
        yield Breach("issue.json", f"{remade} from the log, {published} published")
    if _numbered(issue.row, contents.entries) != list(rows):
        yield Breach("issue.entries", "the numbered entries are not those of the log")


def _numbered(row: IssueRow, entries: Sequence[Numbered]) -> list[tuple[object, ...]]:
    """The entries as the log numbers them; of erased ones their place is taken from the record."""
    if any(one.standing.is_erased for one in entries):
        numbered = list(entries)
    else:
        numbered = number_entries(row, [one.standing for one in entries])
    return [(one.no, one.standing.listing, one.standing.terms_object) for one in numbered]


def _files(issue: Issue, folder: IssueFolder) -> Iterator[Breach]:
    for file in issue.files:
        if not folder.is_intact(file):
            yield Breach("issue.file", f"{file.name} is missing or changed")


async def _rows(session: AsyncSession, number: str) -> list[tuple[object, ...]]:
    entry = IssueEntryRow
    found = await session.execute(
        select(entry.no, entry.listing, entry.terms_object)
        .where(entry.number == number)
        .order_by(entry.no)
    )
    return [tuple(row) for row in found]
