"""What follows when entries have their serials: reviews end, and the origins are told."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, column, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.sequencer import Sequenced
from main_platform.nodes.inbox import Message, send
from main_platform.review.approve import REVIEW
from main_platform.review.changes import LISTING_CHANGE
from main_platform.review.decide import DECISION
from main_platform.review.states import ReviewAction, ReviewState, next_state
from main_platform.review.tables import ListingChangeRow, ReviewRow

SEQUENCED: Final = "sequenced"
CONFLICT_DECIDED: Final = "conflict_decided"
_LOGGED: Final = next_state(ReviewState.APPROVED, ReviewAction.SEQUENCE)
_SERIALS: Final = bindparam("serials", type_=ARRAY(BigInteger))

_reviews = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid)), _SERIALS)
    .table_valued(column("id", Uuid), column("serial", BigInteger), name="given")
    .render_derived()
)
_END_REVIEWS: Final = (
    update(ReviewRow)
    .where(ReviewRow.id == _reviews.c.id, ReviewRow.state == ReviewState.APPROVED)
    .values(state=_LOGGED, serial=_reviews.c.serial)
    .returning(
        ReviewRow.origin,
        ReviewRow.listing,
        ReviewRow.version,
        ReviewRow.statement_hash,
        ReviewRow.serial,
    )
    .execution_options(synchronize_session=False)
)
_changes = (
    func.unnest(bindparam("ids", type_=ARRAY(BigInteger)), _SERIALS)
    .table_valued(column("id", BigInteger), column("serial", BigInteger), name="given")
    .render_derived()
)
_NOTE_CHANGES: Final = (
    update(ListingChangeRow)
    .where(ListingChangeRow.id == _changes.c.id)
    .values(serial=_changes.c.serial)
    .execution_options(synchronize_session=False)
)


async def on_sequenced(session: AsyncSession, entries: Sequence[Sequenced]) -> None:
    """End reviews and note serials in the batch's transaction; one message to each origin.

    A few statements whatever the batch; waits for nothing but the rows themselves.
    """
    if not entries:
        return
    messages = await _end_reviews(session, _of_kind(entries, REVIEW))
    messages += await _note_changes(session, _of_kind(entries, LISTING_CHANGE))
    now = max(one.queued_at for one in entries)
    await send(session, sorted(messages, key=lambda one: one.body["serial"]), now=now)


async def note_serials(session: AsyncSession, serials: Mapping[int, int]) -> None:
    """Note the serials of listing changes, by their ids."""
    if serials:
        given = {"ids": list(serials), "serials": list(serials.values())}
        await session.execute(_NOTE_CHANGES, given)


def _of_kind(entries: Sequence[Sequenced], kind: str) -> list[tuple[str, int]]:
    return [
        (one.subject.id, one.serial)
        for one in entries
        if one.subject is not None and one.subject.kind == kind
    ]


async def _end_reviews(session: AsyncSession, subjects: Sequence[tuple[str, int]]) -> list[Message]:
    if not subjects:
        return []
    ids = [UUID(id_) for id_, _ in subjects]
    serials = [serial for _, serial in subjects]
    ended = await session.execute(_END_REVIEWS, {"ids": ids, "serials": serials})
    return [
        Message(
            row.origin,
            DECISION,
            {
                "verdict": "approved",
                "listing": str(row.listing),
                "version": row.version,
                "statement_hash": row.statement_hash,
                "serial": row.serial,
            },
        )
        for row in ended
    ]


async def _note_changes(
    session: AsyncSession, subjects: Sequence[tuple[str, int]]
) -> list[Message]:
    if not subjects:
        return []
    ids = [int(id_) for id_, _ in subjects]
    await note_serials(session, {int(id_): serial for id_, serial in subjects})
    found = await session.execute(
        select(ListingChangeRow)
        .where(ListingChangeRow.id.in_(ids))
        .execution_options(populate_existing=True)
    )
    return [message for row in found.scalars() for message in _messages(row)]


def _messages(row: ListingChangeRow) -> Iterable[Message]:
    if row.kind == CONFLICT_DECIDED:
        return _conflict_messages(row)
    body = {
        "listing": str(row.listing),
        "version": row.version,
        "op": row.kind,
        "by": row.by,
        "reason": row.reason_code,
        "statement_hash": row.statement_hash,
        "serial": row.serial,
    }
    return [Message(row.origin, SEQUENCED, body)]


def _conflict_messages(row: ListingChangeRow) -> Iterable[Message]:
    """The public entry's facts, to each node with a listing in it."""
    primary = {"origin": row.origin, "listing": str(row.listing)}
    body: dict[str, Any] = {
        "application_number": row.application_number,
        "primary": primary,
        "others": row.others,
        "decision": row.reason_code,
        "serial": row.serial,
    }
    nodes = sorted({one["origin"] for one in (primary, *row.others)})
    return [Message(node, CONFLICT_DECIDED, body) for node in nodes]
