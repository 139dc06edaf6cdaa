"""The end of the log: read it freely, lock it to change it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from main_platform.catalogue.tables import LogHeadRow
from shared_schema.instants import Instant
from shared_schema.merkle import EMPTY_ROOT, CompactRange

_THE_ROW: Final = 1
_EMPTY: Final = CompactRange()
_HEAD: Final = select(
    LogHeadRow.compact_range,
    LogHeadRow.checkpoint,
    LogHeadRow.checkpoint_size,
    LogHeadRow.checkpoint_at,
)


@dataclass(frozen=True, slots=True)
class LogHead:
    """What is committed (`range`) and how much of it the newest checkpoint signs."""

    range: CompactRange = _EMPTY
    checkpoint: bytes | None = None
    checkpoint_size: int = 0
    checkpoint_at: Instant | None = None

    @property
    def size(self) -> int:
        """The number of committed entries; the next serial."""
        return self.range.size

    @property
    def is_signed(self) -> bool:
        """Whether the newest checkpoint covers everything that is committed."""
        return self.checkpoint is not None and self.checkpoint_size == self.size


async def read_head(session: AsyncSession) -> LogHead:
    """The committed head; that of an empty log where none was stored."""
    row = (await session.execute(_HEAD)).one_or_none()
    return LogHead() if row is None else LogHead(CompactRange.from_bytes(row[0]), *row[1:])


async def lock_head(session: AsyncSession) -> LogHead:
    """The committed head, locked until the transaction ends: the fence of protocol §7."""
    row = (await session.execute(_HEAD.with_for_update())).one_or_none()
    if row is None:
        first = {
            "id": _THE_ROW,
            "size": 0,
            "compact_range": _EMPTY.to_bytes(),
            "root": EMPTY_ROOT,
            "checkpoint_size": 0,
        }
        await session.execute(insert(LogHeadRow).values(first).on_conflict_do_nothing())
        row = (await session.execute(_HEAD.with_for_update())).one()
    return LogHead(CompactRange.from_bytes(row[0]), *row[1:])


async def store_range(session: AsyncSession, grown: CompactRange) -> None:
    """Move the end of the log; `lock_head` must have been called in this transaction."""
    columns = {"size": grown.size, "compact_range": grown.to_bytes(), "root": grown.root()}
    await session.execute(update(LogHeadRow).values(columns))


async def store_checkpoint(session: AsyncSession, note: bytes, *, size: int, now: Instant) -> None:
    """Replace the newest checkpoint; `lock_head` must have been called in this transaction."""
    columns = {"checkpoint": note, "checkpoint_size": size, "checkpoint_at": now}
    await session.execute(update(LogHeadRow).values(columns))
