"""Whether the process lives, and whether it can serve: `/healthz`, `/readyz`, `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Final

import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from shared_platform.database.migrate import History, Service, migration_config
from shared_platform.observability.metrics import CONTENT_TYPE, Metrics

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


def health_router(
    readiness: Readiness, metrics: Metrics, *, rehearsal_day: date | None = None
) -> APIRouter:
    """The three probes; unsigned, uncached, and not part of the API document.

    `/readyz` shows the day that a rehearsal pretends, so that nobody takes it for the real thing.
    """
    router = APIRouter(include_in_schema=False)
    no_store = {"Cache-Control": "no-store"}

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process answers; says nothing about the database, so a restart would not help."""
        return JSONResponse({"status": OK}, headers=no_store)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 when every check passes, otherwise 503; each check by name."""
        checks = await readiness.results()
        ready = all(result == OK for result in checks.values())
        body: dict[str, object] = {"status": OK if ready else "not ready", "checks": checks}
        if rehearsal_day is not None:
            body["rehearsal_day"] = rehearsal_day.isoformat()
        return JSONResponse(body, status_code=200 if ready else 503, headers=no_store)

    @router.get("/metrics")
    async def figures() -> Response:
        """Figures for Prometheus; keep it from the public in the proxy."""
        return Response(await metrics.read(), media_type=CONTENT_TYPE, headers=no_store)

    return router


async def _run(name: str, check: Check) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await check()
    except TimeoutError:
        return "timeout"
    except Exception:
        log.warning("readiness_check_failed", check=name, exc_info=True)
        return "failed"
