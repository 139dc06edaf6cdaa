"""The crash test: everything is killed at every named point and at random, nothing may be lost."""

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import URL

from deploy.drill.crash_points import LINE_POINTS, Reached, every_point, kill_at_points
from deploy.drill.examining import Examining
from deploy.drill.federation import HUB, NODES, Drilled, a_drilled_federation, prepare
from deploy.drill.ledger import Ledger
from deploy.drill.load import Operator
from deploy.drill.random_kills import Killer
from deploy.drill.settled import Compared, calm, compare
from shared_platform.failpoint import POINTS, Action

_TRICKLE_SECONDS: Final = 1.5
_SPARING_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.05
_AT_POINTS: Final = 0.15  # of the work is done while points are reached
_AHEAD: Final = 0.02
_SPREAD: Final = 0.9  # the last of the work is done in peace
_END_SECONDS: Final = 1_800.0
_FIRST_YEAR: Final = 2015
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CrashPlan:
    """How large a crash test is. `listings` at each node; actions for each named point.

    It does not pass below `fewest_kills` at random and `fewest_statements`, whatever was planned.
    """

    listings: int
    kills: int
    points: tuple[str, ...]
    line_points: tuple[str, ...]
    actions: tuple[Action, ...]
    seed: int
    fewest_kills: int = 0
    fewest_statements: int = 0

    def too_small(self, *, kills: int, statements: int) -> list[str]:
        """What a run with these counts did too little of to prove what it is to prove."""
        floors = (
            ("random kills", kills, self.fewest_kills),
            ("statements", statements, self.fewest_statements),
        )
        return [f"{had} {what}, not {floor}" for what, had, floor in floors if had < floor]


LONG: Final = CrashPlan(
    listings=1_050,
    kills=225,
    points=tuple(POINTS),
    line_points=tuple(LINE_POINTS),
    actions=(Action.KILL, Action.KILL_POSTGRES),
    seed=20261122,
    fewest_kills=200,
    fewest_statements=5_000,
)


@dataclass(slots=True)
class CrashReport:
    """What a crash test found."""

    seed: int
    seconds: float
    points: dict[str, int]
    missing: list[str]
    too_small: list[str]
    kills: dict[str, int]
    restart_seconds: dict[str, float]
    started_again: int
    compared: Compared

    @property
    def passed(self) -> bool:
        """Whether enough was done, every point reached, and nothing lost, doubled or wrong."""
        return not (self.missing or self.too_small) and self.compared.is_whole

    def facts(self) -> dict[str, Any]:
        """As JSON members."""
        return asdict(self) | {"passed": self.passed}


@dataclass(slots=True)
class _Pace:
    """Spreads work and kills over each other: most of the work is left for the random kills."""

    operators: Sequence[Operator]
    planned: int
    points: int
    steps: int
    say: Say
    done: int = 0

    async def __call__(self) -> bool:
        """Whether the next act is due; false when one is only needed to keep things moving.

        Points are reached by work: what is left of it is spared where a slow machine needs longer.
        """
        began = time.monotonic()
        while time.monotonic() - began < self._patience:
            share = self.done / self.points * _AT_POINTS + _AHEAD
            if self.done >= self.points or self.sent / self.planned < share:
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    @property
    def _patience(self) -> float:
        """Seconds before something is done only to keep things moving."""
        is_short = 1 - self.sent / self.planned < 1 - self.done / self.points
        return _SPARING_SECONDS if is_short else _TRICKLE_SECONDS

    def turn_of(self, kills: int) -> Callable[[int], Awaitable[None]]:
        """Spreads kills over what is left of the work."""
        before = self.sent

        async def turn(number: int) -> None:
            due = before + (self.planned - before) * _SPREAD * number / kills
            while self.sent < due:  # noqa: ASYNC110  looks at counters of several tasks
                await asyncio.sleep(_LOOK_SECONDS)

        return turn

    @property
    def sent(self) -> int:
        """Statements so far."""
        return sum(one.statements for one in self.operators)

    def reached(self, point: str, action: str) -> None:
        """One more point was reached and killed."""
        self.done += 1
        self.say(f"  {self.done}/{self.steps} {point}: {action}")

    def killed(self) -> None:
        """One more random kill."""
        self.done += 1
        if self.done % 10 == 0:
            self.say(f"  {self.done}/{self.steps} kills, {self.sent}/{self.planned} statements")


