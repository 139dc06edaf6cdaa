"""Read the outbox: deliveries by state and listing, and how the outbox stands as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from shared_schema.receipt import StoredReceipt
from subplatform.outbox.condition import Condition, read_condition
from subplatform.outbox.lease import next_due
from subplatform.outbox.replay import DeliveryNotFound
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import IntakeReceiptRow, OutboxMessageRow

MAX_PAGE: Final = 200
ON_THE_WAY: Final = (DeliveryState.WAITING, DeliveryState.LEASED)


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries; None leaves a criterion out. `after` is the last oseq of the last page.

    `on_the_way` asks for what waits or is being sent; `newest_first` turns the order round, and
    `after` with it (0: from the newest).
    """

    state: DeliveryState | None = None
    listing: UUID | None = None
    problem: str | None = None
    after: int = 0
    limit: int = 50
    on_the_way: bool = False
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class OutboxStanding:
    """The outbox as a whole: statements by state, what is due, and the condition."""

    counts: dict[str, int]
    oldest_waiting_at: Instant | None
    next_due_at: Instant | None
    condition: Condition


async def list_deliveries(
    session: AsyncSession, wanted: DeliveryFilter
) -> Sequence[OutboxMessageRow]:
    """Deliveries in the order of their numbers, at most `limit` after `after`."""
    row = OutboxMessageRow
    if wanted.newest_first:
        query = select(row).order_by(row.oseq.desc())
        query = query.where(row.oseq < wanted.after) if wanted.after else query
    else:
        query = select(row).where(row.oseq > wanted.after).order_by(row.oseq)
    if wanted.on_the_way:
        query = query.where(row.state.in_(ON_THE_WAY))
    if wanted.state is not None:
        query = query.where(row.state == wanted.state)
    if wanted.listing is not None:
        query = query.where(row.listing == wanted.listing)
    if wanted.problem is not None:
        query = query.where(row.last_problem["code"].astext == wanted.problem)
    return (await session.execute(query.limit(min(wanted.limit, MAX_PAGE)))).scalars().all()


async def find_delivery(session: AsyncSession, oseq: int) -> OutboxMessageRow:
    """One delivery.

    Raises:
        DeliveryNotFound: no statement has that number.
    """
    row = await session.get(OutboxMessageRow, oseq)
    if row is None:
        raise DeliveryNotFound(detail=f"没有序号 {oseq} 的声明 / no statement has oseq {oseq}")
    return row


async def stored_receipt(session: AsyncSession, oseq: int) -> StoredReceipt:
    """The hub's signed answer that proves it received the statement.

    Raises:
        DeliveryNotFound: no statement has that number, or it has no receipt yet.
    """
    row = await find_delivery(session, oseq)
    if row.receipt_id is None:
        raise DeliveryNotFound(detail=f"序号 {oseq} 尚无回执 / oseq {oseq} has no receipt yet")
    kept = await session.get_one(IntakeReceiptRow, row.receipt_id)
    return StoredReceipt.from_json(kept.stored)


async def read_standing(session: AsyncSession) -> OutboxStanding:
    """How the outbox stands."""
    row = OutboxMessageRow
    counted = await session.execute(select(row.state, func.count()).group_by(row.state))
    oldest = await session.scalar(select(func.min(row.created_at)).where(row.state.in_(ON_THE_WAY)))
    counts = dict.fromkeys(map(str, DeliveryState), 0) | dict(counted.all())
    return OutboxStanding(counts, oldest, await next_due(session), await read_condition(session))
