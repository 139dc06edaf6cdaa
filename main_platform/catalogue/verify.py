"""Prove the whole log from raw rows and signed bytes, trusting nothing that was computed before."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import ARRAY, LargeBinary, Row, bindparam, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.catalogue.log_head import read_head
from main_platform.catalogue.tables import PublishQueueRow
from main_platform.catalogue.verify_projection import ProjectionCheck
from main_platform.catalogue.verify_tree import PAGE_ENTRIES, TreeCheck, TrustedKeys
from main_platform.catalogue.violation import Violation
from shared_platform.catalogue.apply import CheckedPage, check_page
from shared_platform.catalogue.entry_rows import entry_row
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import log_entry, quarantined_entry, statement_object
from shared_schema.anchor import FederationAnchor
from shared_schema.catalogue_fold import JudgedEntry
from shared_schema.entry_check import QuarantineCode
from shared_schema.key_directory import KeyDirectory
from shared_schema.log_entry import LogOpened, ObjectErased

Progress = Callable[[int, int], None]
"""Told after each page: entries verified, entries in all."""

_ENTRY_NAMES: Final = tuple(str(column.name) for column in log_entry.columns)
_ENTRIES: Final = (
    select(*log_entry.columns, statement_object.c.envelope, statement_object.c.erased_at)
    .join(statement_object, statement_object.c.object_hash == log_entry.c.object_hash, isouter=True)
    .order_by(log_entry.c.serial)
    .limit(PAGE_ENTRIES)
)
_UNNAMED: Final = (
    select(func.count())
    .select_from(statement_object)
    .where(~exists().where(log_entry.c.object_hash == statement_object.c.object_hash))
)

_KEPT: Final = select(statement_object.c.object_hash).where(
    statement_object.c.object_hash == bindparam("erased", type_=ARRAY(LargeBinary)).any_(),
    statement_object.c.envelope.is_not(None),
)


@asynccontextmanager
async def unchanging(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    """A read-only session that sees the log of one moment while the sequencer works on."""
    async with sessions.begin() as session:
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield session


async def verify_log(
    session: AsyncSession, anchor: FederationAnchor, *, progress: Progress | None = None
) -> list[Violation]:
    """Everything wrong with the stored log; empty when all of it holds.

    Proven: serials are dense, the tree over the leaves is that of head, cursor, tiles, bundles and
    signed checkpoint; every statement's hash, signature, key at its serial and version chain;
    looked-up columns and the catalogue equal what the leaves say; statements are missing exactly
    where the log erased them; nothing sequenced is still queued.

    `session` should come from `unchanging`, or see no sequencer at work.
    """
    head = await read_head(session)
    by = TrustedKeys(anchor, await read_log_keys(session))
    queued = await _queued_leaves(session)
    with closing(ProjectionCheck()) as projection:
        checks = _Checks(TreeCheck(session, head, by), projection, queued, by)
        return await _verify_with(checks, session, head.size, progress=progress)


async def _verify_with(
    checks: "_Checks", session: AsyncSession, size: int, *, progress: Progress | None
) -> list[Violation]:
    """Page by page: memory holds one page, the tree's edge, and what was erased."""
    violations: list[Violation] = []
    first, directory = 0, KeyDirectory()
    while rows := (await session.execute(_ENTRIES.where(log_entry.c.serial >= first))).all():
        if [row.serial for row in rows] != list(range(first, first + len(rows))):
            gap = next(at for at, row in enumerate(rows, start=first) if row.serial != at)
            return [*violations, Violation("serial.gap", "the entry is missing", gap)]
        delivered = [(row.serial, row.leaf, row.envelope) for row in rows]
        page = await asyncio.to_thread(check_page, delivered, directory)
        violations += await checks.page(rows, page)
        first, directory = first + len(rows), page.directory
        if progress is not None:
            progress(first, size)
    violations += checks.unexcused()
    violations += await checks.tree.finish(await read_position(session))
    violations += await checks.projection.finish(session)
    return violations + await _leftovers(session, checks.erased)


@dataclass(frozen=True, slots=True)
class _Checks:
    tree: TreeCheck
    projection: ProjectionCheck
    queued: frozenset[bytes]
    by: TrustedKeys
    missing: dict[str, int] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    async def page(
        self, rows: Sequence[Row[*tuple[Any, ...]]], page: CheckedPage
    ) -> list[Violation]:
        found = await self.tree.page([row.leaf for row in rows])
        for row, judged in zip(rows, self.projection.page(page), strict=True):
            found += self._entry(row, judged)
        return found

    def _entry(self, row: Row[*tuple[Any, ...]], judged: JudgedEntry) -> Iterator[Violation]:
        serial: int = row.serial
        if serial == 0 and not self._opens(judged):
            yield Violation("entry.first", "not the anchor's log_opened", serial)
        refused = judged.checked.quarantine
        if refused is not None and refused.code is QuarantineCode.OBJECT_MISSING:
            self.missing[refused.detail] = serial  # excused if the log erases it later
        elif refused is not None:
            yield Violation(f"entry.{refused.code}", refused.detail, serial)
        if isinstance(judged.read.entry, ObjectErased):
            self.erased.add(judged.read.entry.object_hash)
        expected = entry_row(judged)
        differing = [name for name in _ENTRY_NAMES if getattr(row, name) != expected[name]]
        if differing:
            yield Violation("entry.columns", ", ".join(differing), serial)
        if sha256(row.leaf).digest() in self.queued:
            yield Violation("queue.leftover", "sequenced, and queued still", serial)

    def unexcused(self) -> Iterator[Violation]:
        """Statements that are missing although the log erased nothing of them."""
        for name, serial in self.missing.items():
            if name not in self.erased:
                yield Violation("object.missing", name, serial)

    def _opens(self, judged: JudgedEntry) -> bool:
        entry = judged.read.entry
        if not isinstance(entry, LogOpened):
            return False
        anchor = self.by.anchor
        known = {entry.log_vkey, *(one.vkey for one in self.by.keys.records)}
        said = (entry.federation, entry.log_origin)
        return anchor.log_vkey in known and said == (anchor.federation, anchor.log_origin)


async def _queued_leaves(session: AsyncSession) -> frozenset[bytes]:
    leaves = await session.scalars(select(func.sha256(PublishQueueRow.leaf)))
    return frozenset(leaves)


async def _leftovers(session: AsyncSession, erased: set[str]) -> list[Violation]:
    """Rows that an honest hub does not have."""
    kept = await session.scalars(_KEPT, {"erased": [bytes.fromhex(name) for name in erased]})
    unnamed = await session.scalar(_UNNAMED) or 0
    set_aside = await session.scalar(select(func.count()).select_from(quarantined_entry)) or 0
    found = [Violation("object.not_erased", name.hex()) for name in kept]
    if unnamed:
        found.append(Violation("object.unnamed", f"{unnamed} statements"))
    if set_aside:
        found.append(Violation("entry.set_aside", f"{set_aside} entries"))
    return found
