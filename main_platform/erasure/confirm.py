"""A second person confirms an erasure, and it is carried out at the hub; or somebody refuses it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.publish import Queued, queue_entries
from main_platform.catalogue.tables import ERASURE
from main_platform.erasure.choose import Chosen, check_extent, choose, live_version
from main_platform.erasure.ports import OnErased
from main_platform.erasure.read_erasures import find_erasure
from main_platform.erasure.scrub import scrub
from main_platform.erasure.states import ErasureAction, Extent, next_state
from main_platform.erasure.tables import ErasureRow
from main_platform.intake.locks import lock_listings, lock_patents
from main_platform.intake.tables import IntakeListingRow
from main_platform.nodes.inbox import Message, send
from main_platform.review.errors import SecondPersonRequired
from main_platform.review.lane import settle_withdrawn
from main_platform.review.reason_codes import Reason, check_reasons, reason_codes
from main_platform.review.withdraw import withdraw_rows
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.entry_parts import ListingReference
from shared_schema.instants import Instant, whole_second
from shared_schema.log_entry import ObjectErased

KEEP = "keep"


async def confirm_erasure(
    session: AsyncSession,
    erasure: UUID,
    *,
    on_erased: Sequence[OnErased] = (),
    by: str,
    now: Instant,
) -> ErasureRow:
    """Erase: the hub's own rows at once, every copy of the log with the entries queued here.

    Locks the patent, the listing and the erasure. What is erased is chosen anew, so a version that
    came after the proposal is included or makes it fail. The origin is told.

    Raises:
        ErasureNotFound: there is none of that id.
        ErasureStateConflict: it is not proposed.
        SecondPersonRequired: the same person proposed it.
        ExtentUnfit: the listing has become public, or is public no more.
        NothingToErase: nothing of it is left.
        VersionsUnsettled: a version is under review or on its way into the log.
    """
    listing = await _lock_listing_of(session, erasure)
    row = await _lock(session, erasure)
    state = next_state(row.state, ErasureAction.CONFIRM)
    if row.proposed_by == by:
        raise SecondPersonRequired(
            detail="须由提出人以外的另一人确认 / another person than the one who proposed it"
        )
    extent = Extent(row.extent or Extent.ENDED)
    live = await live_version(session, listing)
    check_extent(extent, live)
    if extent is Extent.WITHDRAW:
        await withdraw_rows(session, [listing], reason=Reason(row.reason), by=by, now=now)
        await settle_withdrawn(session, {listing.application_number}, now=now)
    chosen = await choose(session, listing.listing, extent=extent, live=live)
    row.state, row.decided_by, row.decided_at = state, by, now
    await _erase(session, row, chosen, on_erased=on_erased, now=now)
    await send(session, [_message(row)], now=now)
    await record(session, _act(Act.ERASURE_CONFIRMED, row, by), now=now)
    return row


async def refuse_erasure(
    session: AsyncSession, erasure: UUID, *, reason: str, by: str, now: Instant
) -> ErasureRow:
    """Refuse an erasure with a coded reason; a node that asked is told, and may ask again.

    Raises:
        ReasonRefused: the code does not serve a refusal.
        ErasureNotFound: there is none of that id.
        ErasureStateConflict: it is carried out, or refused before.
    """
    check_reasons([Reason(reason)], KEEP)
    row = await _lock(session, erasure)
    row.state = next_state(row.state, ErasureAction.REFUSE)
    row.refusal, row.decided_at = reason, now
    if row.proposed_by != by:
        row.decided_by = by
    if row.asked_at is not None:
        await send(session, [_message(row)], now=now)
    await record(session, _act(Act.ERASURE_REFUSED, row, by), now=now)
    return row


async def _lock_listing_of(session: AsyncSession, erasure: UUID) -> IntakeListingRow:
    """The listing, locked in the order of all locks: the patent, then the listing."""
    named = await find_erasure(session, erasure)
    listing = await session.get_one(IntakeListingRow, named.listing)
    await lock_patents(session, [listing.application_number])
    return (await lock_listings(session, [named.listing]))[named.listing]


async def _lock(session: AsyncSession, erasure: UUID) -> ErasureRow:
    await find_erasure(session, erasure)
    return await session.get_one(ErasureRow, erasure, with_for_update=True, populate_existing=True)


async def _erase(
    session: AsyncSession,
    row: ErasureRow,
    chosen: Sequence[Chosen],
    *,
    on_erased: Sequence[OnErased],
    now: Instant,
) -> None:
    listing = ListingReference(origin=row.origin, listing=row.listing)
    at, subject = whole_second(now), Subject(ERASURE, str(row.id))
    entries = [
        ObjectErased(at=at, object_hash=one.object_hash, reason=row.reason, listing=listing)
        for one in chosen
        if one.is_logged
    ]
    await queue_entries(session, [Queued(entry, subject=subject) for entry in entries])
    row.statements = [one.to_json() for one in chosen]
    row.remaining = len(entries)
    if not entries:
        row.state = next_state(row.state, ErasureAction.COMPLETE)
    await scrub(session, row, chosen, now=now)
    for follow in on_erased:
        await follow(session, [one.object_hash for one in chosen], now)


def _message(row: ErasureRow) -> Message:
    """The decision as the listing's node reads it; hashes only."""
    code = row.refusal or row.reason
    said = reason_codes()[code]
    body: dict[str, Any] = {
        "erasure": str(row.id),
        "listing": str(row.listing),
        "verdict": "refused" if row.refusal else "erased",
        "extent": row.extent,
        "reason": {"code": code, "zh": said.zh, "en": said.en},
        "statements": [] if row.refusal else row.statements,
    }
    return Message(row.origin, ERASURE, body)


def _act(act: Act, row: ErasureRow, by: str) -> Record:
    facts = {
        "erasure": str(row.id),
        "reason": row.refusal or row.reason,
        "extent": row.extent,
        "versions": [one["version"] for one in row.statements],
    }
    return Record(act, Subject("listing", str(row.listing)), by, facts)
