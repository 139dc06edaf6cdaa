"""Figures that come from the database: alarms by code, and what a service adds of its own."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from shared_platform.alarms.alarms import count_open
from shared_platform.alarms.codes import AlarmCode
from shared_platform.observability.metrics import Metrics
from shared_schema.instants import Clock, Instant

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Refresh = Callable[[AsyncSession, Instant], Awaitable[None]]
"""Takes figures from the database anew."""


def add_database_figures(
    metrics: Metrics,
    sessions: async_sessionmaker[AsyncSession],
    *refreshes: Refresh,
    clock: Clock,
) -> None:
    """Read alarms and `refreshes` whenever the figures are asked for.

    While the database is away the figures are those of the last reading, and
    `kaixu_figures_stale` says so.
    """
    stale = Gauge(
        "kaixu_figures_stale",
        "1 while figures of the database could not be read anew.",
        registry=metrics.registry,
    )
    standing = Gauge(
        "kaixu_alarms",
        "Alarms that stand; docs/operations.md tells what to do about each code.",
        ["code"],
        registry=metrics.registry,
    )

    async def refresh() -> None:
        try:
            async with sessions() as session:
                counts = await count_open(session)
                for each in refreshes:
                    await each(session, clock.now())
        except (SQLAlchemyError, OSError) as error:
            _log.warning("figures_stale", error=type(error).__name__)
            stale.set(1)
            return
        for code in {one.code for one in AlarmCode} | counts.keys():
            standing.labels(code).set(counts.get(code, 0))
        stale.set(0)

    metrics.before_reading(refresh)
