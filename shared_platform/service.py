"""A running service: its database opened, its loops kept running; HTTP is `serving`."""

import asyncio
import gc
import os
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from signal import SIGINT, SIGTERM
from typing import Final

import structlog

from shared_platform.database.engine import Database, open_database
from shared_platform.database.migrate import Service, upgrade
from shared_platform.database.signals import Signals, listening
from shared_platform.failpoint import arm
from shared_platform.observability.metrics import Metrics
from shared_platform.observability.readiness import Readiness, database_checks
from shared_platform.settings import PlatformSettings
from shared_schema.identities import IdSource, RandomIds
from shared_schema.instants import Clock, clock_at

_RESTART_SECONDS: Final = 2.0
_STOP_SIGNALS: Final = (SIGINT, SIGTERM)
_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger(__name__)

Loop = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class ServiceContext:
    """What every part of a running service is given.

    `loops` are what its HTTP application needs to have run beside it, in the same process.
    """

    settings: PlatformSettings
    database: Database
    clock: Clock
    ids: IdSource
    signals: Signals
    metrics: Metrics = field(default_factory=Metrics)
    readiness: Readiness = field(default_factory=Readiness)
    loops: list[Loop] = field(default_factory=list)


@asynccontextmanager
async def open_service(
    settings: PlatformSettings,
    service: Service,
    *,
    database_name: str,
    channels: Iterable[str] = (),
    clock: Clock | None = None,
    ids: IdSource | None = None,
) -> AsyncIterator[ServiceContext]:
    """Open the database, bring its schema up to date, and listen on `channels`, until the end.

    Raises:
        EmbeddedServerError: the embedded server cannot run.
        DBAPIError: the database refuses, or a migration fails.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"kaixu-{database_name}-{os.getpid()}"
    async with open_database(settings, name=database_name, application_name=name) as database:
        await upgrade(database.engine, service)
        if settings.drill:
            _log.warning("this_is_a_drill", failpoint=settings.failpoint)
        arm(settings.failpoint, postmaster=database.postmaster)
        async with listening(database.url, channels) as signals:
            context = ServiceContext(
                settings=settings,
                database=database,
                clock=clock
                or clock_at(settings.today, ahead_seconds=settings.clock_offset_seconds),
                ids=ids or RandomIds(),
                signals=signals,
            )
            database_checks(context.readiness, database.engine, service)
            yield context


def spare_collections() -> None:
    """Collect garbage less often, and never again what was loaded at start.

    A page of 1,000 entries makes some 10^5 objects without cycles; with the default thresholds a
    quarter of the time of a first synchronisation went into looking for cycles among them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


async def run_loops(context: ServiceContext, *, loops: Sequence[Loop]) -> None:
    """Run the loops of a worker process until SIGINT or SIGTERM."""
    spare_collections()
    told = asyncio.Event()
    with stop_signals(told.set):
        _log.info("working")
        async with running(loops):
            await told.wait()
            context.signals.close()
    _log.info("stopped")


@asynccontextmanager
async def running(loops: Sequence[Loop]) -> AsyncIterator[Sequence["asyncio.Task[None]"]]:
    """Run the loops while the block lasts, each again when it fails; they have ended after it."""
    tasks = [asyncio.create_task(_kept_running(loop)) for loop in loops]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_running(loop: Loop) -> None:
    name = getattr(loop, "__qualname__", repr(loop))
    while True:
        try:
            await loop()
        except Exception:  # noqa: BLE001 - whatever broke one round, the next may work
            _log.exception("loop_failed", loop=name)
        await asyncio.sleep(_RESTART_SECONDS)


@contextmanager
def stop_signals(*stops: Callable[[], object]) -> Iterator[None]:
    """Call `stops` on SIGINT and SIGTERM, whose default would leave the database open."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for each in stops:
            each()

    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)
