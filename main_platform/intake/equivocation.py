"""Quarantine of equivocations: the refused envelope is evidence, and both sides are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.known import Accepted
from main_platform.intake.tables import EquivocationRow
from main_platform.nodes.inbox import Message, send
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant
from shared_schema.statement import SignedStatement

EQUIVOCATION = "equivocation"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A verified statement that contradicts one accepted before it under the same number."""

    signed: SignedStatement
    accepted: Accepted


async def keep_equivocations(
    session: AsyncSession, found: Sequence[Contradiction], *, now: Instant
) -> None:
    """Keep the refused envelopes, message their node, record the act; once for each envelope."""
    if not found:
        return
    rows = {one.signed.object_hash: _row(one, now) for one in found}
    kept = await session.scalars(
        insert(EquivocationRow)
        .values(list(rows.values()))
        .on_conflict_do_nothing()
        .returning(EquivocationRow.object_hash)
    )
    fresh = [rows[object_hash] for object_hash in kept]
    await send(session, [_message(row) for row in fresh], now=now)
    await record(session, *(_record(row) for row in fresh), now=now)


async def list_equivocations(
    session: AsyncSession, *, origin: str | None = None, before: int | None = None, limit: int = 100
) -> Sequence[EquivocationRow]:
    """What is kept, newest first; `before` continues after the id of the last one seen."""
    row = EquivocationRow
    query = select(row).order_by(row.id.desc()).limit(limit)
    if origin is not None:
        query = query.where(row.origin == origin)
    if before is not None:
        query = query.where(row.id < before)
    return (await session.scalars(query)).all()


def _row(found: Contradiction, now: Instant) -> dict[str, Any]:
    said = found.signed.statement
    return {
        "origin": said.origin,
        "oseq": said.oseq,
        "listing": said.listing,
        "version": said.version,
        "known_oseq": found.accepted.oseq,
        "known_hash": found.accepted.statement_hash,
        "statement_hash": found.signed.payload_hash,
        "object_hash": found.signed.object_hash,
        "envelope": found.signed.raw,
        "received_at": now,
    }


def _facts(row: dict[str, Any]) -> dict[str, Any]:
    """Both hashes with their numbers; nothing of what was said."""
    return {
        "oseq": row["oseq"],
        "listing": str(row["listing"]),
        "version": row["version"],
        "statement_hash": row["statement_hash"],
        "known_oseq": row["known_oseq"],
        "known_hash": row["known_hash"],
    }


def _message(row: dict[str, Any]) -> Message:
    return Message(row["origin"], EQUIVOCATION, _facts(row))


def _record(row: dict[str, Any]) -> Record:
    subject = Subject("listing", str(row["listing"]))
    return Record(Act.EQUIVOCATION_SEEN, subject, row["origin"], _facts(row))
