"""How a revision is run: on the connection and with the metadata that the caller put in the config.

There is no alembic.ini: `shared_platform.database.migrate` makes the config. Without a connection
the SQL is printed instead, which is what the linter for migrations reads.
"""

from typing import Final, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.types import TypeDecorator

LOCK_TIMEOUT: Final = "2s"  # a waiting ALTER TABLE makes every reader wait behind it
STATEMENT_TIMEOUT: Final = "30min"


def run() -> None:
    """Run the command's revisions, each in its own transaction, under short lock waits."""
    attributes = context.config.attributes
    connection: Connection | None = attributes.get("connection")
    metadata: MetaData | None = attributes.get("metadata")
    context.configure(
        connection=connection,
        dialect_name=None if connection is not None else "postgresql",
        target_metadata=metadata,
        literal_binds=connection is None,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
        render_item=_render,
    )
    context.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    context.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
    if connection is not None:
        connection.commit()
    with context.begin_transaction():
        context.run_migrations()


def _render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain types they store: revisions import no code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False
