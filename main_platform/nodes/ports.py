"""What the nodes feature needs from features above it, passed in as values."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant
from shared_schema.log_entry import LogEntry

Publish = Callable[[AsyncSession, LogEntry], Awaitable[None]]
"""Queue an entry for the log, in the session's transaction."""

Settle = Callable[[AsyncSession, str, Instant], Awaitable[int]]
"""Deal with one page of what a revoked key signed and the log does not hold; 0 when all is done."""
