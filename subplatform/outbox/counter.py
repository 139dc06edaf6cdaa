"""The node's statement counter: dense, since a number is taken in the statement's transaction."""

from typing import Final

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from subplatform.outbox.tables import NodeCounterRow

OSEQ: Final = "oseq"


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


async def skip_oseqs(session: AsyncSession, *, through: int) -> None:
    """Never take a number up to `through` again: the hub holds other statements under them."""
    fresh = insert(NodeCounterRow).values(name=OSEQ, value=through)
    raised = func.greatest(NodeCounterRow.value, fresh.excluded.value)
    await session.execute(
        fresh.on_conflict_do_update(index_elements=[NodeCounterRow.name], set_={"value": raised})
    )
