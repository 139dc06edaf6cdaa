"""Kills at random moments: node, hub, sequencer and every database server, until so many."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from deploy.drill.federation import Drilled, has_own_database, postmaster_of
from deploy.drill.services import Service, eventually, start_until_ready

LONGEST_PAUSE_SECONDS: Final = 1.0
BACK_SECONDS: Final = 120.0


@dataclass(slots=True)
class Killer:
    """Kills one of those that are up, lets it come back, and goes on; never waits for calm.

    `kills` counts by kind of victim those that were killed indeed; `started_again` the starts that
    ended because a database was killed meanwhile.
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
        """Try so many kills, each when its `turn` has come; everything is back at the end.

        A try meets nobody, and is not counted, where the victim has just ended by itself.
        """
        victims = self._victims()
        for number in range(count):
            await turn(number)
            await asyncio.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            name = await self._somebody_up(list(victims))
            kind, kill = victims[name]
            self._coming_back[name] = asyncio.create_task(self._timed(kind, kill))
            told()
        await asyncio.gather(*self._coming_back.values())

    def _victims(self) -> dict[str, tuple[str, Callable[[], Awaitable[bool]]]]:
        drilled = self.drilled
        found: dict[str, tuple[str, Callable[[], Awaitable[bool]]]] = {
            "hub": ("hub", lambda: self._process(drilled.hub)),
            "sequencer": ("sequencer", lambda: self._process(drilled.sequencer)),
        }
        for name, node in drilled.nodes.items():
            found[name] = ("node", lambda node=node: self._process(node))  # type: ignore[misc]
        own = {name: one for name, one in drilled.places.items() if has_own_database(one)}
        for name, place in own.items():
            found[f"database of {name}"] = ("postgres", lambda place=place: kill_database(place))  # type: ignore[misc]
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

    async def _process(self, service: Service) -> bool:
        was_running = service.is_running
        await service.kill()
        self.started_again += await start_until_ready(service)
        return was_running

    async def _timed(self, kind: str, kill: Callable[[], Awaitable[bool]]) -> None:
        began = time.monotonic()
        if await kill():
            self.kills[kind] += 1
            self.restarts.append(time.monotonic() - began)


async def kill_database(service: Service) -> bool:
    """Kill the server, and wait until the programs that use it have started another one.

    Returns:
        Whether there was one to kill: its users may be coming back from a kill of their own.
    """
    killed = postmaster_of(service)
    if killed is None:
        return False
    try:
        os.kill(killed, signal.SIGKILL)
    except ProcessLookupError:
        return False

    async def another() -> bool:
        return postmaster_of(service) not in {None, killed}

    await eventually(f"the database of {service.place.name} is back", another, seconds=BACK_SECONDS)
    return True
