"""Kills at random moments: node, hub, sequencer and every database server, until so many."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from deploy.drill.federation import Drilled, has_own_database, postmaster_of
from deploy.drill.services import Service, eventually, start_until_ready

LONGEST_PAUSE_SECONDS: Final = 1.0
BACK_SECONDS: Final = 120.0


@dataclass(slots=True)
class Killer:
    """Kills one of those that are up, lets it come back, and goes on; never waits for calm.

    `kills` counts by kind of victim; `started_again` the starts that ended because a database was
    killed meanwhile.
    """

    drilled: Drilled
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    started_again: int = 0
    _coming_back: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)

    async def kill(
        self, count: int, *, turn: Callable[[int], Awaitable[None]], told: Callable[[], None]
    ) -> None:
        """Kill so many times, each when its `turn` has come; everything is back at the end."""
        victims = self._victims()
        for number in range(count):
            await turn(number)
            await asyncio.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            name = await self._somebody_up(list(victims))
            kind, kill = victims[name]
            self.kills[kind] += 1
            self._coming_back[name] = asyncio.create_task(self._timed(kill))
            told()
        await asyncio.gather(*self._coming_back.values())

    def _victims(self) -> dict[str, tuple[str, Callable[[], Awaitable[None]]]]:
        drilled = self.drilled
        found: dict[str, tuple[str, Callable[[], Awaitable[None]]]] = {
            "hub": ("hub", lambda: self._process(drilled.hub)),
            "sequencer": ("sequencer", lambda: self._process(drilled.sequencer)),
        }
        for name, node in drilled.nodes.items():
            found[name] = ("node", lambda node=node: self._process(node))  # type: ignore[misc]
        own = {name: one for name, one in drilled.places.items() if has_own_database(one)}
        for name, place in own.items():
            found[f"database of {name}"] = ("postgres", lambda place=place: _database(place))  # type: ignore[misc]
        return found

    async def _somebody_up(self, names: list[str]) -> str:
        while True:
            up = [
                name
                for name in names
                if name not in self._coming_back or self._coming_back[name].done()
            ]
            if up:
                chosen = self.chance.choice(up)
                if chosen in self._coming_back:
                    await self._coming_back[chosen]  # raises what went wrong
                return chosen
            await asyncio.wait(self._coming_back.values(), return_when=asyncio.FIRST_COMPLETED)

    async def _process(self, service: Service) -> None:
        await service.kill()
        self.started_again += await start_until_ready(service)

    async def _timed(self, kill: Callable[[], Awaitable[None]]) -> None:
        began = time.monotonic()
        await kill()
        self.restarts.append(time.monotonic() - began)


async def _database(service: Service) -> None:
    """Kill the server, and wait until the programs that use it have started another one."""
    killed = postmaster_of(service)
    if killed is None:
        return  # its users are coming back from a kill of their own
    with suppress(ProcessLookupError):
        os.kill(killed, signal.SIGKILL)

    async def another() -> bool:
        return postmaster_of(service) not in {None, killed}

    await eventually(f"the database of {service.place.name} is back", another, seconds=BACK_SECONDS)
