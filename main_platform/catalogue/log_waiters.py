"""Who waits for the log to grow, in one process: so many of the public, so many of each node.

Long polls of the public are a courtesy. Beyond the bound a poll is answered at once, correctly and
without news; nodes, which sign theirs, have places of their own that nobody else can take.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

PUBLIC: Final = ""


@dataclass(slots=True)
class LogWaiters:
    """The places of one process, taken and given back in its event loop."""

    public: int
    of_each_node: int
    _taken: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def place(self, node: str = PUBLIC) -> Iterator[bool]:
        """A place for as long as the block runs; False: all are taken, do not wait."""
        bound = self.of_each_node if node else self.public
        if self._taken[node] >= bound:
            yield False
            return
        self._taken[node] += 1
        try:
            yield True
        finally:
            self._taken[node] -= 1
            if not self._taken[node]:
                del self._taken[node]

    @property
    def waiting(self) -> int:
        """How many polls wait now."""
        return self._taken.total()
