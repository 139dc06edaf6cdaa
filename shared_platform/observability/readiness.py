"""Whether the service can serve: its checks, and what each of them says."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared_platform.database.migrate import History, Service, migration_config

CHECK_SECONDS: Final = 3.0
OK: Final = "ok"
Check = Callable[[], Awaitable[str]]

log = structlog.get_logger(__name__)


class Readiness:
    """The checks that must pass before a balancer sends requests here.

    A check answers `OK` or one word for what is missing; raising counts as `failed`. Words are
    public: they name no host, user or text of an exception.
    """

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def add(self, name: str, check: Check) -> None:
        """Register a check under the name that `/readyz` shows."""
        self._checks[name] = check

    async def results(self) -> dict[str, str]:
        """Run all checks at once, each for `CHECK_SECONDS` at most."""
        found = await asyncio.gather(*[_run(name, check) for name, check in self._checks.items()])
        return dict(zip(self._checks, found, strict=True))


def database_checks(readiness: Readiness, engine: AsyncEngine, service: Service) -> None:
    """Register `database` (a real query) and `migrations` (none of this program is missing)."""
    history = History.of(migration_config(service))

    async def answers() -> str:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return OK

    async def migrated() -> str:
        async with engine.connect() as connection:
            pending = await history.pending(connection)
        return "pending" if pending else OK

    readiness.add("database", answers)
    readiness.add("migrations", migrated)


async def _run(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return "timeout"
    except Exception:
        log.warning("readiness_check_failed", check=name, exc_info=True)
        return "failed"
