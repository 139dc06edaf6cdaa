"""What other features do when statements are erased, passed in as functions."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from shared_schema.instants import Instant

OnErased = Callable[[AsyncSession, Sequence[str], Instant], Awaitable[None]]
"""Told the hashes of the erased objects in the transaction of the decision.

Whoever keeps statement bytes outside the tables that `scrub` and the catalogue's fold empty
(snapshots, exports) removes them here, or queues the row of the job that does.
"""
