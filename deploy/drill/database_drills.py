"""Drill D1: the hub's database is restarted and loses a backend while statements come in."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import httpx
from sqlalchemy import text

from deploy.drill.federation import database_of, postmaster_of
from deploy.drill.line_drills import effects
from deploy.drill.services import Service, eventually
from deploy.drill.stand import Outcome, Stand

_LOT: Final = 40
_PAUSE_SECONDS: Final = 0.02
_CALM_SECONDS: Final = 1.0
_SERVER_ERROR: Final = 500
_OK: Final = 200
BACK_SECONDS: Final = 30.0  # a caller's patience: nodes and browsers try again for so long


@dataclass(slots=True)
class Watch:
    """A reader of the public catalogue who asks all the time; what it was answered."""

    service: Service
    statuses: Counter[int] = field(default_factory=Counter)
    longest_gap: float = 0.0
    is_ready: bool = False
    late: int = 0  # answered 5xx after the hub had said that it is ready again

    async def run(self) -> None:
        """Ask until cancelled; the longest time without a good answer is kept."""
        last = time.monotonic()
        async with self.service.client() as client:
            while True:
                if await self._is_answered(client):
                    self.longest_gap = max(self.longest_gap, time.monotonic() - last)
                    last = time.monotonic()
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _is_answered(self, client: httpx.AsyncClient) -> bool:
        try:
            answer = await client.get("/api/v1/catalogue/listings?limit=1")
        except httpx.HTTPError:
            return False
        self.statuses[answer.status_code] += 1
        self.late += self.is_ready and answer.status_code >= _SERVER_ERROR
        return answer.status_code == _OK

    def told(self) -> str:
        """In words."""
        bad = sum(count for status, count in self.statuses.items() if status >= _SERVER_ERROR)
        return (
            f"longest gap {self.longest_gap:.1f} s, {bad} of {self.statuses.total()} reads 5xx,"
            f" {self.late} of them after it was ready"
        )

    @property
    def held(self) -> bool:
        """Whether reads came back in time, and stayed."""
        return self.longest_gap <= BACK_SECONDS and not self.late


async def d1_database_restarts(stand: Stand) -> Outcome:
    """Fast and immediate restart, and one backend killed, each under load."""
    listings: list[str] = []
    watches = {
        "fast": await _under_load(stand, partial(_server, stand, signal.SIGINT), listings),
        "immediate": await _under_load(stand, partial(_server, stand, signal.SIGQUIT), listings),
        "one backend": await _under_load(stand, partial(_backend, stand), listings),
    }
    found = await effects(stand, listings)
    once = sum(one == 1 for one in found.values())
    return Outcome(
        "d1",
        "the hub's database restarted fast and immediately, one backend killed, under load",
        f"public reads back within {BACK_SECONDS:g} s, none 5xx once it is ready; nothing lost",
        "; ".join(f"{name}: {watch.told()}" for name, watch in watches.items())
        + f"; {once} of {len(listings)} statements once",
        passed=all(watch.held for watch in watches.values()) and once == len(listings),
    )


async def _under_load(
    stand: Stand, harm: Callable[[], Awaitable[None]], listings: list[str]
) -> Watch:
    watch = Watch(stand.drilled.hub)
    watching = asyncio.create_task(watch.run())
    try:
        listings += await stand.offer(_LOT)
        await harm()
        await eventually(
            "the hub is ready", partial(_is_ready, stand.drilled.hub, watch), seconds=120
        )
        watch.is_ready = True
        listings += await stand.offer(_LOT)
        await stand.delivered()
        await eventually("the catalogue can be read", lambda: _answers(stand.drilled.hub))
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return watch


async def _server(stand: Stand, number: signal.Signals) -> None:
    before = postmaster_of(stand.drilled.hub)
    assert before is not None
    os.kill(before, number)

    async def another() -> bool:
        return postmaster_of(stand.drilled.hub) not in {None, before}

    await eventually("another server runs", another, seconds=120)


async def _backend(stand: Stand) -> None:
    async with database_of(stand.drilled.hub) as session:
        found = await session.scalar(
            text(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'kaixu-hub-%'"
                " ORDER BY backend_start DESC LIMIT 1"
            )
        )
    os.kill(int(found or 0), signal.SIGKILL)


async def _is_ready(service: Service, watch: Watch) -> bool:
    """Ready, and no read failed for a second: a killed backend is noticed a moment later."""
    before = watch.statuses.copy()
    await asyncio.sleep(_CALM_SECONDS)
    since = watch.statuses - before
    is_calm = set(since) == {_OK}
    return is_calm and await _answers(service, "/readyz")


async def _answers(service: Service, path: str = "/api/v1/catalogue/listings?limit=1") -> bool:
    try:
        answer = await service.ask("GET", path)
    except httpx.HTTPError:
        return False
    return answer.status_code == _OK
