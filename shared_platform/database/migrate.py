"""Bringing a database to its service's newest revision, at start, by one process at a time.

Two histories, `migrations/main_platform/versions` and `migrations/subplatform/versions`, each with
one head. A release also starts on the next release's schema (expand, deploy, contract), so a
revision it does not know is no error.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, Self, TextIO

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared_platform.database.job_transaction import sqlstate

Service = Literal["main_platform", "subplatform"]
SERVICES: Final[tuple[Service, ...]] = ("main_platform", "subplatform")
LOCK_NOT_AVAILABLE: Final = "55P03"
ATTEMPTS: Final = 30
PAUSE_SECONDS: Final = 1.0
_ADVISORY_LOCK: Final = 0x6B61_6978_7502  # "kaixu", 2

log = structlog.get_logger(__name__)


def migrations_folder() -> Path:
    """The folder of the installed package `migrations`.

    Raises:
        FileNotFoundError: it is not installed.
    """
    spec = find_spec("migrations")
    places = list(spec.submodule_search_locations or []) if spec else []
    if not places:
        raise FileNotFoundError("the package `migrations` is not installed")
    return Path(places[0])


def migration_config(
    service: Service,
    *,
    folder: Path | None = None,
    metadata: MetaData | None = None,
    output: TextIO | None = None,
) -> Config:
    """Alembic's configuration for a service's history; SQL that is only printed goes to `output`.

    `folder` is that of another set of histories than the installed one, for tests.
    """
    folder = folder or migrations_folder()
    config = Config(output_buffer=output) if output is not None else Config()
    for name, value in {
        "script_location": str(folder),
        "version_locations": str(folder / service / "versions"),
        "path_separator": "newline",
        "file_template": "%%(rev)s_%%(slug)s",
    }.items():
        config.set_main_option(name, value if name == "file_template" else value.replace("%", "%%"))
    config.attributes["metadata"] = metadata
    return config


async def upgrade(engine: AsyncEngine, service: Service, *, folder: Path | None = None) -> None:
    """Run what is missing of the service's history; other processes wait for the first.

    A lock not given within 2 s is given up and asked for again after a pause, so that readers pass
    in between. The advisory lock does not hold through PgBouncer's transaction mode: use a direct
    URL.

    Raises:
        DBAPIError: a revision failed, or the lock was not given in `ATTEMPTS` attempts.
    """
    async with _one_at_a_time(engine) as connection:
        config = migration_config(service, folder=folder)
        unknown = await current_revisions(connection) - History.of(config).known
        if unknown:
            log.warning("schema_newer_than_program", revisions=sorted(unknown))
            return
        for attempt in range(1, ATTEMPTS + 1):
            if await _upgraded(connection, config, last=attempt == ATTEMPTS):
                return
            log.warning("migration_waits_for_lock", attempt=attempt)
            await asyncio.sleep(PAUSE_SECONDS)


@dataclass(frozen=True, slots=True)
class History:
    """The revisions that came with this program: read from files once, compared often."""

    heads: frozenset[str]
    known: frozenset[str]

    @classmethod
    def of(cls, config: Config) -> Self:
        """Read the history that `config` names."""
        script = ScriptDirectory.from_config(config)
        known = frozenset(one.revision for one in script.walk_revisions())
        return cls(frozenset(script.get_heads()), known)

    async def pending(self, connection: AsyncConnection) -> bool:
        """Whether revisions of this program are missing; a newer schema misses none."""
        current = await current_revisions(connection)
        return current <= self.known and current != self.heads


async def current_revisions(connection: AsyncConnection) -> frozenset[str]:
    """The revisions written in the database; empty when it was never migrated."""
    return await connection.run_sync(
        lambda inner: frozenset(MigrationContext.configure(inner).get_current_heads())
    )


@asynccontextmanager
async def _one_at_a_time(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        while True:
            taken = await connection.scalar(
                text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK}
            )
            await connection.commit()
            if taken:
                break
            await asyncio.sleep(0.1)
        try:
            yield connection
        finally:
            await connection.rollback()
            await connection.invalidate()  # closes it: the lock and the timeouts end with it


async def _upgraded(connection: AsyncConnection, config: Config, *, last: bool) -> bool:
    """Run the missing revisions; False when a lock was not given and it was not the last try.

    Raises:
        DBAPIError: a revision failed, or the last try got no lock either.
    """
    try:
        await connection.run_sync(_upgrade_on, config)
    except DBAPIError as error:
        await connection.rollback()
        if last or sqlstate(error) != LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def _upgrade_on(connection: Connection, config: Config) -> None:
    connection.commit()  # inside somebody's transaction Alembic would not commit
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
