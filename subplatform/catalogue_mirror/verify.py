"""Prove the stored copy from its rows alone: for `verify`, restores and doubts."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.log_position import lock_position
from shared_platform.catalogue.rebuild import catalogue_digest, rebuild_projection
from shared_platform.catalogue.tables import log_entry
from shared_schema.anchor import FederationAnchor
from shared_schema.log_following import LogPosition
from shared_schema.log_keys import LogKeys, open_log_checkpoint
from shared_schema.log_refusal import LogRefused
from shared_schema.merkle import CompactRange, leaf_hash

_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class MirrorProof:
    """What was proven. `problems` is empty when the copy is exactly what the hub signed.

    Attributes:
        size: entries read.
        root: their Merkle root in hex.
        digest: of all rows of the copy, to compare with the hub's or another node's.
        problems: code and explanation of each contradiction.
    """

    size: int
    root: str
    digest: str
    problems: tuple[tuple[str, str], ...]


async def verify_mirror(session: AsyncSession, anchor: FederationAnchor) -> MirrorProof:
    """Check serials, root, checkpoint, every statement's signature, and the projection.

    The projection is made anew beside the old one and taken back. Holds the position until the
    session's transaction ends, so nothing is applied meanwhile; reading is not disturbed.
    """
    position = await lock_position(session)
    grown, problems = await _recompute(session)
    if grown != position.range:
        problems.append(("mirror.root", "条目与所记位置不符 / the entries are not those counted"))
    keys = await read_log_keys(session)
    problems += _checkpoint_problems(position, grown, anchor, keys=keys)
    before = await catalogue_digest(session)
    if grown.size == position.size:  # with gaps there is nothing to fold
        async with session.begin_nested() as trial:
            await rebuild_projection(session)
            after = await catalogue_digest(session)
            await trial.rollback()
        if after != before:
            message = "重建所得目录不同 / the catalogue made anew from the log is another"
            problems.append(("mirror.projection", message))
    return MirrorProof(grown.size, grown.root().hex(), before, tuple(problems))


async def _recompute(session: AsyncSession) -> tuple[CompactRange, list[tuple[str, str]]]:
    """The tree over the stored leaves, and a problem when serials are not dense."""
    grown = CompactRange()
    while True:
        found = await session.execute(
            select(log_entry.c.serial, log_entry.c.leaf)
            .where(log_entry.c.serial >= grown.size)
            .order_by(log_entry.c.serial)
            .limit(_BATCH)
        )
        rows = found.all()
        dense = [leaf for at, (serial, leaf) in enumerate(rows, grown.size) if serial == at]
        grown, _ = grown.extend(map(leaf_hash, dense))
        if len(dense) < len(rows):
            message = f"缺少条目 {grown.size} / entry {grown.size} is missing"
            return grown, [("mirror.gap", message)]
        if len(rows) < _BATCH:
            return grown, []


def _checkpoint_problems(
    position: LogPosition, grown: CompactRange, anchor: FederationAnchor, *, keys: LogKeys
) -> list[tuple[str, str]]:
    """The stored checkpoint must be the anchor's log's, and its root the one of the rows."""
    vouched = position.vouched
    if vouched.note is None:
        return [] if not grown.size else [("mirror.unsigned", "没有检查点 / no checkpoint")]
    try:
        opened = open_log_checkpoint(vouched.note, anchor, keys=keys).checkpoint
    except LogRefused as refused:
        return [("mirror.checkpoint", refused.detail)]
    if (opened.size, opened.root) != (vouched.size, vouched.root):
        message = "检查点与所记不符 / the checkpoint says something else than was noted"
        return [("mirror.checkpoint", message)]
    if opened.size == grown.size and opened.root != grown.root():
        message = "签名的根与条目不符 / the signed root is not that of the entries"
        return [("mirror.root", message)]
    return []
