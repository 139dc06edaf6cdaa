"""The last erasure in the log: what was written to a file before it is not given out any more."""

from collections.abc import Awaitable, Callable
from typing import Final

from shared_platform.catalogue.tables import DECISIONS
from shared_platform.database.lending import DriverConnection

# `DECISIONS` is the predicate of the partial index, word for word.
LAST_ERASURE: Final = (
    f"SELECT coalesce(max(serial), -1) FROM log_entry WHERE {DECISIONS}"  # noqa: S608 - ours
    " AND kind = 'object_erased'"
)

OutdatedThrough = Callable[[DriverConnection], Awaitable[int]]
"""The largest size of the log at which a file may hold what was erased; -1 where none may."""


async def last_erasure(connection: DriverConnection) -> int:
    """The serial of the last erasure in the log; -1 where there is none.

    A file made at that size of the log or a smaller one may hold what was erased.
    """
    found: int = await connection.fetchval(LAST_ERASURE)
    return found
