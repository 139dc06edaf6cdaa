"""Metrics in the Prometheus text form; each application has a registry of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
)
Refresher = Callable[[], Awaitable[None]]
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """A registry with the process's figures and the duration of requests.

    Features add their own figures with `registry=metrics.registry`; names start with `kaixu_`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._refreshers: list[Refresher] = []
        self._reading = asyncio.Lock()  # one reader must not clear what another reads
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Histogram(
            "kaixu_http_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ["method", "route", "status"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._series = lru_cache(maxsize=4096)(self._requests.labels)

    def observe_request(self, method: str, route: str, *, status: int, seconds: float) -> None:
        """Count one request. `route` is the template, never the path, to keep series few."""
        known = method if method in _METHODS else "other"
        self._series(known, route, str(status)).observe(seconds)

    def before_reading(self, refresh: Refresher) -> None:
        """Call `refresh` before the figures are read: they come from the database."""
        self._refreshers.append(refresh)

    async def read(self) -> bytes:
        """All figures, as `/metrics` answers them; those of the database taken anew."""
        async with self._reading:
            for refresh in self._refreshers:
                await refresh()
            return generate_latest(self.registry)
