"""Counting what each key took in the last so many seconds: exact, in memory, for one process.

Memory follows what was granted in one window, not the number of keys ever seen. Monotonic time
comes in as a value, so a step of the machine's clock gives and takes nothing.
"""

import math
from collections import OrderedDict
from typing import Final, NamedTuple

MAX_KEYS: Final = 100_000
_SPARE: Final = 64  # places kept rather than moved
_FORGET_AT_ONCE: Final = 2  # more than come, so that those without news are gone in time


class Taken(NamedTuple):
    """The outcome of one `take`.

    `remaining` may still be taken now; `reset_seconds`, at least 1, is when one more comes back.
    """

    is_granted: bool
    remaining: int
    reset_seconds: int


class _Granted:
    """When one key was granted what still counts: `times` from `start` on, oldest first."""

    __slots__ = ("start", "times")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.start = 0

    def __len__(self) -> int:
        return len(self.times) - self.start

    def drop_through(self, end: float) -> None:
        """Forget what was granted at `end` or before; seldom more than one step of each."""
        times, start = self.times, self.start
        while start < len(times) and times[start] <= end:
            start += 1
        if start > _SPARE and start * 2 > len(times):
            del times[:start]
            start = 0
        self.start = start


class SlidingWindow:
    """The last `seconds` of every key; of more than `max_keys` the least recent are forgotten."""

    def __init__(self, seconds: float, *, max_keys: int = MAX_KEYS) -> None:
        self.seconds = seconds
        self._max_keys = max_keys
        self._granted: OrderedDict[str, _Granted] = OrderedDict()  # by the last look at it

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._granted)

    def take(self, key: str, quota: int, *, now: float) -> Taken:
        """Take one of `quota`; a refusal takes nothing, so it ends with the window, not later.

        What was granted at `t` counts until just before `t + seconds`.
        """
        granted = self._live(key, now)
        used = len(granted)
        is_granted = used < quota
        if is_granted:
            granted.times.append(now)
            used += 1
        oldest = granted.times[granted.start] if used else now
        reset = math.ceil(oldest + self.seconds - now)
        return Taken(is_granted, quota - used, max(reset, 1))

    def is_spent(self, key: str, quota: int, *, now: float) -> bool:
        """Whether a `take` would be refused."""
        return key in self._granted and len(self._live(key, now)) >= quota

    def _live(self, key: str, now: float) -> _Granted:
        granted = self._granted.get(key)
        if granted is None:
            self._forget(now)
            granted = self._granted[key] = _Granted()
            return granted
        self._granted.move_to_end(key)
        granted.drop_through(now - self.seconds)
        return granted

    def _forget(self, now: float) -> None:
        """Make room: keys whose window is empty by now, and the least recent beyond the bound."""
        for _ in range(_FORGET_AT_ONCE):
            oldest = next(iter(self._granted), None)
            if oldest is None:
                return
            times = self._granted[oldest].times
            if times and times[-1] > now - self.seconds and len(self) < self._max_keys:
                return
            del self._granted[oldest]
