"""The database as a service uses it: an engine, its sessions, and the embedded server behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.lending import check_before_lending
from shared_platform.settings import PlatformSettings
from shared_schema.identities import IdSource, RandomIds


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `server` is None when a PostgreSQL server was named by URL."""

    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    url: URL
    server: EmbeddedServer | None = None

    def postmaster(self) -> int | None:
        """The embedded server's process id; None where there is none, or none at the moment."""
        return None if self.server is None else self.server.postmaster()


@asynccontextmanager
async def open_database(
    settings: PlatformSettings, *, name: str, application_name: str
) -> AsyncIterator[Database]:
    """Open the database of `settings`, or the embedded one called `name`, until the block ends.

    The embedded server is shared with the other processes of the same `data_dir`, and started
    again while the block runs, should it be killed.

    Raises:
        EmbeddedServerError: the embedded server cannot run.
    """
    async with AsyncExitStack() as stack:
        server = None
        if settings.database_url is None:
            server = EmbeddedServer(
                settings.data_dir / "database",
                account=settings.embedded_account,
                start_seconds=settings.embedded_start_seconds,
            )
            await stack.enter_async_context(server)
            stack.push_async_callback(_cancel, asyncio.create_task(server.watch()))
            url = await server.ensure_database(name)
        else:
            given = make_url(settings.database_url.get_secret_value())
            url = given.set(drivername="postgresql+asyncpg")
        engine = build_engine(url, settings, application_name=application_name)
        stack.push_async_callback(engine.dispose)
        yield Database(engine, sessions_of(engine), url, server)


def build_engine(url: URL, settings: PlatformSettings, *, application_name: str) -> AsyncEngine:
    """An engine that checks a connection before lending it, and gives up on locks in time.

    PgBouncer in transaction mode hands each transaction another connection: no statement may be
    cached, every prepared name must be new, and it refuses `lock_timeout` as a start parameter
    unless `ignore_startup_parameters` lists it; set it there by `ALTER ROLE … SET lock_timeout`.
    """
    arguments: dict[str, Any] = {"server_settings": {"application_name": application_name}}
    if settings.database_behind_pgbouncer:
        ids = RandomIds()
        arguments |= {
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": lambda: _statement_name(ids),
        }
    else:
        milliseconds = round(settings.database_lock_timeout_seconds * 1000)
        arguments["server_settings"]["lock_timeout"] = str(milliseconds)
    engine = create_async_engine(
        url,
        pool_size=settings.database_pool_size,
        max_overflow=settings.database_pool_overflow,
        pool_timeout=settings.database_pool_timeout_seconds,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args=arguments,
    )
    check_before_lending(engine)
    return engine


def sessions_of(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after the commit, when the answer is being shaped."""
    return async_sessionmaker(engine, expire_on_commit=False)


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def _statement_name(ids: IdSource) -> str:
    unique: UUID = ids.new_id()
    return f"__kaixu_{unique.hex}__"


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
