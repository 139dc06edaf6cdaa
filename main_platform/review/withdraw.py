"""The hub withdraws a listing by itself: transfer, lapse, invalidation, court, takedown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.tables import IntakeListingRow
from main_platform.nodes.inbox import Message, send
from main_platform.review.changes import HubChange, change_by_hub, store_changes
from main_platform.review.lane import settle_withdrawn
from main_platform.review.office_change import hub_change, lock_listing
from main_platform.review.opening import supersede
from main_platform.review.reason_codes import Reason, check_reasons
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant, whole_second

WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A listing the hub withdrew; the entry's serial comes with the next checkpoint."""

    listing: UUID
    origin: str
    application_number: str
    reason: str


async def withdraw_listing(
    session: AsyncSession, listing: UUID, *, reason: Reason, by: str, now: Instant
) -> Withdrawn:
    """Withdraw a public listing for good; its origin is told why. Licences granted stay.

    Locks the patent and the listing. Open reviews of it end.

    Raises:
        ReasonRefused: the reason does not serve a withdrawal.
        ListingUnknown: no node sent it.
        ListingNotPublished: it was never approved, or is withdrawn already.
    """
    check_reasons([reason], "withdraw")
    row = await lock_listing(session, listing)
    await withdraw_rows(session, [row], reason=reason, by=by, now=now)
    await settle_withdrawn(session, {row.application_number}, now=now)
    return Withdrawn(listing, row.origin, row.application_number, reason.code)


async def withdraw_rows(
    session: AsyncSession,
    rows: Sequence[IntakeListingRow],
    *,
    reason: Reason,
    by: str,
    now: Instant,
) -> None:
    """Withdraw listings whose rows are locked; what follows for others is the caller's.

    Raises:
        ListingNotPublished: one was never approved, or is withdrawn already.
    """
    withdrawals = [hub_change(row, "withdraw", reason=reason, by=by) for row in rows]
    for row in rows:
        row.withdrawn_at, row.live = whole_second(now), False
    await session.flush()
    newest = {row.listing: row.version + 1 for row in rows}
    await supersede(session, newest, now=now)
    await store_changes(session, [change_by_hub(one, now=now) for one in withdrawals])
    await send(session, [_message(one, reason) for one in withdrawals], now=now)
    await record(session, *(_record(one) for one in withdrawals), now=now)


def _message(withdrawal: HubChange, reason: Reason) -> Message:
    body = {"listing": str(withdrawal.listing), "by": "hub", "reason": reason.to_json()}
    return Message(withdrawal.origin, WITHDRAWN, body)


def _record(withdrawal: HubChange) -> Record:
    subject = Subject("listing", str(withdrawal.listing))
    return Record(Act.LISTING_WITHDRAWN, subject, withdrawal.by, {"reason": withdrawal.reason})
