"""Evidence that the log was signed in two versions: kept for ever, and shown to both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.log_reading import prove_growth
from main_platform.cosigning.errors import ForkNotFound, LogForked
from main_platform.cosigning.tables import ForkEvidenceRow
from main_platform.nodes.inbox import Message, send
from shared_platform.audit.trail import Record, Subject, record
from shared_schema.checkpoint import Checkpoint
from shared_schema.instants import Instant
from shared_schema.log_fork import ForkEvidence
from shared_schema.log_keys import claimed_size

LOG_FORK: Final = "log_fork"
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fork:
    """A node's checkpoint under this log's key, and what this log has instead."""

    node: str
    claim: Checkpoint
    note: bytes
    own_root: bytes
    own_note: bytes | None
    proof: bytes | None = None
    """From this log's size to the claim, where the claim is the larger one."""

    def refusal(self) -> LogForked:
        """What the node is told, with the hub's own signed note."""
        size = self.claim.size if self.proof is None else claimed_size(self.own_note or b"")
        return LogForked.at(size, self.own_root, self.own_note)


async def keep_fork(session: AsyncSession, fork: Fork, *, now: Instant) -> None:
    """Keep both notes, message the node and record the act; once for each contradiction."""
    kept = await session.scalar(
        insert(ForkEvidenceRow)
        .values(
            node=fork.node,
            size=fork.claim.size,
            root=fork.claim.root,
            note=fork.note,
            own_root=fork.own_root,
            own_note=fork.own_note or b"",
            proof=fork.proof,
            seen_at=now,
        )
        .on_conflict_do_nothing()
        .returning(ForkEvidenceRow.id)
    )
    _log.error("log_fork", node=fork.node, size=fork.claim.size, root=fork.claim.root.hex())
    if kept is None:
        return
    facts = {
        "size": fork.claim.size,
        "root": fork.claim.root.hex(),
        "hub_root": fork.own_root.hex(),
    }
    notes = {
        "checkpoint": fork.note.decode(),
        "hub_checkpoint": (fork.own_note or b"").decode(),
    }
    await send(session, [Message(fork.node, LOG_FORK, facts | notes)], now=now)
    await record(
        session, Record(Act.FORK_SEEN, Subject("node", fork.node), fork.node, facts), now=now
    )


async def find_fork(session: AsyncSession, fork: int) -> ForkEvidenceRow:
    """One piece of evidence.

    Raises:
        ForkNotFound: there is none of that id.
    """
    row = await session.get(ForkEvidenceRow, fork)
    if row is None:
        raise ForkNotFound(detail=f"没有分叉证据 {fork} / no evidence of a fork has that id")
    return row


async def evidence_of(session: AsyncSession, row: ForkEvidenceRow) -> ForkEvidence:
    """The evidence as a file that anybody checks with the anchor: `kaixu-verify --fork FILE`.

    The larger log's own proof tells the other past: the hub's, or the one that the node gave.
    """
    size = claimed_size(row.own_note) if row.own_note else 0
    proof = await prove_growth(session, row.size, size) if size > row.size else row.proof
    return ForkEvidence.of(row.note, row.own_note, proof=proof)


async def list_forks(
    session: AsyncSession, *, before: int | None = None, limit: int = 100
) -> Sequence[ForkEvidenceRow]:
    """The evidence, newest first; `before` continues after the id of the last one seen."""
    row = ForkEvidenceRow
    query = select(row).order_by(row.id.desc()).limit(limit)
    if before is not None:
        query = query.where(row.id < before)
    return (await session.scalars(query)).all()
