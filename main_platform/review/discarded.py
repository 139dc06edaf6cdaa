"""Staff decide that a held entry is never published: its review ends, its node sends it again."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.queue_rows import discard_held
from main_platform.review.approve import REVIEW
from main_platform.review.states import ReviewAction, ReviewState, next_state
from main_platform.review.tables import ReviewRow
from shared_platform.audit.trail import Subject
from shared_schema.instants import Instant


async def discard_entry(
    session: AsyncSession, held: int, *, reason: str, by: str, now: Instant
) -> None:
    """Never publish a held entry; its bytes are kept, the trail says why, its node is told.

    An approved review of it ends as returned: the approval came to nothing.

    Raises:
        HeldEntryNotFound: there is none of that id, or it was discarded before.
    """
    subject = await discard_held(session, held, reason=reason, by=by, now=now)
    if subject is not None and subject.kind == REVIEW:
        await _return_review(session, subject)


async def _return_review(session: AsyncSession, subject: Subject) -> None:
    row = await session.get(ReviewRow, UUID(subject.id), with_for_update=True)
    if row is not None and row.state == ReviewState.APPROVED:
        row.state = next_state(ReviewState(row.state), ReviewAction.DISCARD)
