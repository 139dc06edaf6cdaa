"""Counting what really goes to the database: every statement of every connection of an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class StatementCount:
    """Statements since the last reset, transactions' own (BEGIN, COMMIT) and checks included."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def note(self, logged: Any) -> None:  # noqa: ANN401 - asyncpg's record of a query
        """Called by the driver after each statement."""
        self.statements.append(logged.query)

    def reset(self) -> int:
        """How many there were; counting begins anew."""
        found = len(self.statements)
        self.statements.clear()
        return found


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[StatementCount]:
    """Count the statements of all connections that the engine lends from here on."""
    count = StatementCount()

    def listen(connection: Any, _record: Any, _proxy: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        under = connection.driver_connection
        under.remove_query_logger(count.note)
        under.add_query_logger(count.note)

    event.listen(engine.sync_engine, "checkout", listen)
    try:
        yield count
    finally:
        event.remove(engine.sync_engine, "checkout", listen)
