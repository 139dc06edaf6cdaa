"""The trail as a file: all acts of a range of days, oldest first, those in archives included."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.acts import AuditAct
from shared_platform.audit.archive import read_archive
from shared_platform.audit.chain import canonical_bytes
from shared_platform.audit.search import TrailQuery
from shared_platform.audit.tables import audit_archive, audit_record
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.export.files import csv_lines
from shared_schema.instants import Instant
from shared_schema.problem import ProblemType
from shared_schema.refusal import DomainError

Format = Literal["csv", "jsonl"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
}
_COLUMNS: Final = (
    "place",
    "id",
    "at",
    "actor",
    "act",
    "subject_kind",
    "subject",
    "facts",
    "hash",
)
_CHUNK: Final = 500


class ArchiveUnreadable(DomainError):
    """A file of archived acts is away or damaged; `verify` says more."""

    problem = ProblemType.MAINTENANCE


@dataclass(frozen=True, slots=True)
class Export:
    """What is exported: which acts, in which format; `folder` holds the archives."""

    query: TrailQuery
    format: Format
    folder: Path


async def record_export(session: AsyncSession, export: Export, *, by: str, now: Instant) -> None:
    """Who took what out of the trail is an act like any other."""
    query = export.query
    given = {name: str(getattr(query, name) or "") for name in TrailQuery.__dataclass_fields__}
    facts = {"format": export.format, **{name: text for name, text in given.items() if text}}
    act: StrEnum = AuditAct.AUDIT_EXPORTED
    await record(session, Record(act, Subject("audit", "trail"), by, facts), now=now)


async def export_lines(session: AsyncSession, export: Export) -> AsyncIterator[bytes]:
    """The file, piece by piece; `session` should hold one moment of the database.

    Raises:
        ArchiveUnreadable: acts of the range lie in a file that cannot be read.
    """
    written = _as_csv if export.format == "csv" else _as_json
    if export.format == "csv":
        yield b"\xef\xbb\xbf" + ",".join(_COLUMNS).encode() + b"\r\n"  # so spreadsheets see UTF-8
    archives = await session.execute(select(audit_archive).order_by(audit_archive.c.first_place))
    archived = 0
    for archive in archives.all():
        archived = archive.last_place
        for said in _in_archive(export, archive):
            yield written(said)
    row = audit_record.c
    rest = or_(row.place.is_(None), row.place > archived)
    found = await session.stream(
        select(audit_record).where(rest, *export.query.conditions()).order_by(row.at, row.id),
        execution_options={"yield_per": _CHUNK},
    )
    async for chunk in found.partitions(_CHUNK):
        yield b"".join(written(_said(one)) for one in chunk)


def _in_archive(export: Export, archive: Row[Any]) -> list[Mapping[str, Any]]:
    """The acts of one file that the query asks for; the file is opened if it has any of its days.

    Raises:
        ArchiveUnreadable: the file is away or damaged.
    """
    since, until = export.query.bounds()
    if (since and archive.last_at < since) or (until and archive.first_at >= until):
        return []
    try:
        return [one for one in read_archive(export.folder / archive.file) if _asked(one, export)]
    except (OSError, ValueError, TypeError, EOFError) as unreadable:
        raise ArchiveUnreadable(
            f"归档 {archive.file} 读不了 / this archive cannot be read"
        ) from unreadable


def _asked(said: Mapping[str, Any], export: Export) -> bool:
    query, at = export.query, datetime.fromisoformat(said["at"])
    since, until = query.bounds()
    wanted = (
        ("actor", query.actor),
        ("act", query.act),
        ("subject_kind", query.kind),
        ("subject", query.subject),
    )
    in_range = (since is None or at >= since) and (until is None or at < until)
    return in_range and all(said[name] == text for name, text in wanted if text)


def _said(row: Row[Any]) -> Mapping[str, Any]:
    """A row as a line of an archive says it; one that is not sealed has neither place nor hash."""
    content = json.loads(canonical_bytes(row, row.place))
    return {"hash": None if row.hash is None else row.hash.hex(), **content}


def _as_json(said: Mapping[str, Any]) -> bytes:
    return json.dumps({name: said[name] for name in _COLUMNS}, ensure_ascii=False).encode() + b"\n"


def _as_csv(said: Mapping[str, Any]) -> bytes:
    facts = json.dumps(said["facts"], ensure_ascii=False, sort_keys=True)
    cells = [said[name] if name != "facts" else facts for name in _COLUMNS]
    return csv_lines([["" if cell is None else str(cell) for cell in cells]])
