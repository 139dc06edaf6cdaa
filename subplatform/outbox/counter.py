"""The node's statement counter and its last time: dense numbers, and times that never go back."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import case, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from shared_schema.request_signature import WINDOW_SECONDS
from subplatform.outbox.tables import NodeCounterRow

OSEQ: Final = "oseq"
ISSUED: Final = "issued_through"


async def take_oseqs(session: AsyncSession, count: int) -> int:
    """The first of `count` consecutive numbers.

    Locks the counter until the transaction ends, so that numbers are committed in order and a
    rolled back transaction leaves no gap.
    """
    fresh = insert(NodeCounterRow).values(name=OSEQ, value=count)
    taken = fresh.on_conflict_do_update(
        index_elements=[NodeCounterRow.name], set_={"value": NodeCounterRow.value + count}
    ).returning(NodeCounterRow.value)
    last: int = (await session.execute(taken)).scalar_one()
    return last - count + 1


async def take_issued_at(session: AsyncSession, now: Instant) -> Instant:
    """The time of the statements whose numbers were just taken, in whole seconds.

    It never goes back from one number to the next, whatever order transactions began in or clocks
    were set to: the hub refuses such offers. A time that lies further ahead than the hub accepts
    came of a wrong clock and binds nothing.
    """
    second = int(now.timestamp())
    last = NodeCounterRow.value
    kept = case((last > second + WINDOW_SECONDS, second), else_=func.greatest(last, second))
    taken = (
        insert(NodeCounterRow)
        .values(name=ISSUED, value=second)
        .on_conflict_do_update(index_elements=[NodeCounterRow.name], set_={"value": kept})
        .returning(NodeCounterRow.value)
    )
    return datetime.fromtimestamp((await session.execute(taken)).scalar_one(), UTC)


async def skip_oseqs(session: AsyncSession, *, through: int) -> None:
    """Never take a number up to `through` again: the hub holds other statements under them."""
    fresh = insert(NodeCounterRow).values(name=OSEQ, value=through)
    raised = func.greatest(NodeCounterRow.value, fresh.excluded.value)
    await session.execute(
        fresh.on_conflict_do_update(index_elements=[NodeCounterRow.name], set_={"value": raised})
    )
