"""A small federation that drills share: a hub and two nodes, examiners at work, a ledger.

Whatever a drill does to it, `prove` compares everything with the ledger at the end.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import httpx

from deploy.drill.examining import Examining
from deploy.drill.federation import OPERATOR, Drilled, a_drilled_federation, prepare
from deploy.drill.ledger import Ledger
from deploy.drill.load import Operator
from deploy.drill.services import Service, eventually
from deploy.drill.settled import Compared, calm, compare

Say = Callable[[str], None]
FIRST, SECOND = "node-1", "node-2"
_TELL_SECONDS: Final = 20.0
_DELIVER_SECONDS: Final = 1_800.0
_NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a drill did, what had to come of it, and what came of it.

    `passed` is None for a drill that could not be tried here: it proves nothing either way.
    """

    name: str
    fault: str
    expected: str
    happened: str
    passed: bool | None
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """In the last column of the table."""
        return {True: "yes", False: "NO", None: "not tried"}[self.passed]


@dataclass(slots=True)
class Stand:
    """The federation with its people."""

    drilled: Drilled
    ledger: Ledger
    examining: Examining
    operators: Mapping[str, Operator]
    say: Say

    @property
    def first(self) -> Service:
        """The node that faults happen to."""
        return self.drilled.nodes[FIRST]

    @property
    def second(self) -> Service:
        """The node that must not notice."""
        return self.drilled.nodes[SECOND]

    async def offer(self, count: int, *, at: str = FIRST) -> list[str]:
        """Recommend so many listings in one act."""
        operator = self.operators[at]
        lot, operator.ready = operator.ready[:count], operator.ready[count:]
        assert len(lot) == count, "not enough was prepared"
        await operator.recommend(lot)
        return lot

    async def standing(self, node: Service | None = None) -> dict[str, Any]:
        """How a node's outbox stands."""
        found: dict[str, Any] = await (node or self.first).told(
            "GET", "/api/v1/deliveries/standing", by=OPERATOR
        )
        return found

    async def delivered(self, node: Service | None = None) -> None:
        """Wait until everything of a node is delivered."""
        told = time.monotonic()

        async def is_empty() -> bool:
            nonlocal told
            try:
                counts = (await self.standing(node))["counts"]
            except (httpx.HTTPError, AssertionError):
                return False
            if time.monotonic() - told > _TELL_SECONDS:
                told = time.monotonic()
                self.say(f"  {counts}")
            return not counts.get("waiting") and not counts.get("leased")

        await eventually("the outbox is empty", is_empty, seconds=_DELIVER_SECONDS)

    async def prove(self) -> Compared:
        """Wait for calm and compare everything everywhere with the ledger."""
        await calm(self.drilled)
        return await compare(self.drilled, self.ledger, self.examining)


@asynccontextmanager
async def a_stand(
    folder: Path,
    *,
    say: Say,
    listings: Mapping[str, int],
    node_settings: Mapping[str, str] = _NO_SETTINGS,
) -> AsyncIterator[Stand]:
    """Set it up with so many listings ready to be sent at each node."""

    async def at_once() -> bool:
        return True

    ledger = Ledger(folder / "ledger.jsonl")
    names = tuple(listings)
    async with a_drilled_federation(
        folder, node_names=names, node_settings=node_settings
    ) as drilled:
        operators = {
            name: Operator(
                drilled.nodes[name],
                await prepare(drilled.nodes[name], count, year=2015 + at),
                ledger,
                random.Random(at),  # noqa: S311  a drill must be repeatable
                at_once,
            )
            for at, (name, count) in enumerate(listings.items())
        }
        for node in drilled.nodes.values():
            node.start()
        await asyncio.gather(*(node.ready() for node in drilled.nodes.values()))
        examining = Examining(drilled.hub, ledger, returns=False)
        deciding = asyncio.create_task(examining.work())
        try:
            yield Stand(drilled, ledger, examining, operators, say)
        finally:
            deciding.cancel()
            with suppress(asyncio.CancelledError):
                await deciding


async def p95(ask: Callable[[], Awaitable[object]], *, count: int) -> float:
    """Milliseconds that 95 of 100 requests stay below."""
    taken: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[int(count * 0.95)]