def silent(_: str) -> None:
    """Tell nobody."""


async def crash_test(
    folder: Path,
    plan: CrashPlan,
    *,
    say: Say = silent,
    databases: Mapping[str, URL] = MappingProxyType({}),
) -> CrashReport:
    """Run it; the folder keeps ledger and logs.

    With `databases` the places share a server that is not killed, and there are as many nodes.
    """
    began = time.monotonic()
    chance = random.Random(plan.seed)  # noqa: S311  a drill must be repeatable, not secret
    wanted = every_point(plan.points, plan.line_points, actions=plan.actions)
    say(f"seed {plan.seed}; {folder}")
    ledger = Ledger(folder / "ledger.jsonl")
    names = tuple(name for name in databases if name != HUB) or NODES
    async with a_drilled_federation(folder, node_names=names, databases=databases) as drilled:
        operators = await _operators(drilled, plan, ledger=ledger, chance=chance)
        planned = sum(one.planned for one in operators)
        pace = _Pace(operators, planned, len(wanted), len(wanted) + plan.kills, say)
        say(f"{planned} statements are ready to be sent by {len(operators)} nodes")
        examining, killer = Examining(drilled.hub, ledger), Killer(drilled, chance)
        reached = Reached(told=pace.reached)
        async with _at_work(drilled, examining, pace):
            await kill_at_points(drilled, reached, wanted)
            await killer.kill(plan.kills, turn=pace.turn_of(plan.kills), told=pace.killed)
        compared = await compare(drilled, ledger, examining)
    restarts = sorted([*reached.restarts, *killer.restarts])
    return CrashReport(
        plan.seed,
        round(time.monotonic() - began, 1),
        {f"{point} ({action})": count for (point, action), count in reached.counts.items()},
        reached.missing(wanted),
        plan.too_small(kills=killer.kills.total(), statements=compared.statements),
        dict(killer.kills),
        {"median": round(statistics.median(restarts), 1), "longest": round(restarts[-1], 1)},
        reached.started_again + killer.started_again,
        compared,
    )


@asynccontextmanager
async def _at_work(drilled: Drilled, examining: Examining, pace: _Pace) -> AsyncIterator[None]:
    """Operators and examiners work while the block lasts; then they finish, and calm comes."""
    operators = pace.operators
    for one in operators:
        one.may_go_on = pace
        one.node.start()
    await asyncio.gather(*(one.node.ready() for one in operators))
    deciding = asyncio.create_task(examining.work())
    try:
        async with asyncio.timeout(None) as bound, asyncio.TaskGroup() as group:
            for one in operators:
                group.create_task(one.work())
            yield
            pace.say("all kills done; waiting until the work is finished")
            bound.reschedule(asyncio.get_running_loop().time() + _END_SECONDS)
        await calm(drilled)
    finally:
        deciding.cancel()
        with suppress(asyncio.CancelledError):
            await deciding


async def _operators(
    drilled: Drilled, plan: CrashPlan, *, ledger: Ledger, chance: random.Random
) -> list[Operator]:
    async def at_once() -> bool:
        return True

    nodes = list(drilled.nodes.values())
    ready = await asyncio.gather(
        *(prepare(node, plan.listings, year=_FIRST_YEAR + at) for at, node in enumerate(nodes))
    )
    return [
        Operator(node, listings, ledger, random.Random(chance.random()), at_once)  # noqa: S311
        for node, listings in zip(nodes, ready, strict=True)
    ]
