"""What the nodes feature needs from features above it, passed in as values."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.log_entry import LogEntry

Publish = Callable[[AsyncSession, LogEntry], Awaitable[None]]
"""Queue an entry for the log, in the session's transaction."""
