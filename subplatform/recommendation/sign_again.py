"""Sign offers again that the hub returned for their key alone: nothing in them is to be decided.

The message marks the declaration (`needs_signature`); it is signed as its next version as soon as
this node has another key than the one that was revoked. Who else signed with the stolen key gets
nothing signed: only this node's own last statements are marked.
"""

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import SERVICE, Record, record
from shared_schema.instants import Instant, legal_day
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.states import Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.outbox.resign import statement_keys
from subplatform.recommendation.signing import Said, Signer, state_next

PAGE: Final = 500


async def sign_again(session: AsyncSession, *, signer: Signer, now: Instant) -> int:
    """Sign a page of the marked offers with the present key; how many.

    Locks them. One whose last statement bears the present key waits for a new key; one whose period
    has ended, or that was withdrawn meanwhile, is not signed any more.
    """
    found = await session.scalars(
        select(DeclarationRow)
        .where(DeclarationRow.needs_signature)
        .order_by(DeclarationRow.listing)
        .limit(PAGE)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    rows = found.all()
    if not rows:
        return 0
    oseqs = [row.last_oseq for row in rows if row.last_oseq is not None]
    signed_with = await statement_keys(session, oseqs)
    present, today = signer.key().key_id, legal_day(now)
    for row in rows:
        _drop_what_is_over(row, today, now=now)
    due = [
        row
        for row in rows
        if row.needs_signature and signed_with.get(row.last_oseq or 0) != present
    ]
    if not due:
        return 0
    offers = [(row, Said("offer", body=row.body)) for row in due]
    signed = await state_next(session, offers, signer=signer, now=now)
    acts = []
    for row, one in zip(due, signed, strict=True):
        row.needs_signature = False
        facts = {"oseq": one.statement.oseq, "version": one.statement.version, "key_id": present}
        acts.append(Record(Act.SIGNED_AGAIN, subject_of(row.listing), SERVICE, facts))
    await record(session, *acts, now=now)
    return len(due)


def _drop_what_is_over(row: DeclarationRow, today: date, *, now: Instant) -> None:
    """An offer that has ended is corrected by people; what is not on its way needs no signature."""
    if row.state != State.RECOMMENDED:
        row.needs_signature = False
    elif row.period_end < today:
        row.state = next_state(State(row.state), Action.RETURN)
        row.needs_signature, row.updated_at = False, now
