"""Bring declarations in line with the catalogue: public is what the log says, and nothing else."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_platform.catalogue.tables import catalogue_listing
from shared_schema.catalogue_state import ListingState
from shared_schema.instants import Instant, format_instant
from subplatform.accounts.notices import tell
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import subject_of
from subplatform.declarations.notice_of import notice_of
from subplatform.declarations.states import TRANSITIONS, Action, State, next_state
from subplatform.declarations.tables import DeclarationRow
from subplatform.recommendation.inbox import HUB

PAGE: Final = 1_000
_ACTIONS: Final = {
    (State.RECOMMENDED, ListingState.PUBLISHED): Action.PUBLISH,
    (State.PUBLISHED, ListingState.SUSPENDED): Action.SUSPEND,  # by the hub
    (State.SUSPENDED, ListingState.PUBLISHED): Action.RESUME,  # by the hub
} | {
    (state, ListingState.WITHDRAWN): Action.WITHDRAW
    for state, action in TRANSITIONS
    if action is Action.WITHDRAW
}
_ACTS: Final = {
    Action.PUBLISH: Act.DECISION_RECEIVED,
    Action.SUSPEND: Act.LISTING_SUSPENDED,
    Action.RESUME: Act.LISTING_RESUMED,
    Action.WITHDRAW: Act.LISTING_WITHDRAWN,
}
_TOLD: Final = {
    State.PUBLISHED: "published",
    State.SUSPENDED: "suspended",
    State.WITHDRAWN: "withdrawn",
}


async def confirm_published(session: AsyncSession, now: Instant) -> int:
    """Move declarations whose listing in the mirrored catalogue says something newer.

    An entry older than the declaration's last statement says nothing about that one, unless it is
    a withdrawal, which is for ever. Returns how many moved; run after each pull. Locks them.
    """
    moved = 0
    listed = catalogue_listing.c
    differing = (
        select(DeclarationRow, listed.state, listed.serial, listed.reason_code)
        .join(catalogue_listing, listed.listing == DeclarationRow.listing)
        .where(or_(*map(_differs, _ACTIONS)))
        .order_by(DeclarationRow.listing)
        .limit(PAGE)
        .with_for_update(of=DeclarationRow)
        .execution_options(populate_existing=True)
    )
    while rows := (await session.execute(differing)).all():
        acts = [
            _move(row, ListingState(state), serial=serial, reason=reason, now=now)
            for row, state, serial, reason in rows
        ]
        await record(session, *acts, now=now)
        told = [notice_of(row, _TOLD[State(row.state)]) for row, *_ in rows]
        await tell(session, *told, now=now)
        await session.flush()  # the next page is of what still differs
        moved += len(rows)
    return moved


def _differs(pair: tuple[State, ListingState]) -> ColumnElement[bool]:
    state, listed = pair
    is_final = listed is ListingState.WITHDRAWN
    return and_(
        DeclarationRow.state == state,
        catalogue_listing.c.state == listed,
        true() if is_final else catalogue_listing.c.version >= DeclarationRow.version,
    )


def _move(
    row: DeclarationRow, listed: ListingState, *, serial: int, reason: str | None, now: Instant
) -> Record:
    action = _ACTIONS[State(row.state), listed]
    row.state = next_state(State(row.state), action)
    row.serial = serial
    row.updated_at = now
    if action is Action.SUSPEND:
        since, codes = format_instant(now), [reason or HUB]
        row.suspension = {"since": since, "codes": codes, "withdrawal_asked": False, "by": HUB}
    elif action is Action.RESUME:
        row.suspension = None
    facts = {"listed": listed.value, "serial": serial, "reason": reason}
    return Record(_ACTS[action], subject_of(row.listing), HUB, facts)
