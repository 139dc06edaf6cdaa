"""Find where this node and a restored hub still agree about the inbox, and read again from there.

The hub says with each poll whether the last message read here is its own. If not, the last common
one is searched for by halves; what came after it stays in the table as replaced.
"""

from typing import Any, Final, Protocol

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_schema.instants import Instant
from shared_schema.message_identity import message_identity
from subplatform.recommendation.tables import HubMessageRow

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)


class InboxOfHub(Protocol):
    """Whom to ask; `subplatform.hub_client.hub.Hub` is it."""

    async def inbox(self, *, after: int, wait_seconds: int, last: str | None = None) -> Any:  # noqa: ANN401  untrusted JSON
        """Messages after `after`; `last` is the identity of that message as read here."""
        ...


async def identity_at(session: AsyncSession, seq: int) -> str | None:
    """The identity of the message that was read under this number; None for none."""
    row = HubMessageRow
    found = await session.scalar(select(row).where(row.seq == seq, row.replaced_at.is_(None)))
    return None if found is None else message_identity(seq, found.kind, found.at, body=found.body)


async def find_agreement(
    sessions: async_sessionmaker[AsyncSession], hub: InboxOfHub, *, cursor: int
) -> int:
    """The number of the last message that the hub has as this node read it; 0 for none.

    No transaction is open while the hub is asked.

    Raises:
        DomainError: no usable answer.
    """
    agreed, beyond = 0, cursor
    while beyond - agreed > 1:
        middle = (agreed + beyond) // 2
        async with sessions() as session:
            last = await identity_at(session, middle)
        page = await hub.inbox(after=middle, wait_seconds=0, last=last)
        if page.get("agrees", True) is True:
            agreed = middle
        else:
            beyond = middle
    return agreed


async def set_aside(session: AsyncSession, *, after: int, now: Instant) -> int:
    """Keep what was read after this number as replaced; how many messages that were."""
    row = HubMessageRow
    replaced = await session.execute(
        update(row)
        .where(row.seq > after, row.replaced_at.is_(None))
        .values(replaced_at=now)
        .returning(row.id)
    )
    count = len(replaced.all())
    _log.warning("inbox_read_again", after=after, replaced=count)
    return count
