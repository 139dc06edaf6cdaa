"""Collect and check the third receipt: that this node's entries are in the signed log."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.catalogue.log_position import read_position
from shared_platform.catalogue.tables import log_entry
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import Checkpoint
from shared_schema.instants import Instant
from shared_schema.log_keys import NO_LOG_KEYS, LogKeys, open_log_checkpoint
from shared_schema.log_proof import verify_inclusion
from shared_schema.merkle import leaf_hash
from shared_schema.proof_text import (
    OfflineProof,
    read_offline_proof,
    read_proof,
    write_offline_proof,
)
from subplatform.recommendation.tables import InclusionProofRow

PAGE: Final = 200
Prove = Callable[[int, int], Awaitable[bytes]]
"""The hub's bare proof that entry `serial` is in the log of `size`; untrusted."""


@dataclass(frozen=True, slots=True)
class _Missing:
    serial: int
    listing: UUID
    leaf: bytes


async def collect_proofs(
    sessions: async_sessionmaker[AsyncSession],
    prove: Prove,
    *,
    node: str,
    now: Instant,
    limit: int = PAGE,
) -> int:
    """Fetch, check and keep proofs of this node's entries, oldest first; how many were kept.

    A proof is checked against the checkpoint that vouches for this node's own copy, so that the
    file verifies with the anchor alone. No transaction is open while the hub is asked.

    Raises:
        ProofInvalid: the hub's proof does not prove it.
        ProofTextInvalid: the proof is not in its text form.
        DomainError: the hub did not answer.
    """
    async with sessions() as session:
        vouched = (await read_position(session)).vouched
        missing = await _missing(session, node, limit)
    if vouched.note is None:
        return 0
    found: list[dict[str, object]] = []
    for one in missing:
        hashes = read_proof(await prove(one.serial, vouched.size))
        leaf = leaf_hash(one.leaf)
        verify_inclusion(one.serial, vouched.size, leaf=leaf, proof=hashes, root=vouched.root)
        proof = write_offline_proof(OfflineProof(one.serial, hashes, vouched.note))
        kept = {"serial": one.serial, "listing": one.listing, "proof": proof, "stored_at": now}
        found.append(kept)
    if found:
        async with sessions.begin() as session:
            await session.execute(insert(InclusionProofRow).on_conflict_do_nothing(), found)
    return len(found)


def check_proof(
    proof: bytes, leaf: bytes, anchor: FederationAnchor, *, keys: LogKeys = NO_LOG_KEYS
) -> tuple[int, Checkpoint]:
    """Prove with the anchor that the log holds `leaf`: its serial, and in which checkpoint.

    `keys` are those the log has had since, as far as this copy has proven them.

    Raises:
        ProofTextInvalid: the file is not a `.tlog-proof`.
        LogRefused: the checkpoint is not signed by the anchor's log.
        ProofInvalid: the proof does not lead from the leaf to the checkpoint.
    """
    offline = read_offline_proof(proof)
    opened = open_log_checkpoint(offline.checkpoint, anchor, keys=keys).checkpoint
    verify_inclusion(
        offline.index,
        opened.size,
        leaf=leaf_hash(leaf),
        proof=offline.hashes,
        root=opened.root,
    )
    return offline.index, opened


async def _missing(session: AsyncSession, node: str, limit: int) -> list[_Missing]:
    entry = log_entry.c
    has_proof = exists().where(InclusionProofRow.serial == entry.serial)
    found = await session.execute(
        select(entry.serial, entry.listing, entry.leaf)
        .where(entry.listing.is_not(None), entry.origin == node, ~has_proof)
        .order_by(entry.serial)
        .limit(limit)
    )
    return [_Missing(row.serial, row.listing, row.leaf) for row in found]
