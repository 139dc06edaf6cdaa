"""Take in a node's cosignature: acknowledgement, measure of lag, and proof of forks in one.

Whoever records a size above the log's own holds the head's lock, so the sequencer either sees it
before it adds anything, or has committed before and the roots are compared.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import LogHead, lock_head, read_head
from main_platform.catalogue.log_tiles import read_nodes
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.cosigning.errors import CosignatureRefused
from main_platform.cosigning.forks import Fork
from main_platform.cosigning.tables import ForkEvidenceRow
from main_platform.nodes.cosigned import largest_cosigned
from main_platform.nodes.tables import (
    CosignatureRow,
    CosignatureWaiverRow,
    LogGuardRow,
    NodeKeyRow,
)
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.signals import signal
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import Checkpoint, cosigner_key
from shared_schema.instants import Instant
from shared_schema.log_keys import open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import CompactRange, complete_subtrees
from shared_schema.refusal import FieldError
from shared_schema.signed_note import NoteSignature, VerifierKey
from shared_schema.signing_key import PublicKey

MAX_AHEAD: Final = timedelta(minutes=5)  # as far as a request's clock may be off
_new: Final = insert(CosignatureRow)
_STORE: Final = _new.on_conflict_do_update(
    index_elements=["node"],
    set_={
        name: _new.excluded[name]
        for name in ("size", "root", "note", "line", "signed_at", "received_at", "answered")
    },
    where=CosignatureRow.size <= _new.excluded.size,
).returning(CosignatureRow.node)
_QUESTION: Final = select(LogGuardRow.question)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A verified cosignature: who, what it vouches for, its line, and the whole note."""

    node: str
    checkpoint: Checkpoint
    signature: NoteSignature
    note: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """The entries that this hub has lost: serials `first` to `end - 1`."""

    first: int
    end: int


async def accept_cosignature(
    session: AsyncSession, note: bytes, *, node: str, anchor: FederationAnchor, now: Instant
) -> Fork | None:
    """Record what the node vouches for; a fork if this log does not continue it.

    A larger size than this log's own pauses the sequencer as soon as the session commits.

    Raises:
        CosignatureRefused: not a checkpoint under the log's key, or no active cosigner key of the
            node has cosigned it, or that says a time to come.
    """
    cosigned = await _verified(session, note, node=node, anchor=anchor)
    _check_time(cosigned.signature, now)
    head = await read_head(session)
    if cosigned.checkpoint.size > head.size:
        head = await lock_head(session)
    if cosigned.checkpoint.size <= head.size:
        own = await root_at(session, cosigned.checkpoint.size, head)
        if own != cosigned.checkpoint.root:
            await _note_heard(session, node)
            return Fork(node, cosigned.checkpoint, note, own_root=own, own_note=head.checkpoint)
    else:
        await signal(session, PUBLISH_CHANNEL)
    if await _store(session, cosigned, now=now):
        await signal(session, PUBLISH_CHANNEL)
    return None


async def read_wanted(session: AsyncSession) -> Wanted | None:
    """The entries that nodes have cosigned and this hub does not hold.

    None once a node has proven that they do not continue this log: no page of them ever will.
    """
    size = (await read_head(session)).size
    largest = await largest_cosigned(session)
    if largest <= size:
        return None
    forked = exists().where(ForkEvidenceRow.size > size)
    return None if await session.scalar(select(forked)) else Wanted(size, largest)


async def root_at(session: AsyncSession, size: int, head: LogHead) -> bytes:
    """The root of this log at an earlier or its present size, from at most 64 tiles."""
    if size == head.size:
        return head.range.root()
    places = complete_subtrees(0, size)
    read = await read_nodes(session, (tuple(places),), size=head.size)
    return CompactRange.at(size, read).root()


async def _verified(
    session: AsyncSession, note: bytes, *, node: str, anchor: FederationAnchor
) -> Cosigned:
    keys = await _cosigner_keys(session, node, anchor)
    try:
        own = await read_log_keys(session)
        opened = open_log_checkpoint(note, anchor, keys=own, cosigners=tuple(keys))
    except LogRefused as refused:
        raise CosignatureRefused(refused.detail, refused.errors) from refused
    signatures = (opened.signature_of(key) for key in keys)
    signature = next((one for one in signatures if one is not None), None)
    if signature is None:
        message = "缺少本节点有效联署密钥的签名 / no active cosigner key of this node has signed"
        raise CosignatureRefused(
            message, [FieldError("", "cosignature.missing", message, "c2sp.org/tlog-cosignature")]
        )
    return Cosigned(node, opened.checkpoint, signature, note)


def _check_time(signature: NoteSignature, now: Instant) -> None:
    if signature.time > (now + MAX_AHEAD).timestamp():
        message = "联署时间晚于现在，请校准时钟 / the cosignature is from the future: set the clock"
        raise CosignatureRefused(
            message, [FieldError("", "cosignature.ahead", message, "c2sp.org/tlog-cosignature")]
        )


async def _cosigner_keys(
    session: AsyncSession, node: str, anchor: FederationAnchor
) -> list[VerifierKey]:
    row = NodeKeyRow
    found = await session.execute(
        select(row.algorithm, row.public_key).where(
            row.node == node, row.use == "cosigner", row.state == "active"
        )
    )
    return [
        cosigner_key(anchor.log_origin, node, PublicKey(algorithm, raw)) for algorithm, raw in found
    ]


async def _note_heard(session: AsyncSession, node: str) -> None:
    row = CosignatureRow
    question = func.coalesce(_QUESTION.scalar_subquery(), 0)
    await session.execute(update(row).where(row.node == node).values(answered=question))


async def _store(session: AsyncSession, cosigned: Cosigned, *, now: Instant) -> bool:
    """Keep it unless a larger one is known; whether this answers a question of the hub."""
    question = await session.scalar(_QUESTION) or 0
    row = CosignatureRow
    before = await session.scalar(select(row.answered).where(row.node == cosigned.node))
    said = cosigned.checkpoint
    columns: dict[str, Any] = {
        "node": cosigned.node,
        "size": said.size,
        "root": said.root,
        "note": cosigned.note,
        "line": cosigned.signature.line(),
        "signed_at": datetime.fromtimestamp(cosigned.signature.time, tz=UTC),
        "received_at": now,
        "answered": question,
    }
    stored = await session.scalar(_STORE, columns)
    if stored is None:  # an older checkpoint than the one known: it answers all the same
        await _note_heard(session, cosigned.node)
    waived = CosignatureWaiverRow
    gone = await session.execute(
        delete(waived).where(waived.node == cosigned.node).returning(waived.node)
    )
    return bool(gone.all()) or (before or 0) < question
