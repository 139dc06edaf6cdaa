"""Invariant I6 at the hub: what the nodes have signed of the log is the hub's own log."""

import asyncio
from collections import defaultdict
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.log_head import LogHead, read_head
from main_platform.cosigning.cosign import root_at
from main_platform.nodes.tables import CosignatureRow, CosignatureWaiverRow, NodeKeyRow
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.invariants.verdict import Breach, Verdict
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import Checkpoint, cosigner_key
from shared_schema.log_keys import LogKeys, open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.signed_note import VerifierKey
from shared_schema.signing_key import PublicKey

_READS: Final = ("cosignature", "node_key", "log_head", "log_tile")
_NONE: Final = "尚无节点联署 / no node has cosigned the log yet"


async def check_cosigned(session: AsyncSession, anchor: FederationAnchor) -> Verdict:
    """Each node's newest cosignature verifies, and its root is this log's at that size.

    A node that holds more than this log is a breach too, unless staff have waived it. Keys that
    were revoked since count: the cosignature was taken while they were active.
    """
    rows = (await session.scalars(select(CosignatureRow).order_by(CosignatureRow.node))).all()
    if not rows:
        return Verdict("I6", (), absent=_NONE)
    head, keys = await read_head(session), await read_log_keys(session)
    waived = set(await session.scalars(select(CosignatureWaiverRow.node)))
    cosigners = await _cosigners(session, anchor)
    roots: dict[int, bytes | None] = {}
    found: list[Breach] = []
    for row in rows:
        verifiers = tuple(cosigners[row.node])
        signed = await asyncio.to_thread(_opened, row, anchor, keys=keys, cosigners=verifiers)
        if signed is None:
            found.append(Breach("cosignature.unproven", f"{row.node} {row.size}"))
        elif signed.size > head.size:
            if row.node not in waived:
                found.append(Breach("cosignature.ahead", f"{row.node} {row.size} > {head.size}"))
        else:
            if signed.size not in roots:
                roots[signed.size] = await _own_root(session, signed.size, head)
            if roots[signed.size] != signed.root:
                found.append(Breach("cosignature.root", f"{row.node} {row.size}"))
    return Verdict("I6", _READS, len(rows), tuple(found))


def _opened(
    row: CosignatureRow,
    anchor: FederationAnchor,
    *,
    keys: LogKeys,
    cosigners: tuple[VerifierKey, ...],
) -> Checkpoint | None:
    """What the node has signed; None unless log and node have, and the columns say the same."""
    try:
        opened = open_log_checkpoint(bytes(row.note), anchor, keys=keys, cosigners=cosigners)
    except LogRefused:
        return None
    signatures = [one for key in cosigners if (one := opened.signature_of(key)) is not None]
    said = opened.checkpoint
    if row.line not in {one.line() for one in signatures}:
        return None
    return said if (said.size, said.root) == (row.size, row.root) else None


async def _cosigners(
    session: AsyncSession, anchor: FederationAnchor
) -> defaultdict[str, list[VerifierKey]]:
    row = NodeKeyRow
    found = await session.execute(
        select(row.node, row.algorithm, row.public_key).where(
            row.use == "cosigner", row.state != "pending"
        )
    )
    keys: defaultdict[str, list[VerifierKey]] = defaultdict(list)
    for node, algorithm, raw in found:
        keys[node].append(cosigner_key(anchor.log_origin, node, PublicKey(algorithm, raw)))
    return keys


async def _own_root(session: AsyncSession, size: int, head: LogHead) -> bytes | None:
    """The root of this log at that size; None where tiles are missing, which I5 tells."""
    try:
        return await root_at(session, size, head)
    except KeyError:
        return None
