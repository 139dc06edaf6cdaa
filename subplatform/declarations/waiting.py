"""What waits for the node's people, counted by state; one statement over what is not at the hub."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from subplatform.declarations.states import State
from subplatform.declarations.tables import DECLARATIONS

_AT_THE_NODE: Final = (State.DRAFT, State.SUBMITTED, State.VERIFYING, State.CORRECTION)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many declarations wait for what; `oldest_at` is when the oldest to verify was made.

    `returned` were sent back by the hub, `overdue` should have been corrected before today.
    """

    drafts: int
    to_verify: int
    oldest_at: Instant | None
    in_correction: int
    returned: int
    overdue: int
    verified: int


async def count_waiting(session: AsyncSession, *, today: date) -> Waiting:
    """Count by the index of states; what is published or ended is not looked at."""
    columns = DECLARATIONS.c
    to_verify = columns.state.in_([State.SUBMITTED, State.VERIFYING])
    corrected = columns.state == State.CORRECTION
    found = await session.execute(
        select(
            func.count().filter(columns.state == State.DRAFT),
            func.count().filter(to_verify),
            func.min(columns.created_at).filter(to_verify),
            func.count().filter(corrected),
            func.count().filter(corrected, columns.version > 0),
            func.count().filter(corrected, columns.correction_due < today),
            func.count().filter(columns.state == State.VERIFIED),
        ).where(columns.state.in_([*_AT_THE_NODE, State.VERIFIED]))
    )
    return Waiting(*found.one())
