"""Take a page of lost entries back: proven against the hub's own signature, in one transaction.

Nothing is believed of the sender: the entries must continue the hub's own tree to a root that the
hub's own key has signed. A repeat changes nothing, so several nodes may send and a crash costs
nothing but the page it met.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.log_head import LogHead, lock_head, read_head
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.catalogue.sequencer import append_leaves
from main_platform.cosigning.cosign import read_wanted
from main_platform.cosigning.forks import Fork
from main_platform.recovery.errors import RecoveryRefused
from main_platform.recovery.objects import known_objects
from main_platform.recovery.restore_listings import restore_listings
from main_platform.recovery.restore_nodes import restore_nodes
from main_platform.recovery.restore_queue import drop_queued
from main_platform.recovery.restored import restored_entries
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.catalogue.apply import Delivered, apply_checked, check_page
from shared_platform.catalogue.head_store import load_directory
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.signals import signal
from shared_schema.anchor import FederationAnchor
from shared_schema.identities import IdSource
from shared_schema.instants import Instant
from shared_schema.log_keys import LogKeys, open_log_checkpoint
from shared_schema.log_page import PageEntry
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import CompactRange
from shared_schema.proof_text import write_proof
from shared_schema.recovery_page import (
    RecoveryPage,
    has_other_past,
    prove_recovery,
    read_recovery,
)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """The node that sent the page, and the log it claims to give back."""

    node: str
    anchor: FederationAnchor


async def accept_recovery(
    session: AsyncSession, raw: bytes, *, sender: Sender, ids: IdSource, now: Instant
) -> int | Fork:
    """Apply what of the page this hub does not hold; how many entries that were.

    A fork if the page proves that the log's key has signed another log before.

    A page that nobody asked for is not even read. It is read and proven against the log as it
    stands, and locks the head only then: who sends anything else keeps nobody waiting.

    Raises:
        RecoveryRefused: malformed, a gap, or not of the log that this hub's key has signed.
    """
    if await read_wanted(session) is None:
        return 0
    try:
        head, lost = await _prove_and_lock(session, raw, sender=sender)
    except LogRefused as refused:
        _log.error("recovery_refused", node=sender.node, code=refused.code)
        raise RecoveryRefused(refused.detail, refused.errors) from refused
    if isinstance(lost, Fork):
        return lost
    if not lost:
        return 0
    delivered = await _with_own_objects(session, lost)
    page = await asyncio.to_thread(check_page, delivered, await load_directory(session))
    await apply_checked(session, page)
    await append_leaves(session, head, [leaf for _, leaf, _ in delivered])
    restored = restored_entries(page)
    await drop_queued(session, restored)
    await restore_nodes(session, restored, ids=ids)
    await restore_listings(session, restored, ids=ids, now=now)
    facts = {"from": head.size, "to": head.size + len(lost), "node": sender.node}
    act = Record(Act.LOG_RECOVERED, Subject("log", "hub"), sender.node, facts)
    await record(session, act, now=now)
    await signal(session, PUBLISH_CHANNEL)
    _log.warning("entries_recovered", **facts)
    return len(lost)


async def _prove_and_lock(
    session: AsyncSession, raw: bytes, *, sender: Sender
) -> tuple[LogHead, tuple[PageEntry, ...] | Fork]:
    """The locked head and what continues it; nothing is locked if the page gives nothing.

    Raises:
        LogRefused: the page is malformed or not of the log that its key has signed.
    """
    sent, anchor = await asyncio.to_thread(read_recovery, raw), sender.anchor
    keys = await read_log_keys(session)
    seen = await read_head(session)
    if seen.is_signed and (fork := _fork(sent, sender, seen, keys=keys)) is not None:
        return seen, fork
    lost = await asyncio.to_thread(_proven, sent, anchor, seen.range, keys=keys)
    if not lost:
        return seen, lost
    head = await lock_head(session)
    if head.range != seen.range:  # another page came in between, and keys with it perhaps
        keys = await read_log_keys(session)
        lost = await asyncio.to_thread(_proven, sent, anchor, head.range, keys=keys)
    return head, lost


def _fork(sent: RecoveryPage, sender: Sender, head: LogHead, *, keys: LogKeys) -> Fork | None:
    if sent.past is None:
        return None
    signed = open_log_checkpoint(sent.checkpoint, sender.anchor, keys=keys).checkpoint
    if not has_other_past(sent, signed, before=head.range):
        return None
    proof, own = write_proof(sent.past.proof).encode(), head.range.root()
    return Fork(sender.node, signed, sent.checkpoint, own, head.checkpoint, proof)


def _proven(
    sent: RecoveryPage, anchor: FederationAnchor, before: CompactRange, *, keys: LogKeys
) -> tuple[PageEntry, ...]:
    signed = open_log_checkpoint(sent.checkpoint, anchor, keys=keys).checkpoint
    return prove_recovery(sent, signed, before=before)


async def _with_own_objects(session: AsyncSession, lost: Sequence[PageEntry]) -> list[Delivered]:
    """The entries with their statements, those from the backup where the sender had none."""
    own = await known_objects(session, lost)
    return [(one.serial, one.leaf, one.object_bytes or own.get(one.serial)) for one in lost]
