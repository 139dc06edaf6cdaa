"""Upgrading at start: once, under short locks, and tolerant of a newer schema."""

import asyncio
import io
import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, Table, text
from sqlalchemy.exc import ProgrammingError

from shared_platform.database.engine import Database
from shared_platform.database.migrate import (
    SERVICES,
    History,
    Service,
    current_revisions,
    migration_config,
    migrations_folder,
    upgrade,
)
from shared_platform.database.tables import named_metadata

REVISION = '''"""{message}."""

from alembic import op

revision = "{revision}"
down_revision = {previous}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("{sql}")
'''

FAILS_HALF_WAY = 'CREATE TABLE lost (n int)")\n    op.execute("SELECT missing'


@pytest.fixture
def histories(tmp_path: Path) -> Path:
    """Histories of our own with the project's env.py and template, both still without revision."""
    folder = tmp_path / "100% migrations"
    for service in SERVICES:
        (folder / service / "versions").mkdir(parents=True)
    for name in ["env.py", "script.py.mako"]:
        shutil.copy(migrations_folder() / name, folder / name)
    return folder


def add_revision(histories: Path, revision: str, *, sql: str, after: str | None = None) -> None:
    previous = "None" if after is None else f'"{after}"'
    text_of = REVISION.format(message=revision, revision=revision, previous=previous, sql=sql)
    (histories / "main_platform" / "versions" / f"{revision}.py").write_text(text_of)


async def revisions_of(database: Database) -> frozenset[str]:
    async with database.engine.connect() as connection:
        return await current_revisions(connection)


async def pending(database: Database, histories: Path) -> bool:
    async with database.engine.connect() as connection:
        history = History.of(migration_config("main_platform", folder=histories))
        return await history.pending(connection)


async def test_missing_revisions_are_run_and_then_none_is_pending(
    empty_database: Database, histories: Path
) -> None:
    add_revision(histories, "one", sql="CREATE TABLE first (n int)")
    await upgrade(empty_database.engine, "main_platform", folder=histories)
    add_revision(histories, "two", sql="CREATE TABLE second (n int)", after="one")
    assert await pending(empty_database, histories)

    await upgrade(empty_database.engine, "main_platform", folder=histories)

    assert not await pending(empty_database, histories)
    assert await revisions_of(empty_database) == {"two"}


async def test_a_history_without_revisions_is_no_error(
    empty_database: Database, histories: Path
) -> None:
    await upgrade(empty_database.engine, "subplatform", folder=histories)

    assert not await pending(empty_database, histories)


async def test_processes_that_start_together_upgrade_once(
    empty_database: Database, histories: Path
) -> None:
    add_revision(histories, "one", sql="CREATE TABLE only_once (n int)")

    await asyncio.gather(
        *[upgrade(empty_database.engine, "main_platform", folder=histories) for _ in range(4)]
    )

    assert await revisions_of(empty_database) == {"one"}


async def test_a_failing_revision_changes_nothing_and_keeps_what_went_before(
    empty_database: Database, histories: Path
) -> None:
    add_revision(histories, "one", sql="CREATE TABLE kept (n int)")
    add_revision(histories, "two", sql=FAILS_HALF_WAY, after="one")

    with pytest.raises(ProgrammingError):
        await upgrade(empty_database.engine, "main_platform", folder=histories)

    assert await revisions_of(empty_database) == {"one"}
    async with empty_database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT to_regclass('lost')")) is None


async def test_an_upgrade_waits_for_a_lock_in_short_tries_and_then_succeeds(
    empty_database: Database, histories: Path
) -> None:
    add_revision(histories, "one", sql="CREATE TABLE busy (n int)")
    await upgrade(empty_database.engine, "main_platform", folder=histories)
    add_revision(histories, "two", sql="ALTER TABLE busy ADD m int", after="one")

    async with empty_database.engine.connect() as reader:
        await reader.execute(text("SELECT * FROM busy"))
        upgrading = asyncio.create_task(
            upgrade(empty_database.engine, "main_platform", folder=histories)
        )
        done, _ = await asyncio.wait([upgrading], timeout=2.5)  # one try of 2 s is over
        assert not done
        await reader.rollback()
    await upgrading

    assert await revisions_of(empty_database) == {"two"}


async def test_a_schema_of_the_next_release_is_accepted_and_left_alone(
    empty_database: Database, histories: Path
) -> None:
    add_revision(histories, "one", sql="CREATE TABLE first (n int)")
    await upgrade(empty_database.engine, "main_platform", folder=histories)
    async with empty_database.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'next'"))

    await upgrade(empty_database.engine, "main_platform", folder=histories)

    assert not await pending(empty_database, histories)
    assert await revisions_of(empty_database) == {"next"}


def test_the_sql_of_a_history_can_be_printed_with_its_timeouts(histories: Path) -> None:
    add_revision(histories, "one", sql="CREATE TABLE first (n int)")
    printed = io.StringIO()

    command.upgrade(
        migration_config("main_platform", folder=histories, output=printed), "head", sql=True
    )

    assert printed.getvalue().startswith("SET lock_timeout = '2s';")
    assert "CREATE TABLE first (n int);" in printed.getvalue()


async def test_a_revision_is_written_from_the_difference_to_the_tables(
    empty_database: Database, histories: Path
) -> None:
    metadata = named_metadata()
    Table("wanted", metadata, Column("id", Integer, primary_key=True))
    config = migration_config("main_platform", folder=histories, metadata=metadata)

    async with empty_database.engine.connect() as connection:

        def write(inner: object) -> None:
            config.attributes["connection"] = inner
            command.revision(
                config,
                "add wanted",
                autogenerate=True,
                version_path=str(histories / "main_platform" / "versions"),
            )

        await connection.run_sync(write)
    await upgrade(empty_database.engine, "main_platform", folder=histories)

    async with empty_database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT to_regclass('wanted')")) == "wanted"


@pytest.mark.parametrize("service", SERVICES)
def test_each_installed_history_has_one_head_at_most(service: Service) -> None:
    heads = ScriptDirectory.from_config(migration_config(service)).get_heads()

    assert len(heads) <= 1
