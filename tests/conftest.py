"""Places for tests: one embedded PostgreSQL for the checkout, databases for each test process.

Any number of test processes (xdist workers, several runs at once) share the server by its lease.
Each process takes a numbered slot, held by a file lock, and owns the databases with that number.

- `hub_session`, `hub_sessions` (and `node_…`): inside one transaction that is rolled back after the
  test; what the application commits becomes a savepoint of it. For nearly every test.
- `hub_committed` (and `node_committed`): a database where commits are real, truncated after the
  test. For races.
- `empty_database`: no tables at all, for tests that bring their own.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.engine import Database, build_engine, sessions_of
from shared_platform.database.file_lock import FileLock
from shared_platform.database.migrate import Service, upgrade
from shared_platform.observability.logs import configure_logging
from shared_platform.settings import PlatformSettings

CHECKOUT: Final = Path(__file__).resolve().parent.parent
TEST_DATA: Final = CHECKOUT / ".test-data"
SLOTS: Final = 64


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--clean-syncs 1000` follows honest logs that often (docs/attacks.md).

    `--screenshots docs/screenshots` writes what browsers see.
    `--api-cases 200` sends so many requests of each operation that fit, and as many that do not.
    """
    parser.addoption("--clean-syncs", type=int, default=100, help="honest syncs without an alarm")
    parser.addoption("--screenshots", type=Path, help="write the pages of docs/ as seen there")
    parser.addoption("--api-cases", type=int, default=2, help="requests of each API operation")


@pytest.fixture(scope="session")
def api_cases(request: pytest.FixtureRequest) -> int:
    """How many requests of each API operation, of either kind."""
    count: int = request.config.getoption("--api-cases")
    return count


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Where tests in a browser write what they see; None: nowhere."""
    folder: Path | None = request.config.getoption("--screenshots")
    return folder


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Logs as in production, warnings and above."""
    configure_logging(level="warning")


@pytest.fixture(scope="session")
async def database_server() -> AsyncIterator[EmbeddedServer]:
    """The shared server. It forgets at a power cut, which no test of its users is about."""
    async with EmbeddedServer(TEST_DATA / "postgres", durable=False) as server:
        await server.ensure_database("tests")  # makes the role as well
        yield server


@pytest.fixture(scope="session")
def database_slot(database_server: EmbeddedServer) -> Iterator[int]:
    """A number that no other living test process has."""
    folder = database_server.folder / "slots"
    folder.mkdir(exist_ok=True)
    for number in range(SLOTS):
        lock = FileLock(folder / str(number))
        if lock.try_alone():
            yield number
            lock.release()
            return
    pytest.fail(f"more than {SLOTS} test processes share {folder}")


@pytest.fixture(scope="session")
async def hub_database(
    database_server: EmbeddedServer, database_slot: int
) -> AsyncIterator[Database]:
    """The hub's tables, made by its migrations; left as it was by every test."""
    async with _migrated(database_server, "main_platform", f"hub_{database_slot}") as database:
        yield database


@pytest.fixture(scope="session")
async def node_database(
    database_server: EmbeddedServer, database_slot: int
) -> AsyncIterator[Database]:
    """The node's tables, made by its migrations; left as it was by every test."""
    async with _migrated(database_server, "subplatform", f"node_{database_slot}") as database:
        yield database


@pytest.fixture
async def hub_sessions(hub_database: Database) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions on the hub's tables whose commits are undone after the test."""
    async with _undone(hub_database) as sessions:
        yield sessions


@pytest.fixture
async def hub_session(
    hub_sessions: async_sessionmaker[AsyncSession],
) -> AsyncIterator[AsyncSession]:
    """One of `hub_sessions`."""
    async with hub_sessions() as session:
        yield session


@pytest.fixture
async def node_sessions(node_database: Database) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    """Sessions on the node's tables whose commits are undone after the test."""
    async with _undone(node_database) as sessions:
        yield sessions


@pytest.fixture
async def node_session(
    node_sessions: async_sessionmaker[AsyncSession],
) -> AsyncIterator[AsyncSession]:
    """One of `node_sessions`."""
    async with node_sessions() as session:
        yield session


@pytest.fixture(scope="session")
async def _hub_committed(
    database_server: EmbeddedServer, database_slot: int
) -> AsyncIterator[Database]:
    name = f"hub_committed_{database_slot}"
    async with _migrated(database_server, "main_platform", name) as database:
        yield database


@pytest.fixture(scope="session")
async def _node_committed(
    database_server: EmbeddedServer, database_slot: int
) -> AsyncIterator[Database]:
    name = f"node_committed_{database_slot}"
    async with _migrated(database_server, "subplatform", name) as database:
        yield database


@pytest.fixture
async def hub_committed(_hub_committed: Database) -> AsyncIterator[Database]:
    """The hub's tables with real commits, emptied after the test."""
    yield _hub_committed
    await truncate_all(_hub_committed)


@pytest.fixture
async def node_committed(_node_committed: Database) -> AsyncIterator[Database]:
    """The node's tables with real commits, emptied after the test."""
    yield _node_committed
    await truncate_all(_node_committed)


@pytest.fixture
async def empty_database(
    database_server: EmbeddedServer, database_slot: int
) -> AsyncIterator[Database]:
    """A new database without tables; commits are real."""
    name = f"empty_{database_slot}"
    await database_server.recreate_database(name)
    async with _opened(database_server, name) as database:
        yield database


async def truncate_all(database: Database) -> None:
    """Empty every table but Alembic's, and start identity columns again."""
    async with database.engine.begin() as connection:
        found = await connection.scalars(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
            )
        )
        tables = ", ".join(found.all())
        if tables:
            await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))


@asynccontextmanager
async def _undone(database: Database) -> AsyncIterator[async_sessionmaker[AsyncSession]]:
    connection: AsyncConnection
    async with database.engine.connect() as connection:
        outer = await connection.begin()
        yield async_sessionmaker(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        await outer.rollback()


@asynccontextmanager
async def _migrated(server: EmbeddedServer, service: Service, name: str) -> AsyncIterator[Database]:
    """A fresh copy of a template that is migrated once for each state of the history."""
    template = f"template_{service}_{_history_hash(service)}"
    async with FileLock(server.folder / "slots" / template).alone(timeout_seconds=60):
        await server.ensure_database(template)
        async with _opened(server, template) as database:
            await upgrade(database.engine, service)
        await server.recreate_database(name, template=template)
    async with _opened(server, name) as database:
        yield database


def _history_hash(service: Service) -> str:
    digest = hashlib.sha256()
    for folder in (f"{service}/versions", "shared_tables"):
        for step in sorted((CHECKOUT / "migrations" / folder).glob("*.py")):
            digest.update(step.read_bytes())
    return digest.hexdigest()[:12]


@asynccontextmanager
async def _opened(server: EmbeddedServer, name: str) -> AsyncIterator[Database]:
    url = server.url(name)
    engine = build_engine(url, PlatformSettings(), application_name=f"test-{name}")
    try:
        yield Database(engine, sessions_of(engine), url, server)
    finally:
        await engine.dispose()
