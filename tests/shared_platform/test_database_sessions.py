"""Engines, sessions, table conventions, and the fixtures' promise to undo what a test did."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.engine import Database, build_engine, open_database
from shared_platform.database.job_transaction import sqlstate
from shared_platform.database.lending import check_before_lending, driver_connection
from shared_platform.database.tables import COLUMN_TYPES, include_tables, named_metadata
from shared_platform.settings import PlatformSettings
from shared_schema.instants import Instant


class SharedTable(DeclarativeBase):
    metadata = named_metadata()
    type_annotation_map = COLUMN_TYPES


class ServiceTable(DeclarativeBase):
    metadata = named_metadata()
    type_annotation_map = COLUMN_TYPES


class Shown(SharedTable):
    __tablename__ = "shown"
    serial: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    rate: Mapped[Decimal]
    raw: Mapped[bytes]
    tags: Mapped[list[str]]
    owner: Mapped[UUID | None]
    __table_args__ = (CheckConstraint("serial >= 0", name="dense"),)


class Noted(ServiceTable):
    __tablename__ = "noted"
    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[int] = mapped_column(ForeignKey("shown.serial"))


include_tables(SharedTable.metadata, into=ServiceTable.metadata)


@pytest.fixture
async def database(empty_database: Database) -> Database:
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(ServiceTable.metadata.create_all)
    return empty_database


def shown(at: Instant) -> Shown:
    return Shown(
        serial=3_000_000_000, at=at, rate=Decimal("0.05"), raw=b"\x00", tags=["光学"], owner=None
    )


async def test_what_is_written_is_read_back_with_its_type(database: Database) -> None:
    at = datetime(2026, 11, 22, 8, tzinfo=UTC)
    async with database.sessions.begin() as session:
        session.add(shown(at))

    async with database.sessions() as session:
        found = await session.get_one(Shown, 3_000_000_000)

    assert (found.at, found.rate, found.raw, found.tags) == (at, Decimal("0.05"), b"\x00", ["光学"])
    assert found.at.tzinfo is not None


async def test_a_naive_instant_is_refused_before_it_reaches_the_database(
    database: Database,
) -> None:
    async with database.sessions() as session:
        session.add(shown(datetime(2026, 11, 22)))  # noqa: DTZ001 - the case under test

        with pytest.raises(StatementError, match="time zone"):
            await session.flush()


async def test_constraints_have_names_that_migrations_can_use(database: Database) -> None:
    async with database.engine.connect() as connection:
        names = (
            await connection.scalars(
                text("SELECT conname FROM pg_constraint WHERE contype IN ('c', 'f', 'p')")
            )
        ).all()

    assert {"pk_shown", "ck_shown_dense", "fk_noted_serial_shown"} <= set(names)


def test_shared_tables_are_copied_once_and_stay_usable_themselves() -> None:
    include_tables(SharedTable.metadata, into=ServiceTable.metadata)

    assert set(ServiceTable.metadata.tables) == {"noted", "shown"}
    assert ServiceTable.metadata.tables["shown"] is not Shown.__table__


async def test_a_lock_is_not_waited_for_longer_than_set(database: Database) -> None:
    settings = PlatformSettings(database_lock_timeout_seconds=0.05)
    impatient = build_engine(database.url, settings, application_name="impatient")
    async with database.engine.begin() as holder:
        await holder.execute(text("LOCK TABLE noted"))

        async with impatient.connect() as connection:
            with pytest.raises(DBAPIError) as refused:
                await connection.execute(text("SELECT * FROM noted"))
    await impatient.dispose()

    assert sqlstate(refused.value) == "55P03"


async def test_connections_say_who_they_are(database: Database) -> None:
    engine = build_engine(database.url, PlatformSettings(), application_name="kaixu-hub")

    async with engine.connect() as connection:
        name = await connection.scalar(text("SHOW application_name"))
    await engine.dispose()

    assert name == "kaixu-hub"


async def test_behind_pgbouncer_no_statement_keeps_its_name(database: Database) -> None:
    settings = PlatformSettings(database_behind_pgbouncer=True)
    engine = build_engine(database.url, settings, application_name="pooled")

    async with engine.connect() as connection:
        for _ in range(3):
            await connection.execute(text("SELECT 1"))
        left = await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
    await engine.dispose()

    assert left == 1  # only the one that is counting


async def test_a_connection_cut_by_a_restart_is_replaced_before_it_is_lent(
    database: Database,
) -> None:
    cut = asyncio.Event()
    async with database.engine.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
        under = (await connection.get_raw_connection()).driver_connection
        assert under is not None
        under.add_termination_listener(lambda _: cut.set())
    other = build_engine(database.url, PlatformSettings(), application_name="other")
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await other.dispose()
    async with asyncio.timeout(30):
        await cut.wait()

    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid


@pytest.mark.parametrize(("fresh_seconds", "asked"), [(3600.0, False), (0.0, True)])
async def test_only_a_connection_that_lay_idle_is_asked_before_it_is_lent(
    database: Database, fresh_seconds: float, *, asked: bool
) -> None:
    engine = create_async_engine(database.url)
    check_before_lending(engine, fresh_seconds=fresh_seconds)
    async with engine.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
    said = text("SELECT state_change FROM pg_stat_activity WHERE pid = :pid")

    async with database.engine.connect() as watching:
        before = await watching.scalar(said, {"pid": pid})
        await watching.rollback()
        async with engine.connect():
            after = await watching.scalar(said, {"pid": pid})
    await engine.dispose()

    assert (after != before) == asked


async def test_a_database_named_by_url_is_opened_without_a_server_of_ours(
    empty_database: Database,
) -> None:
    shown_url = empty_database.url.set(drivername="postgresql").render_as_string(False)  # noqa: FBT003
    settings = PlatformSettings(database_url=SecretStr(shown_url))

    async with (
        open_database(settings, name="unused", application_name="by-url") as database,
        database.sessions() as session,
    ):
        name = await session.scalar(text("SELECT current_database()"))

    assert database.server is None
    assert name == empty_database.url.database


async def test_without_a_url_the_embedded_database_is_opened(
    database_server: EmbeddedServer,
) -> None:
    folder = Path(database_server.folder) / "opened"
    folder.mkdir(exist_ok=True)
    settings = PlatformSettings(data_dir=folder)

    async with (
        open_database(settings, name="hub", application_name="embedded") as database,
        database.sessions() as session,
    ):
        name = await session.scalar(text("SELECT current_database()"))

    assert name == "hub"


async def test_what_a_test_commits_in_hub_sessions_is_undone_after_it(
    hub_database: Database, hub_sessions: async_sessionmaker[AsyncSession]
) -> None:
    async with hub_sessions.begin() as session:
        await session.execute(text("CREATE TABLE only_in_this_test (n int)"))
    async with hub_sessions() as session:
        await session.execute(text("INSERT INTO only_in_this_test VALUES (1)"))
        await session.rollback()
    async with hub_sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM only_in_this_test")) == 0

    async with hub_database.engine.connect() as outside:
        found = await outside.scalar(text("SELECT to_regclass('only_in_this_test')"))
    assert found is None


async def test_hub_and_node_have_databases_of_their_own(
    hub_session: AsyncSession, node_session: AsyncSession
) -> None:
    names = await asyncio.gather(
        *[one.scalar(text("SELECT current_database()")) for one in (hub_session, node_session)]
    )

    assert len(set(names)) == 2


async def test_a_connection_lent_beyond_the_pool_is_closed_when_it_comes_back(
    database: Database,
) -> None:
    engine = create_async_engine(database.url, pool_size=1, max_overflow=1)

    async with driver_connection(engine) as kept, driver_connection(engine) as beyond:
        assert await beyond.fetchval("SELECT 1") == 1

    assert (kept.is_closed(), beyond.is_closed()) == (True, False)
    await engine.dispose()
