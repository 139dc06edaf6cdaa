"""Whose turn it is at the examiners' desks: nodes take turns, each node's own offers by their age.

A review gets its turn when it is opened: one later than the node's last open one, but never before
the first that waits. So a node with 5,000 waiting offers holds 5,000 turns, and another node's one
offer is looked at after the next (start-time fair queueing, all nodes alike).
"""

from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.review.states import OPEN, ReviewState
from main_platform.review.tables import ReviewRow

_OPEN: Final = text(f"state IN ({', '.join(repr(one.value) for one in sorted(OPEN))})")
_FIRST: Final = select(func.min(ReviewRow.turn)).where(ReviewRow.state == ReviewState.WAITING.value)


async def next_turn(session: AsyncSession, origin: str) -> int:
    """The turn of the node's next offer; further ones of a batch follow it by one each.

    Two look-ups by index. The origin's intake must be locked.
    """
    own = select(func.max(ReviewRow.turn) + 1).where(ReviewRow.origin == origin, _OPEN)
    wanted = func.greatest(own.scalar_subquery(), _FIRST.scalar_subquery(), 0)
    turn: int = (await session.execute(select(wanted))).scalar_one()
    return turn
