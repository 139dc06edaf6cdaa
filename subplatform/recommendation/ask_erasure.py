"""Ask the hub to erase what statements of this node said about a person."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.audit.trail import Record, record
from shared_schema.instants import Instant
from subplatform.audit.acts import Act
from subplatform.declarations.drafts import find_declaration, subject_of


class ErasingHub(Protocol):
    """Who is asked; `subplatform.hub_client.hub.Hub` is it."""

    async def ask_erasure(self, listing: UUID, *, reason: str) -> Mapping[str, Any]:
        """How the erasure stands."""
        ...


async def ask_erasure(
    sessions: async_sessionmaker[AsyncSession],
    hub: ErasingHub,
    listing: UUID,
    *,
    reason: str,
    by: str,
    now: Instant,
) -> Mapping[str, Any]:
    """Send the wish and record it; asking again tells how it stands. The decision comes by inbox.

    No transaction is open while the hub is asked.

    Raises:
        DeclarationNotFound: there is no declaration of that id here.
        PeerRefusal: the hub does not know the listing, or the reason does not serve.
        DomainError: the hub did not answer; nothing was asked, so ask again.
    """
    async with sessions() as session:
        await find_declaration(session, listing)
    answer = await hub.ask_erasure(listing, reason=reason)
    async with sessions.begin() as session:
        facts = {"reason": reason, "erasure": answer.get("erasure"), "state": answer.get("state")}
        await record(session, Record(Act.ERASURE_ASKED, subject_of(listing), by, facts), now=now)
    return answer
