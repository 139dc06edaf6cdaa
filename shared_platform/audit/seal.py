"""Seal the audit trail: give committed rows their places in the hash chain.

Rows are written by many transactions at once and chained by none of them: a chain written with the
rows would make every one of them wait for the one before. Here one process at a time takes the rows
that are committed and have no place yet, in the order of their ids. A row with a lower id that is
committed later gets a later place; the order of the chain is the order of places, and nothing else.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import structlog
from sqlalchemy import Row, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.chain import BEGINNING, Head, canonical_bytes, link
from shared_platform.audit.heads import read_heads, write_head
from shared_platform.audit.tables import audit_archive, audit_record
from shared_platform.database.job_transaction import in_transaction
from shared_platform.job_runs.noted import Job, noted
from shared_schema.instants import Clock

EVERY_SECONDS: Final = 5.0
AT_ONCE: Final = 1_000
JOB: Final = Job("audit_sealing", EVERY_SECONDS)
_LOCK: Final = 0x6B61_6978_6175  # whoever seals or archives holds it to the end of the transaction
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
_PLACES: Final = text(
    "UPDATE audit_record AS record SET place = sealed.place, hash = sealed.hash"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:places AS bigint[]), CAST(:hashes AS bytea[]))"
    " AS sealed (id, place, hash) WHERE record.id = sealed.id"
)


async def take_turn(session: AsyncSession) -> bool:
    """Be the only one who seals or archives until the transaction ends; False: somebody is."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))))


async def keep_others_from_it(session: AsyncSession) -> None:
    """Let nothing be sealed or archived until the transaction ends, beside others who read."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))


async def read_head(session: AsyncSession) -> Head:
    """The last place of the chain and its hash, in the table or in what was archived."""
    place, hash_ = audit_record.c.place, audit_record.c.hash
    newest = select(place, hash_).where(place.is_not(None)).order_by(place.desc()).limit(1)
    end = select(audit_archive.c.last_place, audit_archive.c.last_hash)
    archived = end.order_by(audit_archive.c.last_place.desc()).limit(1)
    found = [(await session.execute(one)).first() for one in (newest, archived)]
    heads = [Head(*row) for row in found if row is not None]
    return max(heads, key=lambda one: one.place, default=BEGINNING)


async def seal(session: AsyncSession, *, most: int = AT_ONCE) -> int:
    """Chain the next committed rows; how many there were. None while another process does it."""
    if not await take_turn(session):
        return 0
    waiting = select(audit_record).where(audit_record.c.hash.is_(None))
    rows = (await session.execute(waiting.order_by(audit_record.c.id).limit(most))).all()
    if rows:
        await _give_places(session, rows, after=await read_head(session))
    return len(rows)


async def _give_places(session: AsyncSession, rows: Sequence[Row[Any]], *, after: Head) -> None:
    places, hashes, before = list[int](), list[bytes](), after.hash
    for place, row in enumerate(rows, after.place + 1):
        before = link(before, canonical_bytes(row, place))
        places.append(place)
        hashes.append(before)
    ids = [row.id for row in rows]
    await session.execute(_PLACES, {"ids": ids, "places": places, "hashes": hashes})


@dataclass(frozen=True, slots=True)
class AuditSealing:
    """What keeps the trail of one process's database sealed, and its head written down."""

    sessions: async_sessionmaker[AsyncSession]
    clock: Clock
    folder: Path

    async def run(self) -> NoReturn:
        """Seal now and every few seconds, until cancelled; failures are waited out."""
        while True:
            try:
                await noted(self.sessions, self.clock, JOB, work=self.do_all)
            except (OSError, ValueError, SQLAlchemyError) as failure:
                _log.error("sealing_failed", error=type(failure).__name__, exc_info=failure)
            await asyncio.sleep(EVERY_SECONDS)

    async def do_all(self) -> int:
        """Seal all that is committed, then anchor the head; how many rows were sealed."""
        total = 0
        while done := await in_transaction(self.sessions, seal):
            total += done
        if total or not await asyncio.to_thread(read_heads, self.folder):
            await self._anchor()
        return total

    async def _anchor(self) -> None:
        """Write the head down; a last one that is not in this chain stays instead, as evidence."""
        heads = await asyncio.to_thread(read_heads, self.folder)
        async with self.sessions() as session:
            head = await read_head(session)
            if heads and not await holds(session, heads[-1].head):
                _log.error("audit_head_lost", place=heads[-1].head.place, now_at=head.place)
                return
        if head.place:
            await asyncio.to_thread(write_head, self.folder, head, now=self.clock.now())


async def holds(session: AsyncSession, head: Head) -> bool:
    """Whether the chain has this hash at this place; what was archived is held by its end alone."""
    place = audit_record.c.place
    stored = await session.scalar(select(audit_record.c.hash).where(place == head.place))
    if stored is not None:
        return bool(stored == head.hash)
    ends = select(audit_archive.c.last_hash, audit_archive.c.last_place)
    over = ends.where(audit_archive.c.last_place >= head.place).order_by(audit_archive.c.last_place)
    archive = (await session.execute(over.limit(1))).first()
    return archive is not None and (
        archive.last_place > head.place or archive.last_hash == head.hash
    )
