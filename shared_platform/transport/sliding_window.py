"""Counting what each key took in the last so many seconds: exact, in memory, for one process.

Memory follows what was granted in one window, not the number of keys ever seen. Monotonic time
comes in as a value, so a step of the machine's clock gives and takes nothing.
"""

import math
from bisect import bisect_right
from collections import OrderedDict
from typing import Final, NamedTuple

MAX_KEYS: Final = 100_000
_FORGET_AT_ONCE: Final = 2  # more than come, so that those without news are gone in time


class Taken(NamedTuple):
    """The outcome of one `take`.

    `remaining` may still be taken now; `reset_seconds`, at least 1, is when one more comes back.
    """

    is_granted: bool
    remaining: int
    reset_seconds: int


class SlidingWindow:
    """The last `seconds` of every key; of more than `max_keys` the least recent are forgotten."""

    def __init__(self, seconds: float, *, max_keys: int = MAX_KEYS) -> None:
        self.seconds = seconds
        self._max_keys = max_keys
        self._granted: OrderedDict[str, list[float]] = OrderedDict()  # by the last look at it

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._granted)

    def take(self, key: str, quota: int, *, now: float) -> Taken:
        """Take one of `quota`; a refusal takes nothing, so it ends with the window, not later.

        What was granted at `t` counts until just before `t + seconds`.
        """
        granted = self._live(key, now)
        is_granted = len(granted) < quota
        if is_granted:
            granted.append(now)
        reset = math.ceil(granted[0] + self.seconds - now) if granted else math.ceil(self.seconds)
        return Taken(is_granted, quota - len(granted), max(reset, 1))

    def is_spent(self, key: str, quota: int, *, now: float) -> bool:
        """Whether a `take` would be refused."""
        return key in self._granted and len(self._live(key, now)) >= quota

    def _live(self, key: str, now: float) -> list[float]:
        granted = self._granted.get(key)
        if granted is None:
            self._forget(now)
            granted = self._granted[key] = []
            return granted
        self._granted.move_to_end(key)
        if granted and granted[0] <= now - self.seconds:
            del granted[: bisect_right(granted, now - self.seconds)]
        return granted

    def _forget(self, now: float) -> None:
        """Make room: keys whose window is empty by now, and the least recent beyond the bound."""
        for _ in range(_FORGET_AT_ONCE):
            oldest = next(iter(self._granted), None)
            if oldest is None:
                return
            granted = self._granted[oldest]
            if granted and granted[-1] > now - self.seconds and len(self) < self._max_keys:
                return
            del self._granted[oldest]
