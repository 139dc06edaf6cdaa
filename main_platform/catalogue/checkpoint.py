"""Sign the log as it is committed, never before (protocol §7) and never smaller than a node saw."""

from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.errors import SequencerPaused
from main_platform.catalogue.handovers import keep_handovers
from main_platform.catalogue.log_head import LogHead, lock_head, store_checkpoint
from main_platform.catalogue.log_key import LogKey
from shared_platform.database.signals import signal
from shared_platform.failpoint import failpoint
from shared_schema.checkpoint import Checkpoint, sign_checkpoint
from shared_schema.instants import Instant
from shared_schema.log_keys import LogKeys

LOG_CHANNEL: Final = "kaixu_log"

LargestCosigned = Callable[[AsyncSession], Awaitable[int]]
"""The largest size of this log that any node has cosigned, as far as the hub knows."""


async def sign_committed(
    session: AsyncSession,
    *,
    log_key: LogKey,
    keys: LogKeys,
    largest_cosigned: LargestCosigned,
    now: Instant,
) -> LogHead:
    """Sign and store the checkpoint of the committed size, unless it is there; wake the readers.

    `keys` are those of the log; what counts at this size signs, and the first checkpoint that
    covers a change of them is kept as its handover.

    Call it in a transaction of its own, after the batch's has committed. Locks the head. Called
    at start, it signs what a crash left unsigned.

    Raises:
        SequencerPaused: a node has cosigned a larger log, so entries were lost here. Signing now
            would fork the log: the missing entries must come back from the nodes first.
        LogKeyMissing: a key that must sign is not on this machine.
    """
    head = await lock_head(session)
    await refuse_if_behind(session, head.size, largest_cosigned)
    if head.size == 0 or head.is_signed:
        return head
    claim = Checkpoint(log_key.anchor.log_origin, head.size, head.range.root())
    first, *further = log_key.signers(keys, head.size)
    if further:
        failpoint("log_key.announced")
    note = sign_checkpoint(claim, key=first, further_keys=further)
    await store_checkpoint(session, note, size=head.size, now=now)
    await keep_handovers(session, head, keys, note=note, now=now)
    await signal(session, LOG_CHANNEL)
    failpoint("approve.signed")
    return LogHead(head.range, note, head.size, now)


async def refuse_if_behind(
    session: AsyncSession, size: int, largest_cosigned: LargestCosigned
) -> None:
    """Return only if no node has seen more of the log than these `size` entries.

    Conclusive only while the head is locked: whoever records a larger size locks it too.

    Raises:
        SequencerPaused: one has.
    """
    seen = await largest_cosigned(session)
    if seen > size:
        raise SequencerPaused(
            f"节点已联署 {seen} 条，本机只有 {size} 条，请先从节点取回缺失条目"
            f" / nodes have cosigned {seen} entries, {size} are here: recover the others first"
        )
