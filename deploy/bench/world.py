"""Where measurements run: one folder, one embedded server, databases, and a log to follow."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from deploy.bench.machine import plain_url
from deploy.bench.made_log import MadeLog
from deploy.bench.sizes import Sizes
from main_platform.catalogue.hub_key import create_hub_key
from main_platform.context import hub_anchor
from main_platform.settings import HubSettings
from shared_platform.database.embedded import EmbeddedServer
from shared_platform.database.engine import Database, build_engine, sessions_of
from shared_platform.database.migrate import Service, upgrade
from shared_platform.settings import PlatformSettings
from shared_schema.instants import SystemClock
from shared_schema.signing_key import SigningKey

HOST: Final = "127.0.0.1"


@dataclass(slots=True)
class World:
    """What every measurement is given. Nothing in it reaches beyond this machine.

    Attributes:
        folder: all files of the run; removed when it ends.
        port: where the hub listens when it is started; free when the run began.
        tell: shows what is being done.
    """

    folder: Path
    sizes: Sizes
    server: EmbeddedServer
    port: int
    hub_key: SigningKey
    tell: Callable[[str], None]
    log: MadeLog = field(init=False)

    def __post_init__(self) -> None:
        """Open the log that readers follow."""
        anchor = hub_anchor(self.hub_settings(), self.hub_key)
        node_key = SigningKey.generate()
        self.log = MadeLog(anchor, self.hub_key, node_key, SystemClock().now())

    @property
    def hub_url(self) -> str:
        """The hub's public address."""
        return f"http://{HOST}:{self.port}"

    def hub_settings(self, database: Database | None = None) -> HubSettings:
        """The settings of a hub, on `database` if given."""
        url = None if database is None else SecretStr(plain_url(database.url))
        return HubSettings(
            data_dir=self.folder / "hub",
            database_url=url,
            public_base_url=self.hub_url,
            listen_port=self.port,
            review_backlog_limit=10_000_000,
            daily_offer_limit=10_000_000,
            read_limit=1_000_000_000,  # counted, as everywhere, and never used up
            search_limit=1_000_000_000,
            export_limit=1_000_000_000,
            log_level="error",
        )

    @asynccontextmanager
    async def database(self, service: Service, name: str) -> AsyncIterator[Database]:
        """A new, migrated database of the run's server."""
        url = await self.server.ensure_database("empty")  # makes the role as well
        await self.server.recreate_database(name)
        url = self.server.url(name)
        engine = build_engine(url, PlatformSettings(), application_name=f"bench-{name}")
        try:
            await upgrade(engine, service)
            yield Database(engine, sessions_of(engine), url, self.server)
        finally:
            await engine.dispose()


@asynccontextmanager
async def a_world(
    folder: Path, sizes: Sizes, *, tell: Callable[[str], None]
) -> AsyncIterator[World]:
    """Start the run's server in `folder`, as durable as in production."""
    key = create_hub_key(folder / "hub")
    async with EmbeddedServer(folder / "postgres") as server:
        yield World(folder, sizes, server, free_port(), key, tell)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
