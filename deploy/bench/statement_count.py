"""Counting what really goes to the database: every statement of every connection of an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class StatementCount:
    """Statements since the last reset, transactions' own (BEGIN, COMMIT) and checks included.

    The driver does not tell of statements that SQLAlchemy prepared, and of some it tells as well;
    so those are taken from SQLAlchemy, and from the driver whatever is not one of them.
    """

    def __init__(self) -> None:
        self.statements: list[str] = []
        self._prepared: set[str] = set()

    def execute(self, statement: str) -> None:
        """Called before SQLAlchemy executes a statement, once for any number of rows."""
        self._prepared.add(statement)
        self.statements.append(statement)

    def note(self, logged: Any) -> None:  # noqa: ANN401 - asyncpg's record of a query
        """Called by the driver after each statement it tells of."""
        if logged.query not in self._prepared:
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

    def execute(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # noqa: ANN401
        count.execute(statement)

    event.listen(engine.sync_engine, "checkout", listen)
    event.listen(engine.sync_engine, "before_cursor_execute", execute)
    try:
        yield count
    finally:
        event.remove(engine.sync_engine, "checkout", listen)
        event.remove(engine.sync_engine, "before_cursor_execute", execute)
