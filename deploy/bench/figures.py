"""What a measurement says: figures of repeated runs, and goals they meet or miss."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Relation = Literal["≥", "≤"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity, measured once or several times in the same run of the program."""

    name: str
    unit: str
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle run: one disturbed run among three does not move it."""
        return median(self.runs)

    @property
    def low(self) -> float:
        """The smallest run."""
        return min(self.runs)

    @property
    def high(self) -> float:
        """The largest run."""
        return max(self.runs)


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with what was reached.

    Attributes:
        name: what is compared, in words.
        reached: the value measured.
        relation: on which side of `wanted` it must lie.
        wanted: the goal of docs/performance.md.
        unit: of both values; empty for a ratio.
        judged: False where the size measured is not the goal's own; the value is then only shown.
    """

    name: str
    reached: float
    relation: Relation
    wanted: float
    unit: str = ""
    judged: bool = True

    @property
    def is_met(self) -> bool:
        """Whether the value lies on the wanted side."""
        return self.reached >= self.wanted if self.relation == "≥" else self.reached <= self.wanted


@dataclass(frozen=True, slots=True)
class Measured:
    """What one measurement found."""

    size: str
    figures: tuple[Figure, ...]
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = ()


def percent(ours: Figure, theirs: Figure) -> float:
    """Ours as percent of theirs."""
    return 100 * ratio(ours, theirs)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work took: seconds on the wall, and of this process's processor time.

    On a busy machine the wall says how long others were let in; processor time hardly moves.
    """

    seconds: float
    processor: float


async def cost_of(work: Callable[[], Awaitable[object]]) -> Cost:
    """What `work` takes, in all threads of this process."""
    began, used = time.perf_counter(), time.process_time()
    await work()
    return Cost(time.perf_counter() - began, time.process_time() - used)


def processor(count: int, costs: Sequence[Cost]) -> Figure:
    """This process's processor time for a thousand things."""
    runs = tuple(one.processor / count * 1_000_000 for one in costs)
    return Figure("processor time of this process for 1,000", "ms", runs)


def rate_at(name: str, count: int, costs: Sequence[Cost]) -> Figure:
    """`count` things done at each of these costs, as things for each second."""
    return rate(name, count, [one.seconds for one in costs])


async def seconds_of(work: Callable[[], Awaitable[object]]) -> float:
    """The seconds that `work` takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def rate(name: str, count: int, seconds: Sequence[float]) -> Figure:
    """`count` things done in each of these times, as things for each second."""
    return Figure(name, "/s", tuple(count / each for each in seconds))


def ratio(ours: Figure, theirs: Figure) -> float:
    """Median by median."""
    return ours.median / theirs.median
