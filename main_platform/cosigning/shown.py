"""A checkpoint of this log, shown by somebody whom the hub does not know: proof by itself.

A hub restored from a backup does not know nodes that were enrolled after it was made, and refuses
their requests. But a checkpoint larger than this log, under this log's own key, proves what was
lost whoever brings it: nothing is added or signed until those entries are back.
"""

from typing import Final

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.audit.acts import Act
from main_platform.catalogue.log_head import lock_head, read_head
from main_platform.catalogue.publish import PUBLISH_CHANNEL
from main_platform.cosigning.cosign import root_at
from main_platform.cosigning.errors import CosignatureRefused, LogForked, NothingToWaive
from main_platform.nodes.tables import ShownCheckpointRow
from shared_platform.audit.trail import Record, Subject, record
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.database.signals import signal
from shared_schema.anchor import FederationAnchor
from shared_schema.checkpoint import Checkpoint
from shared_schema.instants import Instant
from shared_schema.log_keys import open_log_checkpoint
from shared_schema.log_refusal import LogRefused

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


async def show_checkpoint(
    session: AsyncSession, note: bytes, *, anchor: FederationAnchor, now: Instant
) -> bool:
    """Look at a checkpoint from anybody; whether it proves that this hub has lost entries.

    Only one that is larger than the log, and than any shown before, is kept; it pauses the
    sequencer as soon as the session commits. Locks the head then, as a cosignature does.

    Raises:
        CosignatureRefused: it is not signed by the log's key.
        LogForked: this log has another root at that size.
    """
    try:
        keys = await read_log_keys(session)
        shown = open_log_checkpoint(note, anchor, keys=keys).checkpoint
    except LogRefused as refused:
        raise CosignatureRefused(refused.detail, refused.errors) from refused
    head = await read_head(session)
    if shown.size > head.size:
        head = await lock_head(session)
    if shown.size <= head.size:
        own = await root_at(session, shown.size, head)
        if own != shown.root:
            _log.error("log_fork", node=None, size=shown.size, root=shown.root.hex())
            forked: LogForked = LogForked.at(shown.size, own, head.checkpoint)
            raise forked
        return False
    await _keep(session, shown, note, now=now)
    return True


async def waive_shown(session: AsyncSession, *, reason: str, by: str, now: Instant) -> None:
    """Let the log go on although larger checkpoints of it were shown: what they cover is lost.

    Raises:
        NothingToWaive: none is waited for.
    """
    row = ShownCheckpointRow
    size = (await read_head(session)).size
    waived = await session.scalars(
        update(row)
        .where(row.size > size, row.waived_by.is_(None))
        .values(waived_by=by, reason=reason)
        .returning(row.size)
    )
    sizes = sorted(waived.all())
    if not sizes:
        raise NothingToWaive("没有在等待的检查点 / the log waits for no checkpoint that was shown")
    facts = {"reason": reason, "sizes": sizes}
    await record(session, Record(Act.NODE_WAIVED, Subject("log", "hub"), by, facts), now=now)
    await signal(session, PUBLISH_CHANNEL)


async def _keep(session: AsyncSession, shown: Checkpoint, note: bytes, *, now: Instant) -> None:
    row = ShownCheckpointRow
    largest = await session.scalar(select(func.max(row.size)))
    if largest is not None and largest >= shown.size:
        return
    await session.execute(
        insert(row).values(size=shown.size, note=note, shown_at=now).on_conflict_do_nothing()
    )
    _log.error("larger_checkpoint_shown", size=shown.size)
    await signal(session, PUBLISH_CHANNEL)
