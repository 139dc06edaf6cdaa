"""What an operator says after putting a backup in the place of the hub's database."""

import asyncio
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from main_platform.cosigning.guard import mark_restored
from shared_platform.audit.heads import read_heads, set_heads_aside
from shared_platform.audit.seal import holds
from shared_platform.audit.trail import SERVICE
from shared_schema.instants import Instant


async def mark_from_backup(
    sessions: async_sessionmaker[AsyncSession], trail: Path, *, now: Instant
) -> None:
    """Let the log wait for its nodes, and the audit trail go on from where the backup ends.

    Anchors of the trail that the backup does not reach stay in a file beside, and the act names the
    last of them: what was cut off is said, not hidden.

    Raises:
        ValueError: the file of anchors is not one of ours.
    """
    async with sessions.begin() as session:
        heads = await asyncio.to_thread(read_heads, trail)
        lost = heads[-1].head if heads and not await holds(session, heads[-1].head) else None
        facts = {} if lost is None else {"audit_place": lost.place, "audit_hash": lost.hash.hex()}
        await mark_restored(session, by=SERVICE, facts=facts, now=now)
    if lost is not None:
        await asyncio.to_thread(set_heads_aside, trail, now=now)
