"""The log's first entry: which federation's log this is, under which key."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.errors import LogBelongsToAnother
from main_platform.catalogue.log_head import lock_head
from main_platform.catalogue.publish import OPENING, publish
from main_platform.catalogue.tables import PublishQueueRow
from shared_platform.catalogue.log_key_rows import read_log_keys
from shared_platform.catalogue.tables import log_entry
from shared_schema.anchor import FederationAnchor
from shared_schema.instants import Instant
from shared_schema.log_entry import LogOpened, read_entry
from shared_schema.log_keys import LogKeys

_FIRST: Final = select(log_entry.c.leaf).where(log_entry.c.serial == 0)
_QUEUED: Final = select(PublishQueueRow.leaf).where(PublishQueueRow.priority == OPENING)


async def open_log(session: AsyncSession, anchor: FederationAnchor, *, now: Instant) -> bool:
    """Queue entry 0 if there is none; whether it did. Every hub process calls this at start.

    Locks the head, so of several processes one opens the log.

    Raises:
        LogBelongsToAnother: the log was opened under another federation, name or key. Signing it
            with this key would make every node refuse the hub.
    """
    await lock_head(session)
    opened = await session.scalar(_FIRST) or await session.scalar(_QUEUED)
    if opened is not None:
        _check(opened, anchor, await read_log_keys(session))
        return False
    entry = LogOpened(
        at=now.replace(microsecond=0),
        federation=anchor.federation,
        log_origin=anchor.log_origin,
        log_vkey=anchor.log_vkey,
    )
    await publish(session, entry)
    return True


def _check(opened: bytes, anchor: FederationAnchor, keys: LogKeys) -> None:
    entry = read_entry(opened)
    if not isinstance(entry, LogOpened):
        raise LogBelongsToAnother(detail="首条不是 log_opened / entry 0 is not log_opened")
    counting = {one.vkey for one in keys.records if one.retired_at is None} or {entry.log_vkey}
    said = (entry.federation, entry.log_origin)
    if said != (anchor.federation, anchor.log_origin) or anchor.log_vkey not in counting:
        raise LogBelongsToAnother(
            f"库中日志属 {entry.federation} {entry.log_origin}，密钥或名称与设置不符"
            f" / the stored log is {entry.federation} {entry.log_origin}:"
            " federation, name or key differ from the settings"
        )
