"""Give the hub the entries back that it has lost, from this node's own proven copy.

Page by page, from where the hub's log ends to where this copy does. The hub believes nothing but
its own signature, so all that is sent with the entries are hashes that lead to it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import log_entry, statement_object
from shared_platform.transport.outbound import PeerAnsweredBadly
from shared_platform.transport.peer_refusal import PeerRefusal
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import log_note
from shared_schema.log_page import MAX_PAGE_ENTRIES, PageEntry, write_page
from shared_schema.merkle import leaf_hash
from shared_schema.recovery_page import LeafHashes, Past, add_past, write_recovery

MAX_SENT_BYTES: Final = 4 * 1024 * 1024  # base64 and the hub's bound of a body leave room for it
_BATCH: Final = 5_000
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)
Sessions = async_sessionmaker[AsyncSession]


class RecoveringHub(Protocol):
    """Where lost entries go back to; `subplatform.hub_client.hub.Hub` is it."""

    async def recover(self, body: bytes) -> Mapping[str, Any]:
        """Give one page back; the answer tells what is still wanted."""
        ...


class Wanted(BaseModel):
    """The serials that the hub lacks: `first` to `to - 1`."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    first: int = Field(alias="from", ge=0)
    to: int = Field(ge=1)


@dataclass(frozen=True, slots=True)
class _Copy:
    """What this node holds from the hub's end on: the signed note, and the leaf hashes."""

    note: bytes
    size: int
    hashes: LeafHashes


def read_wanted(answer: Mapping[str, Any]) -> Wanted | None:
    """What an answer of the hub asks back; None for nothing.

    Raises:
        PeerAnsweredBadly: it asks in another form.
    """
    wanted = answer.get("recovery_wanted")
    if wanted is None:
        return None
    try:
        return Wanted.model_validate(wanted)
    except ValidationError as malformed:
        raise PeerAnsweredBadly("recovery_wanted in another form") from malformed


async def recover(
    sessions: Sessions, hub: RecoveringHub, anchor: FederationAnchor, *, wanted: Wanted
) -> int:
    """Send what is wanted and held here, page by page; how many entries were sent.

    Ends when the hub wants nothing more, or nothing that this copy has. No transaction is open
    while the hub is asked.

    Raises:
        PeerRefusal: the hub refused a page; `log_fork`: it has signed another log than this copy,
            which was proven to it.
        DomainError: no usable answer.
    """
    held = await _copy(sessions, anchor, wanted.first)
    sent, asked = 0, wanted.first
    while held is not None and asked < held.size:
        page = await _page(sessions, asked, held.size)
        end = page[-1].serial + 1
        raw = write_page(asked, page, tree_size=held.size)
        body = write_recovery(raw, checkpoint=held.note, rest=held.hashes.rest_after(end))
        try:
            answer = await hub.recover(body)
        except PeerRefusal as refusal:
            if not _is_of_another_log(refusal):
                raise
            answer = await hub.recover(await _with_past(sessions, anchor, body, at=asked))
        more = read_wanted(answer)
        sent += end - asked
        _log.warning("entries_given_back", first=asked, end=end)
        if more is None or more.first <= asked:
            break
        asked = more.first
    return sent


async def past_at(sessions: Sessions, anchor: FederationAnchor, size: int) -> Past | None:
    """How this copy began, for a log of the hub that ended at `size`; reads all of the leaves.

    None where the copy is not level, or not larger.
    """
    held = await _copy(sessions, anchor, 0)
    if held is None or not 0 < size < held.size:
        return None
    return await asyncio.to_thread(held.hashes.past_at, size)


def _is_of_another_log(refusal: PeerRefusal) -> bool:
    return any(error.code == "recovery.root" for error in refusal.errors)


async def _with_past(
    sessions: Sessions, anchor: FederationAnchor, body: bytes, *, at: int
) -> bytes:
    """The same page, and how the log began that it is of."""
    past = await past_at(sessions, anchor, at)
    return body if past is None else add_past(body, past)


async def _copy(sessions: Sessions, anchor: FederationAnchor, first: int) -> _Copy | None:
    """This node's copy from `first` on; None where it is not level, or reaches no further."""
    async with sessions() as session:
        position = await read_position(session)
        note = position.vouched.note
        if note is None or not position.is_complete or position.size <= first:
            return None
        hashes: list[bytes] = []
        while first + len(hashes) < position.size:
            start = first + len(hashes)
            found = await session.scalars(
                select(log_entry.c.leaf)
                .where(log_entry.c.serial >= start, log_entry.c.serial < position.size)
                .order_by(log_entry.c.serial)
                .limit(_BATCH)
            )
            hashes += [leaf_hash(leaf) for leaf in found]
    bare = log_note(note, origin=anchor.log_origin)
    return _Copy(bare, position.size, LeafHashes(first, hashes))


async def _page(sessions: Sessions, first: int, size: int) -> list[PageEntry]:
    """Entries from `first` on with their statements, as many as a page may have."""
    entry, stored = log_entry.c, statement_object.c
    page: list[PageEntry] = []
    weight = 0
    async with sessions() as session:
        found = await session.execute(
            select(entry.serial, entry.leaf, stored.envelope)
            .outerjoin_from(log_entry, statement_object, stored.object_hash == entry.object_hash)
            .where(entry.serial >= first, entry.serial < size)
            .order_by(entry.serial)
            .limit(MAX_PAGE_ENTRIES)
        )
        for serial, leaf, envelope in found:
            weight += (len(leaf) + len(envelope or b"")) * 4 // 3 + 100
            if page and weight > MAX_SENT_BYTES:
                break
            page.append(PageEntry(serial, leaf, envelope))
    return page
