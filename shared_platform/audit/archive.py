"""Move old parts of the trail into files: the one way by which rows of it are ever removed.

A file holds sealed rows of whole months as gzip'd JSON lines with places and hashes; its row in
`audit_archive` says which places, the hash on which the chain goes on, and the file's own SHA-256.
"""

import asyncio
import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.chain import canonical_bytes
from shared_platform.audit.seal import take_turn
from shared_platform.audit.tables import audit_archive, audit_record
from shared_platform.stored_file import drafted
from shared_schema.instants import Instant

LEAST_DAYS: Final = 180  # 网络安全法 art. 21 (3): at least six months
AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Archiving:
    """How the trail is kept: `days` in the database; acts in `kept` stay there for good.

    What stays is in the file as well; `verify` compares.
    """

    folder: Path
    days: int
    kept: frozenset[str] = frozenset()


async def archive_old(session: AsyncSession, archiving: Archiving, *, now: Instant) -> int:
    """Archive the next rows of months that are over for longer than `days`; how many.

    The file is on disk before the rows go; after a crash in between it is written again.
    """
    if not await take_turn(session):
        return 0
    rows = await _next_rows(session, before=_first_of_month(now - timedelta(days=archiving.days)))
    if not rows:
        return 0
    first, last = rows[0], rows[-1]
    file = archiving.folder / f"{first.place:012}-{last.place:012}.jsonl.gz"
    content = await asyncio.to_thread(_write, file, rows)
    await session.execute(
        insert(audit_archive).values(
            first_place=first.place,
            last_place=last.place,
            first_at=min(row.at for row in rows),
            last_at=max(row.at for row in rows),
            last_hash=last.hash,
            file=file.name,
            sha256=hashlib.sha256(content).digest(),
            bytes=len(content),
            made_at=now,
        )
    )
    archived = audit_record.c.place.between(first.place, last.place)
    gone = delete(audit_record).where(archived, audit_record.c.act.not_in(archiving.kept))
    await session.execute(gone)
    return len(rows)


def read_archive(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file, each as `{"hash": hex, "place": …, "id": …, "at": …, …}`.

    Raises:
        OSError: it is away or cannot be read.
        ValueError, TypeError: it is no archive.
        EOFError: it was cut.
    """
    with gzip.open(file, "rt", encoding="utf-8") as opened:
        for line in opened:
            yield dict(json.loads(line))


async def _next_rows(session: AsyncSession, *, before: datetime) -> Sequence[Row[Any]]:
    """The chain's oldest rows in the database, up to the first that is not old enough."""
    end = await session.scalar(select(func.max(audit_archive.c.last_place))) or 0
    place = audit_record.c.place
    oldest = select(audit_record).where(place > end).order_by(place).limit(AT_ONCE)
    rows = (await session.execute(oldest)).all()
    young = next((at for at, row in enumerate(rows) if row.at >= before), len(rows))
    return rows[:young]


def _write(file: Path, rows: Sequence[Row[Any]]) -> bytes:
    lines = []
    for row in rows:
        said = json.loads(canonical_bytes(row, row.place))
        lines.append(json.dumps({"hash": row.hash.hex(), **said}, ensure_ascii=False))
    content = gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with drafted(file) as opened:
        opened.write(content)
    return content


def _first_of_month(instant: datetime) -> datetime:
    day = instant.astimezone(UTC)
    return day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
