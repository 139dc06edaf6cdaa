"""Withdrawals, suspensions and resumptions: nobody approves them, they go before everything else.

Also what a withdrawal leaves behind: another listing of the patent may have to become the primary
one, and offers that were held because of it may wait again.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.locks import among
from main_platform.intake.ports import Received
from main_platform.intake.tables import IntakeListingRow
from main_platform.nodes.inbox import Message, send
from main_platform.review.changes import (
    Change,
    PrimaryDecision,
    change_by_origin,
    change_of_primary,
    store_changes,
)
from main_platform.review.offers import OtherOffer, public_offers
from main_platform.review.office_hold import suspended_by_office
from main_platform.review.opening import reopen_held, supersede
from main_platform.review.placement import AUTOMATIC_RULE, choose_primary
from shared_platform.audit.trail import SERVICE, Record, Subject, record
from shared_schema.instants import Instant, legal_day

RECORDED: Final = "recorded"
PRIMARY_WITHDRAWN: Final = "primary_withdrawn"
_ACTS: Final = {
    "withdraw": Act.LISTING_WITHDRAWN,
    "suspend": Act.LISTING_SUSPENDED,
    "resume": Act.LISTING_RESUMED,
}


async def queue_lane(session: AsyncSession, received: Sequence[Received], now: Instant) -> None:
    """Queue the nodes' own changes for the log and end the reviews they make pointless.

    A listing that was never approved has nothing in the log to change, and one that the office
    suspended stays so until the office resumes it: the node is told by a `recorded` message.
    Patents and listings are locked.
    """
    if not received:
        return
    versions = {one.statement.listing: one.statement.version for one in received}
    await supersede(session, versions, now=now)
    public = await _public(session, list(versions))
    kept = await suspended_by_office(session, list(versions))
    changes = [
        change_by_origin(one, is_public=one.statement.listing in public and not _waits(one, kept))
        for one in received
    ]
    await store_changes(session, changes)
    await send(session, [_recorded(one) for one in changes if one.entry is None], now=now)
    await record(session, *(_record(one) for one in changes), now=now)
    withdrawn = [one for one in received if one.statement.op == "withdraw"]
    await settle_withdrawn(
        session, {one.statement.subject.application_number for one in withdrawn}, now=now
    )


async def settle_withdrawn(session: AsyncSession, numbers: set[str], *, now: Instant) -> None:
    """Choose new primary listings where one is gone, and let held offers wait again.

    The patents are locked and the withdrawn listings' rows already say so.
    """
    if not numbers:
        return
    await session.flush()
    offers = await public_offers(session, numbers, today=legal_day(now))
    left = [
        _promotion(number, others)
        for number, others in sorted(offers.items())
        if not any(other.candidate.is_primary for other in others)
    ]
    await store_changes(session, [change_of_primary(one, now=now) for one in left])
    await reopen_held(session, numbers, now=now)


def _waits(received: Received, kept: set[UUID]) -> bool:
    """Whether the change waits for the office: a node cannot resume what the office suspended."""
    said = received.statement
    return said.op == "resume" and said.listing in kept


def _promotion(number: str, others: Sequence[OtherOffer]) -> PrimaryDecision:
    primary = choose_primary([other.candidate for other in others])
    rest = tuple(other.candidate for other in others if other.candidate is not primary)
    return PrimaryDecision(
        number, primary, rest, rule=AUTOMATIC_RULE, decision=PRIMARY_WITHDRAWN, by=SERVICE
    )


async def _public(session: AsyncSession, listings: Sequence[UUID]) -> set[UUID]:
    """The listings of which an offer was approved: the log knows them, or soon will."""
    found = await session.scalars(
        select(IntakeListingRow.listing).where(
            among(IntakeListingRow.listing, listings), IntakeListingRow.offered_version.is_not(None)
        )
    )
    return set(found)


def _recorded(change: Change) -> Message:
    row = change.row
    body = {
        "listing": str(row["listing"]),
        "version": row["version"],
        "op": row["kind"],
        "statement_hash": row["statement_hash"],
    }
    return Message(row["origin"], RECORDED, body)


def _record(change: Change) -> Record:
    row = change.row
    facts = {"version": row["version"], "reason": row["reason_code"]}
    return Record(_ACTS[row["kind"]], Subject("listing", str(row["listing"])), row["origin"], facts)
