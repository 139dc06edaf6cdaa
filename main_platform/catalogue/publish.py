"""Queue entries for the log, in the transaction of the decision that makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import PublishQueueRow
from shared_platform.audit.trail import Subject
from shared_platform.database.signals import signal
from shared_schema.key_directory import DirectoryEntry
from shared_schema.log_entry import (
    ConflictDecided,
    KeyRevoked,
    ListingOffered,
    ListingResumed,
    ListingSuspended,
    ListingWithdrawn,
    LogEntry,
    LogOpened,
    ObjectErased,
    write_entry,
)

PUBLISH_CHANNEL: Final = "kaixu_publish"
OPENING: Final = -1
URGENT: Final = 0  # withdrawals, suspensions, and all of nodes and keys, whose order must stay
ORDINARY: Final = 1
ROTATED: Final = "rotated"

_CHANGES: Final = (ListingOffered, ListingWithdrawn, ListingSuspended, ListingResumed)
_URGENT: Final = (ListingWithdrawn, ListingSuspended, DirectoryEntry)


@dataclass(frozen=True, slots=True)
class Queued:
    """An entry to queue.

    Attributes:
        entry: what the log will say.
        envelope: the statement's exact bytes where the entry names one.
        subject: what is told when the entry has its serial, as in `Subject("review", …)`.
    """

    entry: LogEntry
    envelope: bytes | None = None
    subject: Subject | None = None


async def publish(session: AsyncSession, entry: LogEntry) -> None:
    """Queue an entry of the hub's own; it is in the log soon after the session commits."""
    await queue_entries(session, [Queued(entry)])


async def queue_entry(
    session: AsyncSession,
    entry: LogEntry,
    *,
    envelope: bytes | None = None,
    subject: Subject | None = None,
) -> None:
    """Queue one entry with its statement; it is in the log soon after the session commits.

    Raises:
        EntryInvalid: the entry cannot be written.
        ValueError: the envelope is missing, not wanted, or not the one the entry names.
    """
    await queue_entries(session, [Queued(entry, envelope, subject)])


async def queue_entries(session: AsyncSession, queued: Sequence[Queued]) -> None:
    """Queue entries in this order, in one statement.

    Entries of one listing keep their order if their writers do: whoever queues a second one must
    hold a lock that the writer of the first one held until it committed.

    Raises:
        EntryInvalid: an entry cannot be written.
        ValueError: an envelope is missing, not wanted, or not the one its entry names.
    """
    if not queued:
        return
    await session.execute(insert(PublishQueueRow), [_row(one) for one in queued])
    await signal(session, PUBLISH_CHANNEL)


def priority_of(entry: LogEntry) -> int:
    """Which entries go first (protocol §7)."""
    if isinstance(entry, LogOpened):
        return OPENING
    if isinstance(entry, KeyRevoked) and entry.reason == ROTATED:
        return ORDINARY  # behind what the old key signed in its time; nobody is in a hurry
    return URGENT if isinstance(entry, _URGENT) else ORDINARY


def _row(queued: Queued) -> dict[str, object]:
    _check_envelope(queued)
    subject = queued.subject
    return {
        "priority": priority_of(queued.entry),
        "listing": _listing(queued.entry),
        "leaf": write_entry(queued.entry),
        "envelope": queued.envelope,
        "subject_kind": subject and subject.kind,
        "subject": subject and subject.id,
        "queued_at": queued.entry.at,
    }


def _listing(entry: LogEntry) -> UUID | None:
    """The listing whose entries must stay in order, a withdrawal behind what it withdraws."""
    if isinstance(entry, _CHANGES):
        return entry.listing
    if isinstance(entry, ConflictDecided):
        return entry.primary.listing
    return entry.listing.listing if isinstance(entry, ObjectErased) and entry.listing else None


def _check_envelope(queued: Queued) -> None:
    """Refuse what could only be published wrongly: a bug of the caller.

    Raises:
        ValueError: the envelope is missing, not wanted, or another one.
    """
    entry = queued.entry
    named = entry.object_hash if isinstance(entry, _CHANGES) else None
    found = None if queued.envelope is None else sha256(queued.envelope).hexdigest()
    if found != named:
        raise ValueError(f"the entry names statement {named}, the envelope is {found}")
