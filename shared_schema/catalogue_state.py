"""What the catalogue knows of a listing, and how each log entry changes it: pure, one table.

Hub, nodes, portals and command-line readers fold the same entries with this reducer, so their
catalogues are equal. It trusts its input: `shared_schema.entry_check` has judged the entry before.

Everything in a head but the terms comes from the entry itself, which the log's checkpoint vouches
for. A copy that got no statement, because it was erased, therefore still has the same head.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeGuard
from uuid import UUID

from shared_schema.declaration import Declaration
from shared_schema.instants import Instant
from shared_schema.log_entry import (
    ConflictDecided,
    ListingOffered,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    LogEntry,
    ObjectErased,
    UnknownEntry,
)


class ListingState(StrEnum):
    """The stored states. Expired is not among them: it follows from the day one looks."""

    PUBLISHED = "published"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"  # for ever: a tombstone


class Standing(StrEnum):
    """How a listing stands beside others of the same patent (protocol §10)."""

    PRIMARY = "primary"
    ALSO_OFFERED = "also_offered"


ListingChange = ListingOffered | ListingWithdrawn | ListingSuspended | ListingResumed
_CHANGES: Final[frozenset[type]] = frozenset(ListingChange.__args__)

TRANSITIONS: Final[dict[tuple[ListingState | None, str], ListingState]] = {
    (None, "listing_offered"): ListingState.PUBLISHED,
    (ListingState.PUBLISHED, "listing_offered"): ListingState.PUBLISHED,  # the next version
    (ListingState.PUBLISHED, "listing_withdrawn"): ListingState.WITHDRAWN,
    (ListingState.PUBLISHED, "listing_suspended"): ListingState.SUSPENDED,
    (ListingState.PUBLISHED, "listing_resumed"): ListingState.PUBLISHED,
    (ListingState.SUSPENDED, "listing_offered"): ListingState.PUBLISHED,  # approved anew
    (ListingState.SUSPENDED, "listing_withdrawn"): ListingState.WITHDRAWN,
    (ListingState.SUSPENDED, "listing_suspended"): ListingState.SUSPENDED,
    (ListingState.SUSPENDED, "listing_resumed"): ListingState.PUBLISHED,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """The content of an offer, as far as this version can read it.

    `declaration` is None when the statement was not delivered, or needs a newer reader.
    """

    declaration: Declaration | None = None
    needs_newer_reader: bool = False


@dataclass(frozen=True, slots=True)
class ListingHead:
    """Where one listing stands after all entries applied.

    `version` and `statement_hash` continue the node's version chain; `key_id` and `object_hash` are
    those of the same, last statement. `terms_object` is the hash of the envelope whose offer stands
    (None: erased), `approved_at` the time the hub gives its entry. `terms` is None when whoever
    keeps the head keeps its terms elsewhere and has not loaded them.
    """

    origin: str
    listing: UUID
    application_number: str
    version: int
    state: ListingState
    standing: Standing
    primary: UUID | None
    first_serial: int
    serial: int
    approved_at: Instant
    statement_hash: str
    object_hash: str
    key_id: str
    reason_code: str | None
    terms_object: str | None
    terms: Terms | None = None


def is_change(entry: LogEntry | UnknownEntry | None) -> TypeGuard[ListingChange]:
    """Whether the entry is about one listing; `isinstance` would cost ten times as much."""
    return type(entry) in _CHANGES


def listings_named(entry: LogEntry | UnknownEntry) -> tuple[UUID, ...]:
    """The listings whose heads an entry may change, as far as the entry names them.

    The head an erasure concerns is found by its `terms_object`.
    """
    if is_change(entry):
        return (entry.listing,)
    if isinstance(entry, ConflictDecided):
        return tuple(each.listing for each in (entry.primary, *entry.others))
    return ()


def advance(
    head: ListingHead | None, entry: LogEntry, *, serial: int, terms: Terms | None = None
) -> ListingHead | None:
    """The head of one listing after an entry that was found good; unchanged if it says nothing.

    Args:
        head: the listing's head before; None when the catalogue does not know it.
        entry: the entry at `serial`.
        serial: its place in the log.
        terms: what the statement of an offer says; None when it was not delivered.
    """
    match entry:
        case ListingOffered():
            return _offered(head, entry, serial=serial, terms=terms or Terms())
        case ListingWithdrawn() | ListingSuspended() | ListingResumed():
            return None if head is None else _changed(head, entry, serial)
        case ConflictDecided():
            return None if head is None else _decided(head, entry, serial)
        case ObjectErased():
            return None if head is None else _erased(head, entry, serial)
        case _:
            return head


def _offered(
    head: ListingHead | None, entry: ListingOffered, *, serial: int, terms: Terms
) -> ListingHead:
    return ListingHead(
        origin=entry.origin,
        listing=entry.listing,
        application_number=entry.application_number,
        version=entry.version,
        state=TRANSITIONS[head.state if head else None, entry.kind],
        standing=Standing(entry.standing),
        primary=entry.primary.listing if entry.primary else None,
        first_serial=head.first_serial if head else serial,
        serial=serial,
        approved_at=entry.at,
        statement_hash=entry.statement_hash,
        object_hash=entry.object_hash,
        key_id=entry.key_id,
        reason_code=None,
        terms_object=entry.object_hash,
        terms=terms,
    )


def _changed(
    head: ListingHead, entry: ListingWithdrawn | ListingSuspended | ListingResumed, serial: int
) -> ListingHead:
    """A hub's own change keeps the version chain where it is; a node's moves it on."""
    state = TRANSITIONS[head.state, entry.kind]
    changed = replace(head, state=state, serial=serial, reason_code=entry.reason)
    if entry.by == "hub":
        return changed
    assert entry.statement_hash is not None  # all three: the entry's own rule
    assert entry.object_hash is not None
    assert entry.key_id is not None
    return replace(
        changed,
        version=entry.version,
        statement_hash=entry.statement_hash,
        object_hash=entry.object_hash,
        key_id=entry.key_id,
    )


def _decided(head: ListingHead, entry: ConflictDecided, serial: int) -> ListingHead:
    if head.application_number != entry.application_number:
        return head
    if head.listing == entry.primary.listing:
        return replace(head, standing=Standing.PRIMARY, primary=None, serial=serial)
    if any(head.listing == other.listing for other in entry.others):
        standing = Standing.ALSO_OFFERED
        return replace(head, standing=standing, primary=entry.primary.listing, serial=serial)
    return head


def _erased(head: ListingHead, entry: ObjectErased, serial: int) -> ListingHead:
    """An offer nobody can read any more is no offer: erasing standing terms withdraws them."""
    if head.terms_object != entry.object_hash:
        return head
    bare = replace(head, serial=serial, terms_object=None, terms=Terms())
    if head.state is ListingState.WITHDRAWN:
        return bare
    return replace(bare, state=ListingState.WITHDRAWN, reason_code=entry.reason)
