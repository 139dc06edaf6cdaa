"""Forget what has ended by itself: sessions, links, failures, and letters sent long ago."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from shared_platform.mail.letters import forget_letters
from shared_platform.sign_in.browser_sessions import forget_sessions
from shared_platform.sign_in.tables import account_link, provider_visit
from shared_platform.sign_in.throttle import forget_old_failures
from shared_schema.instants import Instant


async def forget_ended(session: AsyncSession, *, now: Instant) -> int:
    """Delete what nobody can use any more; returns how many rows."""
    count = await forget_sessions(session, now=now)
    count += await forget_old_failures(session, now=now)
    count += await forget_letters(session, now=now)
    for table in (account_link, provider_visit):
        gone = delete(table).where(table.c.expires_at <= now).returning(table.c.expires_at)
        count += len((await session.execute(gone)).all())
    return count
