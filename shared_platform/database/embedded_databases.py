"""Databases and the application's role inside the embedded server."""

import re
from typing import Final

import asyncpg

APPLICATION_ROLE: Final = "kaixu"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_LOCK: Final = 0x6B61_6978_7501  # "kaixu", 1


async def create_database(
    connection: "asyncpg.Connection[asyncpg.Record]",
    name: str,
    *,
    password: str,
) -> bool:
    """Create the database and the role that owns it where absent; True if it was made now.

    The role is no superuser: an injected statement can neither read files nor run programs. An
    advisory lock lets one process at a time do this.

    Raises:
        ValueError: the name is not lower-case letters, digits and underscores.
    """
    _check_name(name)
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    try:
        await _create_role(connection, password)
        if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            return False
        await connection.execute(f'CREATE DATABASE "{name}" OWNER "{APPLICATION_ROLE}"')
        return True
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def recreate_database(
    connection: "asyncpg.Connection[asyncpg.Record]", name: str, *, template: str
) -> None:
    """Drop the database, ending its connections, and make it again as a copy of `template`.

    Needs the superuser: autovacuum may be at work in it, and nobody else may end that.

    Raises:
        ValueError: a name is not lower-case letters, digits and underscores.
    """
    _check_name(name)
    _check_name(template)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.execute(
        f'CREATE DATABASE "{name}" OWNER "{APPLICATION_ROLE}" TEMPLATE "{template}"'
    )


def _check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise ValueError(f"not a database name: {name!r}")


async def _create_role(connection: "asyncpg.Connection[asyncpg.Record]", password: str) -> None:
    known = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", APPLICATION_ROLE)
    if not known:
        literal = await connection.fetchval("SELECT quote_literal($1::text)", password)
        await connection.execute(
            f'CREATE ROLE "{APPLICATION_ROLE}" LOGIN CREATEDB PASSWORD {literal}'
        )
