"""Statements, listings, reviews and changes as the log's entries say.

What the hub knew beside the log is gone with the disk: who decided, findings, free words. Receipts
are made anew, so that a statement that is sent again is known and answered as before.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.intake.counter import count_numbers
from main_platform.intake.locks import among, lock_listings_of, lock_patents
from main_platform.intake.receipt import receipt_body
from main_platform.intake.tables import IntakeListingRow, SubmissionRow
from main_platform.nodes.origin_lock import lock_origin
from main_platform.nodes.tables import NodeRow
from main_platform.recovery.restored import Restored, changes_of
from main_platform.review.opening import reopen_held
from main_platform.review.places import places_of
from main_platform.review.states import OPEN, ReviewAction, ReviewState, next_state
from main_platform.review.tables import ListingChangeRow, ReviewRow
from shared_platform.audit.trail import SERVICE
from shared_schema.catalogue_state import ListingChange
from shared_schema.declaration import Declaration
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.log_entry import (
    ConflictDecided,
    ListingOffered,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    ObjectErased,
)
from shared_schema.statement import SignedStatement, declaration_of

_OPS = {
    "listing_withdrawn": "withdraw",
    "listing_suspended": "suspend",
    "listing_resumed": "resume",
}


@dataclass(slots=True)
class _Books:
    """The rows that a page concerns: loaded at once, kept up, written at the end."""

    session: AsyncSession
    ids: IdSource
    submissions: dict[str, SubmissionRow] = field(default_factory=dict)
    numbers: set[tuple[object, int]] = field(default_factory=set)
    listings: dict[UUID, IntakeListingRow] = field(default_factory=dict)
    live: dict[tuple[str, str], IntakeListingRow] = field(default_factory=dict)
    reviews: dict[UUID, dict[int, ReviewRow]] = field(default_factory=lambda: defaultdict(dict))
    changes: list[ListingChangeRow] = field(default_factory=list)
    received: dict[str, list[int]] = field(default_factory=dict)
    regions: dict[str, list[str]] = field(default_factory=dict)
    opened: list[ReviewRow] = field(default_factory=list)
    made: list[ListingChangeRow] = field(default_factory=list)


async def restore_listings(
    session: AsyncSession, restored: Sequence[Restored], *, ids: IdSource, now: Instant
) -> None:
    """Bring the hub's own rows of listings to where the entries leave them, in their order.

    The head is locked; takes the patents', origins' and listings' locks in the usual order.
    """
    changes = changes_of(restored)
    entries = [one.entry for one in restored]
    numbers = {_number(one, entry) for one, entry in changes} - {""}
    numbers |= {one.application_number for one in entries if isinstance(one, ConflictDecided)}
    numbers |= await _known_numbers(session, {entry.listing for _, entry in changes})
    await lock_patents(session, numbers)
    for origin in sorted({entry.origin for _, entry in changes}):
        await lock_origin(session, origin)
    books = _Books(session, ids)
    await _load(books, restored, numbers)
    for one in restored:
        if isinstance(one.entry, ListingChange):
            _apply(books, one, one.entry)
        elif isinstance(one.entry, ConflictDecided):
            _decided(books, one.serial, one.entry)
        elif isinstance(one.entry, ObjectErased):
            _erased(books, one.entry)
    await _store(books, now=now)
    gone = {_number(one, entry) for one, entry in changes if isinstance(entry, ListingWithdrawn)}
    if gone:
        await reopen_held(session, gone - {""}, now=now)


async def _known_numbers(session: AsyncSession, listings: set[UUID]) -> set[str]:
    """The patents of these listings, as far as the backup knows them."""
    row = IntakeListingRow
    found = await session.scalars(
        select(row.application_number).where(among(row.listing, listings))
    )
    return set(found)


async def _load(books: _Books, restored: Sequence[Restored], numbers: set[str]) -> None:
    session = books.session
    listings = {entry.listing for _, entry in changes_of(restored)}
    books.listings = await lock_listings_of(session, numbers)
    for listing in books.listings.values():
        if listing.live:
            books.live[listing.origin, listing.application_number] = listing
    row, review, change = SubmissionRow, ReviewRow, ListingChangeRow
    said = [one.signed.statement for one in restored if one.signed is not None]
    numbered = tuple_(row.origin, row.oseq).in_([(one.origin, one.oseq) for one in said])
    erased = [one.entry.object_hash for one in restored if isinstance(one.entry, ObjectErased)]
    concerned = or_(among(row.listing, listings), among(row.object_hash, erased), numbered)
    for submission in await session.scalars(select(row).where(concerned)):
        _know(books, submission)
    reviews = among(review.listing, {one.listing for one in books.submissions.values()} | listings)
    for opened in await session.scalars(select(review).where(reviews)):
        books.reviews[opened.listing][opened.version] = opened
    scopes = await session.execute(select(NodeRow.id, NodeRow.scope))
    books.regions = {node: scope.get("regions", []) for node, scope in scopes}
    waiting = change.serial.is_(None) & change.needs_entry
    own = await session.scalars(
        select(change).where(among(change.application_number, numbers), waiting)
    )
    books.changes = list(own)


def _know(books: _Books, submission: SubmissionRow) -> None:
    books.submissions[submission.object_hash] = submission
    books.numbers |= {
        (submission.origin, submission.oseq),
        (submission.listing, submission.version),
    }


def _number(one: Restored, entry: ListingChange) -> str:
    if one.signed is not None:
        return one.signed.statement.subject.application_number
    return entry.application_number or ""


def _apply(books: _Books, one: Restored, entry: ListingChange) -> None:
    number = _number(one, entry)
    listing = books.listings.get(entry.listing)
    if listing is None and not number:
        return  # neither statement nor number came: the catalogue does not know it either
    if listing is None:
        listing = _first(one, entry, number)
        books.listings[entry.listing] = listing
        books.session.add(listing)
    submission = _submission(books, one.signed, at=entry.at) if one.signed else None
    if submission is not None and entry.version >= listing.version:
        listing.version, listing.statement_hash = entry.version, submission.statement_hash
    if isinstance(entry, ListingOffered):
        _offered(books, one, entry, listing=listing)
        return
    if isinstance(entry, ListingWithdrawn):
        listing.withdrawn_at, listing.live = entry.at, False
        books.live.pop((listing.origin, listing.application_number), None)
    _supersede(books, entry.listing, entry.version, at=entry.at)
    _changed(books, one, entry, submission=submission.id if submission else None)


def _first(one: Restored, entry: ListingChange, number: str) -> IntakeListingRow:
    issued = entry.at if one.signed is None else one.signed.statement.issued_at
    return IntakeListingRow(
        listing=entry.listing,
        origin=entry.origin,
        application_number=number,
        version=entry.version,
        statement_hash=entry.statement_hash or "",
        declared_at=issued,
        live=False,
    )


def _submission(books: _Books, signed: SignedStatement, *, at: Instant) -> SubmissionRow | None:
    """The row of the statement; None where the backup has another one under its number."""
    known = books.submissions.get(signed.object_hash)
    if known is not None:
        return known
    said = signed.statement
    if books.numbers & {(said.origin, said.oseq), (said.listing, said.version)}:
        return None
    row = SubmissionRow(
        id=books.ids.new_id(),
        origin=said.origin,
        oseq=said.oseq,
        listing=said.listing,
        version=said.version,
        op=said.op,
        application_number=said.subject.application_number,
        key_id=signed.key_id,
        prev=said.prev,
        statement_hash=signed.payload_hash,
        object_hash=signed.object_hash,
        envelope=signed.raw,
        reason_code=said.reason.code if said.reason else None,
        findings={"findings": [], "unchecked_rules": []},
        issued_at=said.issued_at,
        received_at=at,
        receipt=receipt_body(signed, at),
    )
    _know(books, row)
    books.session.add(row)
    books.received.setdefault(said.origin, []).append(said.oseq)
    return row


def _offered(
    books: _Books, one: Restored, entry: ListingOffered, *, listing: IntakeListingRow
) -> None:
    declaration = None if one.signed is None else declaration_of(one.signed.statement)
    place = entry.origin, entry.application_number
    before = books.live.get(place)
    if before is not None and before is not listing:
        before.live = False  # the log has this one in its place
    listing.live = listing.withdrawn_at is None
    books.live[place] = listing
    listing.offered_version = entry.version
    if declaration is not None:
        listing.period_end = declaration.period.end
    _supersede(books, entry.listing, entry.version, at=entry.at)
    review = books.reviews[entry.listing].get(entry.version)
    submission = books.submissions.get(entry.object_hash)
    if review is None and submission is not None:
        review = _review(submission, entry, declaration)
        holders = declaration.holders if declaration else ()
        review.regions = places_of(holders, books.regions.get(entry.origin, []))
        books.reviews[entry.listing][entry.version] = review
        books.opened.append(review)
    if review is not None:
        review.state, review.serial = ReviewState.SEQUENCED, one.serial
        review.standing, review.decided_at = entry.standing, entry.at
        review.primary_listing = entry.primary.listing if entry.primary else None
        if review.first_approver is not None and review.second_approver is None:
            review.second_approver = SERVICE  # who confirmed it went with what the restore lost


def _review(
    submission: SubmissionRow, entry: ListingOffered, declaration: Declaration | None
) -> ReviewRow:
    return ReviewRow(
        id=submission.id,
        origin=entry.origin,
        listing=entry.listing,
        version=entry.version,
        application_number=entry.application_number,
        statement_hash=entry.statement_hash,
        title=declaration.patent.title if declaration else None,
        holder_names=[holder.name for holder in declaration.holders] if declaration else [],
        high_risk=False,
        findings=[],
        finding_codes=[],
        unchecked_rules=[],
        conflicts=[],
        turn=0,
        opened_at=entry.at,
    )


def _supersede(books: _Books, listing: UUID, version: int, *, at: Instant) -> None:
    for before, review in books.reviews[listing].items():
        if before < version and ReviewState(review.state) in OPEN:
            review.state = next_state(ReviewState(review.state), ReviewAction.SUPERSEDE)
            review.decided_at = at


def _changed(
    books: _Books,
    one: Restored,
    entry: ListingWithdrawn | ListingSuspended | ListingResumed,
    *,
    submission: UUID | None,
) -> None:
    """The change's row: the one that waited for its serial, or a new one."""
    kind = _OPS[entry.kind]
    said = (entry.listing, kind, entry.by, entry.statement_hash)
    for row in books.changes:
        if row.serial is None and said == (row.listing, row.kind, row.by, row.statement_hash):
            row.serial = one.serial
            return
    reason = one.signed.statement.reason if one.signed else None
    change: dict[str, Any] = {
        "submission": submission,
        "listing": entry.listing,
        "origin": entry.origin,
        "application_number": _number(one, entry),
        "kind": kind,
        "by": entry.by,
        "version": entry.version,
        "statement_hash": entry.statement_hash,
        "reason_code": entry.reason,
        "text": reason.text if reason else None,
        "others": [],
        "actor": entry.origin if entry.by == "origin" else SERVICE,
        "at": entry.at,
        "needs_entry": True,
        "serial": one.serial,
    }
    books.made.append(ListingChangeRow(**change))


