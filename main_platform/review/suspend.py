"""The office suspends a public listing for a time, and lets it stand again (protocol §6)."""

from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.intake.tables import IntakeListingRow
from main_platform.review.changes import change_by_hub, store_changes
from main_platform.review.errors import ListingNotPublished
from main_platform.review.office_change import hub_change, lock_listing
from main_platform.review.office_hold import suspended_by_node, suspended_by_office
from main_platform.review.reason_codes import Reason, check_reasons
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.instants import Instant

Standing = Literal["suspend", "resume"]
_ACTS: Final = {"suspend": Act.LISTING_SUSPENDED, "resume": Act.LISTING_RESUMED}


@dataclass(frozen=True, slots=True)
class StandingChanged:
    """A listing whose standing the office changed; its entry comes with the next checkpoint."""

    listing: UUID
    origin: str
    application_number: str
    kind: Standing
    reason: str


async def suspend_listing(
    session: AsyncSession, listing: UUID, *, reason: Reason, by: str, now: Instant
) -> StandingChanged:
    """Suspend a public listing; its node cannot resume it, and a new approval ends it.

    Locks the patent and the listing. The node learns of it by the entry.

    Raises:
        ReasonRefused: the reason does not serve a suspension.
        ListingUnknown: no node sent it.
        ListingNotPublished: it is not public, or the office suspended it before.
    """
    check_reasons([reason], "suspend")
    row = await lock_listing(session, listing)
    if await suspended_by_office(session, [listing]):
        detail = "主平台已中止该声明 / the office suspended it before"
        raise ListingNotPublished(detail)
    return await _change(session, row, "suspend", reason=reason, by_now=(by, now))


async def resume_listing(
    session: AsyncSession, listing: UUID, *, reason: Reason, by: str, now: Instant
) -> StandingChanged:
    """Let a listing stand again that the office suspended.

    Raises:
        ReasonRefused: the reason does not serve a resumption.
        ListingUnknown: no node sent it.
        ListingNotPublished: it is not public, the office did not suspend it, or its own node did.
    """
    check_reasons([reason], "resume")
    row = await lock_listing(session, listing)
    if not await suspended_by_office(session, [listing]):
        raise ListingNotPublished("主平台没有中止该声明 / the office did not suspend it")
    if await suspended_by_node(session, [listing]):
        detail = "报送节点也已中止，须由其恢复 / its own node suspended it too"
        raise ListingNotPublished(detail)
    return await _change(session, row, "resume", reason=reason, by_now=(by, now))


async def _change(
    session: AsyncSession,
    row: IntakeListingRow,
    kind: Standing,
    *,
    reason: Reason,
    by_now: tuple[str, Instant],
) -> StandingChanged:
    by, now = by_now
    change = hub_change(row, kind, reason=reason, by=by)
    await store_changes(session, [change_by_hub(change, now=now)])
    subject = Subject("listing", str(row.listing))
    act = Record(_ACTS[kind], subject, by, {"reason": reason.code, "by": "hub"})
    await record(session, act, now=now)
    return StandingChanged(row.listing, row.origin, row.application_number, kind, reason.code)
