"""Tell a node that an entry about its listing does not come into the log, for now or for good."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.nodes.inbox import Message, send
from main_platform.nodes.tables import NodeRow
from shared_schema.catalogue_state import ListingChange
from shared_schema.instants import Instant
from shared_schema.log_entry import EntryInvalid, ListingOffered, LogEntry, UnknownEntry, read_entry

ENTRY_HELD: Final = "entry_held"
ENTRY_DISCARDED: Final = "entry_discarded"


@dataclass(frozen=True, slots=True)
class NotLogged:
    """An entry that was queued, the code by which readers would refuse it, and staff's words."""

    leaf: bytes
    code: str
    text: str | None = None

    @property
    def entry(self) -> ListingChange | None:
        """The entry, where it is about one listing."""
        found = read_leaf(self.leaf)
        return found if isinstance(found, ListingChange) else None


def read_leaf(leaf: bytes) -> LogEntry | UnknownEntry | None:
    """The entry; None where it cannot be read, which is why it was held."""
    try:
        return read_entry(leaf)
    except EntryInvalid:
        return None


async def tell_origins(
    session: AsyncSession, kind: str, entries: Iterable[NotLogged], *, now: Instant
) -> None:
    """One message for each entry about a listing, to the listing's node.

    `offer` says whether a version of the listing was to become public: the node then knows that it
    does not, and after `entry_discarded` sends it again.
    """
    about = [(one, entry) for one in entries if (entry := one.entry) is not None]
    nodes = {entry.origin for _, entry in about}
    known = set(await session.scalars(select(NodeRow.id).where(NodeRow.id.in_(nodes))))
    messages = [
        Message(entry.origin, kind, _body(one, entry))
        for one, entry in about
        if entry.origin in known
    ]
    await send(session, messages, now=now)


def _body(one: NotLogged, entry: ListingChange) -> dict[str, Any]:
    listing: UUID = entry.listing
    return {
        "listing": str(listing),
        "version": entry.version,
        "offer": isinstance(entry, ListingOffered),
        "statement_hash": entry.statement_hash,
        "code": one.code,
        "text": one.text,
    }