def _decided(books: _Books, serial: int, entry: ConflictDecided) -> None:
    said = (entry.primary.listing, "conflict_decided", entry.application_number)
    for row in books.changes:
        if row.serial is None and said == (row.listing, row.kind, row.application_number):
            row.serial = serial
            return
    books.made.append(
        ListingChangeRow(
            listing=entry.primary.listing,
            origin=entry.primary.origin,
            application_number=entry.application_number,
            kind="conflict_decided",
            by="hub",
            version=0,
            reason_code=entry.decision,
            others=[
                {"origin": other.origin, "listing": str(other.listing)} for other in entry.others
            ],
            actor=SERVICE,
            at=entry.at,
            needs_entry=True,
            serial=serial,
        )
    )


def _erased(books: _Books, entry: ObjectErased) -> None:
    """Bytes that the log erased are erased here too, whatever the backup holds."""
    row = books.submissions.get(entry.object_hash)
    if row is not None and row.erased_at is None:
        row.envelope, row.erased_at = b"", entry.at
        row.findings = {"findings": [], "unchecked_rules": []}
        review = books.reviews[row.listing].get(row.version)
        if review is not None:
            review.title, review.holder_names, review.findings = None, [], []


async def _store(books: _Books, *, now: Instant) -> None:
    session = books.session
    living = [row for row in books.listings.values() if row.live]
    for row in living:
        row.live = False
    await session.flush()  # submissions and listings before what refers to them
    for row in living:
        row.live = True  # after those that died, whose patents' places they take
    session.add_all(books.opened)
    session.add_all(books.made)
    await session.flush()
    for origin, oseqs in sorted(books.received.items()):
        await count_numbers(session, origin, oseqs, now=now)
