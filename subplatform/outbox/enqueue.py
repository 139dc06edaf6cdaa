"""Put signed statements into the outbox, and take back what the hub certainly never got."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.database.signals import signal
from shared_schema.instants import Instant
from shared_schema.statement import SignedStatement
from subplatform.outbox.states import DeliveryAction, DeliveryState, next_state
from subplatform.outbox.tables import OutboxMessageRow

OUTBOX_CHANNEL: Final = "kaixu_outbox"
URGENT: Final = 0  # withdrawals and suspensions go before everything else (protocol §9)
ORDINARY: Final = 1
_URGENT_OPERATIONS: Final = frozenset({"withdraw", "suspend"})


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The listing's last statement that stands: what the next one continues."""

    listing: UUID
    version: int
    statement_hash: str
    oseq: int
    op: str


async def enqueue(
    session: AsyncSession, statements: Sequence[SignedStatement], *, now: Instant
) -> None:
    """Add statements in one go; delivery begins when the session's transaction commits.

    Earlier statements of a listing that is now withdrawn or suspended become urgent as well, since
    the hub must have them first.
    """
    if not statements:
        return
    rows = [_row(signed, now) for signed in statements]
    urgent = [row["listing"] for row in rows if row["priority"] == URGENT]
    if urgent:
        await session.execute(
            update(OutboxMessageRow)
            .where(
                OutboxMessageRow.listing.in_(urgent),
                OutboxMessageRow.state.in_([DeliveryState.WAITING, DeliveryState.LEASED]),
            )
            .values(priority=URGENT)
        )
    await session.execute(insert(OutboxMessageRow), rows)
    await signal(session, OUTBOX_CHANNEL)


async def chain_heads(session: AsyncSession, listings: Sequence[UUID]) -> dict[UUID, ChainHead]:
    """The last standing statement of each listing that has one.

    The caller holds the lock under which the next statement is made.
    """
    standing = (
        select(OutboxMessageRow)
        .where(
            OutboxMessageRow.listing.in_(listings),
            OutboxMessageRow.state != DeliveryState.CANCELLED,
        )
        .ext(distinct_on(OutboxMessageRow.listing))
        .order_by(OutboxMessageRow.listing, OutboxMessageRow.version.desc())
    )
    return {
        row.listing: ChainHead(row.listing, row.version, row.statement_hash, row.oseq, row.op)
        for row in (await session.execute(standing)).scalars()
    }


async def take_back(session: AsyncSession, listing: UUID) -> list[int]:
    """Cancel the listing's last statements as far as the hub certainly does not have them.

    Those are dead letters, and statements that were never sent or only refused. Returns their
    numbers, last first. Locks the listing's rows.
    """
    rows = await session.execute(
        select(OutboxMessageRow)
        .where(
            OutboxMessageRow.listing == listing,
            OutboxMessageRow.state != DeliveryState.CANCELLED,
        )
        .order_by(OutboxMessageRow.version.desc())
        .with_for_update()
    )
    taken: list[int] = []
    for row in rows.scalars():
        if row.is_unanswered or row.state in {DeliveryState.LEASED, DeliveryState.SENT}:
            break
        row.state = next_state(row.state, DeliveryAction.CANCEL)
        taken.append(row.oseq)
    await session.flush()  # a new statement may take the version that becomes free
    return taken


def _row(signed: SignedStatement, now: Instant) -> dict[str, Any]:
    said = signed.statement
    return {
        "oseq": said.oseq,
        "listing": said.listing,
        "version": said.version,
        "op": said.op,
        "priority": URGENT if said.op in _URGENT_OPERATIONS else ORDINARY,
        "statement_hash": signed.payload_hash,
        "envelope": signed.raw,
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "failures": 0,
        "is_alone": False,
        "is_unanswered": False,
        "next_attempt_at": now,
        "created_at": now,
    }
