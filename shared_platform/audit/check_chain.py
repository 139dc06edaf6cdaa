"""Prove I7: the audit chain is unbroken, in the table, in the archives, up to every anchor.

Not covered: rows that are not sealed yet (the last few seconds), and a tail that was cut off before
its head was written down.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.archive import read_archive
from shared_platform.audit.chain import BEGINNING, Head, canonical_bytes, link
from shared_platform.audit.heads import Anchored, read_heads
from shared_platform.audit.seal import read_head
from shared_platform.audit.tables import audit_archive, audit_record
from shared_platform.invariants.verdict import Breach, Verdict

_READS: Final = ("audit_record", "audit_archive")
_CHUNK: Final = 1_000
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lies beside the database; read it before the database's moment begins."""

    folder: Path | None = None
    heads: Sequence[Anchored] = ()
    unreadable: bool = False


def read_evidence(folder: Path) -> Evidence:
    """The anchors of the folder; a file that is not ours is told as a breach, not passed over."""
    try:
        return Evidence(folder, read_heads(folder))
    except (ValueError, KeyError, TypeError):
        return Evidence(folder, (), unreadable=True)


@dataclass(slots=True)
class _Walk:
    """Where the walk along the chain stands, and what it found."""

    head: Head = BEGINNING
    rows: int = 0
    breaches: list[Breach] = field(default_factory=list)
    expected: dict[int, bytes] = field(default_factory=dict)

    def broken(self, code: str, detail: object) -> None:
        if len(self.breaches) < _MOST:
            self.breaches.append(Breach(code, str(detail)))

    def anchored(self) -> None:
        expected = self.expected.pop(self.head.place, None)
        if expected is not None and expected != self.head.hash:
            self.broken("audit.other_than_anchored", self.head.place)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database says of a file: its hash, and those of its rows that stay there too."""

    sha256: bytes
    kept: dict[int, Row[Any]]


async def check_chain(
    session: AsyncSession, evidence: Evidence | None = None, *, last: int | None = None
) -> Verdict:
    """Walk the whole chain from its first row; nothing is changed.

    `session` should hold one moment of the database. Without `evidence` archives are taken at their
    word and a tail cut off is not seen. With `last` only so many rows at the end are walked.
    """
    found = evidence or Evidence()
    walk = _Walk(expected={one.head.place: one.head.hash for one in found.heads})
    if found.unreadable:
        walk.broken("audit.anchors_unreadable", found.folder)
    if last is None:
        await _walk_archives(session, walk, found.folder)
    else:
        await _skip_to_the_last(session, walk, last)
    await _walk_rows(session, walk)
    for place in sorted(walk.expected):
        walk.broken("audit.tail_cut", place)
    return Verdict("I7", _READS, walk.rows, tuple(walk.breaches))


async def _skip_to_the_last(session: AsyncSession, walk: _Walk, last: int) -> None:
    """Begin at a row whose hash is believed; anchors of rows before it are not asked."""
    place = audit_record.c.place
    found = select(place, audit_record.c.hash).where(place.is_not(None))
    before = (await session.execute(found.order_by(place.desc()).offset(last).limit(1))).first()
    archived = await session.scalar(select(func.max(audit_archive.c.last_place))) or 0
    if before is None or before.place <= archived:
        ends = select(audit_archive.c.last_place, audit_archive.c.last_hash)
        newest = ends.order_by(audit_archive.c.last_place.desc()).limit(1)
        before = (await session.execute(newest)).first()
    walk.head = BEGINNING if before is None else Head(*before)
    walk.expected = {at: one for at, one in walk.expected.items() if at > walk.head.place}


@dataclass(frozen=True, slots=True)
class TrailState:
    """The head of the chain, to be written down elsewhere; committed rows not sealed yet."""

    head: Head
    unsealed: int
    oldest_unsealed: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        place, hash_ = self.head.place, self.head.hash.hex()
        return {"place": place, "hash": hash_, "unsealed": self.unsealed}

    @property
    def line(self) -> str:
        """For people: who keeps it elsewhere can prove later what stood here today."""
        return (
            f"审计链头 audit head: {self.head.place} {self.head.hash.hex()}"
            f"  未封 unsealed: {self.unsealed}"
        )


async def read_trail_state(session: AsyncSession) -> TrailState:
    """Where the trail stands."""
    found = select(func.count(), func.min(audit_record.c.at)).where(audit_record.c.hash.is_(None))
    count, oldest = (await session.execute(found)).one()
    return TrailState(await read_head(session), count, oldest)


async def _walk_archives(session: AsyncSession, walk: _Walk, folder: Path | None) -> None:
    archives = await session.execute(select(audit_archive).order_by(audit_archive.c.first_place))
    for archive in archives.all():
        if archive.first_place != walk.head.place + 1:
            walk.broken("audit.archive_gap", archive.file)
        walk.rows += archive.last_place - archive.first_place + 1
        between = audit_record.c.place.between(archive.first_place, archive.last_place)
        rows = await session.execute(select(audit_record).where(between))
        stored = _Stored(archive.sha256, {row.place: row for row in rows})
        walk.head = Head(archive.first_place - 1, walk.head.hash)
        if folder is not None:
            await asyncio.to_thread(_walk_file, walk, folder / archive.file, stored)
            if walk.head != Head(archive.last_place, archive.last_hash):
                walk.broken("audit.archive_differs", archive.file)
        walk.head = Head(archive.last_place, archive.last_hash)
        walk.anchored()
        for passed in [place for place in walk.expected if place < archive.last_place]:
            del walk.expected[passed]  # the file was away or wrong, which is told already


def _walk_file(walk: _Walk, file: Path, stored: _Stored) -> None:
    try:
        if hashlib.sha256(file.read_bytes()).digest() != stored.sha256:
            walk.broken("audit.archive_changed", file.name)
            return
        for said in read_archive(file):
            walk.head = _next(walk, said)
            _compare(walk, said, stored.kept.get(walk.head.place))
            walk.anchored()
    except OSError:
        walk.broken("audit.archive_missing", file.name)
    except (ValueError, KeyError, TypeError, EOFError):
        walk.broken("audit.archive_unreadable", file.name)


def _next(walk: _Walk, said: dict[str, Any]) -> Head:
    written = bytes.fromhex(said.pop("hash"))
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if link(walk.head.hash, text.encode()) != written or said["place"] != walk.head.place + 1:
        walk.broken("audit.archived_row_changed", said["place"])
    return Head(said["place"], written)


def _compare(walk: _Walk, said: dict[str, Any], row: Row[Any] | None) -> None:
    """What was kept in the database too says the same there."""
    if row is not None and json.loads(canonical_bytes(row, row.place)) != said:
        walk.broken("audit.row_changed", row.place)


async def _walk_rows(session: AsyncSession, walk: _Walk) -> None:
    place = audit_record.c.place
    found = await session.stream(
        select(audit_record).where(place > walk.head.place).order_by(place),
        execution_options={"yield_per": _CHUNK},
    )
    async for chunk in found.partitions(_CHUNK):
        await asyncio.to_thread(_walk_chunk, walk, chunk)


def _walk_chunk(walk: _Walk, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        if row.place != walk.head.place + 1:
            walk.broken("audit.places_missing", f"{walk.head.place + 1}–{row.place - 1}")
        elif link(walk.head.hash, canonical_bytes(row, row.place)) != row.hash:
            walk.broken("audit.row_changed", row.place)
        walk.head = Head(row.place, row.hash)
        walk.rows += 1
        walk.anchored()
