"""Erase at the origin what the hub's two people decided to erase (protocol §11).

What the log proves erased goes with the pull that brings the entry; statements that were never
published go with the hub's message. The catalogue copy is emptied by its own fold. Hashes, numbers,
receipts and proofs stay, and still verify.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.trail import Record, record
from shared_platform.catalogue.tables import DECISIONS, log_entry
from shared_schema.instants import Instant
from shared_schema.log_entry import ObjectErased, read_entry
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import lock_declaration, subject_of
from subplatform.declarations.errors import DeclarationNotFound
from subplatform.declarations.redact import redact
from subplatform.outbox.states import DeliveryState
from subplatform.outbox.tables import NodeCounterRow, OutboxMessageRow
from subplatform.patent_register.tables import RegisterSnapshotRow
from subplatform.recommendation.tables import HubMessageRow

CURSOR: Final = "erasures_seen"
HUB: Final = "hub"
NO_BYTES: Final = b""
_PAGE: Final = 1_000
_KEPT: Final = (DeliveryState.WAITING, DeliveryState.LEASED)


async def follow_erasures(session: AsyncSession, now: Instant) -> int:
    """Erase own statements that new `object_erased` entries name; run after each pull.

    Returns how many statements were emptied. Locks the declarations concerned.
    """
    seen = await session.scalar(
        select(NodeCounterRow.value).where(NodeCounterRow.name == CURSOR).with_for_update()
    )
    found = await session.execute(
        select(log_entry.c.serial, log_entry.c.leaf)
        .where(
            text(DECISIONS),
            log_entry.c.kind == "object_erased",
            log_entry.c.serial > (-1 if seen is None else seen),
        )
        .order_by(log_entry.c.serial)
        .limit(_PAGE)
    )
    rows = found.all()
    if not rows:
        return 0
    entries = [read_entry(leaf) for _, leaf in rows]
    hashes = {one.object_hash for one in entries if isinstance(one, ObjectErased)}
    emptied = 0
    for listing, statements in sorted((await _own(session, hashes)).items()):
        emptied += await erase_own(session, listing, statements, now=now)
    moved = insert(NodeCounterRow).values(name=CURSOR, value=rows[-1].serial)
    await session.execute(
        moved.on_conflict_do_update(
            index_elements=[NodeCounterRow.name], set_={"value": moved.excluded.value}
        )
    )
    return emptied


async def erase_own(
    session: AsyncSession, listing: UUID, statements: Collection[str], *, now: Instant
) -> int:
    """Empty these statements of one listing (payload hashes), and what repeats them here.

    The declaration loses its content once its newest offer is erased. Repeating it changes
    nothing. Returns how many statements were emptied.
    """
    rows = await _lock_statements(session, listing)
    named = [row for row in rows if row.statement_hash in statements and row.erased_at is None]
    if not named:
        return 0
    newest = max(row.oseq for row in named)
    given_up = (DeliveryState.DEAD, DeliveryState.CANCELLED)
    gone = [
        row
        for row in rows
        if row.erased_at is None and (row in named or (row.oseq < newest and row.state in given_up))
    ]
    for row in gone:
        row.envelope, row.erased_at, row.last_problem = NO_BYTES, now, None
    offers = [row for row in rows if row.op == "offer" and row.state != DeliveryState.CANCELLED]
    if offers and offers[-1].erased_at is not None:
        await _redact_declaration(session, listing, now=now)
    await _forget_words(session, listing)
    facts = {"versions": sorted(row.version for row in gone)}
    await record(session, Record(Act.STATEMENTS_ERASED, subject_of(listing), HUB, facts), now=now)
    return len(gone)


async def _own(session: AsyncSession, object_hashes: Collection[str]) -> dict[UUID, list[str]]:
    """Payload hashes of this node's statements, by listing, whose envelopes have these hashes."""
    row = OutboxMessageRow
    wanted = [bytes.fromhex(one) for one in object_hashes]
    found = await session.execute(
        select(row.listing, row.statement_hash).where(
            row.erased_at.is_(None), func.sha256(row.envelope).in_(wanted)
        )
    )
    by_listing: dict[UUID, list[str]] = defaultdict(list)
    for listing, statement_hash in found:
        by_listing[listing].append(statement_hash)
    return by_listing


async def _lock_statements(session: AsyncSession, listing: UUID) -> list[OutboxMessageRow]:
    """The listing's statements that are not on their way, in their order."""
    row = OutboxMessageRow
    found = await session.scalars(
        select(row)
        .where(row.listing == listing)
        .order_by(row.oseq)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return [one for one in found if one.state not in _KEPT or one.erased_at is not None]


async def _redact_declaration(session: AsyncSession, listing: UUID, *, now: Instant) -> None:
    try:
        row = await lock_declaration(session, listing)
    except DeclarationNotFound:  # as on a node that was restored from an older backup
        return
    redact(row, now=now)
    snapshot = RegisterSnapshotRow
    await session.execute(
        delete(snapshot).where(snapshot.application_number == row.application_number)
    )


async def _forget_words(session: AsyncSession, listing: UUID) -> None:
    """Free words of the hub's people about the listing, in the messages that brought them."""
    found = await session.scalars(select(HubMessageRow).where(HubMessageRow.listing == listing))
    for message in found:
        message.body = _without_texts(message.body)


def _without_texts(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {
            name: None if name == "text" else _without_texts(member)
            for name, member in value.items()
        }
    return [_without_texts(one) for one in value] if isinstance(value, list) else value
