"""All twelve invariants at a node, as far as a node can know them."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.audit.check_chain import Evidence, check_chain
from shared_platform.audit.seal import keep_others_from_it
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import catalogue_listing
from shared_platform.invariants.row_check import check_rows
from shared_platform.invariants.verdict import Breach, Verdict
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant
from shared_schema.log_keys import LogKeys, open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.refusal import DomainError
from shared_schema.statement import read_statement
from subplatform.catalogue_mirror.tables import MirrorContactRow
from subplatform.catalogue_mirror.verify import MirrorProof, verify_mirror
from subplatform.invariants.node_rows import ROW_CHECKS, SENT_OR_NOT
from subplatform.outbox.tables import IntakeReceiptRow, OutboxMessageRow
from subplatform.recommendation.receipts import statements_received

_CHUNK: Final = 200
_OVERDUE: Final = timedelta(hours=2)
_AT_HUB: Final = "由主平台核对 / decided and checked at the hub: kaixu-hub verify"
_NO_MAIL: Final = "尚无邮件 / no mail is sent yet"
_NO_CHECKPOINT: Final = "尚无检查点，无从比较 / no checkpoint yet: nothing to compare"
_LEVEL_READS: Final = ("catalogue_cursor", "mirror_contact")


@dataclass(frozen=True, slots=True)
class NodeProof:
    """The verdicts, and what was proven of the copy."""

    mirror: MirrorProof
    verdicts: tuple[Verdict, ...]


async def check_node(
    session: AsyncSession,
    anchor: FederationAnchor,
    *,
    now: Instant,
    evidence: Evidence | None = None,
) -> NodeProof:
    """One verdict for each invariant, in their order; nothing is changed.

    Holds the copy's position until the session's transaction ends, so nothing is applied meanwhile,
    and the audit trail, so nothing of it is sealed. `evidence` about that is read before.
    """
    mirror = await verify_mirror(session, anchor)
    found = await _of_mirror(session, mirror, anchor)
    found["I1"] = await _receipts(session, anchor)
    found["I9"] = await _own_statements(session, mirror)
    for checks in ROW_CHECKS:
        found[checks.invariant] = await check_rows(session, checks)
    timed = replace(SENT_OR_NOT, given={"overdue": now - _OVERDUE})
    found["I8"] = await check_rows(session, timed)
    await keep_others_from_it(session)
    found["I7"] = await check_chain(session, evidence)
    absent = {"I3": _AT_HUB, "I11": _NO_MAIL}
    found |= {name: Verdict(name, (), absent=why) for name, why in absent.items()}
    return NodeProof(mirror, tuple(found[f"I{place}"] for place in range(1, 13)))


async def _of_mirror(
    session: AsyncSession, mirror: MirrorProof, anchor: FederationAnchor
) -> dict[str, Verdict]:
    """Serials, root and rebuild, as the copy's own proof found them; and whether it is level."""
    rebuilt = tuple(Breach(*one) for one in mirror.problems if one[0] == "mirror.projection")
    tree = tuple(Breach(*one) for one in mirror.problems if one[0] != "mirror.projection")
    listings = await session.scalar(select(func.count()).select_from(catalogue_listing)) or 0
    return {
        "I5": Verdict("I5", ("log_entry", "catalogue_cursor"), mirror.size, tree),
        "I6": await _level(session, anchor),
        "I12": Verdict("I12", ("catalogue_listing", "log_entry"), listings, rebuilt),
    }


async def _level(session: AsyncSession, anchor: FederationAnchor) -> Verdict:
    """The root that the log's key signed is this copy's own; nothing the hub has shown is missing.

    The stored checkpoint note is opened again: sizes and roots noted beside it prove nothing.
    """
    position = await read_position(session)
    if position.vouched.note is None:
        return Verdict("I6", (), absent=_NO_CHECKPOINT)
    contact = await session.get(MirrorContactRow, 1)
    shown = 0 if contact is None or contact.failing_since is not None else contact.hub_size or 0
    found = []
    try:
        keys = await read_log_keys(session)
        signed = open_log_checkpoint(position.vouched.note, anchor, keys=keys).checkpoint
    except LogRefused as refused:
        return Verdict("I6", _LEVEL_READS, 1, (Breach("mirror.checkpoint", refused.code),))
    if signed.size == position.size and signed.root != position.range.root():
        found.append(Breach("mirror.other_root", f"{signed.size} {signed.root.hex()}"))
    if position.size < max(signed.size, shown):
        found.append(Breach("mirror.behind", f"{position.size} of {max(signed.size, shown)}"))
    if position.size > signed.size:
        found.append(Breach("mirror.unsigned", f"{position.size} > {signed.size}"))
    return Verdict("I6", _LEVEL_READS, 1, tuple(found))


async def _receipts(session: AsyncSession, anchor: FederationAnchor) -> Verdict:
    """Each delivered statement is named in an answer that the hub signed; each receipt once."""
    row, receipt = OutboxMessageRow, IntakeReceiptRow
    found = await session.stream(
        select(receipt.id, receipt.stored).order_by(receipt.id),
        execution_options={"yield_per": _CHUNK},
    )
    keys = await read_log_keys(session)
    named: dict[UUID, set[tuple[int, str]]] = {}
    count, breaches = 0, list[Breach]()
    async for chunk in found.partitions(_CHUNK):
        for id_, stored in chunk:
            named[id_] = await asyncio.to_thread(_named, stored, anchor, keys)
        sent = await session.execute(
            select(row.oseq, row.statement_hash, row.receipt_id).where(row.receipt_id.in_(named))
        )
        rows = sent.all()
        count += len(rows)
        breaches += [
            Breach("receipt.unproven", str(oseq))
            for oseq, statement_hash, receipt_id in rows
            if receipt_id is None or (oseq, statement_hash) not in named[receipt_id]
        ]
        named.clear()
    return Verdict("I1", ("outbox_message", "intake_receipt"), count, tuple(breaches))


def _named(stored: bytes, anchor: FederationAnchor, keys: LogKeys) -> set[tuple[int, str]]:
    try:
        return statements_received(stored, anchor, keys)
    except (DomainError, LogRefused, ValueError):
        return set()


async def _own_statements(session: AsyncSession, mirror: MirrorProof) -> Verdict:
    """What lies in the outbox is what its hash says; of the log, the rebuild proves it."""
    row = OutboxMessageRow
    found = await session.stream(
        select(row.oseq, row.statement_hash, row.envelope)
        .where(row.erased_at.is_(None))
        .order_by(row.oseq),
        execution_options={"yield_per": _CHUNK},
    )
    count, breaches = 0, list[Breach]()
    async for chunk in found.partitions(_CHUNK):
        rows = [(oseq, named, envelope) for oseq, named, envelope in chunk]
        count += len(rows)
        breaches += await asyncio.to_thread(_changed, rows)
    reads = ("outbox_message", "statement_object", "log_entry")
    return Verdict("I9", reads, mirror.size + count, tuple(breaches))


def _changed(rows: list[tuple[int, str, bytes]]) -> list[Breach]:
    return [
        Breach("statement.changed", str(oseq))
        for oseq, named, envelope in rows
        if _payload_hash(envelope) != named
    ]


def _payload_hash(envelope: bytes) -> str | None:
    try:
        return sha256(read_statement(envelope).payload).hexdigest()
    except DomainError:
        return None
