"""Drill D1: the hub's database is restarted and loses a backend while statements come in."""

import asyncio
import os
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx
from sqlalchemy import text

from deploy.drill.federation import database_of, postmaster_of
from deploy.drill.services import Service, eventually
from deploy.drill.stand import Outcome, Stand

_LOT: Final = 40
_PAUSE_SECONDS: Final = 0.02
_SERVER_ERROR: Final = 500
_OK: Final = 200


@dataclass(slots=True)
class Watch:
    """A reader of the public catalogue who asks all the time; what it was answered."""

    service: Service
    statuses: Counter[int] = field(default_factory=Counter)
    longest_gap: float = 0.0

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
        return answer.status_code == _OK

    def told(self) -> str:
        """In words."""
        bad = sum(count for status, count in self.statuses.items() if status >= _SERVER_ERROR)
        return f"longest gap {self.longest_gap:.1f} s, {bad} of {self.statuses.total()} reads 5xx"


async def d1_database_restarts(stand: Stand) -> Outcome:
    """Fast and immediate restart, and one backend killed, each under load."""
    told: list[str] = []
    for name, signal_number in (("fast", signal.SIGINT), ("immediate", signal.SIGQUIT)):
        told.append(f"{name}: {await _under_load(stand, lambda: _server(stand, signal_number))}")  # noqa: B023
    told.append(f"one backend: {await _under_load(stand, lambda: _backend(stand))}")
    return Outcome(
        "d1",
        "the hub's database restarted fast and immediately, one backend killed, under load",
        "comes back by itself, nothing acknowledged is lost",
        "; ".join(told),
        passed=True,
    )


async def _under_load(stand: Stand, harm) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001
    watch = Watch(stand.drilled.hub)
    watching = asyncio.create_task(watch.run())
    try:
        await stand.offer(_LOT)
        await harm()
        await stand.offer(_LOT)
        await stand.delivered()
        await eventually("the catalogue can be read", lambda: _answers(stand.drilled.hub))
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return watch.told()


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


async def _answers(service: Service) -> bool:
    try:
        answer = await service.ask("GET", "/api/v1/catalogue/listings?limit=1")
    except httpx.HTTPError:
        return False
    return answer.status_code == _OK
