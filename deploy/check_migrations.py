"""Check both migration histories, or write the next revision of one.

A check upgrades an empty database, compares it with the service's tables, and runs squawk over
the SQL. `--new "message" --service main_platform` writes a revision from the difference instead;
read it before committing it.
"""

import argparse
import asyncio
import importlib
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.embedded_binaries import MAJOR_VERSION
from shared_platform.database.file_lock import FileLock
from shared_platform.database.migrate import (
    SERVICES,
    Service,
    migration_config,
    upgrade,
)
from shared_platform.observability.logs import configure_logging

CHECKOUT: Final = Path(__file__).resolve().parent.parent
_WRAPPING: Final = re.compile(
    r"^(BEGIN|COMMIT);$|^CREATE TABLE alembic_version \(.*?\);$", re.MULTILINE | re.DOTALL
)
SQUAWK: Final = Path(sys.executable).with_name("squawk")


def main() -> int:
    """Run the check or write a revision; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(prog="make migrate", description=__doc__)
    parser.add_argument("--new", metavar="MESSAGE", help="write a revision with this message")
    parser.add_argument("--service", choices=SERVICES, help="only this history")
    chosen = parser.parse_args()
    if chosen.new and not chosen.service:
        parser.error("--new needs --service")
    configure_logging(level="warning", form="console")
    services = [chosen.service] if chosen.service else list(SERVICES)
    problems = asyncio.run(_run(services, message=chosen.new))
    for problem in problems:
        print(f"✘ {problem}", file=sys.stderr)  # noqa: T201 - this is a command
    return 1 if problems else 0


def table_metadata(service: Service) -> MetaData:
    """All tables of a service, from its `table_index`.

    Raises:
        TypeError: `table_index` has no `metadata`.
    """
    found = importlib.import_module(f"{service}.table_index").metadata
    if not isinstance(found, MetaData):
        raise TypeError(f"{service}.table_index.metadata is no MetaData")
    return found


def printed_sql(service: Service) -> dict[str, str]:
    """The SQL of each revision, oldest first, without what Alembic wraps around it."""
    revisions = list(ScriptDirectory.from_config(migration_config(service)).walk_revisions())
    found = {}
    for script in reversed(revisions):
        printed = io.StringIO()
        config = migration_config(service, output=printed)
        command.upgrade(config, f"{script.down_revision or 'base'}:{script.revision}", sql=True)
        found[script.revision] = _WRAPPING.sub("", printed.getvalue())
    return found


def lint(service: Service) -> list[str]:
    """What squawk finds in each revision: locks, rewrites, missing timeouts."""
    return [
        line
        for revision, sql in printed_sql(service).items()
        for line in _squawk(sql, name=f"{service}/{revision}.sql")
    ]


def _squawk(sql: str, *, name: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 - the linter of this environment
        [
            str(SQUAWK),
            "--assume-in-transaction",
            "--exclude=prefer-bigint-over-int,prefer-bigint-over-smallint",  # a table's choice
            f"--pg-version={MAJOR_VERSION}.0",
            "--reporter=gcc",
            f"--stdin-filepath={name}",
        ],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and not done.stdout:
        return [f"squawk: {done.stderr.strip()}"]
    return done.stdout.splitlines() if done.returncode else []


async def _run(services: list[Service], *, message: str | None) -> list[str]:
    problems: list[str] = []
    async with EmbeddedServer(CHECKOUT / ".test-data" / "postgres", durable=False) as server:
        for service in services:
            async with FileLock(server.folder / f"checking-{service}").alone(timeout_seconds=60):
                problems += await _on_empty_database(server, service, message=message)
    return problems


async def _on_empty_database(
    server: EmbeddedServer, service: Service, *, message: str | None
) -> list[str]:
    """Upgrade a database of our own and inspect it, or write a revision from the difference."""
    config = migration_config(service, metadata=table_metadata(service))
    heads = ScriptDirectory.from_config(config).get_heads()
    if len(heads) > 1:
        return [f"{service}: {len(heads)} heads ({', '.join(heads)}); renumber the later one"]
    name = f"check_migrations_{service}"
    await server.ensure_database(name)
    await server.recreate_database(name)
    engine = create_async_engine(server.url(name), poolclass=NullPool)
    try:
        await upgrade(engine, service)
        async with engine.connect() as connection:
            if message is not None:
                await connection.run_sync(_write_revision, config, message)
                return []
            differences = await connection.run_sync(_differences, config)
    finally:
        await engine.dispose()
    return [f"{service}: {one}" for one in differences] + await asyncio.to_thread(lint, service)


def _differences(connection: Connection, config: Config) -> list[str]:
    """What a new revision would contain; empty when history and tables agree."""
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    found = compare_metadata(context, config.attributes["metadata"])
    return [f"not in the history: {_named(one)}" for one in found]


def _named(difference: object) -> str:
    """A difference of Alembic in a few words: what is done to which table, index or column."""
    if isinstance(difference, list):
        return "; ".join(_named(one) for one in difference)
    if not isinstance(difference, tuple):
        return str(difference)
    words = [getattr(one, "name", one) for one in difference]
    return " ".join(str(word) for word in words if isinstance(word, str))


def _write_revision(connection: Connection, config: Config, message: str) -> None:
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    number = len(list(script.walk_revisions())) + 1
    folder = Path(config.get_version_locations_list()[0])  # type: ignore[index]
    folder.mkdir(parents=True, exist_ok=True)
    command.revision(
        config,
        message,
        autogenerate=True,
        rev_id=f"{number:04d}",
        version_path=str(folder),
    )
    ruff = Path(sys.executable).with_name("ruff")
    subprocess.run([str(ruff), "format", "--quiet", str(folder)], check=True)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
