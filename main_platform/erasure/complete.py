"""Close erasures when the last of their entries has its serial."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import case, update
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.sequencer import Sequenced
from main_platform.catalogue.tables import ERASURE
from main_platform.erasure.states import ErasureAction, ErasureState, next_state
from main_platform.erasure.tables import ErasureRow


async def complete_erasures(session: AsyncSession, entries: Sequence[Sequenced]) -> None:
    """Count down in the batch's transaction; an erasure is done when nothing remains of it."""
    logged = Counter(
        one.subject.id for one in entries if one.subject is not None and one.subject.kind == ERASURE
    )
    done = next_state(ErasureState.CONFIRMED, ErasureAction.COMPLETE)
    row = ErasureRow
    for erasure, count in sorted(logged.items()):
        await session.execute(
            update(row)
            .where(row.id == UUID(erasure), row.state == ErasureState.CONFIRMED)
            .values(
                remaining=row.remaining - count,
                state=case((row.remaining == count, done.value), else_=row.state),
            )
            .execution_options(synchronize_session=False)
        )
