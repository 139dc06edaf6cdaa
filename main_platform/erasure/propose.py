"""Ask for an erasure as a node, or propose one as staff: rows only, nothing is erased yet."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.erasure.choose import check_extent, choose, live_version
from main_platform.erasure.errors import NothingToErase
from main_platform.erasure.states import OPEN, ErasureAction, ErasureState, Extent, next_state
from main_platform.erasure.tables import ErasureRow
from main_platform.intake.locks import lock_listings
from main_platform.intake.tables import IntakeListingRow
from main_platform.nodes.errors import NotThisNode
from main_platform.review.errors import ListingUnknown
from main_platform.review.reason_codes import Reason, check_reasons
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.refusal import FieldError

ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be erased and why; the code of the reason becomes public, there is no text."""

    listing: UUID
    reason: str
    extent: Extent | None = None


async def ask_erasure(
    session: AsyncSession, wish: Wish, *, node: str, now: Instant, ids: IdSource
) -> ErasureRow:
    """Note a node's wish for one of its own listings; asking again gives the same erasure.

    Locks the listing.

    Raises:
        ReasonRefused: the code does not serve an erasure.
        ListingUnknown: no node sent it.
        NotThisNode: another node did.
        NothingToErase: all of it is erased already and there is no record of it.
    """
    check_reasons([Reason(wish.reason)], ERASE)
    listing = await _lock_listing(session, wish.listing)
    if listing.origin != node:
        message = f"{wish.listing} 不是 {node} 的声明 / another node's listing"
        raise NotThisNode(message, [FieldError("/listing", "erasure.listing_of_another", message)])
    known = await _known(session, wish.listing)
    if known is not None and (known.state in OPEN or not await _left(session, listing)):
        return known
    row = _new_row(session, listing, wish, ids=ids)
    row.state, row.asked_at = ErasureState.ASKED, now
    await record(session, _act(Act.ERASURE_ASKED, row, node), now=now)
    return row


async def propose_erasure(
    session: AsyncSession, wish: Wish, *, by: str, now: Instant, ids: IdSource
) -> ErasureRow:
    """Propose an erasure, or take up a node's wish; another person must confirm it.

    What is proposed or done already is given back as it is. Locks the listing.

    Raises:
        ReasonRefused: the code does not serve an erasure.
        ListingUnknown: no node sent it.
        ExtentUnfit: the listing is public and would be emptied, or is not public.
        NothingToErase: the hub holds nothing of that extent.
        VersionsUnsettled: a version is under review or on its way into the log.
    """
    check_reasons([Reason(wish.reason)], ERASE)
    listing = await _lock_listing(session, wish.listing)
    known = await _known(session, wish.listing)
    if known is not None and known.state != ErasureState.ASKED:
        if known.state != ErasureState.DONE or not await _left(session, listing):
            return known
        known = None
    live = await live_version(session, listing)
    extent = wish.extent or _usual_extent(live)
    check_extent(extent, live)
    chosen = await choose(session, wish.listing, extent=extent, live=live)
    row = _taken_up(known) if known is not None else _new_row(session, listing, wish, ids=ids)
    row.state, row.extent, row.reason = ErasureState.PROPOSED, extent, wish.reason
    row.proposed_by, row.proposed_at = by, now
    row.statements = [one.to_json() for one in chosen]
    await record(session, _act(Act.ERASURE_PROPOSED, row, by), now=now)
    return row


async def _lock_listing(session: AsyncSession, listing: UUID) -> IntakeListingRow:
    found = (await lock_listings(session, [listing])).get(listing)
    if found is None:
        raise ListingUnknown(detail=f"没有声明 {listing} / there is no listing {listing}")
    return found


async def _known(session: AsyncSession, listing: UUID) -> ErasureRow | None:
    """The erasure of the listing that is open, else the last one that was not refused."""
    found = await session.scalars(
        select(ErasureRow)
        .where(ErasureRow.listing == listing, ErasureRow.state != ErasureState.REFUSED)
        .order_by(ErasureRow.id.desc())
        .limit(1)
    )
    return found.one_or_none()


async def _left(session: AsyncSession, listing: IntakeListingRow) -> bool:
    """Whether an erasure would find anything."""
    live = await live_version(session, listing)
    extent = _usual_extent(live)
    try:
        await choose(session, listing.listing, extent=extent, live=live)
    except NothingToErase:
        return False
    return True


def _usual_extent(live: int | None) -> Extent:
    return Extent.ENDED if live is None else Extent.BEFORE_LIVE


def _taken_up(asked: ErasureRow) -> ErasureRow:
    asked.state = next_state(asked.state, ErasureAction.PROPOSE)
    return asked


def _new_row(
    session: AsyncSession, listing: IntakeListingRow, wish: Wish, *, ids: IdSource
) -> ErasureRow:
    row = ErasureRow(
        id=ids.new_id(),
        listing=listing.listing,
        origin=listing.origin,
        reason=wish.reason,
        extent=wish.extent,
        statements=[],
        remaining=0,
    )
    session.add(row)
    return row


def _act(act: Act, row: ErasureRow, by: str) -> Record:
    facts = {"erasure": str(row.id), "reason": row.reason, "extent": row.extent}
    return Record(act, Subject("listing", str(row.listing)), by, facts)
